"""Where secret values come from: the operator's environment, or files the plan names. Values go nowhere from here."""

from __future__ import annotations

import os
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import Secret
from sparkdr_tui.plan.runbook import Plan


def secret(plan: Plan, name: str) -> str:
    """The value of a secret of the plan; raises `SparkdrError` that says where it was looked for."""
    source = plan.secrets.get(name)
    if source is None:
        raise SparkdrError(
            _("The plan has no secret {name}.").format(name=name),
            _("Declare it under `secrets:` in plan.yaml."),
        )
    value = os.environ.get(source.env, "") if source.env is not None else _read(plan, name, source)
    if not value:
        raise _missing(plan, name, source)
    return value


def node_env(plan: Plan, node_id: str) -> dict[str, str]:
    """The environment of every script on a node: what the plan says, and the node's secrets."""
    node = plan.nodes[node_id]
    return {**node.env, **{name: secret(plan, name) for name in node.secrets}}


def known_secrets(plan: Plan) -> tuple[str, ...]:
    """The secret values that are there, for masking; longest first, so that one inside another is masked with it."""
    found: set[str] = set()
    for name in plan.secrets:
        try:
            found.add(secret(plan, name))
        except SparkdrError:
            continue
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def _missing(plan: Plan, name: str, source: Secret) -> SparkdrError:
    if source.env is not None:
        hint = _("Set the environment variable {variable}.").format(variable=source.env)
    else:
        hint = _("Write it to the file {path}, readable by you alone.").format(path=_path(plan, source))
    return SparkdrError(_("The secret {name} is not there.").format(name=name), hint)


def _path(plan: Plan, source: Secret) -> Path:
    return plan.folder / Path(str(source.file)).expanduser()


def _read(plan: Plan, name: str, source: Secret) -> str:
    path = _path(plan, source)
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else _("it is no UTF-8 text")
        raise SparkdrError(
            _("The secret {name} cannot be read.").format(name=name),
            _("File {path}: {reason}.").format(path=path, reason=why),
        ) from error
