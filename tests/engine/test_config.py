"""The config file: read in full or refused with the line that is wrong; nothing is ever written into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkdr_tui import config
from sparkdr_tui.errors import UsageError
from tests.engine.command_line import process, sparkdr


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_config_says_theme_language_and_keys(tmp_path: Path) -> None:
    text = 'theme = "nord"\nlang = "ko"\n\n[keys]\n"step.skip" = "f8"  # far from the others\nrun.note = "N,ctrl+n"\n'
    read = config.load(written(tmp_path, text))
    assert (read.theme, read.lang, read.keys) == ("nord", "ko", {"step.skip": "f8", "run.note": "N,ctrl+n"})
    assert [read.at(name) for name in ("theme", "keys.step.skip", "keys.run.note")] == [
        f"{tmp_path}/config.toml:{number}" for number in (1, 5, 6)
    ]


def test_without_a_file_nothing_is_asked_for_but_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    assert process("--lang", "en", "paths").status == 0
    with pytest.raises(UsageError, match="There is no config file"):
        config.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('theme = "nord"\nlang =\n', 2, "this is not TOML"),
        ('[keys]\n"a" = "b\n', 2, "this is not TOML"),
        ('\ncolour = "red"\n', 2, "“colour” is no setting; there are theme, lang, keys."),
        ('theme = "nord"\nlang = "de"\n', 2, "“lang” is “en” or “ko”."),
        ("theme = 4\n", 1, "“theme” is a name in quotes."),
        ('keys = "x"\n', 1, "“keys” is a table"),
        ("[keys]\n\nstep.skip = 8\n", 3, "the key for “step.skip” is a text in quotes."),
        ("theme = \udcff", 1, "this is not UTF-8."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError) as refused:
        config.load(path)
    assert refused.value.message.startswith(f"{path}:{line}: ") and problem in refused.value.message


def test_the_language_of_the_config_is_spoken_unless_the_command_line_says_another(tmp_path: Path) -> None:
    path = written(tmp_path, 'lang = "ko"\n')
    assert (
        "어떤 시나리오" in process("--help", env={"SPARKDR_CONFIG": str(path)}).out
        or "재해 복구" in sparkdr("--config", str(path), "--help").out
    )
    assert "disaster recovery" in sparkdr("--config", str(path), "--lang", "en", "--help").out


def test_a_wrong_key_ends_the_program_before_anything_is_opened(tmp_path: Path) -> None:
    path = written(tmp_path, '[keys]\n"step.skp" = "f8"\n"step.retry" = "s"\n')
    said = process("--config", path, "keys")
    assert (said.status, said.out) == (2, "")
    assert f"{path}:2: there is no “step.skp”. Did you mean “step.skip”?" in said.err
    assert "Traceback" not in said.err


def test_keys_are_listed_as_they_are_pressed_now(tmp_path: Path) -> None:
    path = written(tmp_path, '[keys]\n"step.skip" = "f8"\n')
    listed = {each["id"]: each for each in sparkdr("--config", str(path), "keys", "--json").document["keys"]}
    assert (listed["step.skip"]["keys"], listed["step.skip"]["default"]) == (["f8"], ["s"])
    assert "OperatorScreen" in listed["step.skip"]["screens"] and "CockpitScreen" not in listed["step.skip"]["screens"]
    assert (
        "| `F8` | Skip the step, with a reason | `step.skip` |"
        in sparkdr("--config", str(path), "keys", "--markdown").out.splitlines()
    )
    sparkdr("keys")  # what one command prefers is forgotten by the next


def test_every_path_is_printed_with_whether_it_is_there(tmp_path: Path) -> None:
    said = sparkdr("--state", str(tmp_path), "paths", "--json").document
    assert said["state"] == {"path": str(tmp_path), "exists": True}
    assert said["runs"] == {"path": str(tmp_path / "runs"), "exists": False}
    assert {"plan", "config", "operator_lock", "routine_lock", "locale"} <= set(said)
    assert str(tmp_path / "runs") in sparkdr("--state", str(tmp_path), "paths").out
