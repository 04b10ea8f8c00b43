"""What was seen is judged: what would stop a recovery stops it, and what nobody knows is never in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.backups.catalog import Backup, Catalog
from sparkdr_tui.backups.looking import SetLook
from sparkdr_tui.backups.offsite import Copy, Second
from sparkdr_tui.backups.schedule.installed import Standing
from sparkdr_tui.plan.fingerprint import fingerprint
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.asking import Disk, NodeSeen
from sparkdr_tui.readiness.checking import judge
from sparkdr_tui.readiness.databases import DatabaseSeen
from sparkdr_tui.readiness.doors import Door
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.needed import courses, tools
from sparkdr_tui.readiness.schedules import ScheduleSeen
from sparkdr_tui.readiness.seen import Here, Passed, Seen, There
from sparkdr_tui.record.drills import DrillStatus, Turn
from sparkdr_tui.record.drills import Standing as Held
from sparkdr_tui.watch.topology import Reading, Topology
from tests.engine.plans import change, sample_plan_folder

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
GB = 10**9
MOUNTS = (
    "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)",
    "/dev/disk4s1 on /Volumes/Backup (apfs, local, nodev, nosuid, journaled)",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = sample_plan_folder(tmp_path)
    change(folder, "contacts.yaml", "{ role: DBA,", "{ role: DBA, name: Lee, phone: '1', email: l@example.org,")
    schedules = "schedules:\n  hourly: { runbook: backup-postgres, on: macmini, minute: 5, log: ~/backup.log }\n"
    (folder / "plan.yaml").write_text((folder / "plan.yaml").read_text() + schedules)
    (folder / "known_hosts").write_text("")
    return folder


@pytest.fixture
def plan(folder: Path) -> Plan:
    return load(folder)


def backup(hours: float = 0.5, **facts: object) -> Backup:
    at = NOW - timedelta(hours=hours)
    name = f"postgres_{at:%Y%m%d_%H%M%S}.sql.gz"
    known: dict[str, object] = {"complete": True, "verified_at": at, "intact": True, "restored": True, **facts}
    return Backup("postgres", f"/Volumes/Backup/sparklio/{name}", name, at, 10 * 10**6, **known)  # type: ignore[arg-type]


def in_order(plan: Plan) -> Seen:
    """A world in which everything is as it should be."""
    macmini = NodeSeen(
        there=dict.fromkeys(tools(courses(plan), "macmini"), "/usr/bin/x"),
        versions={"psql": "psql (PostgreSQL) 15.10 (Homebrew)", "pg_dump": "pg_dump (PostgreSQL) 15.10 (Homebrew)"},
        disks=(
            Disk("HOME", "/System/Volumes/Data", 400 * GB),
            Disk("BACKUP_DIR", "/Volumes/Backup", 900 * GB),
            Disk("SET_postgres", "/Volumes/Backup", 900 * GB),
        ),
        may={"SET_postgres": "rw"},
        said={
            "mount": MOUNTS,
            "macos": ("15.1.1",),
            "pmset": (" autorestart          1", " sleep                0 (sleep prevented by powerd)"),
            "filevault": ("FileVault is Off.",),
            "firewall": ("Firewall is enabled. (State = 1)",),
            "screen": ("woosun",),
        },
        clock=NOW.timestamp(),
        ahead=0.0,
    )
    desktop = NodeSeen(
        there={"ollama": "C:\\ollama.exe"},
        versions={"ollama": "ollama version is 0.5.7"},
        disks=(Disk("USERPROFILE", "C:\\", 400 * GB),),
        said={"windows": ("10.0.22631.0",), "standby": ("0x0", "0xffffffff", "0x00000000", "0x00000384"),
              "ollama-host": ("0.0.0.0:11434", "")},
        clock=NOW.timestamp(),
        ahead=0.0,
    )  # fmt: skip
    up = Reading(State.UP, NOW, 0.01)
    there = There(
        doors={
            "macmini": (Door("127.0.0.1", 0.02), Door("127.0.0.2", 0.02)),
            "desktop": (Door("127.0.0.3", 0.02),),
        },
        nodes={"macmini": macmini, "desktop": desktop},
        topology=Topology(dict.fromkeys(plan.nodes, up), dict.fromkeys(plan.services, up), NOW),
        databases={"postgresql": DatabaseSeen(2 * GB, 300 * GB, "/opt/homebrew/var/postgresql@15", "15.10")},
        sets={"postgres": SetLook("postgres", Catalog((backup(),)))},
        schedules={"macmini": ScheduleSeen("launchd", {"hourly": Standing.CURRENT})},
    )
    passed = {
        name: Passed("DRL-0001", NOW - timedelta(days=20), fingerprint(plan, name))
        for name in ("database", "desktop-gpu", "backup-postgres")
    }
    return Seen(NOW, Here(Path("/state"), True, 50 * GB, passed=passed), there)


def with_node(seen: Seen, name: str, node: NodeSeen, **more: object) -> Seen:
    assert seen.there is not None
    nodes = {**seen.there.nodes, name: node}
    return replace(seen, there=replace(seen.there, nodes=nodes, **more))  # type: ignore[arg-type]


def node(seen: Seen, name: str = "macmini") -> NodeSeen:
    assert seen.there is not None
    return seen.there.nodes[name]


def with_there(seen: Seen, **changes: object) -> Seen:
    assert seen.there is not None
    return replace(seen, there=replace(seen.there, **changes))  # type: ignore[arg-type]


def with_backups(seen: Seen, *backups: Backup, **look: object) -> Seen:
    return with_there(seen, sets={"postgres": SetLook("postgres", Catalog(backups), **look)})  # type: ignore[arg-type]


def amiss(plan: Plan, seen: Seen) -> list[Finding]:
    """Everything that is not in order, but for the off-site copy that the sample has none of."""
    found = judge(plan, seen, courses(plan))
    return [each for each in found if each.state != "ok" and each.subject != "backup_sets"]


def only(plan: Plan, seen: Seen) -> tuple[str, str, str]:
    """The one finding that is not in order."""
    (found,) = amiss(plan, seen)
    return found.state, found.check, found.subject


def test_a_world_in_order_has_nothing_amiss_and_says_everything_that_was_looked_at(plan: Plan) -> None:
    seen = in_order(plan)
    assert amiss(plan, seen) == []
    checks = {each.check for each in judge(plan, seen, courses(plan)) if each.state == "ok"}
    assert checks == {
        "plan", "state", "secrets", "reach", "host-key", "tools", "versions", "clock", "system", "disk", "mount",
        "services", "credentials", "backups", "rpo", "verified", "schedule", "runbooks",
    }  # fmt: skip


# -- nodes ---------------------------------------------------------------------------------------------


def test_a_node_that_is_not_reached_stops_and_the_rest_of_it_is_unknown(plan: Plan) -> None:
    seen = with_node(in_order(plan), "macmini", NodeSeen("Mac mini did not answer within 10 s.", reason="no answer"))
    found = amiss(plan, seen)
    assert [(each.state, each.check, each.subject) for each in found] == [
        ("stop", "reach", "macmini"),
        ("unknown", "reach", "macmini"),
    ]
    assert not any(
        each.node == "macmini" and each.state == "ok"
        for each in judge(plan, seen, courses(plan))
        if each.check != "offsite"
    )


@pytest.mark.parametrize("reason", ["shows another host key than the one that is known", "its host key is not known"])
def test_a_host_key_that_is_not_the_known_one_stops_with_what_to_do(plan: Plan, reason: str) -> None:
    seen = with_node(in_order(plan), "desktop", NodeSeen("Desktop …", "ssh-keygen -R …", reason))
    stop = next(each for each in amiss(plan, seen) if each.state == "stop")
    assert (stop.check, stop.subject, stop.todo) == ("host-key", "desktop", "ssh-keygen -R …")


def test_a_second_way_in_that_does_not_open_is_a_warning(plan: Plan) -> None:
    dead = Door("127.0.0.1", None, "Mac mini (127.0.0.1) did not answer within 10 s.", "", "no answer")
    seen = in_order(plan)
    assert seen.there is not None
    seen = with_there(seen, doors={**seen.there.doors, "macmini": (dead, Door("127.0.0.2", 0.02))})
    assert only(plan, seen) == ("warn", "reach", "macmini")
    assert "127.0.0.1" in amiss(plan, seen)[0].reason


def test_a_command_that_a_recovery_needs_stops_and_names_the_runbooks(plan: Plan) -> None:
    macmini = node(in_order(plan))
    without = replace(
        macmini, there={k: v for k, v in macmini.there.items() if k != "psql"}, missing=frozenset({"psql"})
    )
    (found,) = amiss(plan, with_node(in_order(plan), "macmini", without))
    assert (found.state, found.check, found.subject) == ("stop", "tools", "macmini")
    assert "psql is not there" in found.reason and "database" in found.reason and "PATH" in found.todo


def test_a_command_that_only_offers_to_install_itself_is_not_there(plan: Plan) -> None:
    macmini = replace(node(in_order(plan)), stubs=frozenset({"gunzip"}))
    assert only(plan, with_node(in_order(plan), "macmini", macmini)) == ("stop", "tools", "macmini")


@pytest.mark.parametrize(
    ("psql", "pg_dump", "expected"),
    [("15.10", "14.2", "stop"), ("14.2", "15.10", "warn"), ("16.1", "16.1", None), ("18beta1", "18.0", None)],
)
def test_programs_of_postgresql_older_than_the_server_are_told(
    plan: Plan, psql: str, pg_dump: str, expected: str | None
) -> None:
    said = {"psql": f"psql (PostgreSQL) {psql}", "pg_dump": f"pg_dump (PostgreSQL) {pg_dump}"}
    seen = with_node(in_order(plan), "macmini", replace(node(in_order(plan)), versions=said))
    assert [(each.state, each.check) for each in amiss(plan, seen)] == ([(expected, "versions")] if expected else [])


def test_without_an_answer_of_the_server_nobody_knows_whether_they_fit(plan: Plan) -> None:
    seen = with_there(in_order(plan), databases={"postgresql": DatabaseSeen()})
    assert [(each.state, each.check) for each in amiss(plan, seen)] == [("unknown", "versions"), ("unknown", "disk")]


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(4.0, None), (-4.0, None), (40.0, "warn"), (-4000.0, "stop"), (None, "unknown")],
)
def test_a_clock_that_is_off_makes_ages_wrong_and_far_off_signatures_too(
    plan: Plan, ahead: float | None, expected: str | None
) -> None:
    seen = with_node(in_order(plan), "macmini", replace(node(in_order(plan)), ahead=ahead))
    assert [(each.state, each.check) for each in amiss(plan, seen)] == ([(expected, "clock")] if expected else [])


@pytest.mark.parametrize(
    ("kind", "lines", "state"),
    [
        ("pmset", (" autorestart          0", " sleep                0"), "warn"),
        ("pmset", (" autorestart          1", " sleep               10"), "warn"),
        ("pmset", ("Error",), "unknown"),
        ("filevault", ("FileVault is On.",), "warn"),
        ("filevault", ("Error",), "unknown"),
        ("firewall", ("Firewall is blocking … (State = 2)",), "warn"),
        ("firewall", ("Must be root",), "unknown"),
        ("screen", ("root",), "warn"),
    ],
)
def test_a_mac_that_would_not_come_back_by_itself_is_told(
    plan: Plan, kind: str, lines: tuple[str, ...], state: str
) -> None:
    macmini = node(in_order(plan))
    seen = with_node(in_order(plan), "macmini", replace(macmini, said={**macmini.said, kind: lines}))
    assert only(plan, seen) == (state, "system", "macmini")


def test_filevault_of_a_laptop_that_somebody_sits_before_is_in_order(folder: Path) -> None:
    change(folder, "plan.yaml", "criticality: critical", "criticality: medium")
    plan = load(folder)
    macmini = node(in_order(plan))
    said = {**macmini.said, "filevault": ("FileVault is On.",), "screen": ("root",)}
    assert amiss(plan, with_node(in_order(plan), "macmini", replace(macmini, said=said))) == []


@pytest.mark.parametrize(
    ("kind", "lines", "state"),
    [
        ("standby", ("0x0", "0xffffffff", "0x00000708", "0x0"), "warn"),
        ("standby", (), "unknown"),
        ("ollama-host", ("", ""), "warn"),
        ("ollama-host", ("127.0.0.1:11434", ""), "warn"),
    ],
)
def test_a_windows_machine_that_sleeps_or_keeps_ollama_to_itself_is_told(
    plan: Plan, kind: str, lines: tuple[str, ...], state: str
) -> None:
    desktop = node(in_order(plan), "desktop")
    seen = with_node(in_order(plan), "desktop", replace(desktop, said={**desktop.said, kind: lines}))
    assert only(plan, seen) == (state, "system", "desktop")


def test_credentials_that_are_turned_away_stop_and_those_that_could_not_be_tried_are_unknown(plan: Plan) -> None:
    seen = in_order(plan)
    assert seen.there is not None
    services = seen.there.topology.services
    denied = Reading(State.UNKNOWN, NOW, None, "does not accept the access key (InvalidAccessKeyId)", denied=True)
    turned_away = with_there(seen, topology=replace(seen.there.topology, services={**services, "minio": denied}))
    assert only(plan, turned_away) == ("stop", "credentials", "minio")
    down = Reading(State.REFUSED, NOW, None, "port 5432 refuses connections")
    seen = with_there(seen, topology=replace(seen.there.topology, services={**services, "postgresql": down}))
    assert [(each.state, each.check) for each in amiss(plan, seen)] == [
        ("warn", "services"),
        ("unknown", "credentials"),
    ]


# -- backups -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "state", "words"),
    [
        (0.9, None, ""),
        (1.9, "warn", "older than its RPO"),
        (3.9, "warn", "more than twice"),
        (9.0, "warn", "more than four times"),
        (-1.0, "unknown", "ahead of this machine's clock"),
    ],
)
def test_the_newest_backup_is_held_against_the_rpo_in_bands(
    plan: Plan, hours: float, state: str | None, words: str
) -> None:
    found = amiss(plan, with_backups(in_order(plan), backup(hours, verified_at=NOW)))
    found = [each for each in found if each.check != "schedule"]
    assert [(each.state, each.check) for each in found] == ([(state, "rpo")] if state else [])
    assert all(words in each.reason for each in found)


@pytest.mark.parametrize("backups", [(), (backup(0.5, complete=False),), (backup(0.5, failed=True),)])
def test_without_a_backup_that_can_be_used_a_recovery_that_needs_one_stops(
    plan: Plan, backups: tuple[Backup, ...]
) -> None:
    (stop,) = [each for each in amiss(plan, with_backups(in_order(plan), *backups)) if each.state == "stop"]
    assert (stop.check, stop.subject) == ("backups", "postgres")
    assert "needed by database" in stop.reason


def test_a_newest_backup_that_was_cut_off_is_a_warning_as_long_as_another_can_be_used(plan: Plan) -> None:
    whole = backup(0.7)
    found = amiss(plan, with_backups(in_order(plan), backup(0.2, complete=False), whole))
    assert [(each.state, each.check, each.subject) for each in found] == [("warn", "backups", "postgres")]
    assert f"{whole.name} is the newest that can be used" in found[0].reason


def test_a_backup_of_which_nobody_knows_whether_it_is_complete_is_not_called_in_order(plan: Plan) -> None:
    seen = with_backups(in_order(plan), backup(0.5, complete=None, intact=None, restored=None, verified_at=None))
    assert {(each.state, each.check) for each in amiss(plan, seen)} == {("unknown", "backups"), ("warn", "verified")}


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        ({"verified_at": None, "intact": None, "restored": None}, "warn", "no backup of it was ever verified"),
        ({"verified_at": NOW - timedelta(days=40)}, "warn", "last verified 40d ago"),
        ({"restored": None}, "unknown", "nobody restored it"),
    ],
)
def test_a_verification_that_never_was_or_is_long_ago_is_told(
    plan: Plan, facts: dict[str, object], state: str, words: str
) -> None:
    (found,) = amiss(plan, with_backups(in_order(plan), backup(0.5, **facts)))
    assert (found.state, found.check) == (state, "verified")
    assert words in found.reason


def test_a_verification_that_failed_is_told_though_an_older_backup_can_be_used(plan: Plan) -> None:
    bad = backup(0.3, failed=True, intact=False, detail="rows differ", verified_at=NOW)
    found = {each.check: each for each in amiss(plan, with_backups(in_order(plan), bad, backup(0.6)))}
    assert found["verified"].state == "warn" and "rows differ" in found["verified"].reason
    assert found["backups"].state == "warn"


def test_a_drive_that_is_not_there_stops_once_for_all_its_sets(plan: Plan) -> None:
    seen = with_backups(in_order(plan), problem="The backup drive is not mounted.", unmounted=True)
    (found,) = amiss(plan, seen)
    assert (found.state, found.check, found.subject) == ("stop", "mount", "macmini")
    assert "postgres" in found.todo


@pytest.mark.parametrize("how", ["read-only", "not ours"])
def test_a_drive_that_cannot_be_written_is_a_warning(plan: Plan, how: str) -> None:
    macmini = node(in_order(plan))
    if how == "read-only":
        macmini = replace(macmini, said={**macmini.said, "mount": (MOUNTS[1].replace("nodev", "read-only"),)})
    else:
        macmini = replace(macmini, may={"SET_postgres": "r"})
    assert only(plan, with_node(in_order(plan), "macmini", macmini)) == ("warn", "mount", "postgres")


# -- the schedule ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "state"),
    [
        (ScheduleSeen("cron", {"hourly": Standing.MISSING}), "warn"),
        (ScheduleSeen("cron", {"hourly": Standing.DIFFERS}), "warn"),
        (ScheduleSeen("launchd", {"hourly": Standing.UNLOADED}), "warn"),
        (ScheduleSeen(problem="There is no sparkdr-tui on macmini.", wrong=True), "warn"),
        (ScheduleSeen(problem="its crontab cannot be read: not allowed"), "unknown"),
    ],
)
def test_a_schedule_that_is_not_installed_as_the_plan_wants_it_is_told(
    plan: Plan, schedule: ScheduleSeen, state: str
) -> None:
    assert only(plan, with_there(in_order(plan), schedules={"macmini": schedule})) == (state, "schedule", "macmini")


def test_a_set_that_gets_no_new_backups_is_told_whatever_is_installed(plan: Plan) -> None:
    found = amiss(plan, with_backups(in_order(plan), backup(1.8, verified_at=NOW)))
    assert {(each.check, each.subject) for each in found} == {("schedule", "postgres"), ("rpo", "postgres")}
    assert "its job has stopped: last made 1h 48m ago, due every 1h" in [each.reason for each in found]


def test_an_optional_set_is_missed_by_nobody(folder: Path) -> None:
    change(folder, "plan.yaml", "    must_be_mounted: true\n", "    must_be_mounted: true\n    optional: true\n")
    plan = load(folder)
    found = amiss(plan, with_backups(in_order(plan)))
    assert [each for each in found if each.check in ("backups", "rpo", "verified", "schedule")] == []


# -- the second place ------------------------------------------------------------------------------------


def copied(hours: float) -> Copy:
    at = NOW - timedelta(hours=hours)
    return Copy("postgres", f"postgres_{at:%Y%m%d_%H%M%S}.sql.gz", at, 10 * 10**6, True)


@pytest.mark.parametrize(
    ("second", "state", "words"),
    [
        (Second("s3", copied(0.5)), "ok", "copied off-site 30m ago"),
        (Second("s3", copied(30)), "warn", "30h"),
        (Second("s3", None, True, "only unfinished copies"), "warn", "only unfinished copies"),
        (Second("s3", None, False, "no copy yet"), "warn", "no copy yet"),
        (Second("s3", problem="s3 does not answer.", known=False), "unknown", "s3 does not answer"),
        (Second("s3", copied(-3)), "unknown", "not known"),
    ],
)
def test_the_newest_copy_off_site_is_held_against_what_was_promised(
    plan: Plan, second: Second, state: str, words: str
) -> None:
    seen = with_there(in_order(plan), seconds={"postgres": second})
    (found,) = [each for each in judge(plan, seen, courses(plan)) if each.check == "copies"]
    assert (found.state, found.subject) == (state, "postgres")
    assert words.replace("30h", "1d 6h") in found.reason


# -- room ----------------------------------------------------------------------------------------------


def free(seen: Seen, home: int, drive: int) -> Seen:
    disks = (Disk("HOME", "/", home), Disk("SET_postgres", "/Volumes/Backup", drive))
    return with_node(seen, "macmini", replace(node(seen), disks=disks))


@pytest.mark.parametrize(
    ("home", "drive", "expected"),
    [
        (400 * GB, 900 * GB, None),
        (9 * 10**6, 900 * GB, "stop"),
        (70 * 10**6, 900 * GB, "warn"),
        (400 * GB, 9 * 10**6, "warn"),
        (400 * GB, 25 * 10**6, "warn"),
        (400 * GB, 0, "warn"),
    ],
)
def test_room_is_needed_for_a_restore_and_for_the_next_backups(
    plan: Plan, home: int, drive: int, expected: str | None
) -> None:
    found = amiss(plan, free(in_order(plan), home, drive))
    assert [(each.state, each.check) for each in found] == ([(expected, "disk")] if expected else [])


@pytest.mark.parametrize(("size", "expected"), [(100, None), (200, "warn"), (301, "stop"), (None, "unknown")])
def test_room_is_needed_beside_the_database(plan: Plan, size: int | None, expected: str | None) -> None:
    database = DatabaseSeen(size and size * GB, 300 * GB, "/data", "15.10")
    found = amiss(plan, with_there(in_order(plan), databases={"postgresql": database}))
    assert [(each.state, each.subject) for each in found] == ([(expected, "postgresql")] if expected else [])


# -- this machine and practice -------------------------------------------------------------------------


def test_a_runbook_that_changed_since_its_last_drill_is_told_and_a_comment_changes_nothing(
    folder: Path, plan: Plan
) -> None:
    seen = in_order(plan)
    change(folder, "database.yaml", "    expect: 10m\n", "    # a comment\n    expect:   10m\n")
    assert amiss(load(folder), seen) == []
    change(folder, "database.yaml", "gunzip -c", "gunzip  -c")
    changed = {each.subject for each in amiss(load(folder), seen)}
    assert changed == {"database", "desktop-gpu"}  # which includes it
    assert {each.check for each in amiss(load(folder), seen)} == {"runbooks"}


def test_a_runbook_that_nobody_went_through_is_told(plan: Plan) -> None:
    seen = in_order(plan)
    long_ago = Passed("DRL-0001", NOW - timedelta(days=400), seen.here.passed["database"].content)
    unrecorded = Passed("DRL-0001", NOW - timedelta(days=4), "")
    for last, state in ((None, "warn"), (long_ago, "warn"), (unrecorded, "unknown")):
        passed = {name: each for name, each in seen.here.passed.items() if name != "database"}
        passed |= {"database": last} if last else {}
        assert only(plan, replace(seen, here=replace(seen.here, passed=passed))) == (state, "runbooks", "database")


@pytest.mark.parametrize(
    ("stands", "state", "words"),
    [
        (Held.OVERDUE, "warn", "was due until 2026-03-31"),
        (Held.DUE, "ok", "due until 2026-03-31"),
        (Held.ANNOUNCE, "ok", "it begins on 2026-01-01"),
        (Held.DONE, "ok", "next on 2026-01-01"),
    ],
)
def test_a_drill_that_was_not_held_in_its_turn_is_told(plan: Plan, stands: Held, state: str, words: str) -> None:
    turn = Turn(date(2026, 1, 1), date(2026, 3, 31), date(2025, 12, 25))
    status = DrillStatus("q3", plan.drills["q3"], stands, turn, None)
    seen = in_order(plan)
    seen = replace(seen, here=replace(seen.here, drills=(status,)))
    (found,) = [each for each in judge(plan, seen, courses(plan)) if each.check == "drills"]
    assert (found.state, found.subject) == (state, "q3") and words in found.reason


HERE: tuple[tuple[dict[str, object], tuple[str, str]], ...] = (
    ({"writable": False}, ("stop", "state")),
    ({"free": 10**6}, ("stop", "state")),
    ({"free": 10**8}, ("warn", "state")),
    ({"free": None}, ("unknown", "state")),
    ({"missing": {"PGPASSWORD": ("It is not there.", "Set it.")}}, ("stop", "secrets")),
    ({"exposed": ("/plan/secrets/x",)}, ("warn", "secrets")),
    ({"no_keys": {"macmini": "/plan/keys/macmini"}}, ("stop", "keys")),
)


@pytest.mark.parametrize(("changes", "expected"), HERE)
def test_what_this_machine_lacks_is_told(plan: Plan, changes: dict[str, object], expected: tuple[str, str]) -> None:
    seen = in_order(plan)
    found = amiss(plan, replace(seen, here=replace(seen.here, **changes)))  # type: ignore[arg-type]
    assert [(each.state, each.check) for each in found] == [expected]


def test_without_asking_the_nodes_known_hosts_tells_who_is_a_stranger(plan: Plan) -> None:
    seen = in_order(plan)
    here = replace(seen.here, strangers={"macmini": ("127.0.0.2",), "desktop": ("127.0.0.3",)})
    found = amiss(plan, Seen(NOW, here, None))
    assert [(each.state, each.check, each.subject) for each in found] == [
        ("stop", "host-key", "desktop"),
        ("warn", "host-key", "macmini"),
    ]


def test_the_most_pressing_comes_first_and_then_node_by_node(plan: Plan) -> None:
    seen = with_node(in_order(plan), "desktop", NodeSeen("Desktop is off.", reason="no answer"))
    found = judge(plan, with_there(seen, sets={"postgres": SetLook("postgres")}), courses(plan))
    states = [each.state for each in found]
    assert states == sorted(states, key=["stop", "warn", "unknown", "ok"].index)
    assert [each.subject for each in found if each.state == "stop"] == ["postgres", "desktop"]
    places = [each.node for each in judge(plan, in_order(plan), courses(plan)) if each.state == "ok" and each.node]
    assert list(dict.fromkeys(places)) == ["macmini", "desktop"]
    assert places == sorted(places, reverse=True)
