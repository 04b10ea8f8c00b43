"""What a plan promises about backups (백업 전략). Reads no file and makes no backup."""

from __future__ import annotations

from pydantic import Field

from sparkdr_tui.plan.model import Duration, Frozen, Name, Text


class BackupSet(Frozen):
    """A kind of backup (백업 전략).

    `dir` may name variables of the node's env; `{stamp}` is YYYYmmdd_HHMMSS in the node's time.
    """

    title: Text
    on: Name
    dir: str
    name: str = Field(pattern=r"\{stamp\}")
    every: Duration
    keep: Duration
    must_be_mounted: bool = False
    services: tuple[Name, ...] = ()
    """Whose data it holds."""
    rpo: Duration | None = None
    """Where no service carries it (configuration files)."""
    made_by: Name | None = None
    """The runbook that makes one."""
    verified_by: Name | None = None
    """The runbook that restores one into scratch and records beside it what it found."""
    optional: bool = False
    """It stands beside another set of the same data: nobody misses it, and its age breaks no promise."""
