"""Screens are tested in one language, one time zone and one theme, whoever runs the tests."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from screens import keys, theme
from sparkdr_tui import language


@pytest.fixture(autouse=True)
def same_for_everybody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    before = language.current()
    language.use("en")
    yield
    language.use(before)
    keys.use({})
    theme.use(None)


@pytest.fixture(autouse=True, scope="session")
def pictures_are_svg_files() -> None:
    """The snapshot plugin names the extension the way that syrupy 4 did; syrupy 5 and later look for another name."""
    from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]

    SVGImageExtension.file_extension = "svg"
