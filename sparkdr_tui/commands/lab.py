"""`lab start|stop|status|faults|break|mend`: three nodes on loopback in the background, to be broken and mended."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from sparkdr_tui.lab.cluster import LabStatus

DirOption = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help=_("Folder of the lab; else the one that was started without.")),
]


def group() -> typer.Typer:
    """The commands that work on a lab in the background."""
    lab = typer.Typer(
        help=_("Three nodes on loopback with real servers. Alone it opens the cockpit on a lab of its own.")
    )
    lab.command("start", help=_("Start a lab in the background."))(start)
    lab.command("stop", help=_("Stop it; nothing of it goes on running."))(stop)
    lab.command("status", help=_("What runs in it, and which faults are in it."))(status)
    lab.command("faults", help=_("What can be broken."))(faults)
    lab.command("break", help=_("Break something, really."))(break_)
    lab.command("mend", help=_("Take every fault back."))(mend)
    return lab


def standard_folder() -> Path:
    """Where a lab lives when nobody names a folder."""
    from platformdirs import user_state_path

    return user_state_path("sparkdr-tui") / "lab"


def start(folder: DirOption = None) -> None:
    """Start a lab and say how to use it."""
    from sparkdr_tui.lab import cluster

    if folder is None:
        folder = standard_folder()
        _clear_stopped(folder)
    info = cluster.start(folder)
    typer.echo(_("The lab runs (process {pid}). Its plan: {plan}").format(pid=info.pid, plan=info.plan))
    typer.echo(f"sparkdr-tui --plan {info.plan}")


def stop(folder: DirOption = None) -> None:
    """Stop a lab."""
    from sparkdr_tui.lab import cluster

    folder = folder or standard_folder()
    cluster.stop(folder)
    typer.echo(_("The lab in {folder} is stopped.").format(folder=folder))


def status(
    folder: DirOption = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print what runs."""
    from sparkdr_tui.lab import cluster

    found = cluster.status(folder or _running())
    if as_json:
        write_json(_document(found))
    else:
        _print(found)
    if not found.running:
        raise typer.Exit(1)


def faults() -> None:
    """Print every fault."""
    from sparkdr_tui.lab.faults import FAULTS

    width = max(map(len, FAULTS))
    for name, fault in FAULTS.items():
        typer.echo(f"{name:{width}}  {fault.title.within(current())}")


def break_(
    fault: Annotated[str, typer.Argument(metavar="FAULT", help=_("One of “lab faults”."))],
    folder: DirOption = None,
) -> None:
    """Break something."""
    from sparkdr_tui.lab import cluster

    cluster.break_fault(folder or _running(), fault)
    typer.echo(_("Broken: {fault}").format(fault=fault))


def mend(folder: DirOption = None) -> None:
    """Take every fault back."""
    from sparkdr_tui.lab import cluster

    cluster.mend(folder or _running())
    typer.echo(_("Mended."))


def _running() -> Path:
    """The lab that nobody named: the one in the standard folder, else the one of a cockpit that is open."""
    from sparkdr_tui.lab import cluster

    standard = standard_folder()
    open_ones = cluster.in_front()
    if (standard / "inner.json").exists() and (cluster.status(standard).running or not open_ones):
        open_ones.append(standard)
    if len(open_ones) > 1:
        raise UsageError(
            _("Several labs run: {folders}").format(folders=", ".join(map(str, open_ones))),
            _("Say which with --dir DIR."),
        )
    return open_ones[0] if open_ones else standard


def _clear_stopped(folder: Path) -> None:
    """What a stopped lab left in the standard folder makes room for the next one."""
    from sparkdr_tui.lab import cluster

    if (folder / "inner.json").exists() and not cluster.status(folder).running:
        cluster.stop(folder)  # a supervisor that was killed leaves servers behind
        shutil.rmtree(folder)


def _glyph(well: bool) -> str:
    return "●" if well else "✖"


def _document(found: LabStatus) -> dict[str, Any]:
    return {
        "dir": str(found.folder),
        "running": found.running,
        "pid": found.pid,
        "nodes": dict(found.nodes or {}),
        "services": dict(found.services or {}),
        "faults": list(found.faults),
    }


def _print(found: LabStatus) -> None:
    if not found.running:
        typer.echo(_("The lab in {folder} is stopped.").format(folder=found.folder))
        return
    typer.echo(_("The lab in {folder} runs (process {pid}).").format(folder=found.folder, pid=found.pid))
    for name, node in (found.nodes or {}).items():
        there = node["powered"] and node["network"]
        typer.echo(f"  {_glyph(there)} {name:14} {node['address']}:{node['ssh_port']} ssh")
    for name, service in (found.services or {}).items():
        typer.echo(f"  {_glyph(service['listening'])} {name:14} {service['host']}:{service['port']}")
    typer.echo(_("Faults: {names}").format(names=", ".join(found.faults) or _("none")))
