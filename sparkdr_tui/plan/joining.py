"""Several runbooks as one graph: one after the other, and nothing that destroys or asks for hands done twice.

A runbook that two of them include is done where it comes first, if it destroys or asks for hands; what only starts,
stops or looks is done at each of its places, since the order of stopping and starting matters. Nothing waits for a
service that a later runbook brings back: looking whether it is healthy comes after that one. What is optional and that
nothing waits for comes at the very end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sparkdr_tui.plan.dependence import touched
from sparkdr_tui.plan.includes import PlannedStep, does_once, places_of, restored_by, steps_of
from sparkdr_tui.plan.runbook import Plan, Runbook, Step

_Resolve = Callable[[Iterable[str]], tuple[str, ...]]


def join(plan: Plan, books: Sequence[Runbook]) -> tuple[PlannedStep, ...]:
    """The steps of `books`, each book after the one before it; ids are `runbook.step`."""
    joined = _Joined(plan)
    for at, book in enumerate(books, 1):
        joined.add(book, touched(plan, (name for later in books[at:] for name in restored_by(plan, later))))
    joined.look()
    return (*joined.steps, *joined.tail())


@dataclass(slots=True)
class _Joined:
    """What has been put together so far."""

    plan: Plan
    steps: list[PlannedStep] = field(default_factory=list)
    optional: list[PlannedStep] = field(default_factory=list)
    lasts: tuple[str, ...] = ()
    """What must be over for everything so far to be over."""
    done: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Runbooks that are done once, each with the steps that are its end."""
    looks: dict[str, PlannedStep] = field(default_factory=dict)
    """Steps that look at what a later runbook brings back, by id."""

    def add(self, book: Runbook, later: set[str]) -> None:
        """One more runbook, after all others; `later` are services that are healthy only after one to come."""
        placed = steps_of(self.plan, book)
        left_out = self._left_out(book)
        needs = {each.id: each.needs for each in placed}

        def place_of(step: str) -> str | None:
            return next((path for path in left_out if _within(step, path)), None)

        def resolved(names: Iterable[str]) -> tuple[str, ...]:
            """What `names` are called in the whole; steps that are left out are those that did the same before."""
            found: list[str] = []
            for name in names:
                path = place_of(name)
                if path is None:
                    found.append(f"{book.id}.{name}")
                    continue
                before = (need for each in placed if _within(each.id, path) for need in needs[each.id])
                found += [*left_out[path], *resolved(need for need in before if not _within(need, path))]
            return tuple(dict.fromkeys(found))

        own = [
            replace(each, id=f"{book.id}.{each.id}", needs=resolved(each.needs))
            for each in placed
            if place_of(each.id) is None
        ]
        self.looks |= _put_off(own, later)
        self._remember(book, placed, resolved)
        self._append(
            [replace(each, needs=self._without_looks(each.needs)) for each in own if each.id not in self.looks]
        )

    def look(self) -> None:
        """The looks that were put off, now that everything is there to be seen."""
        looks = list(self.looks.values())
        self.steps += [
            each if self.looks.keys() & set(each.needs) else replace(each, needs=_union(each.needs, self.lasts))
            for each in looks
        ]
        self.lasts = _lasts(looks) or self.lasts

    def tail(self) -> tuple[PlannedStep, ...]:
        """The optional steps that nothing waits for, after everything else."""
        names = {each.id for each in self.optional}
        return tuple(
            each if names & set(each.needs) else replace(each, needs=_union(each.needs, self.lasts))
            for each in self.optional
        )

    def _left_out(self, book: Runbook) -> dict[str, tuple[str, ...]]:
        """Places in `book` whose runbook has been done, the outermost ones, and the steps that were its end."""
        found: dict[str, tuple[str, ...]] = {}
        for path, inner in places_of(self.plan, book):
            if inner.id in self.done and not any(_within(path, outer) for outer in found):
                found[path] = self.done[inner.id]
        return found

    def _remember(self, book: Runbook, placed: Sequence[PlannedStep], resolved: _Resolve) -> None:
        required = _required(placed)  # nobody may wait for an optional step that comes at the very end
        for path, inner in places_of(self.plan, book):
            if inner.id not in self.done and does_once(self.plan, inner):
                inside = [each for each in placed if _within(each.id, path) and each.id in required]
                self.done[inner.id] = self._without_looks(resolved(_lasts(inside)))

    def _without_looks(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """Needs, where those that are put off are replaced by what they need themselves."""
        found: list[str] = []
        for need in needs:
            found += self._without_looks(self.looks[need].needs) if need in self.looks else (need,)
        return tuple(dict.fromkeys(found))

    def _append(self, own: Sequence[PlannedStep]) -> None:
        """Put a runbook's steps after all that came before: its first ones wait for the last ones there."""
        names = {each.id for each in own}
        after = [
            each if names & set(each.needs) else replace(each, needs=_union(each.needs, self.lasts)) for each in own
        ]
        required = _required(after)
        self.steps += [each for each in after if each.id in required]
        self.optional += [each for each in after if each.id not in required]
        self.lasts = _lasts([each for each in after if each.id in required]) or self.lasts


def _put_off(steps: Sequence[PlannedStep], later: set[str]) -> dict[str, PlannedStep]:
    """The looks at services that come back later, and the looks that wait for those."""
    looks = {each.id: each for each in steps if not each.step.optional and _looks_at(each.step) is not None}
    found = {name: each for name, each in looks.items() if _looks_at(each.step) in later}
    while more := {name: each for name, each in looks.items() if name not in found and found.keys() & set(each.needs)}:
        found |= more
    return {each.id: each for each in steps if each.id in found}


def _looks_at(step: Step) -> str | None:
    """The service that a step only looks at: it waits for its health, or asks it for an answer; None for any other."""
    if step.wait is not None and all(state.healthy for state in step.wait.is_):
        return step.wait.service
    return step.http.service if step.http is not None and step.http.method in ("GET", "HEAD") else None


def _within(name: str, path: str) -> bool:
    return not path or name == path or name.startswith(f"{path}.")


def _lasts(steps: Sequence[PlannedStep]) -> tuple[str, ...]:
    """Steps that no other one of them needs."""
    needed = {need for each in steps for need in each.needs}
    return tuple(each.id for each in steps if each.id not in needed)


def _required(steps: Sequence[PlannedStep]) -> set[str]:
    """Steps that are not optional, and what they need."""
    needs = {each.id: each.needs for each in steps}
    found: set[str] = set()
    ahead = [each.id for each in steps if not each.step.optional]
    while ahead:
        name = ahead.pop()
        if name in needs and name not in found:
            found.add(name)
            ahead += needs[name]
    return found


def _union(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
