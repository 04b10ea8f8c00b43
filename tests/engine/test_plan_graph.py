"""The graph of a runbook's steps: needs in any order of the file, includes replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkdr_tui.plan.graph import graph, inputs, restores, with_needs
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import Contacts, Text
from sparkdr_tui.plan.runbook import Manual, Plan, Runbook, Step
from tests.engine.plans import change, sample_plan, sample_plan_folder

TEXT = Text(en="x", ko="x")


def bare(runbooks: Mapping[str, tuple[Step, ...]]) -> Plan:
    """A plan of nothing but runbooks."""
    return Plan(
        folder=Path("/nowhere"),
        digest="",
        name="",
        version="",
        lab=False,
        state=None,
        hands=(),
        nodes={},
        services={},
        critical_path=(),
        backup_sets={},
        secrets={},
        scenarios={},
        contacts=Contacts(team={}),
        drills={},
        runbooks={name: Runbook(id=name, title=TEXT, steps=steps) for name, steps in runbooks.items()},
    )


def step(name: str, needs: tuple[str, ...] | None = None, include: str | None = None) -> Step:
    """A step that does nothing, or includes a runbook."""
    if include is not None:
        return Step(id=name, title=TEXT, needs=needs, include=include)
    return Step(id=name, title=TEXT, needs=needs, manual=Manual(say=TEXT))


def needs_of(plan: Plan, runbook: str) -> dict[str, tuple[str, ...]]:
    return {placed.id: placed.needs for placed in graph(plan, runbook)}


def test_a_step_needs_the_one_before_it_unless_it_says_otherwise() -> None:
    plan = bare({"a": (step("one"), step("two"), step("three", ()), step("four", ("one", "three")))})
    assert needs_of(plan, "a") == {"one": (), "two": ("one",), "three": (), "four": ("one", "three")}


def test_needs_may_name_a_later_step_and_the_order_stays_that_of_the_file() -> None:
    plan = bare({"a": (step("one", ("two",)), step("two", ()), step("three", ("one",)))})
    assert list(needs_of(plan, "a").items()) == [("one", ("two",)), ("two", ()), ("three", ("one",))]


def test_an_include_is_replaced_by_its_steps_between_what_came_before_and_what_comes_after() -> None:
    inner = (step("start", ()), step("left", ("start",)), step("right", ("start",)))
    plan = bare({"inner": inner, "outer": (step("first"), step("data", include="inner"), step("last"))})
    assert needs_of(plan, "outer") == {
        "first": (),
        "data.start": ("first",),
        "data.left": ("data.start",),
        "data.right": ("data.start",),
        "last": ("data.left", "data.right"),
    }


def test_an_include_may_be_needed_before_its_place_in_the_file() -> None:
    plan = bare({"inner": (step("x"),), "outer": (step("first", ("data",)), step("data", (), include="inner"))})
    assert needs_of(plan, "outer") == {"first": ("data.x",), "data.x": ()}


def test_includes_within_includes_carry_every_step_in_their_id() -> None:
    plan = bare(
        {
            "deep": (step("x"), step("y")),
            "middle": (step("in", include="deep"), step("z")),
            "top": (step("m", include="middle"), step("n", (), include="deep"), step("end", ("m", "n"))),
        }
    )
    assert needs_of(plan, "top") == {
        "m.in.x": (),
        "m.in.y": ("m.in.x",),
        "m.z": ("m.in.y",),
        "n.x": (),
        "n.y": ("n.x",),
        "end": ("m.z", "n.y"),
    }
    assert {placed.id: placed.runbook for placed in graph(plan, "top")}["m.in.y"] == "deep"


def test_inputs_and_restored_services_of_includes_count_for_the_whole(tmp_path: Path) -> None:
    plan = sample_plan(tmp_path)
    assert list(inputs(plan, "desktop-gpu")) == ["PG_BACKUP", "RESTORE_JOBS"]
    assert restores(plan, "desktop-gpu") == ("ollama", "postgresql")


def test_the_outer_input_wins(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(folder, "desktop-gpu.yaml", "steps:\n", 'inputs:\n  RESTORE_JOBS: { default: "8" }\nsteps:\n')
    assert inputs(load(folder), "desktop-gpu")["RESTORE_JOBS"].default == "8"
    assert inputs(load(folder), "database")["RESTORE_JOBS"].default == "2"


# -- any runbooks ------------------------------------------------------------------------------------


@st.composite
def steps(draw: st.DrawFn, included: list[str]) -> tuple[Step, ...]:
    """Steps without a circle: each needs only steps of a lower rank, and ranks are in no order of the file."""
    count = draw(st.integers(1, 5))
    rank = draw(st.permutations(range(count)))
    found = []
    for at in range(count):
        lower = [f"s{other}" for other in range(count) if rank[other] < rank[at]]
        implied = at == 0 or rank[at - 1] < rank[at]
        needs = tuple(draw(st.lists(st.sampled_from(lower), unique=True))) if lower else ()
        include = draw(st.sampled_from([None, *included]))
        found.append(step(f"s{at}", None if implied and draw(st.booleans()) else needs, include))
    return tuple(found)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, str]:
    """A few runbooks, each of which may include the ones before it; and the last one's id."""
    runbooks: dict[str, tuple[Step, ...]] = {}
    for number in range(draw(st.integers(1, 3))):
        runbooks[f"r{number}"] = draw(steps(list(runbooks)))
    return bare(runbooks), list(runbooks)[-1]


def everything_before(needs: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """For each step, all that must be over before it."""
    before: dict[str, set[str]] = {}
    for name in TopologicalSorter(needs).static_order():
        before[name] = {earlier for need in needs[name] for earlier in (need, *before[need])}
    return before


@settings(max_examples=200, deadline=None)
@given(plans())
def test_every_need_of_a_placed_step_is_placed_and_there_is_no_circle(drawn: tuple[Plan, str]) -> None:
    plan, top = drawn
    placed = needs_of(plan, top)
    assert len(placed) == len(graph(plan, top))
    assert all(need in placed for needs in placed.values() for need in needs)
    assert len(everything_before(placed)) == len(placed)


@settings(max_examples=200, deadline=None)
@given(plans())
def test_includes_keep_what_comes_before_what(drawn: tuple[Plan, str]) -> None:
    plan, top = drawn
    outer = everything_before({step.id: needs for step, needs in with_needs(plan.runbooks[top].steps)})
    placed = everything_before(needs_of(plan, top))
    for name, before in placed.items():
        for other in placed:
            mine, its = name.split(".")[0], other.split(".")[0]
            if mine != its:
                assert (other in before) == (its in outer[mine])


@settings(max_examples=200, deadline=None)
@given(plans())
def test_steps_are_placed_in_the_order_of_the_files(drawn: tuple[Plan, str]) -> None:
    plan, top = drawn

    def written(runbook: str, prefix: str = "") -> list[str]:
        names: list[str] = []
        for each in plan.runbooks[runbook].steps:
            name = f"{prefix}{each.id}"
            names += written(each.include, f"{name}.") if each.include else [name]
        return names

    assert [each.id for each in graph(plan, top)] == written(top)
