"""Notifications: sent by Apprise to a real server, never in the way of a run, of a drill only where asked for."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue

import pytest

from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.notify import Notify, Occasion
from sparkdr_tui.readiness import judging_here
from sparkdr_tui.readiness.here import look_here
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.forecast import forecast
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.lines import NAME
from sparkdr_tui.record.notices import Facts, facts, joined, news, notice
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover import notifying
from sparkdr_tui.recover.notifying import masked, wanted
from tests.engine.command_line import sparkdr
from tests.engine.local_runs import PLAN, Bench, bench
from tests.engine.plans import change, sample_plan_folder
from tests.engine.recorded import PATH, Told, after, ended, opened, outline, recorded, seen, started, told

KEY = "t0k3n-nobody-sees"
SAY = """
id: mend
title: Mend
steps:
  - { id: say, title: Say, on: here, shell: "echo hello" }
  - { id: more, title: More, on: here, shell: "echo more" }
"""
SOON = """
team: { lead: { role: Lead, scope: all } }
escalation:
  - { id: owner, title: The owner, escalate_after: 1s }
  - { id: lead, title: The lead, who: [lead] }
"""


@dataclass
class Post:
    """A server that people's messages arrive at."""

    port: int = 0
    status: int = 200
    got: list[dict[str, str]] = field(default_factory=list)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released whenever a message has come, before it is answered."""
    answers: threading.Event = field(default_factory=threading.Event)
    """Set: messages are answered at once."""

    def titles(self) -> list[str]:
        return [each["title"] for each in self.got]


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    found = Post()
    found.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(json.loads(body))
            found.asked.release()
            found.answers.wait(30)
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    found.port = server.server_port
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TEST_CHAT", f"json://ops:{KEY}@127.0.0.1:{found.port}/hook/{KEY}")
    yield found
    found.answers.set()
    server.shutdown()
    server.server_close()
    thread.join()


def plan_that_notifies(*targets: str) -> str:
    """The plan of a bench that notifies."""
    lines = "".join(f"  - {{{{ {each} }}}}\n" for each in targets)
    secrets = "secrets: {{ CHAT: {{ env: TEST_CHAT }}, PGPASSWORD: {{ env: TEST_DB_PASSWORD }} }}"
    return PLAN.replace("secrets: {{ PGPASSWORD: {{ env: TEST_DB_PASSWORD }} }}", f"{secrets}\nnotify:\n{lines}")


def notified(made: Bench) -> list[tuple[str, bool, str]]:
    assert made.run is not None
    events = [record.event for record in JournalReader(made.run).poll()]
    return [(each.occasion, each.ok, each.why) for each in events if isinstance(each, e.Notified)]


def came(made: Bench, occasion: str) -> Callable[[object], bool]:
    return lambda _state: any(each[0] == occasion for each in notified(made))


# -- sent ------------------------------------------------------------------------------------------------


def test_who_wants_to_know_is_told_that_a_run_was_opened_and_how_it_ended(tmp_path: Path, post: Post) -> None:
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT, language: ko")) as made:
        made.open(RunRequest("mend"))
        made.until(came(made, "opened"))
        assert notified(made) == [("opened", True, "")]
        made.engine.submit(d.Abort("never mind"))
        assert made.engine.wait(20)
    assert post.titles() == ["[장애] INC-0001 Mend: 대응 시작", "[장애] INC-0001 Mend: 복구 도중 중단"]
    assert post.got[0]["message"].splitlines()[0] == "[장애] INC-0001 Mend · Here"
    assert "결과: 복구 도중 중단; never mind" in post.got[1]["message"]
    assert KEY.encode() not in (tmp_path / "state" / "runs" / "INC-0001" / NAME).read_bytes()


def test_time_alone_makes_news_while_everybody_waits(
    tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "EVERY", 0.05)
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "contacts.yaml").write_text(SOON, encoding="utf-8")
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT")) as made:
        made.open(RunRequest("mend"))
        made.until(came(made, "escalated"))
    assert post.titles() == ["[INCIDENT] INC-0001 Mend: being handled", "[INCIDENT] INC-0001 Mend: escalated, The lead"]


def test_only_what_somebody_wants_to_know_is_told(tmp_path: Path, post: Post) -> None:
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT, on: [closed]")) as made:
        made.open()
        assert made.engine.wait(20)
    assert post.titles() == ["[INCIDENT] INC-0001 Mend: recovered"]


def test_a_server_that_does_not_answer_holds_up_no_step(tmp_path: Path, post: Post) -> None:
    post.answers.clear()
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT")) as made:
        made.open(RunRequest("mend"))
        assert post.asked.acquire(timeout=20)
        made.until_phase("say", Phase.ASKED)
        made.engine.submit(d.SetPace("none"))
        assert made.engine.wait(20)
        assert made.state.outcome == "completed"
        assert not post.answers.is_set() and notified(made) == []
        post.answers.set()


def test_what_could_not_be_sent_is_said_once_and_says_no_secret(tmp_path: Path, post: Post) -> None:
    post.status = 500
    with bench(
        tmp_path, SAY, plan=plan_that_notifies("to: CHAT, on: [opened, escalated]", "to: CHAT, on: [opened]")
    ) as made:
        made.open(RunRequest("mend"))
        made.until(came(made, "opened"))
        assert post.asked.acquire(timeout=20) and post.asked.acquire(timeout=20)
        made.engine.submit(d.SetPace("none"))
        assert made.engine.wait(20)
        assert made.state.outcome == "completed"
        ((occasion, ok, why),) = notified(made)
    assert (occasion, ok) == ("opened", False) and "500" in why
    assert KEY not in why and "127.0.0.1" not in why
    assert KEY.encode() not in (tmp_path / "state" / "runs" / "INC-0001" / NAME).read_bytes()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "The secret CHAT is not there. Set the environment variable TEST_CHAT."),
        ("nosuch-scheme://x", "CHAT is no URL that Apprise knows."),
    ],
)
def test_an_address_that_is_none_is_said_and_the_run_goes_on(
    tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    monkeypatch.setenv("TEST_CHAT", value)
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT")) as made:
        made.open(RunRequest("mend"))
        made.until(came(made, "opened"))
        assert notified(made) == [("opened", False, why)]
    assert post.got == []


def test_without_apprise_the_run_says_once_what_to_install(
    tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # importing it fails, as where it is not installed
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT")) as made:
        made.open(RunRequest("mend"))
        made.until(came(made, "opened"))
        assert [each[2] for each in notified(made)] == ['Notifications need Apprise: pip install "sparkdr-tui[notify]"']


def test_a_run_that_is_taken_up_again_is_not_told_as_new(tmp_path: Path, post: Post) -> None:
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT")) as made:
        made.open(RunRequest("mend"))
        made.until(came(made, "opened"))
        made.engine.submit(d.HandOver("bob"))
        assert made.engine.wait(20) and made.run is not None
        made.engine.reopen(made.run)
        made.engine.submit(d.Abort("enough"))
        assert made.engine.wait(20)
    assert [title.partition(": ")[2] for title in post.titles()] == [
        "being handled",
        "aborted before everything was recovered",
    ]


# -- to whom ---------------------------------------------------------------------------------------------


def test_drills_and_labs_are_told_only_to_those_who_asked_and_everyday_work_to_nobody(tmp_path: Path) -> None:
    made = Bench(tmp_path, SAY, 1, plan_that_notifies("to: CHAT", "to: CHAT, drills: true"))
    both, asked = made.plan.notify, made.plan.notify[1:]
    first = opened()
    assert wanted(made.plan, first) == both
    assert wanted(made.plan, first.model_copy(update={"mode": "drill"})) == asked
    assert wanted(made.plan, first.model_copy(update={"mode": "lab"})) == asked
    assert wanted(made.plan, first.model_copy(update={"lab": True})) == asked
    assert wanted(made.plan, first.model_copy(update={"mode": "routine"})) == ()


def test_a_drill_is_not_told_to_whom_it_was_not_promised(tmp_path: Path, post: Post) -> None:
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT")) as made:
        made.open(RunRequest("mend", mode="drill", pace="none"))
        assert made.engine.wait(20)
    assert post.got == []


def test_a_drill_that_is_told_is_told_as_one(tmp_path: Path, post: Post) -> None:
    with bench(tmp_path, SAY, plan=plan_that_notifies("to: CHAT, on: [closed], drills: true")) as made:
        made.open(RunRequest("mend", mode="drill", pace="none"))
        assert made.engine.wait(20)
    assert post.titles() == ["[DRILL] DRL-0001 Mend: completed"]
    assert "This is an exercise. Nothing is really down." in post.got[0]["message"]


# -- what is news ----------------------------------------------------------------------------------------

ALL: tuple[Occasion, ...] = (*Notify(to="X").on, "waiting")


def at(seconds: float, *events: Told, expect: float = 60) -> Facts:
    state = fold_all(recorded(*events, first=opened(outline("a", expect=expect), rto=600, level=1, path=PATH)))
    assert state is not None
    now = after(seconds)
    return facts(state, now, forecast(state, now, {}))


@pytest.mark.parametrize(
    ("events", "earlier", "later", "occasion"),
    [
        ((), 10, 20, None),
        ((), 10, 310, "escalated"),
        (((5, e.StepAsked(step="a")),), 10, 20, None),
        (((5, e.StepAsked(step="a")), (6, e.Escalated(stage="external"))), 20, 306, "waiting"),
        (((5, started("a")), (6, ended("a", "failed")), (7, e.Escalated(stage="external"))), 20, 310, "waiting"),
        (((1, e.Escalated(stage="external")),), 20, 520, "at-risk"),
        (((1, e.Escalated(stage="external")),), 20, 599, "at-risk"),
        (((1, e.Escalated(stage="external")),), 20, 601, "missed"),
    ],
)
def test_what_was_not_so_before_is_news(
    events: tuple[Told, ...], earlier: float, later: float, occasion: Occasion | None
) -> None:
    assert news(at(earlier, *events), at(later, *events), ALL) == occasion


def test_nobody_is_told_of_a_run_before_there_is_something_to_say_of_its_services() -> None:
    assert news({}, at(5), ALL) is None
    assert news({}, at(5, (2, seen("backend", State.REFUSED))), ALL) == "opened"
    assert news({}, at(10), ALL) == "opened"


def test_what_comes_and_goes_is_news_once() -> None:
    risky, well = at(520, expect=90), at(20, expect=90)
    assert news(joined(risky, well), risky, ALL) is None
    assert news(well, risky, ("opened", "closed")) is None


@pytest.mark.parametrize(
    ("occasion", "later", "english", "korean"),
    [
        ("opened", 0, "being handled", "대응 시작"),
        ("waiting", 0, "a step waits for a person", "담당자 확인 대기 중"),
        ("escalated", 0, "escalated, team", "에스컬레이션, team"),
        ("at-risk", 530, "RTO at risk, said, said", "RTO 초과 위험, 말, 말"),
        ("missed", 700, "RTO missed, said, said", "RTO 초과, 말, 말"),
    ],
)
def test_the_title_says_which_run_and_what_is_new(occasion: Occasion, later: float, english: str, korean: str) -> None:
    events: tuple[Told, ...] = ((1, seen("backend", State.REFUSED)), (2, e.Escalated(stage="team")))
    state = fold_all(recorded(*events, first=opened(outline("a", expect=60), rto=600, level=1, path=PATH)))
    assert state is not None
    now = state.at + timedelta(seconds=later)
    foreseen = forecast(state, now, {})
    assert notice(state, now, foreseen, occasion, "en").title == f"[INCIDENT] INC-0001 said: {english}"
    assert notice(state, now, foreseen, occasion, "ko").title == f"[장애] INC-0001 말: {korean}"


def test_no_piece_of_an_address_is_ever_said() -> None:
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?footer=no%20one"
    said = f"Failed to post to {url}: 403 for TIiajkdnlazkcOXrIdevi7FQ, no one\nsecond line"
    assert masked(said, url) == "Failed to post to ••••://••••/••••/••••/?••••=••••: 403 for ••••, •••• second line"


# -- the plan --------------------------------------------------------------------------------------------


def test_an_address_is_a_secret_of_the_plan(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(folder, "plan.yaml", "secrets:\n", "notify:\n  - { to: CHAT }\nsecrets:\n")
    said = sparkdr("--plan", folder, "plan", "show")
    assert said.status == 2 and "unknown secret 'CHAT'" in said.err


def test_the_paper_says_who_is_notified_and_the_schema_knows_it(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(
        folder, "plan.yaml", "secrets:\n", "notify:\n  - { to: CHAT, on: [missed] }\nsecrets:\n  CHAT: { env: CHAT }\n"
    )
    assert "CHAT" in sparkdr("--plan", folder, "plan", "print", "--lang", "en").out
    assert "- `CHAT`: an RTO was missed" in sparkdr("--plan", folder, "plan", "print", "--lang", "en").out
    assert "- `CHAT`: RTO 초과" in sparkdr("--plan", folder, "plan", "print", "--lang", "ko").out
    schema = sparkdr("plan", "schema", "plan").document
    assert schema["properties"]["notify"]["items"] == {"$ref": "#/$defs/Notify"}


def test_a_check_says_what_is_missing_to_notify_and_that_it_stops_nothing(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(folder, "plan.yaml", "secrets:\n", "notify:\n  - { to: CHAT }\nsecrets:\n  CHAT: { env: NOT_SET_CHAT }\n")
    plan = load(folder)
    here = look_here(plan, tmp_path / "state", after(0))
    assert here.apprise
    (found,) = judging_here.notifications(plan, here)
    assert (found.state, found.reason) == ("ok", "1 address is notified of runs")
    (found,) = judging_here.notifications(plan, replace(here, apprise=False))
    assert (found.state, found.todo) == ("warn", 'pip install "sparkdr-tui[notify]"')
    missing = {each.subject: each.state for each in judging_here.secrets(plan, here) if each.subject in plan.secrets}
    assert missing["CHAT"] == "warn" and missing["PGPASSWORD"] == "stop"


def test_who_wants_to_know_is_told_even_where_earlier_runs_cannot_be_read(tmp_path: Path) -> None:
    plan = Bench(tmp_path, SAY, port=1, plan=plan_that_notifies("to: CHAT, on: [closed]")).plan
    (tmp_path / "runs").symlink_to(tmp_path / "runs")
    sent: SimpleQueue[e.Notified] = SimpleQueue()
    notifier = notifying.Notifier(plan, tmp_path, lambda: after(2), sent.put)
    notifier.hear(told())
    notifier.hear(told(e.RunClosed(outcome="completed")))
    notifier.stop()
    assert sent.get(timeout=20).occasion == "closed"
    notifier.wait(20)


def test_a_run_that_skips_at_once_is_told_as_new(tmp_path: Path, post: Post) -> None:
    optional = SAY.replace("title: Say,", "title: Say, optional: true,")
    with bench(tmp_path, optional, plan=plan_that_notifies("to: CHAT, on: [opened]")) as made:
        made.open()
        made.until(lambda state: not state.live)
        assert post.asked.acquire(timeout=20)
    assert post.titles() == ["[INCIDENT] INC-0001 Mend: being handled"]
