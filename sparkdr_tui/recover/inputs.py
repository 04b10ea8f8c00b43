"""How the inputs of a run get their values: chosen beforehand, by the operator, or the newest usable backup."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sparkdr_tui.backups.catalog import Backup, list_backups
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Input
from sparkdr_tui.record import events as e
from sparkdr_tui.recover import rules
from sparkdr_tui.recover.opening import backup_fact, backup_for, backup_named

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


async def choose(run: Driver, name: str, value: str) -> None:
    """Take the operator's value; a backup must be in the catalogue, by its path or file name."""
    each = run.known[name]
    if each.pick is None:
        _record(run, name, value, None, run.operator)
        return
    try:
        found = backup_named(await _catalogue(run, each), value)
        if found is None:
            raise SparkdrError(_("There is no backup {name} of this set.").format(name=value))
    except SparkdrError as problem:
        run.record(e.DecisionRefused(decision="Choose", why=problem.message), run.operator)
        if name not in run.state.inputs:
            run.record(e.InputMissing(name=name, why=problem.message))
        return
    _record(run, name, found.path, found, run.operator)


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
        found = backup_for(each, await _catalogue(run, each))
    except SparkdrError as problem:
        why = problem.message
    if name in run.state.inputs:
        return  # somebody chose while this was looking
    if found is None:
        run.record(e.InputMissing(name=name, why=why))
    else:
        _record(run, name, found.path, found, "engine")


async def _catalogue(run: Driver, each: Input) -> tuple[Backup, ...]:
    assert each.pick is not None
    try:
        async with asyncio.timeout(DEADLINE):
            shell = await run.reach.shell(run.plan.backup_sets[each.pick].on)
            return await list_backups(run.plan, each.pick, shell)
    except TimeoutError:
        raise SparkdrError(_("Listing the backups of {set} took too long.").format(set=each.pick)) from None


def _record(run: Driver, name: str, value: str, backup: Backup | None, by: str) -> None:
    fact = backup_fact(run.plan, backup, run.state.incident_at) if backup else None
    reset = rules.to_reset(run.state, name)
    run.record(e.InputChosen(name=name, value=value, backup=fact, reset=reset), by)
