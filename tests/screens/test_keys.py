"""Keys are in one place; a person's config changes them everywhere at once, or is refused."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from screens import contexts, key_table, keynames, keys, preferences
from screens.app import CockpitApp
from screens.dialogs.base import Dialog
from sparkdr_tui.config import Config
from sparkdr_tui.errors import UsageError
from sparkdr_tui.record import decisions as d
from tests.screens.stage import (
    DAMAGED,
    Hands,
    HereReach,
    Readings,
    Recorder,
    Story,
    cockpit,
    plan_with_backups,
    screen_text,
    shown,
    swept,
    take_up,
    until,
)

ROOT = Path(__file__).parents[2]
TOGETHER = {
    # Of these only one is offered at a time, whatever the focus.
    frozenset({"run.start", "step.confirm"}),
    frozenset({"run.mark", "step.details"}),
    frozenset({"dialog.no", "dialog.back"}),
    frozenset({"log.back", "run.put_away"}),
}


def _classes() -> list[type]:
    """Every class of the face that may bind keys."""
    contexts.contexts()  # imports every screen
    found: set[type] = {CockpitApp}
    todo: list[type] = [DOMNode]
    while todo:
        below: list[type] = todo.pop().__subclasses__()
        todo += below
        found |= {each for each in below if each.__module__.startswith("screens.")}
    return sorted(found, key=lambda each: each.__qualname__)


def _own(kind: type) -> list[Binding]:
    return [each for each in kind.__dict__.get("BINDINGS", ()) if isinstance(each, Binding)]


def test_every_binding_of_the_face_comes_from_the_registry() -> None:
    strange = [(kind.__name__, each) for kind in _classes() for each in kind.__dict__.get("BINDINGS", ())
               if not isinstance(each, Binding) or each.id not in keys.KEYS]  # fmt: skip
    assert strange == []
    for kind in _classes():
        for each in _own(kind):
            key = keys.KEYS[each.id or ""]
            assert (each.key, each.action, each.description) == (key.key, key.action, key.label)


def test_every_key_of_the_registry_is_bound_somewhere_and_does_something() -> None:
    bound: dict[str, set[type]] = {}
    for kind in _classes():
        for name in contexts.declared(kind):
            bound.setdefault(name, set()).add(kind)
    assert set(keys.KEYS) - set(bound) == set()
    for name, kinds in bound.items():
        action = keys.KEYS[name].action.partition("(")[0]
        owner, _dot, method = action.rpartition(".")
        able = [CockpitApp] if owner == "app" else [*kinds, CockpitApp]
        assert any(hasattr(kind, f"action_{method}") for kind in able), name


def test_no_two_keys_of_one_class_mean_two_things() -> None:
    for kind in _classes():
        bindings = list(contexts.declared(kind).values())
        for one, other in combinations(bindings, 2):
            same = set(one.key.split(",")) & set(other.key.split(","))
            pair = frozenset({one.id, other.id})
            assert not same or pair in TOGETHER or one.action == other.action, (kind.__name__, same, pair)


def test_no_key_of_a_whole_screen_is_one_that_moves_in_its_panes() -> None:
    moving = {key for name in keys.KEYS if name.startswith("move.") for key in keys.KEYS[name].key.split(",")}
    moving -= {"h", "left", "right"}  # of the log alone
    for name, key in keys.KEYS.items():
        if not name.startswith(("move.", "dialog.", "resume.")):
            assert not moving & set(key.key.split(",")), name


def test_every_key_has_a_label_a_tooltip_and_a_place() -> None:
    for name, key in keys.KEYS.items():
        assert key.label and key.tooltip and key.group in keys.GROUPS, name
        for each in key.key.split(","):
            assert keynames.name_of(each) == each, name


@pytest.mark.parametrize(
    ("written", "name", "seen"),
    [
        ("?", "question_mark", "?"), ("S", "S", "S"), ("F5", "f5", "F5"), ("Ctrl+S", "ctrl+s", "^s"),
        (",", "comma", ","), ("pagedown", "pagedown", "pgdn"), ("space", "space", "space"), ("alt+x", "alt+x", "alt+x"),
        ("+", "plus", "+"), ("escape", "escape", "esc"), ("shift+tab", "shift+tab", "shift+tab"),
    ],
)  # fmt: skip
def test_a_key_may_be_written_as_a_person_would(written: str, name: str, seen: str) -> None:
    assert keynames.name_of(written) == name and keynames.shown(name) == seen


@pytest.mark.parametrize("written", ["", "pagedwn", "ctrl+", "strg+s", "ctrl+ctrl+s", "f99"])
def test_what_is_no_key_is_known_to_be_none(written: str) -> None:
    assert keynames.name_of(written) is None


# -- a config -----------------------------------------------------------------------------------------


def config(folder: Path, own: dict[str, str], theme: str | None = None) -> Config:
    lines = {f"keys.{name}": number for number, name in enumerate(own, 3)}
    return Config(folder / "config.toml", theme, None, own, lines)


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({"step.skipp": "f8"}, "3: there is no “step.skipp”. Did you mean “step.skip”?"),
        ({"step.skip": "r"}, "3: r is taken: “step.retry”"),
        ({"step.skip": "j"}, "3: j is taken: “move.down”"),
        ({"log.next": "x"}, "3: x is taken: “step.cancel”"),
        ({"step.skip": "f8", "step.retry": "f8"}, "f8 is taken"),
        ({"step.skip": "pagedwn"}, "3: no key is called “pagedwn”"),
        ({"step.skip": "ctrl+i"}, "3: most terminals cannot tell ctrl+i from tab"),
        ({"dialog.submit": "x"}, "3: “x” is typed as a letter where “dialog.submit” is needed"),
        ({"app.commands": ":"}, "3: “:” is typed as a letter"),
    ],
)
def test_keys_that_will_not_do_are_refused_and_nothing_changes(
    tmp_path: Path, own: dict[str, str], problem: str
) -> None:
    with pytest.raises(UsageError) as refused:
        preferences.prefer(config(tmp_path, own))
    assert problem.lower() in refused.value.message.lower()
    assert keys.pressed("step.skip") == ("s",)


def test_two_keys_may_change_places(tmp_path: Path) -> None:
    preferences.prefer(config(tmp_path, {"step.skip": "r", "step.retry": "s"}))
    assert (keys.shown("step.skip"), keys.shown("step.retry")) == ("r", "s")


def test_a_theme_that_does_not_exist_is_refused_with_one_that_does(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no theme “sparkdr-lite”. Did you mean “sparkdr-light”\?"):
        preferences.prefer(config(tmp_path, {}, "sparkdr-lite"))
    with pytest.raises(UsageError, match="--theme: there is no theme"):
        preferences.prefer(config(tmp_path, {}), "nonsense")


async def test_a_changed_key_works_and_is_shown_by_footer_step_help_and_palette(tmp_path: Path) -> None:
    preferences.prefer(config(tmp_path, {"step.skip": "f8", "run.start": "f2", "dialog.yes": "J"}, "sparkdr-light"))
    hands = Hands()
    plan = plan_with_backups(tmp_path / "backups", 47)
    Story(tmp_path / "state", plan, hands).choose().ask("stop-clients")
    helm = Recorder(tmp_path / "state", plan, hands)
    app: Any = cockpit(tmp_path / "state", Readings(swept(hands.at, DAMAGED), HereReach()), hands, helm, plan=plan)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        assert app.theme == "sparkdr-light"
        await take_up(pilot)
        await until(pilot, shown(pilot, "⏎ run   F8 skip   m mark done", "F8 skip  m mark"))
        await pilot.press("s")
        assert len(app.screen_stack) == 1
        await pilot.press("enter")  # shares its key with what moved, and stays
        await until(pilot, shown(pilot, "Run this step?", "J yes"))
        await pilot.press("y")
        assert isinstance(app.screen, Dialog) and not helm.decisions
        await pilot.press("J")
        await until(pilot, lambda: helm.decisions == [d.Confirm("stop-clients")])
        await pilot.press("question_mark")
        await until(pilot, shown(pilot, "F8", "Skip the step, with a reason"))
        await pilot.press("escape", "ctrl+p", *"skip")
        await until(pilot, shown(pilot, "F8  Skip the step, with a reason"))
        await pilot.press("escape", "f8")
        await until(pilot, shown(pilot, "Skip this step"))
        assert "s skip" not in screen_text(pilot)


def test_the_readmes_table_is_made_from_the_registry() -> None:
    table = key_table.markdown()
    for name in ("step.skip", "screen.contacts", "log.next", "app.language", "move.down"):
        assert f"| `{keys.shown(name)}` |" in table and f"`{name}` |" in table
