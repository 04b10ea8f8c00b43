"""The two languages: gettext catalogues for what the program says, `Text.within` for what the plan says.

English sentences are the keys; `locale/ko/LC_MESSAGES/sparkdr.po` holds the Korean ones (`make words` renews them).
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparkdr_tui.plan.model import Language

FOLDER = Path(__file__).parent / "locale"
"""Of the catalogues."""
_language: Language = "en"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def detect() -> Language:
    """The language of the environment: Korean where the locale says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ko" if value.lower().startswith("ko") else "en"
    return "ko" if (locale.getlocale()[0] or "").lower().startswith("ko") else "en"


def use(language: Language) -> None:
    """Speak `language` from here on."""
    global _language, _catalogue
    _language = language
    _catalogue = gettext.translation("sparkdr", FOLDER, [language], fallback=True)


def current() -> Language:
    """The language in use."""
    return _language


def later(sentence: str) -> str:
    """Marks a sentence for the catalogue; `_` translates it when it is shown, in the language in use by then."""
    return sentence


def _(message: str) -> str:
    """What the program says, in the language in use."""
    return _catalogue.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """Like `_`, with a count."""
    return _catalogue.ngettext(one, many, count)
