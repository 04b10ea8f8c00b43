"""What is drawn of backup sets and backups: unknown is never green, trouble comes first, all within its width."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from screens.backups import marks, sets, shelf
from screens.backups.about import about_backup, about_set
from screens.backups.stock import Stock, shelved
from screens.painting import Line
from screens.situation import Situation
from screens.widgets.columns import Column, lay_out
from sparkdr_tui import language
from sparkdr_tui.backups.catalog import Catalog
from sparkdr_tui.backups.facts import Backup
from sparkdr_tui.backups.looking import SetLook
from sparkdr_tui.backups.offsite import Copy, Second
from sparkdr_tui.plan.backup_sets import CopyToFolder
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Language
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.state import RunState
from sparkdr_tui.watch.topology import Topology
from tests.screens.stage import NOON, Hands, Readings, Story

VERIFIED = {"intact": True, "restored": True, "verified_at": NOON - timedelta(hours=3), "verified_by": "BAK-0031"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    return Stock(tmp_path, Readings(Topology()))


def backup(plan: Plan, set_id: str, minutes: float, **facts: object) -> Backup:
    at = NOON - timedelta(minutes=minutes)
    name = plan.backup_sets[set_id].name.replace("{stamp}", f"{at:%Y%m%d_%H%M%S}").rstrip("/")
    known: dict[str, object] = {"size": 12_400_000, "complete": True, "stamped_at": at, **facts}
    return Backup(set_id, f"/Volumes/Backup/{name}", name, at, **known)  # type: ignore[arg-type]


def put(plan: Plan, stock: Stock, set_id: str, *backups: Backup) -> None:
    stock.learn(set_id, shelf=shelved(plan, SetLook(set_id, Catalog(backups)), Path("/nowhere"), NOON))


def word(plan: Plan, stock: Stock, set_id: str, *, observing: bool = False) -> tuple[str, str]:
    found = marks.standing(plan, stock.known(set_id), NOON, observing=observing)
    return found.ink, found.word


def text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def test_a_backup_that_nobody_restored_is_not_green_however_young(plan: Plan, stock: Stock) -> None:
    put(plan, stock, "postgres", backup(plan, "postgres", 10))
    assert word(plan, stock, "postgres") == ("dim", "not verified")
    put(plan, stock, "postgres", backup(plan, "postgres", 10, intact=True, verified_at=NOON))
    assert word(plan, stock, "postgres") == ("dim", "not restored")
    put(plan, stock, "postgres", backup(plan, "postgres", 10, **VERIFIED))
    assert word(plan, stock, "postgres") == ("good", "within RPO")


def test_a_job_that_stopped_and_a_set_without_backups_come_first(plan: Plan, stock: Stock) -> None:
    for name in plan.backup_sets:
        put(plan, stock, name, backup(plan, name, 10, **VERIFIED))
    put(plan, stock, "redis", backup(plan, "redis", 200, **VERIFIED))
    put(plan, stock, "minio-brand")
    put(plan, stock, "config", backup(plan, "config", 5, complete=False), backup(plan, "config", 60, **VERIFIED))
    ranked = [(name, found.word) for name, found in sets.ranked(Situation(plan, NOON), stock)]
    assert ranked[:3] == [("redis", "stopped"), ("minio-brand", "none"), ("config", "newest incomplete")]
    told = text(about_set(Situation(plan, NOON), stock, "redis", 60))
    assert "Its job has stopped: last made 2026-11-22 23:44, due" in told


def test_what_was_seen_before_stays_and_says_from_when_it_is(plan: Plan, stock: Stock) -> None:
    stock.learn("redis", problem="Mac mini did not answer.", hint="Look at its power.")
    assert word(plan, stock, "redis") == ("bad", "not seen")
    put(plan, stock, "redis", backup(plan, "redis", 10, **VERIFIED))
    assert word(plan, stock, "redis") == ("warn", "not seen now")
    told = text(about_set(Situation(plan, NOON), stock, "redis", 60))
    assert "✖ Mac mini did not answer." in told and "→ Look at its power." in told
    assert "What follows is as it was seen at 03:04." in told and "redis_20261123_025400.rdb" in told


def test_an_observer_is_told_kindly_why_nothing_is_seen(plan: Plan, stock: Stock) -> None:
    stock.learn("redis", problem="Mac mini is not reached: observers load no credentials.")
    assert word(plan, stock, "redis", observing=True) == ("dim", "not seen")
    told = text(about_set(Situation(plan, NOON, observing=True), stock, "redis", 70))
    assert "Observers hold no keys" in told and "✖" not in told


def test_an_observer_sees_the_backup_that_the_journal_of_the_run_knows(
    plan: Plan, stock: Stock, tmp_path: Path
) -> None:
    story = Story(tmp_path, plan, Hands()).choose()
    seen = Situation(plan, NOON, run=told_by(story), observing=True)
    told = text(about_set(seen, stock, "postgres", 60))
    assert "Chosen in INC-0042" in told and "postgres_20261123_021700.sql.gz" in told
    assert "restoring it loses 47m" in told


def told_by(story: Story) -> RunState:
    from sparkdr_tui.record.fold import fold_all
    from sparkdr_tui.record.journal import read

    run = fold_all(read(story.folder))
    assert run is not None
    return run


def test_what_is_not_as_old_as_the_incident_may_hold_the_damage(plan: Plan, stock: Stock, tmp_path: Path) -> None:
    run = told_by(Story(tmp_path, plan, Hands()))
    put(plan, stock, "postgres", backup(plan, "postgres", 5), backup(plan, "postgres", 65))
    seen, known = Situation(plan, NOON, run=run), stock.known("postgres")
    rows = [
        shelf.backup_row(seen, known, each, shelf.layout(seen, known, 100)).text
        for each in known.shelf.by_path.values()
    ]
    assert "▲ after the incident" in rows[0] and "● 53m" in rows[1]  # it began 12 minutes ago


def test_a_backup_says_who_made_and_verified_it_and_until_when_it_stays(plan: Plan, stock: Stock) -> None:
    one = backup(plan, "postgres", 10, **VERIFIED, made_by="BAK-0030", rows={"public.users": 200}, detail="rows agree")
    put(plan, stock, "postgres", one)
    told = text(about_backup(Situation(plan, NOON), stock.known("postgres"), one, 60))
    for said in (
        "BAK-0030",
        "verified 3h ago · BAK-0031",
        "rows agree",
        "expires 2026-11-30 02:54",
        "200  public.users",
    ):
        assert said in told, said


def test_a_copy_in_a_second_place_tells_its_age_and_nothing_green_where_there_is_none(plan: Plan, stock: Stock) -> None:
    to = CopyToFolder(node="laptop", dir="~/offsite", rpo=timedelta(days=1))
    declared = plan.backup_sets["redis"].model_copy(update={"copy_to": to})
    plan = replace(plan, backup_sets={**plan.backup_sets, "redis": declared})
    stock.learn("redis", second=Second(to.where, Copy("redis", "x", NOON - timedelta(hours=30), 1, complete=True)))
    assert marks.copied(plan, stock.known("redis"), NOON) == ("▲ 1d 6h", "warn")
    stock.learn("redis", second=Second(to.where, problem="laptop does not answer.", known=False))
    assert marks.copied(plan, stock.known("redis"), NOON).name == "dim"


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [54, 76, 116, 196])
def test_no_line_is_wider_than_its_pane(plan: Plan, stock: Stock, lang: Language, width: int) -> None:
    language.use(lang)
    for name in plan.backup_sets:
        put(plan, stock, name, backup(plan, name, 200), backup(plan, name, 900, **VERIFIED))
    stock.learn("config", problem="Mac mini " * 20)
    seen = Situation(plan, NOON)
    drawn = [sets.layout(seen, stock, width).head(), *sets.set_lines(seen, stock, width)]
    for name in plan.backup_sets:
        known = stock.known(name)
        columns = shelf.layout(seen, known, width)
        drawn += [columns.head(), *about_set(seen, stock, name, width)]
        for each in known.shelf.by_path.values():
            drawn += [shelf.backup_row(seen, known, each, columns), *about_backup(seen, known, each, width)]
    assert [line.text for line in drawn if line.cells > width] == []


def test_a_plan_without_backup_sets_says_what_to_do(plan: Plan, stock: Stock) -> None:
    told = text(sets.set_lines(Situation(replace(plan, backup_sets={}), NOON), stock, 60))
    assert "The plan has no backup sets." in told and "plan.yaml" in told


def test_an_empty_set_says_how_to_make_the_first_backup_but_not_to_an_observer(plan: Plan, stock: Stock) -> None:
    put(plan, stock, "redis")
    assert "Press r" in text(shelf.nothing(Situation(plan, NOON), stock.known("redis"), 60))
    assert "Press r" not in text(shelf.nothing(Situation(plan, NOON, observing=True), stock.known("redis"), 60))


def test_columns_of_little_worth_give_way_first_and_narrow_ones_grow_where_there_is_room() -> None:
    columns = (Column("a", 10, 3, least=4), Column("b", 6, 1), Column("c", 5, 2, right=True))
    assert lay_out(columns, 30).places == ((0, 10, False), (1, 6, False), (2, 5, True))
    assert lay_out(columns, 20).places == ((0, 5, False), (1, 6, False), (2, 5, True))
    assert lay_out(columns, 13).places == ((0, 6, False), (2, 5, True))
