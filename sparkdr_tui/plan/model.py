"""What a plan folder says: the values it is made of, nodes, services, scenarios, contacts.

Nothing here reads a file (`load.py`) or knows how a step runs (`recover/`).
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

Language = Literal["en", "ko"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
"""An id of the plan: small letters, digits, hyphens."""
EnvName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Whole = Annotated[int, Field(strict=True)]
"""A whole number; `true` and `"1"` are none."""
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Level = Annotated[int, Field(strict=True, ge=1, le=4)]
"""1 a service, 2 a node, 3 several nodes, 4 the site."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_LONGEST = 3653 * 86400
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(value: Any) -> Any:
    """Read `"90s"`, `"1h 30m"`, `"500ms"`, `"7d"`; a bare number is refused, since its unit would be a guess."""
    if isinstance(value, timedelta):
        return value
    text = value.strip() if isinstance(value, str) else ""
    parts = _DURATION.findall(text) if len(text) <= 40 else []
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError(f"{value!r} is no duration; write a number and its unit, like 30s, 15m, 1h or 7d")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if seconds > _LONGEST:
        raise ValueError(f"{value!r} is too long; ten years are the most")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """Write a duration the way the plan does: `1h30m`, `45s`, `7d`."""
    left, text = value.total_seconds(), ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        text += f"{int(count)}{unit}" if count else ""
    return text + (f"{round(left * 1000)}ms" if left >= 0.001 else "") or "0s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$",
            "examples": ["30s", "15m", "1h", "7d"],
        }
    ),
]


class Frozen(BaseModel):
    """A value from outside: immutable, and no key that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def or_string(schema: dict[str, Any]) -> None:
    """Let a plain string stand for the whole in a JSON Schema, as a validator of the model does."""
    whole = dict(schema)
    schema.clear()
    schema |= {"description": whole.pop("description", ""), "anyOf": [{"type": "string"}, whole]}


class Text(Frozen):
    """A text for people, in English and Korean; a plain string stands for both."""

    model_config = ConfigDict(json_schema_extra=or_string)

    en: str
    ko: str

    @model_validator(mode="before")
    @classmethod
    def _plain_string(cls, value: Any) -> Any:
        return {"en": value, "ko": value} if isinstance(value, str) else value

    def within(self, language: Language) -> str:
        """The text in `language`."""
        return self.ko if language == "ko" else self.en


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])]
"""One string or a list of them."""


class State(StrEnum):
    """What a probe found; `UNKNOWN` is never good news."""

    UP = "up"
    SLOW = "slow"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"

    @property
    def healthy(self) -> bool:
        """Whether the service does its work (a slow one does)."""
        return self in (State.UP, State.SLOW)


def _as_states(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


States = Annotated[tuple[State, ...], BeforeValidator(_as_states, json_schema_input_type=State | tuple[State, ...])]


# -- nodes and services ------------------------------------------------------------------------------


class Ssh(Frozen):
    """How to log in to a node.

    `key` is a path (relative ones start at the plan folder); without it the agent and the user's own keys are tried.
    """

    user: str
    port: Port = 22
    key: str | None = None


class Node(Frozen):
    """A machine (개요, 시스템 아키텍처)."""

    title: Text
    role: Text
    criticality: Literal["critical", "high", "medium", "low"]
    address: Annotated[Strings, Field(min_length=1)]
    """One or more addresses, tried in order."""
    os: Literal["macos", "linux", "windows"]
    ssh: Ssh | None = None
    """Without it the node is this machine: scripts run locally."""
    hostnames: Strings = ()
    """Where the program finds itself on one of these hosts, it runs this node's scripts locally."""
    folders: Strings = ()
    """Folders (may name variables of `env`) that are always there: a node that answers without one is damaged."""
    env: dict[EnvName, str] = {}
    """Environment of every script on this node; a leading `~/` means the node's home."""
    secrets: tuple[EnvName, ...] = ()
    """Secrets of the plan that scripts on this node find in their environment."""


class Secret(Frozen):
    """Where a secret value is: an environment variable, or a file (relative paths start at the plan folder)."""

    env: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret has exactly one source: env or file")
        return self


class ProbeBase(Frozen):
    """What every probe has: a deadline of its own."""

    timeout: Duration = timedelta(seconds=5)
    via: Literal["direct", "ssh"] = "direct"
    """`ssh` goes through the node's SSH, for services that listen on the node itself only."""


class TcpProbe(ProbeBase):
    """The port accepts a connection."""


class HttpProbe(ProbeBase):
    """A GET answers with one of `status`."""

    path: str = "/"
    status: tuple[Whole, ...] = (200,)
    tls: bool = False


