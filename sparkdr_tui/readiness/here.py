"""This machine, looked at: secrets, keys, known hosts, where runs are kept, what they proved. Changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.reach.pool import is_here, target
from sparkdr_tui.readiness.seen import Here, Passed
from sparkdr_tui.record import events as e
from sparkdr_tui.record.drills import drill_statuses
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.lines import NAME, parse
from sparkdr_tui.record.runs import RunSummary, runs
from sparkdr_tui.record.turn import recovery
from sparkdr_tui.text import one_line


def look_here(plan: Plan, state_folder: Path, now: datetime) -> Here:
    """Look at everything that needs no node."""
    keys = {name: path for name in plan.nodes if (path := _key(plan, name)) is not None}
    return replace(
        look_without_credentials(plan, state_folder, now),
        credentials=True,
        missing=_missing(plan),
        exposed=tuple(_exposed([*keys.values(), *_secret_files(plan)])),
        no_keys={name: str(path) for name, path in keys.items() if not path.is_file()},
    )


def look_without_credentials(plan: Plan, state_folder: Path, now: datetime) -> Here:
    """Look at everything that needs no node and no secret: what observers may look at."""
    there = next(each for each in (state_folder, *state_folder.parents) if each.exists())
    strangers, unreadable = _strangers(plan)
    return Here(
        state_folder=state_folder,
        writable=there.is_dir() and os.access(there, os.W_OK | os.X_OK),
        free=_free(there),
        credentials=False,
        strangers=strangers,
        known_hosts=unreadable,
        passed=passed(state_folder),
        apprise=find_spec("apprise") is not None,
        drills=drill_statuses(plan, state_folder, now),
        recovery=(left.message, left.hint) if (left := recovery(plan, state_folder)) is not None else None,
    )


def passed(state_folder: Path) -> dict[str, Passed]:
    """For each runbook the last drill or lab run that went through the whole of it."""
    found: dict[str, Passed] = {}
    made = (*runs(state_folder, "drill"), *runs(state_folder, "lab"))
    for run in sorted(made, key=lambda each: each.opened_at, reverse=True):
        opened = _opening(run.folder) if _whole(run) else None
        if opened is None:
            continue
        for name in opened.contents or apart(run.runbook):
            found.setdefault(name, Passed(run.id, run.closed_at or run.opened_at, opened.contents.get(name, "")))
    return found


def _whole(run: RunSummary) -> bool:
    """Whether every step was done; the lists around a drill are no steps of the runbook."""
    if run.outcome != "completed with exceptions":
        return run.outcome == "completed"
    try:
        state = fold_all(read(run.folder))
    except SparkdrError:
        return False  # `runs verify` tells about a damaged journal
    return state is not None and set(state.exceptions) <= {BEFORE, AFTER}


def _opening(folder: Path) -> e.RunOpened | None:
    try:
        with (folder / NAME).open("rb") as file:
            event = parse(file.readline().rstrip(b"\n"), folder / NAME, 1).event
    except (OSError, SparkdrError):
        return None
    return event if isinstance(event, e.RunOpened) else None


# -- files ---------------------------------------------------------------------------------------------


def _missing(plan: Plan) -> dict[str, tuple[str, str]]:
    """The secrets that are not there: what is wrong, and what to do."""
    found: dict[str, tuple[str, str]] = {}
    for name in plan.secrets:
        try:
            secret(plan, name)
        except SparkdrError as problem:
            found[name] = (problem.message, problem.hint)
    return found


def _key(plan: Plan, node_id: str) -> Path | None:
    node = plan.nodes[node_id]
    return plan.folder / Path(node.ssh.key).expanduser() if node.ssh and node.ssh.key else None


def _secret_files(plan: Plan) -> Iterator[Path]:
    for source in plan.secrets.values():
        if source.file is not None:
            yield plan.folder / Path(source.file).expanduser()


def _exposed(files: list[Path]) -> Iterator[str]:
    """Files that somebody else than their owner may read."""
    for path in dict.fromkeys(files):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & 0o077:
            yield str(path)


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _strangers(plan: Plan) -> tuple[dict[str, tuple[str, ...]], str]:
    """Nodes with addresses that known_hosts does not have, and why it could not be read."""
    remote = {name: node for name, node in plan.nodes.items() if not is_here(node)}
    path = plan.folder / "known_hosts"
    if not remote or not path.is_file():
        return {}, ""
    import asyncssh

    try:
        known = asyncssh.read_known_hosts(str(path))
    except (OSError, ValueError) as problem:
        return {}, one_line(str(problem))
    found: dict[str, tuple[str, ...]] = {}
    for name, node in remote.items():
        port = target(plan, node).port
        asked = {address: known.match(address, "", None if port == 22 else port) for address in node.address}
        strange = tuple(address for address, (keys, authorities, *_rest) in asked.items() if not (keys or authorities))
        if strange:
            found[name] = strange
    return found, ""
