"""What is past its keep goes; the last good backup and what is in use never does, whatever is in the folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.backups.catalog import AgeBand, Backup, Catalog, Leftover, age_band, newest_usable
from sparkdr_tui.backups.retention import Fate, Why, batch, due, fates
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import Journal
from sparkdr_tui.record.pins import pins
from tests.engine.recorded import START, opened

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def backup(
    days: float,
    complete: bool | None = True,
    intact: bool | None = None,
    restored: bool | None = None,
    exists: bool = True,
    failed: bool = False,
    stamped_days: float | None = None,
) -> Backup:
    at = NOW - timedelta(days=days)
    name = f"postgres_{days}_{stamped_days}.sql.gz"
    stamped = at if stamped_days is None else NOW - timedelta(days=stamped_days)
    return Backup(
        "postgres", f"/b/{name}", name, at, 5, complete, intact,
        restored=restored, exists=exists, failed=failed, stamped_at=stamped,
    )  # fmt: skip


def judged(*backups: Backup, keep: timedelta = WEEK, pinned: dict[str, str] | None = None) -> dict[str, Why]:
    return {fate.name: fate.why for fate in fates(Catalog(backups), keep, NOW, pinned or {})}


def test_what_is_past_its_keep_goes_and_the_rest_stays() -> None:
    young, old, older = backup(1), backup(7.1), backup(30)
    assert judged(young, old, older) == {young.name: Why.YOUNG, old.name: Why.EXPIRED, older.name: Why.EXPIRED}
    goes = due(fates(Catalog((young, old, older)), WEEK, NOW, {}))
    assert [fate.name for fate in goes] == [older.name, old.name]


def test_after_ten_days_of_failed_backups_the_last_good_one_survives() -> None:
    """Every night since left something half written or refused; the document's find would have taken the good one."""
    good, before = backup(10.5), backup(11.5)
    failed = [backup(day + 0.5, complete=False) for day in range(10)]
    found = judged(*failed, good, before)
    assert found[good.name] is Why.NEWEST_COMPLETE
    assert found[before.name] is Why.EXPIRED
    assert [found[each.name] for each in failed] == [Why.YOUNG] * 7 + [Why.EXPIRED] * 3


def test_the_newest_verified_stays_beside_a_newer_complete_one() -> None:
    complete, verified, restored = backup(8), backup(20, intact=True), backup(40, restored=True, intact=True)
    assert judged(complete, verified, restored, backup(50)) == {
        complete.name: Why.NEWEST_COMPLETE,
        verified.name: Why.NEWEST_VERIFIED,
        restored.name: Why.NEWEST_VERIFIED,
        backup(50).name: Why.EXPIRED,
    }


def test_where_only_the_documents_own_backups_are_there_the_newest_of_them_stays() -> None:
    newest, older = backup(20, complete=None), backup(21, complete=None)
    assert judged(newest, older) == {newest.name: Why.LAST_USABLE, older.name: Why.EXPIRED}


def test_a_refused_newest_backup_does_not_cost_the_good_one_before_it() -> None:
    refused, good = backup(8, intact=False, failed=True), backup(9)
    found = judged(refused, good)
    assert found[good.name] is Why.NEWEST_COMPLETE
    assert found[refused.name] is Why.NEWEST_COMPLETE


def test_a_backup_in_use_stays_and_says_by_which_run() -> None:
    used = backup(60, complete=False)
    (_young, fate) = fates(Catalog((backup(1), used)), WEEK, NOW, {used.name: "INC-0003"})
    assert (fate.why, fate.pinned_by, fate.stays) == (Why.PINNED, "INC-0003", True)


def test_a_manifest_that_lies_about_its_time_makes_no_young_backup_old() -> None:
    assert judged(backup(0.5), backup(20_000, stamped_days=1))[backup(20_000, stamped_days=1).name] is Why.YOUNG


