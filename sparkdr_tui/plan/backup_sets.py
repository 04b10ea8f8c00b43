"""What a plan promises about backups (백업 전략). Reads no file and makes no backup."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator

from sparkdr_tui.plan.model import Duration, EnvName, Frozen, Name, Text

_URL = re.compile(r"https?://[^/\s?#@]+/?")


class CopyToBucket(Frozen):
    """A second place behind S3: a copy lies under `prefix`/name of the backup."""

    url: str
    """`https://host` or `http://host:port`, without a path."""
    bucket: str = Field(min_length=1)
    prefix: str = ""
    access_key: EnvName
    secret_key: EnvName
    """Names of secrets."""
    region: str = "us-east-1"
    rpo: Duration | None = None
    """How old the newest copy may be; without it, what the set itself promises."""

    @property
    def where(self) -> str:
        """The place in one word."""
        return "/".join(part for part in (self.url, self.bucket, self.prefix) if part)

    @field_validator("url")
    @classmethod
    def _only_a_host(cls, value: str) -> str:
        if not _URL.fullmatch(value):
            raise ValueError("an S3 endpoint is https://host or http://host:port, without a path")
        return value.rstrip("/")

    @field_validator("prefix")
    @classmethod
    def _inside(cls, value: str) -> str:
        parts = [part for part in value.split("/") if part]
        if {".", ".."} & set(parts):
            raise ValueError("a prefix has no . and no .. in it")
        return "/".join(parts)


class CopyToFolder(Frozen):
    """A second place that is a folder on another node."""

    node: Name
    dir: str = Field(min_length=1)
    """May name variables of that node's env; a relative one starts at its home."""
    rpo: Duration | None = None
    """How old the newest copy may be; without it, what the set itself promises."""

    @property
    def where(self) -> str:
        """The place in one word."""
        return f"{self.node}:{self.dir}"


def _kind(value: Any) -> str:
    keys = value.keys() if isinstance(value, dict) else ()
    return "to-folder" if isinstance(value, CopyToFolder) or {"node", "dir"} & set(keys) else "to-bucket"


CopyTo = Annotated[
    Annotated[CopyToBucket, Tag("to-bucket")] | Annotated[CopyToFolder, Tag("to-folder")], Discriminator(_kind)
]
"""A second place: an S3 endpoint (url, bucket), or a folder on another node (node, dir)."""


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
    copy_to: CopyTo | None = None
    """A second place, for the day on which the first is gone. Nothing is ever deleted there."""
