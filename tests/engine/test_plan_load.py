"""What a plan folder becomes, and what a person is told when a file of it is wrong."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from sparkdr_tui.errors import UsageError
from sparkdr_tui.plan.load import PlanErrors, builtin, load
from sparkdr_tui.plan.model import State
from tests.engine.plans import DATABASE, FILES, change, complaints, place, sample_plan_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sample_plan_folder(tmp_path)


def test_a_folder_becomes_a_plan(folder: Path) -> None:
    plan = load(folder)
    assert (plan.name, plan.version, plan.lab) == ("Sample", "1.0", False)
    assert list(plan.nodes) == ["macmini", "desktop"]
    assert plan.nodes["macmini"].address == ("127.0.0.1", "127.0.0.2")
    assert plan.nodes["macmini"].hostnames == ("macmini.local",)
    assert plan.services["postgresql"].rto == timedelta(minutes=30)
    assert sorted(plan.runbooks) == ["backup-postgres", "database", "desktop-gpu"]
    assert plan.scenarios["database"].signs[0].is_ == (State.DAMAGED, State.REFUSED)
    assert plan.contacts.team["dba"].phone == ""
    assert plan.drills["q3"].when.quarter == 3


def test_the_state_folder_is_relative_to_the_plan(folder: Path) -> None:
    assert load(folder).state == folder.parent / "state"


def test_a_state_folder_of_nobody_is_refused(folder: Path) -> None:
    change(folder, "plan.yaml", "state: ../state", "state: ~nobody-of-this-name/state")
    (complaint,) = complaints(folder)
    assert complaint.startswith("plan.yaml: state: '~nobody-of-this-name/state' leads nowhere: ")


def test_the_digest_changes_with_any_byte_and_with_nothing_else(folder: Path) -> None:
    before = load(folder).digest
    (folder / "known_hosts").write_text("not of the plan")
    assert load(folder).digest == before
    change(folder, "drills.yaml", "quarter: 3", "quarter: 4")
    assert load(folder).digest != before


def test_scenarios_contacts_and_drills_may_be_missing(folder: Path) -> None:
    for name in ("scenarios.yaml", "contacts.yaml", "drills.yaml"):
        (folder / name).unlink()
    plan = load(folder)
    assert not plan.scenarios and not plan.contacts.team and not plan.drills


def test_hidden_files_and_folders_are_left_alone(folder: Path) -> None:
    (folder / ".broken.yaml").write_text("\t{")
    (folder / "old").mkdir()
    (folder / "old" / "broken.yaml").write_text("\t{")
    assert complaints(folder) == []


def test_yaml_is_version_1_2_so_that_on_and_no_stay_texts(folder: Path) -> None:
    change(folder, "plan.yaml", "PG_DATABASE: sparklio", "PG_DATABASE: no")
    plan = load(folder)
    assert plan.nodes["macmini"].env["PG_DATABASE"] == "no"
    assert plan.services["postgresql"].on == "macmini"


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(folder: Path) -> None:
    (folder / "database.yaml").write_bytes(b"\xef\xbb\xbf" + DATABASE.replace("\n", "\r\n").encode())
    assert load(folder).runbooks["database"].steps[0].shell is not None
    assert "\r" not in str(load(folder).runbooks["database"])


def test_aliases_stand_for_what_they_name(folder: Path) -> None:
    change(folder, "database.yaml", "title: Restore beside", "title: &t { en: Restore, ko: 복원 }")
    change(folder, "database.yaml", "title: Count the users", "title: *t")
    assert load(folder).runbooks["database"].steps[2].title.ko == "복원"


def test_a_probe_without_settings_may_be_just_its_name(folder: Path) -> None:
    change(folder, "plan.yaml", "probe: { tcp: {} }", "probe: { tcp: }")
    assert load(folder).services["ollama"].probe.tcp is not None


def test_the_built_in_plan_is_beside_the_package_or_in_it() -> None:
    assert builtin().name == "runbooks"


# -- the folder --------------------------------------------------------------------------------------


def test_a_missing_folder_is_said_so_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as wrong:
        load(tmp_path / "nowhere")
    assert "there is no such folder; 'sparkdr-tui plan init'" in str(wrong.value)
    assert wrong.value.exit_code == 2


def test_a_file_is_no_plan(folder: Path) -> None:
    assert "not a folder" in complaints(folder / "plan.yaml")[0]


def test_a_folder_without_plan_yaml_is_no_plan(folder: Path) -> None:
    (folder / "plan.yaml").rename(folder / "plan.yml")
    first, second = complaints(folder)
    assert "no plan.yaml in this folder; 'sparkdr-tui plan init'" in first
    assert second == "plan.yml: not read: the files of a plan end in .yaml; rename it"


def test_a_path_with_a_nul_is_no_folder() -> None:
    assert "cannot be read" in complaints(Path("a\x00b"))[0]


def test_a_folder_named_like_a_runbook_is_refused(folder: Path) -> None:
    (folder / "database.yaml").unlink()
    (folder / "database.yaml").mkdir()
    assert complaints(folder) == ["database.yaml: is a folder, not a file"]


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert complaints(folder) == ["loop.yaml: cannot be read: Too many levels of symbolic links"]


def test_a_link_that_leads_nowhere_is_refused(folder: Path) -> None:
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    assert complaints(folder) == ["gone.yaml: cannot be read: No such file or directory"]


def test_a_pipe_is_refused_and_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    assert complaints(folder) == ["pipe.yaml: is no ordinary file"]


def test_a_file_of_five_megabytes_is_refused_with_its_size(folder: Path) -> None:
    (folder / "database.yaml").write_bytes(b"# x\n" * 1_250_000)
    assert complaints(folder) == ["database.yaml: too large: 5.0 MB, and a file of a plan has at most 1 MB"]


# -- YAML --------------------------------------------------------------------------------------------


def test_an_empty_file_is_said_to_be_empty(folder: Path) -> None:
    (folder / "database.yaml").write_text("")
    (folder / "drills.yaml").write_text("# nothing yet\n")
    assert complaints(folder) == [
        "database.yaml:1: the file is empty; a plan file is a mapping of keys and values",
        "drills.yaml:1: the file is empty: it has only comments",
    ]


@pytest.mark.parametrize(
    ("text", "kind"), [("- a\n- b\n", "a list"), ("hello\n", "the text 'hello'"), ("42\n", "the number 42")]
)
def test_a_file_that_is_no_mapping_is_refused(folder: Path, text: str, kind: str) -> None:
    (folder / "database.yaml").write_text(text)
    assert complaints(folder) == [f"database.yaml:1: expected keys and values at the top, found {kind}"]


def test_tabs_are_not_allowed_for_indentation(folder: Path) -> None:
    change(folder, "database.yaml", "    title: Restore beside", "\ttitle: Restore beside")
    where = place(folder, "database.yaml", "Restore beside")
    assert complaints(folder) == [f"{where}: tabs are not allowed for indentation, use spaces"]


def test_a_tab_inside_a_script_is_none_of_our_business(folder: Path) -> None:
    change(folder, "database.yaml", '      echo "stopping', '      \techo "stopping')
    assert complaints(folder) == []


def test_a_colon_in_a_text_is_explained(folder: Path) -> None:
    change(folder, "database.yaml", "why: The restore", "why: The restore: it")
    where = place(folder, "database.yaml", "why:")
    assert complaints(folder) == [
        f"{where}: not valid YAML: mapping values are not allowed here; a text with ': ' in it needs quotes"
    ]


def test_a_list_without_its_end_is_found_where_it_begins(folder: Path) -> None:
    change(folder, "database.yaml", "restores: [postgresql]", "restores: [postgresql")
    where = place(folder, "database.yaml", "inputs:")
    assert complaints(folder) == [
        f"{where}: not valid YAML: expected ',' or ']', but got ':'; what is wrong may begin in line 3"
    ]


def test_a_key_that_is_there_twice_is_refused_with_both_lines(folder: Path) -> None:
    change(folder, "database.yaml", "restores: [postgresql]", "restores: [postgresql]\nrestores: [redis]")
    assert complaints(folder) == [
        "database.yaml:4: restores: the key is here twice (first in line 3); keep one of them"
    ]


def test_a_second_document_is_refused(folder: Path) -> None:
    lines = DATABASE.count("\n")
    (folder / "database.yaml").write_text(DATABASE + "---\na: 1\n", encoding="utf-8")
    assert complaints(folder) == [
        f"database.yaml:{lines + 1}: a second document ('---') begins here: one file holds one"
    ]


def test_text_that_is_not_utf_8_is_refused_at_its_line(folder: Path) -> None:
    (folder / "database.yaml").write_bytes("id: database\ntitle: 복구\n".encode("cp949"))
    assert complaints(folder) == ["database.yaml:2: not UTF-8 text; save the file as UTF-8"]


@pytest.mark.parametrize("text", ["id: a\x1b[31m\n", 'id: "a\\e[31m"\n', '"\\e]52;c;x\\a": 1\n', "id: a\u202eb\n"])
def test_control_characters_are_refused_written_out_or_not(folder: Path, text: str) -> None:
    (folder / "database.yaml").write_text(text, encoding="utf-8")
    (complaint,) = complaints(folder)
    assert complaint.startswith("database.yaml:1: control character U+")
    assert complaint.isprintable()


# -- what the model says -----------------------------------------------------------------------------


def test_a_misspelt_key_is_named_with_the_key_that_was_meant(folder: Path) -> None:
    change(folder, "database.yaml", "    shell: gunzip", "    shel: gunzip")
    where = place(folder, "database.yaml", "shel: gunzip")
    assert complaints(folder) == [f"{where}: steps.1.shel: unknown key; did you mean 'shell'?"]


def test_a_key_unlike_any_other_gets_the_list_of_keys(folder: Path) -> None:
    change(folder, "plan.yaml", "title: Mac mini", "title: { en: x, ko: y, jp: z }")
    where = place(folder, "plan.yaml", "jp: z")
    assert complaints(folder) == [f"{where}: nodes.macmini.title.jp: unknown key; known: en, ko"]


def test_a_missing_key_is_named_at_the_line_of_what_lacks_it(folder: Path) -> None:
    change(folder, "database.yaml", "    title: Count the users\n", "")
    change(folder, "plan.yaml", "    criticality: high\n", "")
    assert complaints(folder) == [
        f"{place(folder, 'database.yaml', 'id: count')}: steps.2.title: the key is missing",
        f"{place(folder, 'plan.yaml', '  desktop:')}: nodes.desktop.criticality: the key is missing",
    ]


def test_a_text_in_one_language_only_lacks_the_other(folder: Path) -> None:
    change(folder, "plan.yaml", "title: Mac mini", "title: { en: Mac mini }")
    assert complaints(folder) == [
        f"{place(folder, 'plan.yaml', 'en: Mac mini')}: nodes.macmini.title.ko: the key is missing; "
        "every text needs both languages, or is one plain text"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("port: 5432", 'port: "5432"', "expected a whole number, found the text '5432'; write it without quotes"),
        ("port: 5432", "port: true", "expected a whole number, found true"),
        ("port: 5432", "port: 99999", "99999 is out of range; it must be at most 65535"),
        ("port: 5432", "port: 0", "0 is out of range; it must be at least 1"),
        ("rto: 30m", "rto: 30", "30 is no duration; write a number and its unit, like 30s, 15m, 1h or 7d"),
        ("rto: 30m", "rto: soon", "'soon' is no duration; write a number and its unit, like 30s, 15m, 1h or 7d"),
        ("rto: 30m", "rto: 99999999999d", "'99999999999d' is too long; ten years are the most"),
        ("os: macos", "os: macs", "expected 'macos', 'linux' or 'windows', found the text 'macs'; "
                                  "did you mean 'macos'?"),
        ("title: Redis", "title: [5]", "expected a text, or {en: …, ko: …}, found a list"),
        ("PG_DATABASE: sparklio", "PG_DATABASE: 12", 'expected a text, found the number 12; put it in quotes: "12"'),
        ("must_be_mounted: true", "must_be_mounted: 2", "expected true or false, found the number 2"),
        ("depends_on: [postgresql, redis]", "depends_on: redis", "expected a list, found the text 'redis'; "
                                                                 "write [redis]"),
        ("probe: { redis: {} }", "probe: { redis: {}, tcp: {} }",
         "a probe has exactly one kind: tcp, http, postgres, redis or s3"),
        ("probe: { redis: {} }", "probe: redis", "expected keys and values, found the text 'redis'"),
        ('name: "postgres_{stamp}.sql.gz"', "name: postgres.sql.gz",
         "'postgres.sql.gz' has no {stamp}; write {stamp} where the time of the backup goes, "
         "like postgres_{stamp}.sql.gz"),
        ("SPARKDR_PGPASSWORD }", "A, file: b }", "a secret has exactly one source: env or file"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_said_in_plain_words_at_its_line(folder: Path, old: str, new: str, words: str) -> None:
    change(folder, "plan.yaml", old, new)
    (complaint,) = complaints(folder)
    assert complaint.startswith(place(folder, "plan.yaml", new) + ": ")
    assert complaint.endswith(f": {words}")


def test_a_state_that_does_not_exist_is_listed_against_those_that_do(folder: Path) -> None:
    change(folder, "scenarios.yaml", "is: [damaged, refused]", "is: [no, refusd]")
    where = place(folder, "scenarios.yaml", "refusd")
    states = "'up', 'slow', 'refused', 'unreachable', 'damaged' or 'unknown'"
    assert complaints(folder) == [
        f"{where}: scenarios.database.signs.0.is.0: expected {states}, found the text 'no'",
        f"{where}: scenarios.database.signs.0.is.1: expected {states}, found the text 'refusd'; "
        "did you mean 'refused'?",
    ]


def test_an_id_with_the_wrong_letters_is_explained(folder: Path) -> None:
    change(folder, "drills.yaml", "  q3:", "  Q 3:")
    assert complaints(folder) == [
        f"{place(folder, 'drills.yaml', 'Q 3')}: drills.Q 3: 'Q 3' is no id; "
        "ids have small letters, digits and hyphens, and begin with a letter"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sql: { service: postgresql,", "on: macmini\n    shell: ls\n    sql: { service: postgresql,",
         "it has shell and sql"),
        ("redis: { service: redis, command: [FLUSHDB] }", "optional: true", "the key is here twice"),
        ("    wait: { service: postgresql, is: [up, slow] }\n", "", "it has none"),
        ("    on: macmini\n    danger: destroys", "    danger: destroys", "runs a script: say on which node (on: …)"),
        ('    confirm: { type: $PG_DATABASE, show: "psql -l" }\n', "", "say what the operator must type"),
    ],
)  # fmt: skip
def test_a_step_that_makes_no_sense_is_refused(folder: Path, old: str, new: str, words: str) -> None:
    change(folder, "database.yaml", old, new)
    (complaint,) = complaints(folder)
    assert words in complaint


def test_all_errors_of_all_files_come_at_once_in_order(folder: Path) -> None:
    change(folder, "plan.yaml", "port: 6379", "port: 70000")
    change(folder, "plan.yaml", "on: desktop", "on: desktp")
    change(folder, "database.yaml", "    shell: gunzip", "    shel: gunzip")
    change(folder, "database.yaml", "needs: [restore]", "needs: [restor]")
    change(folder, "scenarios.yaml", "contacts: [dba]", "contacts: [dbb]")
    (folder / "contacts.yaml").write_text("team: [\n")
    files = [complaint.split(":")[0] for complaint in complaints(folder)]
    assert files == ["contacts.yaml", "database.yaml", "database.yaml", "plan.yaml", "plan.yaml"]


def test_errors_hold_file_line_message_and_hint(folder: Path) -> None:
    change(folder, "plan.yaml", "on: desktop", "on: desktp")
    with pytest.raises(PlanErrors) as wrong:
        load(folder)
    (error,) = wrong.value.errors
    assert f"{error.file}:{error.line}" == place(folder, "plan.yaml", "desktp")
    assert (error.message, error.hint) == ("services.ollama.on: unknown node 'desktp'", "did you mean 'desktop'?")


def test_what_an_error_repeats_is_harmless_and_short(folder: Path) -> None:
    name = "x" * 500
    change(folder, "plan.yaml", "on: desktop", f"on: {name}")
    (complaint,) = complaints(folder)
    assert len(complaint) < 200 and complaint.isprintable()


def test_hundreds_of_errors_of_one_file_are_not_all_printed(folder: Path) -> None:
    keys = "".join(f"key-{number}: 1\n" for number in range(500))
    (folder / "database.yaml").write_text(DATABASE + keys, encoding="utf-8")
    found = complaints(folder)
    assert found[0] == "database.yaml: 500 errors, of which 100 are shown"
    assert len(found) == 101


def test_the_sample_plan_of_the_tests_is_complete() -> None:
    assert {"plan.yaml", "scenarios.yaml", "contacts.yaml", "drills.yaml"} <= set(FILES)
