"""A contact is changed in its file, and not one byte beside its values; what cannot be changed so is refused."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sparkdr_tui import editing
from sparkdr_tui.editing import FIELDS, Field, begin, changed, refuses, save
from sparkdr_tui.errors import UsageError
from sparkdr_tui.plan.fingerprint import fingerprints
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.reading import allowed, read
from tests.engine.plans import sample_plan_folder

STYLES = """\
# 비상 연락망: whom to call  # really
team:   # the team
  lead:
    role: { en: Lead, ko: "총괄" }   # who decides
    name: 'Kim'   # 'quoted' # twice
    phone: "010-1" #a word
    # a line between
    email: lead@example.org # plain

    scope: {en: "Every: decision", ko: 전체}
  dba: { role: DBA, phone: '22', scope: { en: PostgreSQL, ko: PostgreSQL } }  # in braces
  gpu:
    role: &r GPU owner
    scope: Ollama,
      ComfyUI   # over two lines
    name:   # nothing yet
  web: {role: Web, name: plain name , phone: , scope: *r}
external:
  isp:
    role: ISP
    scope:
      en: Network
      ko: 네트워크   # nested

    # the end of the ISP
  apple: { role: Apple, phone: 1588-6880, scope: Hardware }
"""
PEOPLE = ("lead", "dba", "gpu", "web", "isp", "apple")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sample_plan_folder(tmp_path)


def fields(content: bytes, who: str) -> dict[str, str]:
    data = read("contacts.yaml", content).data
    return dict(data["team"].get(who) or data["external"][who])


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40).filter(allowed)
ODD = st.lists(
    st.sampled_from([*"{}[]:,#&*!|>%@`'\"-? =~\\/", ": ", " #", "'' ", "null", "yes", "12", "1e3", "김", "é"])
)


@settings(max_examples=30, deadline=None)
@given(
    who=st.sampled_from(PEOPLE),
    field=st.sampled_from(FIELDS),
    value=LINES | ODD.map("".join),
    newline=st.sampled_from(["\n", "\r\n"]),
)
@example(who="lead", field="name", value='O\'Brien: "김" # 지영', newline="\n")
@example(who="web", field="phone", value="a, b} #", newline="\n")
def test_any_line_of_text_comes_back_as_it_was_and_nothing_else_changes(
    who: str, field: Field, value: str, newline: str
) -> None:
    before = STYLES.replace("\n", newline).encode()
    after = changed(before, who, {field: value})
    assert (fields(after, who).get(field) or "") == value
    assert {**fields(after, who), field: value} == {**fields(before, who), field: value}
    for other in set(PEOPLE) - {who}:
        assert fields(after, other) == fields(before, other)
    old, new = before.decode().split(newline), after.decode().split(newline)
    left = [each for each in new if each not in old]
    assert len(left) <= 1, "one line is another, or was added"
    assert [each for each in old if each not in new] == [] or len(old) == len(new)
    for line in old:
        if comment := re.search(r"\s+#.*$", line):
            assert any(each.endswith(comment[0]) for each in new)


def test_every_value_keeps_its_quotes() -> None:
    after = changed(STYLES.encode(), "lead", {"name": "이 서연", "phone": "112", "email": "a@b.example"}).decode()
    assert "name: '이 서연'   # 'quoted' # twice\n" in after
    assert 'phone: "112" #a word\n' in after
    assert "email: a@b.example # plain\n" in after
    assert 'email: "112" # plain' in changed(STYLES.encode(), "lead", {"email": "112"}).decode()


def test_what_was_not_there_is_added_behind_the_rest() -> None:
    after = changed(STYLES.encode(), "isp", {"phone": "080-1"}).decode()
    assert '      ko: 네트워크   # nested\n    phone: "080-1"\n\n    # the end of the ISP\n' in after
    after = changed(STYLES.encode(), "dba", {"email": "d@b"}).decode()
    assert 'ko: PostgreSQL }, email: "d@b" }  # in braces\n' in after
    assert "phone: 1-2 , scope: *r" in changed(STYLES.encode(), "web", {"phone": "1-2"}).decode()


def test_the_same_values_change_nothing() -> None:
    assert changed(STYLES.encode(), "lead", {"name": "Kim", "phone": "010-1"}) == STYLES.encode()


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\tb", "a\x1b[31m", "\u202eabc", "x" * 201, "\ud800"])
def test_what_is_no_line_of_text_is_refused(value: str) -> None:
    assert refuses(value)
    with pytest.raises(UsageError):
        changed(STYLES.encode(), "lead", {"name": value})


def test_a_value_shared_with_another_is_changed_at_its_own_place_alone() -> None:
    shared = STYLES.replace("name: 'Kim'", "name: &who Kim").replace("name:   # nothing yet", "name: *who  # same")
    assert b"    name: Park  # same\n" in changed(shared.encode(), "gpu", {"name": "Park"}).replace(b'"Park"', b"Park")
    with pytest.raises(UsageError, match="only hands"):
        changed(shared.encode(), "lead", {"name": "Park"})


def test_a_text_over_several_lines_or_a_whole_contact_that_is_shared_is_left_to_hands() -> None:
    folded = STYLES.replace("name: 'Kim'   # 'quoted' # twice", "name: >-\n      Kim\n      Jiyoung")
    with pytest.raises(UsageError, match="only hands"):
        changed(folded.encode(), "lead", {"name": "Park"})
    assert fields(changed(folded.encode(), "lead", {"phone": "1"}), "lead")["name"] == "Kim Jiyoung"
    same = STYLES.replace("  dba: {", "  dba: &dba {").replace(
        "  apple: { role: Apple, phone: 1588-6880, scope: Hardware }", "  apple: *dba"
    )
    with pytest.raises(UsageError, match="only hands"):
        changed(same.encode(), "apple", {"phone": "1"})


@pytest.mark.parametrize("text", ["team: [dba]", "team: dba", "team: { dba: }", "team: { dba: Ada }", "team:"])
def test_a_file_that_is_no_list_of_people_by_now_is_left_alone(text: str) -> None:
    with pytest.raises(UsageError, match="The plan has no contact dba"):
        changed(text.encode(), "dba", {"name": "Ada"})


def test_nobody_of_that_name_is_said() -> None:
    with pytest.raises(UsageError, match="no contact nobody"):
        changed(STYLES.encode(), "nobody", {"name": "x"})


# -- the file ----------------------------------------------------------------------------------------


def test_a_change_is_in_the_file_and_in_the_plan_and_the_file_keeps_its_mode(folder: Path) -> None:
    path = folder / "contacts.yaml"
    path.chmod(0o640)
    before = fingerprints(load(folder), "database")
    plan = save(begin(folder), "dba", {"name": "박 DBA", "phone": "010-7"})
    assert (plan.contacts.team["dba"].name, plan.contacts.team["dba"].phone) == ("박 DBA", "010-7")
    assert load(folder) == plan
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert fingerprints(plan, "database") == before, "an unfinished run can be taken up all the same"
    assert not [each for each in folder.iterdir() if each.name.startswith(".")]


def test_a_link_stays_a_link(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.yaml"
    (folder / "contacts.yaml").rename(real)
    (folder / "contacts.yaml").symlink_to(real)
    save(begin(folder), "dba", {"phone": "010-7"})
    assert (folder / "contacts.yaml").is_symlink() and b"010-7" in real.read_bytes()


def test_what_another_hand_changed_meanwhile_is_not_written_over(folder: Path) -> None:
    opened = begin(folder)
    path = folder / "contacts.yaml"
    path.write_bytes(path.read_bytes() + b"# another hand\n")
    theirs = path.read_bytes()
    with pytest.raises(UsageError, match="changed meanwhile"):
        save(opened, "dba", {"phone": "010-7"})
    assert path.read_bytes() == theirs


def test_a_plan_that_became_invalid_is_not_written(folder: Path) -> None:
    opened = begin(folder)
    (folder / "scenarios.yaml").write_text("scenarios: [")
    with pytest.raises(UsageError, match=r"not valid: scenarios\.yaml"):
        save(opened, "dba", {"phone": "010-7"})
    assert (folder / "contacts.yaml").read_bytes() == opened.content


def test_the_built_in_plan_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError) as refused:
        begin(builtin())
    assert "plan init DIR" in refused.value.hint


def test_a_folder_that_may_not_be_written_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write anywhere: who asks the system is asked here instead."""
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != folder.resolve())
    with pytest.raises(UsageError, match="must not be written"):
        begin(folder)


def test_a_disk_that_refuses_leaves_the_file_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = begin(folder)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        save(opened, "dba", {"phone": "010-7"})
    assert (folder / "contacts.yaml").read_bytes() == opened.content
    assert not [each for each in folder.iterdir() if each.name.startswith(".")]


def test_no_file_of_contacts_is_told(folder: Path) -> None:
    (folder / "contacts.yaml").unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        editing.begin(folder)
