"""Journals made in a test: events told second by second, and any journal at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.state import RunState

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STEPS = ("stop", "copy", "restore", "swap", "drop")
SERVICES = ("postgresql", "backend")
SAID = Text(en="said", ko="말")
Told = e.Event | tuple[float, e.Event]


def outline(name: str, *needs: str, optional: bool = False, expect: float | None = None) -> e.StepOutline:
    return e.StepOutline(id=name, title=SAID, action="shell", needs=needs, optional=optional, expect=expect)


def stage(name: str, *who: str, levels: tuple[int, ...] = (), minutes: float | None = None) -> e.StageOutline:
    seconds = None if minutes is None else 60 * minutes
    return e.StageOutline(id=name, title=Text(en=name, ko=name), levels=levels, who=who, escalate_after=seconds)


PATH = (
    stage("owner", "dba", "backend", levels=(1, 2), minutes=5),
    stage("lead", "lead", levels=(3, 4), minutes=5),
    stage("team", "sysadmin", "dba", "network", minutes=15),
    stage("external", "isp", "apple"),
)
PEOPLE = tuple(dict.fromkeys(name for each in PATH for name in each.who))


def opened(
    *steps: e.StepOutline,
    rto: float | None = 1800.0,
    incident_at: datetime = START,
    services: Iterable[str] = SERVICES,
    level: int | None = None,
    path: tuple[e.StageOutline, ...] = (),
) -> e.RunOpened:
    return e.RunOpened(
        run="INC-0001",
        runbook="database",
        title=SAID,
        mode="incident",
        plan="Sample",
        plan_digest="",
        program="0",
        incident_at=incident_at,
        pace="each",
        stamp="20261123_030000",
        steps=steps or tuple(outline(name, *STEPS[at - 1 : at] if at else ()) for at, name in enumerate(STEPS)),
        objectives=tuple(e.Objective(service=name, title=SAID, rto=rto) for name in services),
        level=level,
        path=path,
        contacts=dict.fromkeys(PEOPLE, SAID) if path else {},
    )


def recorded(*events: Told, first: e.RunOpened | None = None) -> list[e.Record]:
    """Records of events, each a second after the one before, or at the second that stands beside it."""
    records = [e.Record(n=1, at=START, by="mina", event=first or opened(), prev="")]
    now = 0.0
    for each in events:
        now, event = each if isinstance(each, tuple) else (now + 1, each)
        records.append(e.Record(n=len(records) + 1, at=after(now), by="mina", event=event, prev=""))
    return records


def told(*events: Told, first: e.RunOpened | None = None) -> RunState:
    """The state after such records."""
    state = fold_all(recorded(*events, first=first))
    assert state is not None
    return state


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seen(service: str, state: State) -> e.ServiceObserved:
    return e.ServiceObserved(service=service, state=state)


def started(step: str, attempt: int = 1) -> e.StepStarted:
    return e.StepStarted(step=step, attempt=attempt, log=f"logs/{step}.{attempt}.log")


def ended(step: str, ending: e.Ending = "done", attempt: int = 1) -> e.StepFinished:
    return e.StepFinished(step=step, attempt=attempt, ending=ending)


def called(contact: str, result: e.CallResult = "not reached") -> e.ContactTried:
    return e.ContactTried(contact=contact, role=SAID, result=result)


# -- any journal -----------------------------------------------------------------------------------------

names = st.sampled_from(STEPS)
moments = st.integers(-7200, 7200).map(after)
any_event = st.one_of(
    st.builds(e.StepAsked, step=names),
    st.builds(e.StepConfirmed, step=names),
    st.builds(e.StepStarted, step=names, attempt=st.integers(1, 3), log=st.just("logs/x.log")),
    st.builds(e.StepStarted, step=names, attempt=st.integers(1, 3), log=st.none()),
    st.builds(e.StepProgressed, step=names, done=st.just(1.0), total=st.just(2.0)),
    st.builds(e.StepVerifying, step=names),
    st.builds(
        ended, names, st.sampled_from(("done", "failed", "timed out", "cancelled", "unknown")), st.integers(1, 3)
    ),
    st.builds(e.StepSkipped, step=names, reason=st.just("why not")),
    st.builds(e.StepMarked, step=names, reason=st.just("by hand")),
    st.builds(e.StepRetried, step=names),
    st.builds(e.UndoStarted, step=names, log=st.just("logs/x.undo.1.log")),
    st.builds(e.UndoFinished, step=names, ok=st.booleans()),
    st.builds(e.ItemTicked, step=names, item=st.integers(0, 2), ticked=st.booleans()),
    st.builds(e.ServiceObserved, service=st.sampled_from((*SERVICES, "redis")), state=st.sampled_from(State)),
    st.builds(e.NodeObserved, node=st.just("macmini"), state=st.sampled_from(State)),
    st.builds(e.IncidentMoved, incident_at=moments),
    st.builds(e.RunReopened, interrupted=st.lists(names, max_size=2).map(tuple)),
    st.builds(e.OperatorChanged, operator=st.just("joon"), before=st.just("mina")),
    st.builds(e.PaceSet, pace=st.sampled_from(("each", "danger", "none"))),
    st.builds(
        e.InputChosen, name=st.just("PG_BACKUP"), value=st.just("/x"), reset=st.lists(names, max_size=3).map(tuple)
    ),
    st.builds(e.InputMissing, name=st.just("PG_BACKUP"), why=st.just("no folder")),
    st.builds(e.NoteAdded, text=st.just("note"), step=st.one_of(st.none(), names)),
    st.builds(e.DecisionRefused, decision=st.just("Skip"), why=st.just("no")),
    st.builds(called, st.sampled_from((*PEOPLE, "nobody")), st.sampled_from(("calling", "reached", "not reached"))),
    st.builds(e.RoleGiven, role=st.sampled_from(("command", "operate", "write")), holder=st.just("joon")),
    st.builds(e.Escalated, stage=st.sampled_from((*(each.id for each in PATH), "nowhere")), reason=st.just("")),
    st.builds(e.LevelRaised, level=st.integers(1, 4), reason=st.just(SAID)),
    st.builds(e.Notified, to=st.just("CHAT"), occasion=st.sampled_from(("opened", "x")), ok=st.booleans()),
    st.builds(e.UnknownEvent, type=st.just("call.made")),
    st.builds(e.StepStarted, step=st.just("of-another-program"), attempt=st.just(1)),
)


@st.composite
def openings(draw: st.DrawFn) -> e.RunOpened:
    steps = []
    for at, name in enumerate(STEPS):
        needs = draw(st.lists(st.sampled_from(STEPS[:at]), max_size=2, unique=True)) if at else []
        steps.append(outline(name, *needs, optional=draw(st.booleans())))
    order = draw(st.permutations(steps))
    return opened(
        *order,
        rto=draw(st.sampled_from((None, 900.0))),
        incident_at=draw(moments),
        level=draw(st.sampled_from((None, 1, 3))),
        path=draw(st.sampled_from(((), PATH))),
    )


@st.composite
def journals(draw: st.DrawFn) -> list[e.Record]:
    events: list[e.Event | e.UnknownEvent] = [draw(openings()), *draw(st.lists(any_event, max_size=30))]
    if draw(st.booleans()):
        events.append(e.RunClosed(outcome=draw(st.sampled_from(("completed", "aborted")))))
    now, records = 0.0, []
    for number, event in enumerate(events, 1):
        now += draw(st.sampled_from((0.0, 0.5, 30.0, 4000.0, -10.0)))
        records.append(e.Record(n=number, at=after(now), by="mina", event=event, prev=""))
    return records