class PostgresProbe(ProbeBase):
    """The database takes a query, its tables are there and, if asked for, amcheck finds nothing wrong."""

    database: str
    user: str
    password: EnvName | None = None
    """Name of a secret."""
    tables: tuple[str, ...] = ()
    amcheck: bool = False


class RedisProbe(ProbeBase):
    """PING answers PONG, and the server holds at least `min_keys` keys; with fewer it is damaged (its data is lost)."""

    password: EnvName | None = None
    min_keys: int = Field(0, ge=0)


class S3Probe(ProbeBase):
    """The store lists its buckets, and these are among them."""

    buckets: tuple[str, ...] = ()
    access_key: EnvName
    secret_key: EnvName
    region: str = "us-east-1"
    tls: bool = False


class Probe(Frozen):
    """Exactly one kind of probe."""

    tcp: TcpProbe | None = None
    http: HttpProbe | None = None
    postgres: PostgresProbe | None = None
    redis: RedisProbe | None = None
    s3: S3Probe | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_kind(cls, value: Any) -> Any:
        """`tcp:` alone is a probe without settings."""
        if not isinstance(value, dict):
            return value
        return {kind: {} if each is None else each for kind, each in value.items()}

    @model_validator(mode="after")
    def _one_kind(self) -> Probe:
        if len(self.model_fields_set) != 1:
            raise ValueError("a probe has exactly one kind: tcp, http, postgres, redis or s3")
        return self

    @property
    def kind(self) -> TcpProbe | HttpProbe | PostgresProbe | RedisProbe | S3Probe:
        """The one probe that was given."""
        found = self.tcp or self.http or self.postgres or self.redis or self.s3
        assert found is not None
        return found


class Service(Frozen):
    """A thing on a node that answers (복구 목표)."""

    title: Text
    on: Name
    port: Port
    probe: Probe
    rto: Duration | None = None
    rpo: Duration | None = None
    slow: Duration | None = None
    """Answers later than this count as slow; without it nothing is called slow."""
    depends_on: tuple[Name, ...] = ()
    """Services without which this one cannot be healthy: diagnosis looks for the root there."""
    note: Text | None = None


class Mains(Frozen):
    """Something at the site that has power when the nodes have, and is reached another way than they are.

    The card of a UPS or a mobile router: where every node is silent, it tells a power cut from a dead network.
    """

    address: Annotated[Strings, Field(min_length=1)]
    port: Port


# -- scenarios ---------------------------------------------------------------------------------------


class Sign(Frozen):
    """What a scenario looks like in the topology; all keys that are given must hold."""

    service: Name | None = None
    node: Name | None = None
    is_: States = Field((State.REFUSED, State.UNREACHABLE), alias="is")
    nodes_down: Whole | None = None
    """At least so many nodes on which nothing answers."""
    services_down: Whole | None = None
    """At least so many services broken on `node` (without it: on any), while their nodes are there."""
    mains: States | None = None
    """The plan's `mains` are in one of these states; does not hold where the plan has none."""
    reason: Text | None = None
    """Said with the suggestion instead of the sentence made from the reading."""

    @model_validator(mode="after")
    def _something(self) -> Sign:
        if all(each is None for each in (self.service, self.node, self.nodes_down, self.services_down)):
            raise ValueError("a sign names what it looks at: service, node, nodes_down or services_down")
        return self


class Scenario(Frozen):
    """A kind of disaster (재해 시나리오)."""

    number: Whole | None = None
    title: Text
    level: Level
    priority: Text
    rto: Duration
    impact: tuple[Text, ...]
    affects: tuple[Name, ...] = ()
    """Services that are lost or at risk."""
    signs: tuple[Sign, ...] = ()
    """Any one of them suggests the scenario."""
    runbooks: tuple[Name, ...]
    """What answers it; the first is the one offered."""
    contacts: tuple[Name, ...] = ()
    """Whom this scenario needs first."""
    source: str = ""


# -- contacts and escalation -------------------------------------------------------------------------


class Contact(Frozen):
    """Somebody of the team, or outside support (비상 연락망); empty fields are named by the readiness check."""

    role: Text
    name: str = ""
    phone: str = ""
    email: str = ""
    scope: Text


OWNER = "$owner"
"""Stands in an escalation stage for the contacts of the scenario."""


class EscalationStage(Frozen):
    """One box of the escalation flow (에스컬레이션 절차)."""

    id: Name
    title: Text
    levels: tuple[Level, ...] = ()
    """Levels that start here; empty: reached only from the stage before."""
    who: tuple[str, ...] = ()
    """Contact ids; `$owner` stands for the contacts of the scenario."""
    escalate_after: Duration | None = None
    """How long to wait for an answer or a recovery before the next stage."""


class Contacts(Frozen):
    """contacts.yaml."""

    team: dict[Name, Contact]
    external: dict[Name, Contact] = {}
    escalation: tuple[EscalationStage, ...] = ()
