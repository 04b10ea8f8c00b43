"""Several runbooks run as one: one after the other, in the right order, and nothing that matters done twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import permutations
from pathlib import Path

import pytest

from sparkdr_tui.plan.graph import JOIN, graph, inputs, ordered, position, restores, runbooks, title
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Probe, Service, TcpProbe
from sparkdr_tui.plan.runbook import Confirm, Danger, Http, Plan, Runbook, Shell, Step, Wait
from tests.engine.plans import sample_plan
from tests.engine.test_plan_graph import TEXT, bare, everything_before, needs_of, step


def destroys(name: str, needs: tuple[str, ...] | None = None) -> Step:
    return Step(
        id=name, title=TEXT, needs=needs, on="here", danger=Danger.DESTROYS, shell=Shell(posix="rm"),
        confirm=Confirm(type="yes"),
    )  # fmt: skip


def works(name: str, needs: tuple[str, ...] | None = None, *, optional: bool = False) -> Step:
    return Step(id=name, title=TEXT, needs=needs, on="here", shell=Shell(posix="true"), optional=optional)


def before(plan: Plan, ids: str) -> dict[str, set[str]]:
    return everything_before(needs_of(plan, ids))


def test_steps_are_named_by_their_runbook_and_each_runbook_waits_for_the_one_before() -> None:
    plan = bare({"a": (works("one"), works("left", ("one",)), works("right", ("one",))), "b": (works("one"),)})
    assert needs_of(plan, "a+b") == {
        "a.one": (),
        "a.left": ("a.one",),
        "a.right": ("a.one",),
        "b.one": ("a.left", "a.right"),
    }


def test_one_runbook_alone_is_what_it_always_was() -> None:
    plan = bare({"a": (works("one"), works("two"))})
    assert needs_of(plan, "a+a") == needs_of(plan, "a") == {"one": (), "two": ("one",)}


def test_the_order_is_that_of_the_critical_path_however_they_are_named(tmp_path: Path) -> None:
    plan = sample_plan(tmp_path)
    assert [position(plan, name) for name in ("postgresql", "redis", "backend", "ollama", "minio")] == [0, 0.5, 1, 2, 3]
    assert ordered(plan, "desktop-gpu+backup-postgres") == "desktop-gpu+backup-postgres"
    assert ordered(plan, "backup-postgres+desktop-gpu") == "desktop-gpu+backup-postgres"
    assert title(plan, "backup-postgres+database").ko == "데이터베이스 복구 + Back up PostgreSQL"


def test_what_another_one_depends_on_goes_first() -> None:
    plan = load(builtin())
    assert ordered(plan, "database+redis") == "redis+database"  # its last step waits for a backend that asks Redis
    assert ordered(plan, "minio+frontend+database+network") == "network+database+frontend+minio"
    assert ordered(plan, "frontend+desktop-gpu+database") == "database+desktop-gpu+frontend"


def test_what_one_of_them_is_not_in_the_plan_is_no_run(tmp_path: Path) -> None:
    plan = sample_plan(tmp_path)
    assert runbooks(plan, "database+nothing") == ()
    with pytest.raises(KeyError):
        graph(plan, "database+nothing")


def test_inputs_and_restored_services_are_those_of_all(tmp_path: Path) -> None:
    plan = sample_plan(tmp_path)
    assert list(inputs(plan, "backup-postgres+database")) == ["PG_BACKUP", "RESTORE_JOBS"]
    assert restores(plan, "desktop-gpu+database") == ("ollama", "postgresql")


def test_what_destroys_is_done_once_and_what_needed_it_waits_for_the_first_place() -> None:
    plan = bare(
        {
            "restore": (works("check"), destroys("swap")),
            "a": (works("stop"), step("data", include="restore"), works("start")),
            "b": (works("stop"), step("data", include="restore"), works("renew", ("stop",)), works("start", ("data",))),
        }
    )
    found = needs_of(plan, "a+b")
    assert [name for name in found if name.startswith("b.")] == ["b.stop", "b.renew", "b.start"]
    assert set(found["b.start"]) == {"a.data.swap", "b.stop"}
    assert before(plan, "a+b")["b.start"] >= {"a.data.swap", "a.start", "b.stop"}


def test_what_stops_and_starts_is_done_at_each_of_its_places() -> None:
    plan = bare(
        {
            "stop": (works("end"),),
            "a": (step("stop", include="stop"), works("work")),
            "b": (step("stop", include="stop"), works("work")),
        }
    )
    assert list(needs_of(plan, "a+b")) == ["a.stop.end", "a.work", "b.stop.end", "b.work"]


def test_hands_are_asked_for_once() -> None:
    power = (step("button"),)
    plan = bare(
        {
            "power": power,
            "a": (step("power", include="power"), works("x")),
            "b": (step("p", include="power"), works("y")),
        }
    )
    assert needs_of(plan, "a+b") == {"a.power.button": (), "a.x": ("a.power.button",), "b.y": ("a.power.button", "a.x")}


def test_a_runbook_that_another_one_includes_adds_nothing() -> None:
    plan = bare({"redis": (destroys("replace"),), "all": (works("stop"), step("redis", include="redis"), works("go"))})
    assert ordered(plan, "redis+all") == ordered(plan, "all+redis") == "all"


def test_what_is_optional_and_last_comes_after_everything() -> None:
    plan = bare(
        {
            "a": (works("work"), works("clean", optional=True), works("sweep", optional=True)),
            "b": (works("work"), works("asked", optional=True), works("end")),
        }
    )
    assert needs_of(plan, "a+b") == {
        "a.work": (),
        "b.work": ("a.work",),
        "b.asked": ("b.work",),
        "b.end": ("b.asked",),
        "a.clean": ("a.work", "b.end"),
        "a.sweep": ("a.clean",),
    }


def test_nobody_waits_for_an_optional_end_of_what_was_done_before() -> None:
    plan = bare(
        {
            "inner": (destroys("swap"), works("clean", optional=True)),
            "a": (step("in", include="inner"),),
            "b": (step("in", include="inner"), works("go")),
        }
    )
    assert needs_of(plan, "a+b")["b.go"] == ("a.in.swap",)


def looks(name: str, service: str, needs: tuple[str, ...] | None = None) -> Step:
    return Step(id=name, title=TEXT, needs=needs, wait=Wait(service=service))


def with_services(plan: Plan, restored: Mapping[str, tuple[str, ...]]) -> Plan:
    """A store, an application that depends on it, and something else; and what each runbook brings back."""
    probe = Probe(tcp=TcpProbe())
    services = {
        "store": Service(title=TEXT, on="here", port=1, probe=probe),
        "app": Service(title=TEXT, on="here", port=2, probe=probe, depends_on=("store",)),
        "other": Service(title=TEXT, on="here", port=3, probe=probe),
    }
    books = {name: book.model_copy(update={"restores": restored[name]}) for name, book in plan.runbooks.items()}
    return replace(plan, services=services, critical_path=("other", "store", "app"), runbooks=books)


def test_nobody_waits_for_the_health_of_what_a_later_runbook_brings_back() -> None:
    steps = (
        works("start"), looks("store", "store"), looks("other", "other", ("start",)),
        works("use", ("store", "other")), looks("app", "app"),
    )  # fmt: skip
    bare_plan = bare({"all": steps, "data": (works("restore"),)})
    plan = with_services(bare_plan, {"all": ("other", "store", "app"), "data": ("store",)})
    assert needs_of(plan, "all+data") == {
        "all.start": (),
        "all.other": ("all.start",),
        "all.use": ("all.start", "all.other"),
        "data.restore": ("all.use",),
        "all.store": ("all.start", "data.restore"),
        "all.app": ("all.use", "data.restore"),
    }
    assert needs_of(plan, "all") == {"start": (), "store": ("start",), "other": ("start",), "use": ("store", "other"),
                                     "app": ("use",)}  # fmt: skip


def test_a_look_that_waits_for_one_that_was_put_off_is_put_off_too() -> None:
    ask = Step(id="ask", title=TEXT, needs=("store",), http=Http(service="other"))
    post = Step(id="post", title=TEXT, needs=("store",), http=Http(service="other", method="POST"))
    plan = bare({"all": (looks("store", "store"), ask, post), "data": (works("restore"),)})
    plan = with_services(plan, {"all": ("other",), "data": ("store",)})
    assert needs_of(plan, "all+data") == {
        "all.post": (),
        "data.restore": ("all.post",),
        "all.store": ("data.restore",),
        "all.ask": ("all.store",),
    }


def test_what_is_done_once_is_not_waited_for_by_its_last_look() -> None:
    plan = bare(
        {
            "inner": (destroys("swap"), looks("app", "app")),
            "a": (step("in", include="inner"),),
            "b": (step("in", include="inner"), works("start")),
        }
    )
    plan = with_services(plan, {"inner": (), "a": ("other",), "b": ("app",)})
    assert needs_of(plan, "a+b") == {
        "a.in.swap": (),
        "b.start": ("a.in.swap",),
        "a.in.app": ("a.in.swap", "b.start"),
    }


def sound(needs: Mapping[str, tuple[str, ...]]) -> None:
    """Every need is there, and there is no circle."""
    assert all(need in needs for each in needs.values() for need in each)
    assert set(TopologicalSorter(needs).static_order()) == set(needs)


def test_any_two_runbooks_of_the_built_in_plan_can_be_run_as_one() -> None:
    plan = load(builtin())
    for pair in permutations(plan.runbooks, 2):
        ids = JOIN.join(pair)
        found = needs_of(plan, ids)
        sound(found)
        assert found == needs_of(plan, JOIN.join(reversed(pair)))
        done = {each.step.id for each in graph(plan, ids)}
        both = {each.step.id for name in pair for each in graph(plan, name)}
        assert done == both


def test_all_runbooks_that_answer_a_scenario_can_be_run_as_one() -> None:
    plan = load(builtin())
    ids = ordered(plan, [each.runbooks[0] for each in plan.scenarios.values() if each.runbooks])
    found = needs_of(plan, ids)
    sound(found)
    destroying = [each.step.id for each in graph(plan, ids) if each.step.danger is Danger.DESTROYS]
    assert len(destroying) == len({(each.runbook, each.step.id) for each in graph(plan, ids) if each.step.confirm})


def test_a_plan_keeps_its_runbooks_as_they_are() -> None:
    plan = bare({"a": (works("one"),), "b": (works("two"),)})
    graph(plan, "a+b")
    assert plan == replace(plan, runbooks={n: Runbook(id=n, title=TEXT, steps=plan.runbooks[n].steps) for n in "ab"})