def test_what_has_no_manifest_may_still_be_being_made_and_stays_for_a_day() -> None:
    hour = timedelta(hours=1)
    copying, stuck, whole = backup(0.5, complete=None), backup(1.5, complete=None), backup(0.4)
    found = judged(copying, stuck, whole, backup(0.01), keep=hour)
    assert found[copying.name] is Why.YOUNG
    assert (found[stuck.name], found[whole.name]) == (Why.EXPIRED, Why.EXPIRED)


def test_pieces_of_interrupted_backups_go_once_nobody_can_be_writing_them() -> None:
    left = (Leftover(".a.part", NOW - timedelta(days=8)), Leftover(".b.part", NOW - timedelta(hours=20)))
    found = {fate.name: fate.why for fate in fates(Catalog((), left), timedelta(hours=1), NOW, {})}
    assert found == {".a.part": Why.LEFTOVER, ".b.part": Why.YOUNG}


def test_what_is_left_of_a_backup_that_somebody_deleted_goes_too_and_never_counts_as_good() -> None:
    gone, good = backup(9, exists=False), backup(10)
    assert judged(gone, good) == {gone.name: Why.GONE, good.name: Why.NEWEST_COMPLETE}


def test_one_run_is_told_of_as_many_names_as_an_environment_variable_holds_oldest_first() -> None:
    many = [
        Fate(f"postgres_{n:08}_000000.sql.gz", NOW - timedelta(days=20_000 - n), Why.EXPIRED) for n in range(10_000)
    ]
    first = batch(due(many))
    assert len("\n".join(fate.name for fate in first)) < 64 << 10
    assert first == tuple(many[: len(first)]) and len(first) > 1_000
    assert batch(due(many[:3])) == tuple(many[:3])


FACT = st.sampled_from([True, False, None])
BACKUPS = st.lists(
    st.builds(
        backup,
        st.floats(-1, 400, allow_nan=False),
        FACT, FACT, FACT, st.booleans(), st.booleans(),
        st.none() | st.floats(-1, 400, allow_nan=False),
    ),
    max_size=12,
    unique_by=lambda each: each.name,
)  # fmt: skip


@given(BACKUPS, st.floats(0.01, 400))
def test_the_floor_never_goes_whatever_is_known_of_the_backups(backups: list[Backup], days: float) -> None:
    goes = {fate.name for fate in due(fates(Catalog(tuple(backups)), timedelta(days=days), NOW, {}))}
    there = [each for each in backups if each.exists]
    usable = [each for each in there if each.usable]
    for kind in (
        [each for each in usable if each.complete],
        [each for each in usable if each.restored],
        [each for each in usable if each.intact],
        [each for each in there if each.complete],
    ):
        if kind:
            assert max(kind, key=lambda each: (each.taken_at, each.name)).name not in goes
    best = newest_usable(there)
    assert best is None or best.name not in goes
    assert newest_usable([each for each in there if each.name not in goes]) == best


@given(BACKUPS, st.floats(0.01, 400), st.data())
def test_nothing_young_and_nothing_in_use_ever_goes(backups: list[Backup], days: float, data: st.DataObject) -> None:
    keep = timedelta(days=days)
    used = data.draw(st.sets(st.sampled_from([each.name for each in backups]))) if backups else set()
    goes = {fate.name for fate in due(fates(Catalog(tuple(backups)), keep, NOW, dict.fromkeys(used, "INC-0001")))}
    assert not goes & used
    for each in backups:
        if NOW - each.taken_at <= keep:
            assert each.name not in goes


@given(BACKUPS, st.floats(0.01, 400))
def test_pruning_twice_is_pruning_once(backups: list[Backup], days: float) -> None:
    keep = timedelta(days=days)
    goes = {fate.name for fate in due(fates(Catalog(tuple(backups)), keep, NOW, {}))}
    rest = tuple(each for each in backups if each.name not in goes)
    assert not due(fates(Catalog(rest), keep, NOW, {}))


# -- ages, hour by hour ------------------------------------------------------------------------------


