"""The names that a plan's files declare, as plain data, and what else its checks have in common."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparkdr_tui.plan.problems import PlanError, shown, suggestion
from sparkdr_tui.plan.source import At, Source

PLAN, SCENARIOS, CONTACTS, DRILLS = "plan.yaml", "scenarios.yaml", "contacts.yaml", "drills.yaml"
RUN_VARIABLES = ("RUN_ID", "RUN_STAMP", "STEP", "ATTEMPT")
"""What every script finds in its environment, whatever the plan says."""
MOST_CYCLES = 20
_OPTIONAL = ("backup_sets", "secrets", "external")

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


@dataclass(frozen=True, slots=True)
class Names:
    """What is declared; None where the file that would declare it cannot be read: then nothing is unknown."""

    files: Mapping[str, Source]
    runbooks: Mapping[str, At | None]
    """By id, which is the file's name; None: the file is there but cannot be read."""
    nodes: At | None
    services: At | None
    backup_sets: At | None
    secrets: At | None
    scenarios: At | None
    team: At | None
    external: At | None

    def ids(self, kind: str) -> Collection[str] | None:
        """The ids of one kind (`node`, `service`, …); None when they cannot be known."""
        match kind:
            case "runbook":
                return list(self.runbooks)
            case "contact":
                groups = (self.team, self.external)
                return None if None in groups else [key for group in groups if group for key, _ in group.entries()]
            case "node" | "service" | "backup set" | "secret" | "scenario":
                at: At | None = getattr(self, f"{kind.replace(' ', '_')}s")
                return None if at is None else [key for key, _ in at.entries()]
        raise ValueError(kind)

    def node(self, at: At) -> At | None:
        """The node that a value names."""
        return _entry(self.nodes, at)

    def service(self, at: At) -> At | None:
        """The service that a value names."""
        return _entry(self.services, at)


def gather(files: Mapping[str, Source], names: Collection[str]) -> Names:
    """The names of a plan: `files` are those that could be read, `names` the names of all of them."""

    def within(name: str, key: str) -> At | None:
        if name in files:
            at = files[name].top.get(key)
            return at if isinstance(at.value, dict) or (at.value is None and key in _OPTIONAL) else None
        return None if name in names else Source(name, {}, {}).top

    return Names(
        files=files,
        runbooks={
            name.removesuffix(".yaml"): files[name].top if name in files else None
            for name in names
            if name not in (PLAN, SCENARIOS, CONTACTS, DRILLS)
        },
        nodes=within(PLAN, "nodes"),
        services=within(PLAN, "services"),
        backup_sets=within(PLAN, "backup_sets"),
        secrets=within(PLAN, "secrets"),
        scenarios=within(SCENARIOS, "scenarios"),
        team=within(CONTACTS, "team"),
        external=within(CONTACTS, "external"),
    )


def _entry(group: At | None, at: At) -> At | None:
    found = group.get(at.text) if group is not None and at.text is not None else None
    return found if found is not None and isinstance(found.value, dict) else None


def unknown(names: Names, kind: str, at: At) -> Iterator[PlanError]:
    """An error where `at` names a `kind` that is not declared; a list is gone through."""
    ids = names.ids(kind)
    for item in at.each():
        if item.text is not None and ids is not None and item.text not in ids:
            yield item.error(f"unknown {kind} '{shown(item.text)}'", suggestion(item.text, ids))


def unknown_variables(at: At, known: Collection[str]) -> Iterator[PlanError]:
    """An error for every `$NAME` in a text that nothing defines."""
    for braced, bare in _VARIABLE.findall(at.text or ""):
        if (name := braced or bare) not in known:
            yield at.error(
                f"unknown variable '${shown(name)}'", suggestion(f"${name}", [f"${k}" for k in sorted(known)])
            )


def keys(at: At) -> list[str]:
    """The keys of a mapping."""
    return [key for key, _ in at.entries()]


def texts(at: At) -> list[str]:
    """The texts of a list."""
    return [item.text for item in at.each() if item.text is not None]


def cycles(needs: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Ways that lead back to their start, as `(a, b, a)`: a needs b, b needs a. Not all, where they share a step."""
    left = {name: [need for need in needed if need in needs] for name, needed in needs.items()}
    order = {name: at for at, name in enumerate(needs)}
    for _ in range(MOST_CYCLES):
        try:
            graphlib.TopologicalSorter(left).prepare()
        except graphlib.CycleError as error:
            way = list(reversed(error.args[1]))[:-1]
            first = way.index(min(way, key=order.__getitem__))
            way = way[first:] + way[:first]
            left[way[0]] = [need for need in left[way[0]] if need != way[1 % len(way)]]
            yield (*way, way[0])
        else:
            return


def arrows(way: tuple[str, ...]) -> str:
    """A cycle as people read it."""
    return shown(" → ".join(way), 300)
