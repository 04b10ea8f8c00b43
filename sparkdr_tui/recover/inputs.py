"""How the inputs of a run get their values: chosen beforehand, by the operator, the newest usable backup, what is due.

What is past its keep is found when a step that deletes it is about to be asked or run, and again at every attempt: from
then on the list only gets shorter, so that nothing goes which the operator was not shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sparkdr_tui.backups.catalog import Backup, Catalog, read_catalog
from sparkdr_tui.backups.retention import Fate, batch, due, fates
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Input
from sparkdr_tui.record import events as e
from sparkdr_tui.record.pins import pins
from sparkdr_tui.record.state import Phase
from sparkdr_tui.record.turn import recovery
from sparkdr_tui.recover import rules
from sparkdr_tui.recover.opening import backup_fact, backup_for, backup_named
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.recover.driver import Driver

DEADLINE = 30.0
"""Seconds to list the backups of a set."""


async def choose_first(run: Driver, requested: Mapping[str, str]) -> None:
    """Choose what can be chosen at once, so that the operator sees it before anything runs."""
    for name, value in requested.items():
        await choose(run, name, value)
    for name, each in run.known.items():
        if each.pick is not None and name not in run.state.inputs and name not in run.state.missing:
            await choose_newest(run, name)


async def settle(run: Driver, step: str) -> None:
    """Before a step is asked or run: find what it picks and has not got, and what of its sets is due as of now."""
    uses = run.state.steps[step].outline.uses
    await choose_missing(run, uses)
    for name in uses:
        if run.known[name].expired is not None:
            await choose_expired(run, name, run.state.steps[step].attempt)


def nothing_due(run: Driver, step: str) -> bool:
    """The step deletes what is past its keep, and nothing is: there is nothing to ask about."""
    names = [name for name in run.state.steps[step].outline.uses if run.known[name].expired is not None]
    return bool(names) and all(
        name in run.state.inputs and not run.state.inputs[name].value and name not in run.state.missing
        for name in names
    )


async def choose(run: Driver, name: str, value: str) -> None:
    """Take the operator's value; a backup must be in the catalogue, by its path or file name."""
    each = run.known[name]
    try:
        if each.expired is not None:
            _record_expired(run, name, *await _among_due(run, each.expired, value), by=run.operator)
        elif each.pick is not None:
            found = backup_named(await _there(run, each), value)
            if found is None:
                raise SparkdrError(_("There is no backup {name} of this set.").format(name=value))
            _record(run, name, found.path, found, run.operator)
        else:
            _record(run, name, value, None, run.operator)
    except SparkdrError as problem:
        run.record(e.DecisionRefused(decision="Choose", why=problem.message), run.operator)
        if name not in run.state.inputs:
            run.record(e.InputMissing(name=name, why=problem.message))


async def choose_missing(run: Driver, names: Iterable[str]) -> None:
    """Look again for the backups of these inputs that had none: a drive may be plugged in, a copy fetched meanwhile."""
    for name in names:
        if name not in run.state.inputs and run.known[name].pick is not None:
            await choose_newest(run, name)


def picking(run: Driver, set_id: str) -> tuple[str, ...]:
    """The inputs that pick a backup of a set."""
    return tuple(name for name, each in run.known.items() if each.pick == set_id)


async def choose_newest(run: Driver, name: str) -> None:
    """Take the newest backup of the input's set (that can be used), or record why there is none."""
    each = run.known[name]
    found, why = None, _("There is no usable backup of {set}.").format(set=each.pick)
    try:
        found = backup_for(each, await _there(run, each))
    except SparkdrError as problem:
        why = problem.message
    if name in run.state.inputs:
        return  # somebody chose while this was looking
    if found is None:
        run.record(e.InputMissing(name=name, why=why))
    else:
        _record(run, name, found.path, found, "engine")


async def choose_expired(run: Driver, name: str, attempts: int) -> None:
    """What is due now; once a list was made, what of it still is.

    Where none could be made (the operator asked for what is not due, the drive was away), the step fails once, and a
    retry, which shows what it would delete, makes another.
    """
    set_id = run.known[name].expired
    assert set_id is not None
    before = run.state.inputs.get(name)
    if not before.value if before is not None else name in run.state.missing and not attempts:
        return
    try:
        found = await _due(run, set_id)
    except SparkdrError as problem:
        run.record(e.InputMissing(name=name, why=problem.message))
        return
    if run.state.inputs.get(name) is not before:
        return  # the operator chose in the meantime
    if before is None:
        now = batch(found)
        _record_expired(run, name, now, len(found) - len(now))
        return
    listed = set(before.value.splitlines())
    still = tuple(each for each in found if each.name in listed)
    if len(still) < len(listed) or name in run.state.missing:
        _record_expired(run, name, still, len(found) - len(still))


async def _among_due(run: Driver, set_id: str, value: str) -> tuple[tuple[Fate, ...], int]:
    """What the operator names, which must be due; and how many more are."""
    wanted = dict.fromkeys(line for line in value.splitlines() if line)
    if not wanted:
        return (), 0
    known = {each.name: each for each in await _due(run, set_id)}
    for each in wanted:
        if each not in known:
            raise SparkdrError(_("{name} is not due: it stays.").format(name=one_line(each, 80)))
    return tuple(known[each] for each in wanted), len(known) - len(wanted)


async def _due(run: Driver, set_id: str) -> tuple[Fate, ...]:
    """What may go now; nothing by itself while a recovery is unfinished, which may still want any of it."""
    catalog = await _catalog(run, set_id)
    now, state_folder = run.journal.now(), run.folder.parent.parent
    if run.state.pace == "none" and (unfinished := recovery(run.plan, state_folder, run.state.run)) is not None:
        raise unfinished
    pinned = pins(state_folder, now).get(set_id, {})
    return due(fates(catalog, run.plan.backup_sets[set_id].keep, now, pinned))


async def _there(run: Driver, each: Input) -> tuple[Backup, ...]:
    """The backups that an input picks from."""
    assert each.pick is not None
    return tuple(backup for backup in (await _catalog(run, each.pick)).backups if backup.exists)


async def _catalog(run: Driver, set_id: str) -> Catalog:
    try:
        async with asyncio.timeout(DEADLINE):
            shell = await run.reach.shell(run.plan.backup_sets[set_id].on)
            return await read_catalog(run.plan, set_id, shell)
    except TimeoutError:
        raise SparkdrError(_("Listing the backups of {set} took too long.").format(set=set_id)) from None


def _record(run: Driver, name: str, value: str, backup: Backup | None, by: str) -> None:
    fact = backup_fact(run.plan, backup, run.state.incident_at) if backup else None
    reset = rules.to_reset(run.state, name)
    run.record(e.InputChosen(name=name, value=value, backup=fact, reset=reset), by)


def _record_expired(run: Driver, name: str, found: tuple[Fate, ...], left: int, by: str = "engine") -> None:
    """What is done is not done again for it, but whoever was asked about another list is asked anew."""
    set_id = run.known[name].expired
    assert set_id is not None
    freed = sum(each.size for each in found)
    looked = bool(found) or by == "engine"
    fact = e.ExpiredFact(set=set_id, count=len(found), size=freed, left=left, looked=looked)
    asked = (step.outline.id for step in run.state.steps.values() if step.phase is Phase.ASKED)
    reset = tuple(each for each in asked if name in run.state.steps[each].outline.uses)
    value = "\n".join(each.name for each in found)
    run.record(e.InputChosen(name=name, value=value, expired=fact, reset=reset), by)
