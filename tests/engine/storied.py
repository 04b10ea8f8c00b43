"""A run in which everything happens that a report can tell of, and state folders that keep such runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import Journal, next_run
from tests.engine.recorded import START, after

Said = tuple[float, str, e.Event]
"""Seconds from the beginning, who, what."""

TITLES = (
    ("stop", "Stop what writes to the database", "데이터베이스에 쓰는 서비스 중지"),
    ("check", "Check the backup before anything is touched", "손대기 전에 백업 점검"),
    ("restore", "Restore beside the damaged database", "손상된 데이터베이스 옆에 복원"),
    ("swap", "Swap the databases by name", "데이터베이스 이름 교체"),
    ("look", "Look at the first pages with your own eyes", "첫 화면들을 직접 눈으로 확인"),
    ("start", "Start the backend", "백엔드 시작"),
    ("drop", "Drop the damaged database", "손상된 데이터베이스 삭제"),
)
DANGERS = {"stop": Danger.DISRUPTS, "restore": Danger.DESTROYS, "swap": Danger.DISRUPTS, "drop": Danger.DESTROYS}
NODE = Text(en="Mac mini", ko="맥미니")
BACKUP = e.BackupFact(
    set="postgres",
    path="/Volumes/Backup/sparklio_v4/postgres_20261123_020000.sql.gz",
    taken_at=after(-3600),
    size=12_400_000,
    complete=True,
    verified_at=after(-3000),
    services=("postgresql",),
    loses=3480,
    rpo=3600,
)


def steps() -> tuple[e.StepOutline, ...]:
    """The steps of the runbook."""
    names = [name for name, _en, _ko in TITLES]
    found = [
        e.StepOutline(
            id=name,
            title=Text(en=en, ko=ko),
            action="manual" if name == "look" else "shell",
            on=None if name == "look" else "macmini",
            needs=tuple(names[at - 1 : at]) if at else (),
            danger=DANGERS.get(name, Danger.SAFE),
            optional=name == "drop",
            expect=30.0 * (at + 1),
            can_undo=name == "swap",
            checklist=(Text(en="Users are listed", ko="사용자 목록이 보인다"), Text(en="No errors", ko="오류가 없다"))
            if name == "look"
            else (),
            uses=("PG_BACKUP",) if name == "restore" else (),
        )
        for at, (name, en, ko) in enumerate(TITLES)
    ]
    return tuple(found)


def opening(run: str = "INC-0001", **changes: object) -> e.RunOpened:
    """How the run begins, two minutes after the incident did."""
    opened = e.RunOpened(
        run=run,
        runbook="database",
        title=Text(en="PostgreSQL recovery", ko="데이터베이스 복구"),
        mode="incident",
        plan="Sparklio V4",
        plan_digest="f" * 64,
        program="0.1.0",
        scenario="postgresql",
        level=1,
        incident_at=after(-120),
        pace="each",
        stamp="20261123_030000",
        steps=steps(),
        objectives=(
            e.Objective(service="postgresql", title=Text(en="PostgreSQL", ko="PostgreSQL"), rto=1800, rpo=3600),
            e.Objective(service="backend", title=Text(en="Backend", ko="백엔드"), rto=900, rpo=None),
        ),
        services={
            "postgresql": Text(en="PostgreSQL", ko="PostgreSQL"),
            "backend": Text(en="Backend", ko="백엔드"),
        },
        nodes={"macmini": NODE},
    )
    return opened.model_copy(update=changes)


def seen(service: str, state: State, detail: str = "") -> e.ServiceObserved:
    return e.ServiceObserved(service=service, state=state, detail=detail)


def started(step: str, attempt: int = 1) -> e.StepStarted:
    return e.StepStarted(step=step, attempt=attempt, log=f"logs/{step}.{attempt}.log")


def done(step: str, attempt: int = 1) -> e.StepFinished:
    return e.StepFinished(step=step, attempt=attempt, ending="done")


FAILED = e.StepFinished(
    step="restore",
    attempt=1,
    ending="failed",
    exit_status=3,
    detail="exit status 3: no space left on device",
    tail=("CREATE TABLE", "COPY 120345", "<script>alert('x')</script> | pg_restore: [error] no space left on device"),
    hints=(Text(en="Make room on the volume: df -h", ko="볼륨의 공간을 확보합니다: df -h"),),
)


def story() -> tuple[Said, ...]:
    """A recovery with a failure, a retry, a change of operator, an undo, a skip, a mark, ticks and notes."""
    m, j, g = "mina@macbook", "joon@desk", "engine"
    return (
        (1, g, seen("postgresql", State.DAMAGED, "tables users, agents are missing")),
        (1, g, seen("backend", State.REFUSED, "port 8000 refuses connections")),
        (2, g, e.InputChosen(name="PG_BACKUP", value=BACKUP.path, backup=BACKUP)),
        (3, g, e.StepAsked(step="stop")),
        (20, m, e.StepConfirmed(step="stop")),
        (20, g, started("stop")),
        (52, g, done("stop")),
        (52, g, started("check")),
        (80, g, e.StepVerifying(step="check")),
        (95, g, done("check")),
        (96, g, e.StepAsked(step="restore", phrase="sparklio_v4")),
        (170, m, e.StepConfirmed(step="restore")),
        (170, g, started("restore")),
        (330, g, FAILED),
        (350, m, e.NoteAdded(text="The volume was full; removed old dumps | asked *Joon* for help", step="restore")),
        (400, "joon@desk", e.OperatorChanged(operator=j, before=m, forced=True)),
        (430, j, e.StepRetried(step="restore")),
        (430, g, started("restore", 2)),
        (640, g, done("restore", 2)),
        (641, g, started("swap")),
        (655, g, done("swap")),
        (660, g, e.UndoStarted(step="swap", log="logs/swap.undo.1.log")),
        (690, g, e.UndoFinished(step="swap", ok=True, detail="names are as they were")),
        (720, j, e.StepRetried(step="swap")),
        (720, g, started("swap", 2)),
        (730, g, done("swap", 2)),
        (730, g, seen("postgresql", State.UP)),
        (731, g, e.StepAsked(step="look")),
        (760, j, e.ItemTicked(step="look", item=0, ticked=True)),
        (790, j, e.StepMarked(step="look", reason="no screen here; Mina looked from home")),
        (791, g, started("start")),
        (850, g, e.StepVerifying(step="start")),
        (872, g, done("start")),
        (873, g, seen("backend", State.UP)),
        (874, g, e.StepAsked(step="drop")),
        (900, j, e.StepSkipped(step="drop", reason="kept until tomorrow")),
        (902, g, e.RunClosed(outcome="completed with exceptions")),
    )


def records(first: e.RunOpened | None = None, told: Iterable[Said] | None = None) -> list[e.Record]:
    """The records of a story."""
    found = [e.Record(n=1, at=START, by="mina@macbook", event=first or opening(), prev="")]
    for seconds, by, event in told or story():
        found.append(e.Record(n=len(found) + 1, at=after(seconds), by=by, event=event, prev=""))
    return found


def kept(
    state_folder: Path,
    told: Iterable[Said] | None = None,
    *,
    days: float = 0,
    stretch: float = 1.0,
    first: e.RunOpened | None = None,
) -> Path:
    """Keep the journal and the logs of a story in a state folder, so many days later and so much slower."""
    opened = first or opening()
    run, folder = next_run(state_folder, opened.mode)
    at: datetime = START + timedelta(days=days)
    journal = Journal.create(folder, "mina@macbook", lambda: at)
    journal.append(opened.model_copy(update={"run": run, "incident_at": opened.incident_at + timedelta(days=days)}))
    for seconds, by, event in told if told is not None else story():
        at = START + timedelta(days=days, seconds=stretch * seconds)
        if isinstance(event, e.StepStarted) and event.log:
            (folder / event.log).write_text(f"{event.step}, attempt {event.attempt}\n", encoding="utf-8")
        journal.append(event, by)
    journal.close()
    return folder