@pytest.mark.parametrize(("every", "rpo"), [(1, 1), (24, 24), (6, 1)])
def test_the_bands_over_two_weeks_of_backups_looked_at_hour_by_hour(every: int, rpo: int) -> None:
    """The clock is moved over two weeks in which every second day has no backup; each band is where it must be."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    made = [start + timedelta(hours=h) for h in range(0, 14 * 24, every) if (h // 24) % 2 == 0]
    for hour in range(14 * 24):
        now = start + timedelta(hours=hour, minutes=30)
        there = [Backup("s", f"/{at}", str(at), at, 1, True) for at in made if at <= now]
        age = (now - max(at for at in made if at <= now)) / timedelta(hours=rpo)
        band = age_band(newest_usable(there), timedelta(hours=rpo), now)
        wanted = (
            AgeBand.WITHIN if age <= 1 else AgeBand.TWICE if age <= 2 else AgeBand.FOURFOLD if age <= 4 else None
        ) or AgeBand.BEYOND
        assert band is wanted, (hour, age)


def test_keeping_a_week_of_hourly_backups_while_pruning_daily_never_holds_less_nor_much_more() -> None:
    """Two weeks with a moved clock: an hourly backup, pruning after each midnight."""
    start, there = NOW - timedelta(days=14), list[Backup]()
    for hour in range(14 * 24):
        now = start + timedelta(hours=hour)
        there.append(Backup("s", f"/{hour}", f"{hour:04}", now, 1, True, stamped_at=now))
        if hour % 24 == 0:
            goes = {fate.name for fate in due(fates(Catalog(tuple(there)), WEEK, now, {}))}
            there = [each for each in there if each.name not in goes]
        held = {each.taken_at for each in there}
        assert held >= {now - timedelta(hours=h) for h in range(min(hour, 7 * 24) + 1)}
        assert len(there) <= 8 * 24 + 1


# -- in use ------------------------------------------------------------------------------------------


def record(folder: Path, run: str, *events: e.Event, mode: e.Mode = "incident", at: datetime = NOW) -> None:
    home = folder / "runs" / run
    home.mkdir(parents=True)
    journal = Journal.create(home, "mina", lambda: at)
    for event in (opened().model_copy(update={"mode": mode}), *events):
        journal.append(event)
    journal.close()


def chose(path: str) -> e.InputChosen:
    fact = e.BackupFact(set="postgres", path=path, taken_at=START, size=1, complete=True)
    return e.InputChosen(name="PG_BACKUP", value=path, backup=fact)


def test_what_unfinished_runs_chose_is_in_use_and_what_closed_ones_chose_is_not(tmp_path: Path) -> None:
    record(tmp_path, "INC-0001", chose("/b/closed.sql.gz"), e.RunClosed(outcome="completed"))
    record(tmp_path, "INC-0002", chose("/b/first.sql.gz"), chose("/b/second's $(x).sql.gz"))
    record(tmp_path, "DRL-0001", chose("/b/drill.sql.gz"))
    assert pins(tmp_path, NOW) == {"postgres": {"second's $(x).sql.gz": "INC-0002", "drill.sql.gz": "DRL-0001"}}
    assert pins(tmp_path / "nowhere", NOW) == {}


def test_a_verification_under_way_pins_its_backup_and_one_that_was_broken_off_days_ago_does_not(tmp_path: Path) -> None:
    record(tmp_path, "BAK-0001", chose("/b/long-ago.sql.gz"), mode="routine", at=NOW - timedelta(days=2))
    record(tmp_path, "BAK-0002", chose("/b/now.sql.gz"), mode="routine", at=NOW - timedelta(minutes=2))
    record(tmp_path, "INC-0001", chose("/b/incident.sql.gz"), at=NOW - timedelta(days=20))
    assert pins(tmp_path, NOW) == {"postgres": {"now.sql.gz": "BAK-0002", "incident.sql.gz": "INC-0001"}}


def test_nobody_prunes_while_it_is_not_known_what_an_unfinished_run_uses(tmp_path: Path) -> None:
    record(tmp_path, "INC-0001", chose("/b/first.sql.gz"))
    journal = tmp_path / "runs" / "INC-0001" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"garbage\n" + lines[1])
    with pytest.raises(SparkdrError, match="Which backups run INC-0001 uses is not known"):
        pins(tmp_path, NOW)
