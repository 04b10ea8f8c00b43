"""The checks of runbooks, on plain data: their names, their order, what they include, what their scripts may use."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.names import RUN_VARIABLES, Names, arrows, cycles, keys, texts, unknown, unknown_variables
from sparkdr_tui.plan.problems import PlanError, shown, suggestion
from sparkdr_tui.plan.source import At

MOST_STEPS = 1_000
DEEPEST_INCLUDE = 20
"""Limits of a runbook with everything that it includes."""

_PROBES = {"sql": "postgres", "redis": "redis", "s3": "s3"}
"""Actions that need a service of one kind."""
_TITLES = {"postgres": "PostgreSQL", "redis": "Redis", "s3": "S3"}


def runbook_errors(names: Names) -> Iterator[PlanError]:
    """Everything wrong with the runbooks' names and order."""
    books = {name: book for name, book in names.runbooks.items() if book is not None}
    includes = {name: _included(book) for name, book in books.items()}
    looped = list(cycles(includes))
    for way in looped:
        yield _including(books[way[0]], way[1]).error(f"a runbook cannot include itself: {arrows(way)}")
    if not looped:
        yield from _sizes(books, includes)
    inputs = _inputs(books, includes)
    for name, book in books.items():
        yield from _runbook(names, name, book, inputs[name])


def _included(book: At) -> list[str]:
    return [text for step in book.get("steps").each() for text in texts(step.get("include"))]


def _including(book: At, name: str) -> At:
    """The first step of `book` that includes `name`."""
    steps = (step.get("include") for step in book.get("steps").each())
    return next((at for at in steps if at.text == name), book)


def _sizes(books: Mapping[str, At], includes: Mapping[str, list[str]]) -> Iterator[PlanError]:
    """Refuse what would grow beyond reason: includes within includes multiply. There is no cycle in `includes`."""
    inner = {name: [other for other in found if other in books] for name, found in includes.items()}
    size: dict[str, int] = {}
    depth: dict[str, int] = {}
    for name in TopologicalSorter(inner).static_order():
        own = sum(1 for _ in books[name].get("steps").each()) - len(inner[name])
        size[name] = own + sum(size[other] for other in inner[name])
        depth[name] = 1 + max((depth[other] for other in inner[name]), default=0)
        if size[name] > MOST_STEPS or depth[name] > DEEPEST_INCLUDE:
            steps, message = books[name].get("steps"), f"more than {MOST_STEPS} steps with what it includes"
            if depth[name] > DEEPEST_INCLUDE:
                message = f"includes within includes, more than {DEEPEST_INCLUDE} deep"
            yield steps.error(message)
            return


def _inputs(books: Mapping[str, At], includes: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """The inputs that each runbook's scripts can find: of every run it may be part of, every runbook's inputs."""
    found: dict[str, set[str]] = {name: set() for name in books}
    for root in books:
        part_of_run = {root}
        left = [root]
        while left:
            new = [other for other in includes[left.pop()] if other in books and other not in part_of_run]
            part_of_run.update(new)
            left.extend(new)
        inputs = {key for name in part_of_run for key in keys(books[name].get("inputs"))}
        for name in part_of_run:
            found[name] |= inputs
    return found


def _runbook(names: Names, name: str, book: At, inputs: set[str]) -> Iterator[PlanError]:
    own_id = book.get("id")
    if own_id.text is not None and own_id.text != name:
        message = f"the id is '{shown(own_id.text)}', but the file is {shown(name)}.yaml"
        yield own_id.error(message, "an id and the name of its file are the same")
    yield from unknown(names, "service", book.get("restores"))
    for _, each in book.get("inputs").entries():
        for kind in ("pick", "expired"):
            yield from unknown(names, "backup set", each.get(kind))
    yield from _order(book.get("steps"))
    for step in book.get("steps").each():
        yield from _step(names, step, inputs)


def _order(steps: At) -> Iterator[PlanError]:
    """Ids that are there twice, needs that are not there, needs that go round in a circle."""
    places: dict[str, At] = {}
    needs: dict[str, list[str]] = {}
    before: list[str] = []
    for step in steps.each():
        step_id = step.get("id").text
        if step_id is None:
            before = []
            continue
        if step_id in (BEFORE, AFTER):
            yield step.get("id").error(f"'{step_id}' is the name of a drill's own list", "give the step another id")
        if step_id in places:
            line = step.source.line(places[step_id].get("id").path)
            yield step.get("id").error(f"there is already a step '{shown(step_id)}' (line {line})")
            continue
        places[step_id] = step
        given = step.get("needs")
        needs[step_id] = before if given.value is None else texts(given)
        before = [step_id]
    for step in places.values():
        for need in step.get("needs").each():
            if need.text is not None and need.text not in places:
                yield need.error(f"unknown step '{shown(need.text)}'", suggestion(need.text, places))
    for way in cycles(needs):
        yield places[way[0]].get("needs").error(f"steps wait for each other: {arrows(way)}")


def _step(names: Names, step: At, inputs: set[str]) -> Iterator[PlanError]:
    yield from unknown(names, "node", step.get("on"))
    yield from unknown(names, "runbook", step.get("include"))
    for check in step.get("verify").each():
        yield from unknown(names, "service", check.get("service"))
        yield from _service_of(names, "sql", check)
    for kind in ("sql", "redis", "s3", "http", "wait"):
        yield from _service_of(names, kind, step)
    yield from unknown(names, "backup set", step.get("s3", "offsite"))
    for hint in step.get("hint").each():
        yield from _pattern(hint.get("on"))
    if (node := names.node(step.get("on"))) is not None:
        yield from _variants(step, node)
        known = {*inputs, *keys(step.get("env")), *keys(node.get("env")), *texts(node.get("secrets")), *RUN_VARIABLES}
        yield from unknown_variables(step.get("confirm", "type"), known)
    elif step.get("on").value is None and step.get("shell").value is None:
        yield from unknown_variables(step.get("confirm", "type"), {*inputs, *keys(step.get("env")), *RUN_VARIABLES})


def _service_of(names: Names, kind: str, at: At) -> Iterator[PlanError]:
    """The service that an action is for exists and speaks its language."""
    service = at.get(kind, "service")
    yield from unknown(names, "service", service)
    found, probe = names.service(service), _PROBES.get(kind)
    if found is None or probe is None:
        return
    kinds = keys(found.get("probe"))
    if kinds and probe not in kinds:
        yield service.error(f"'{shown(service.text or '')}' is no {_TITLES[probe]}: its probe is {shown(kinds[0])}")


def _variants(step: At, node: At) -> Iterator[PlanError]:
    """Every script of a step has the variant that its node runs."""
    windows = node.get("os").value == "windows"
    needed, system = ("powershell", "Windows") if windows else ("posix", "no Windows")
    checks = [check.get("shell") for check in step.get("verify").each()]
    for script in (step.get("shell"), step.get("undo"), step.get("confirm", "show"), *checks):
        given = ["posix"] if script.text is not None else keys(script)
        if given and needed not in given and {"posix", "powershell"} & set(given):
            on = shown(step.get("on").text or "")
            yield script.error(f"node '{on}' is {system}: the script has no {needed} variant", f"add {needed}: …")


def _pattern(at: At) -> Iterator[PlanError]:
    """A hint's `on` is a regular expression."""
    if at.text is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(at.text)
    except (re.error, RecursionError, OverflowError) as error:
        yield at.error(f"no regular expression: {shown(str(error))}")
