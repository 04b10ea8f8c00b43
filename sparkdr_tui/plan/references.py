"""Every name in a plan must mean something: the checks across files, on plain data, so that they work beside errors.

A file that could not be read takes no part: what it might have declared is not called unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sparkdr_tui.plan.names import (
    CONTACTS,
    DRILLS,
    PLAN,
    SCENARIOS,
    Names,
    arrows,
    cycles,
    gather,
    keys,
    texts,
    unknown,
    unknown_variables,
)
from sparkdr_tui.plan.problems import PlanError, shown, suggestion
from sparkdr_tui.plan.procedures import runbook_errors
from sparkdr_tui.plan.source import At, Source


def errors(files: Mapping[str, Source], all_files: Collection[str]) -> Iterator[PlanError]:
    """Every name that means nothing, in the files that could be read."""
    names = gather(files, all_files)
    checks = {PLAN: _plan, SCENARIOS: _scenarios, CONTACTS: _contacts, DRILLS: _drills}
    for file, check in checks.items():
        if file in files:
            yield from check(names, files[file].top)
    yield from runbook_errors(names)


def _plan(names: Names, plan: At) -> Iterator[PlanError]:
    for _, node in plan.get("nodes").entries():
        yield from unknown(names, "secret", node.get("secrets"))
        for place in node.get("folders").each():
            yield from unknown_variables(place, keys(node.get("env")))
    yield from _services(names, plan.get("services"))
    yield from unknown(names, "service", plan.get("critical_path"))
    for _, backup_set in plan.get("backup_sets").entries():
        yield from _backup_set(names, backup_set)
    for _, schedule in plan.get("schedules").entries():
        yield from _schedule(names, schedule)
    for target in plan.get("notify").each():
        yield from unknown(names, "secret", target.get("to"))


def _services(names: Names, services: At) -> Iterator[PlanError]:
    ports: dict[tuple[str, int], str] = {}
    for name, service in services.entries():
        yield from unknown(names, "node", service.get("on"))
        yield from unknown(names, "service", service.get("depends_on"))
        for kind, key in (("postgres", "password"), ("redis", "password"), ("s3", "access_key"), ("s3", "secret_key")):
            yield from unknown(names, "secret", service.get("probe", kind, key))
        node, port = service.get("on").text, service.get("port").value
        if node is not None and isinstance(port, int):
            first = ports.setdefault((node, port), name)
            if first != name:
                yield service.get("port").error(f"port {port} of {shown(node)} already belongs to '{shown(first)}'")
    needs = {name: texts(service.get("depends_on")) for name, service in services.entries()}
    for way in cycles(needs):
        yield services.get(way[0], "depends_on").error(f"a service cannot wait for itself: {arrows(way)}")


def _backup_set(names: Names, backup_set: At) -> Iterator[PlanError]:
    on = backup_set.get("on")
    yield from unknown(names, "node", on)
    yield from unknown(names, "service", backup_set.get("services"))
    yield from unknown(names, "runbook", backup_set.get("made_by"))
    yield from unknown(names, "runbook", backup_set.get("verified_by"))
    if (node := names.node(on)) is not None:
        known = [*keys(node.get("env")), *texts(node.get("secrets"))]
        yield from unknown_variables(backup_set.get("dir"), known)
    yield from _second_place(names, on, backup_set.get("copy_to"))


def _second_place(names: Names, on: At, place: At) -> Iterator[PlanError]:
    yield from unknown(names, "secret", place.get("access_key"))
    yield from unknown(names, "secret", place.get("secret_key"))
    there = place.get("node")
    yield from unknown(names, "node", there)
    if there.text is not None and there.text == on.text:
        yield there.error(f"'{shown(there.text)}' is where the backups are: a copy there is lost with them")
    if (node := names.node(there)) is not None:
        yield from unknown_variables(place.get("dir"), keys(node.get("env")))


def _schedule(names: Names, schedule: At) -> Iterator[PlanError]:
    on = schedule.get("on")
    yield from unknown(names, "node", on)
    yield from unknown(names, "runbook", schedule.get("runbook"))
    if (node := names.node(on)) is not None:
        yield from unknown_variables(schedule.get("log"), keys(node.get("env")))


def _scenarios(names: Names, file: At) -> Iterator[PlanError]:
    for _, scenario in file.get("scenarios").entries():
        yield from unknown(names, "service", scenario.get("affects"))
        yield from unknown(names, "runbook", scenario.get("runbooks"))
        yield from unknown(names, "contact", scenario.get("contacts"))
        for sign in scenario.get("signs").each():
            yield from unknown(names, "service", sign.get("service"))
            yield from unknown(names, "node", sign.get("node"))


def _contacts(names: Names, file: At) -> Iterator[PlanError]:
    team = keys(file.get("team"))
    for name, contact in file.get("external").entries():
        if name in team:
            yield contact.error("this id is already somebody of the team", "give one of them another id")
    ids = names.ids("contact")
    stages: set[str] = set()
    for stage in file.get("escalation").each():
        for who in stage.get("who").each():
            if who.text is not None and who.text != "$owner" and ids is not None and who.text not in ids:
                yield who.error(f"unknown contact '{shown(who.text)}'", suggestion(who.text, [*ids, "$owner"]))
        stage_id = stage.get("id")
        if stage_id.text is not None and stage_id.text in stages:
            yield stage_id.error(f"there is already a stage '{shown(stage_id.text)}'")
        stages.add(stage_id.text or "")


def _drills(names: Names, file: At) -> Iterator[PlanError]:
    for _, drill in file.get("drills").entries():
        yield from unknown(names, "scenario", drill.get("scenario"))
        yield from unknown(names, "runbook", drill.get("runbook"))
