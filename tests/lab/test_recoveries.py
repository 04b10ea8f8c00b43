"""Every fault is told for what it is, and the procedure that is suggested first brings everything back as it was.

The two that damage the database are in test_run_lab.py, through processes and a terminal of their own; the loss of the
site, which nothing can suggest, is in test_site_loss.py.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.plan import load as loader
from tests.engine.command_line import Said, sparkdr
from tests.lab.everything import Everything, difference, everything
from tests.lab.world import World


@dataclass(frozen=True)
class Found:
    """What `status` has to say first about a fault."""

    scenario: str
    runbook: str
    level: int
    because: str
    """Words of the reason."""
    down: Mapping[str, str]
    """Nodes and services that are not up, and what they are instead; nothing else may be called down."""


def found(scenario: str, runbook: str, level: int, because: str, **down: Sequence[str]) -> Found:
    """`down` names a state and what is in it."""
    states = {name: state for state, names in down.items() for name in names}
    return Found(scenario, runbook, level, because, states)


MACMINI = ("backend", "postgresql", "redis", "minio", "minio-console")
DESKTOP = ("ollama", "comfyui")
ALL = ("macmini", *MACMINI, "desktop", *DESKTOP, "laptop", "frontend")
FOUND = {
    "backend-down": found("backend-down", "backend-restart", 1, "Backend refuses", refused=["backend"]),
    "postgres-down": found(
        "postgresql-down", "postgresql-start", 1, "PostgreSQL refuses", refused=["postgresql"], damaged=["backend"]
    ),
    "redis-down": found("redis-down", "redis-start", 1, "Redis refuses", refused=["redis"], damaged=["backend"]),
    "redis-lost": found("redis", "redis", 1, "holds 0 keys", damaged=["redis"]),
    "minio-down": found("minio-down", "minio-start", 1, "MinIO refuses", refused=["minio", "minio-console"]),
    "minio-lost": found("minio", "minio", 1, "buckets sparklio-assets", damaged=["minio"]),
    "ollama-down": found("ollama-down", "desktop-services", 1, "Ollama refuses", refused=["ollama"]),
    "comfyui-down": found("comfyui-down", "desktop-services", 1, "ComfyUI refuses", refused=["comfyui"]),
    "frontend-down": found("frontend-down", "frontend-start", 1, "Frontend refuses", refused=["frontend"]),
    "desktop-off": found("desktop", "desktop-start", 2, "Desktop does not answer", unreachable=["desktop", *DESKTOP]),
    "macmini-off": found("macmini", "macmini-start", 2, "Mac mini does not answer", unreachable=["macmini", *MACMINI]),
    "macmini-blank": found(
        "macmini-blank", "macmini-hardware", 2, "its project folder is gone", damaged=["macmini"], refused=MACMINI
    ),
    "laptop-off": found("laptop", "laptop-start", 2, "Laptop does not answer", unreachable=["laptop", "frontend"]),
    "network-down": found("network", "network", 3, "do not answer, and there is power", unreachable=ALL),
    "blackout": found("blackout", "blackout", 4, "the power is gone", unreachable=ALL),
}


@pytest.fixture(scope="module", autouse=True)
def _plan_read_once() -> Iterator[None]:
    """Reading the plan's YAML is most of what a command costs here, and nobody changes it meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "load", cache(loader.load))
        yield


@pytest.fixture(scope="module")
def before(_session_lab: World) -> Everything:
    """What there is before any fault: each recovery has to come back to it, also after the ones before."""
    return everything(_session_lab)


def test_every_fault_has_its_recovery() -> None:
    elsewhere = {"postgres-corrupt", "postgres-corrupt-pages", "site-lost"}
    assert {*FOUND, *elsewhere} == set(FAULTS)


@pytest.mark.parametrize("fault", FOUND)
def test_what_is_suggested_first_brings_everything_back(lab: World, before: Everything, fault: str) -> None:
    lab.break_(fault)
    wanted, said = FOUND[fault], status(lab)
    deadline = time.monotonic() + 30
    while down(said) != wanted.down and time.monotonic() < deadline:
        said = status(lab)  # a server that was just killed may take a last connection with it
    assert down(said) == wanted.down
    assert said["level"] == wanted.level
    first = said["suggestions"][0]
    assert (first["scenario"], first["runbooks"][0]) == (wanted.scenario, wanted.runbook)
    assert wanted.because in first["reason"]["en"]

    run(lab, wanted.runbook)
    assert all_up(lab)
    assert not difference(before, everything(lab))


@pytest.mark.parametrize(
    ("faults", "runbook", "level"),
    [
        (("minio-down", "redis-down"), "redis-start+minio-start", 1),
        (("desktop-off", "postgres-corrupt"), "database+desktop-start", 2),
        (("minio-lost", "redis-lost"), "redis+minio", 1),
        (("laptop-off", "desktop-off"), "network", 3),
    ],
)
def test_several_faults_at_once_are_put_in_order_and_recovered_as_one(
    lab: World, before: Everything, faults: tuple[str, ...], runbook: str, level: int
) -> None:
    for fault in faults:
        lab.break_(fault)
    said = status(lab)
    assert said["level"] == level
    suggested = [each["runbooks"][0] for each in said["suggestions"]]
    names = runbook.split("+")
    assert suggested[: len(names)] == names

    run(lab, "+".join(reversed(names)))
    assert all_up(lab)
    assert not difference(before, everything(lab))


@pytest.mark.parametrize(
    ("faults", "lost", "runbook"),
    [
        (("postgres-corrupt", "redis-lost"), (), "macmini-software"),
        (("desktop-off",), ("desktop/ComfyUI", "desktop/.ollama"), "desktop-gpu"),
        (("laptop-off",), ("laptop/sparklio_ai_marketing_studio", "laptop/.pm2"), "frontend"),
    ],
)
def test_the_longer_procedures_bring_everything_back_too(
    lab: World, before: Everything, faults: tuple[str, ...], lost: tuple[str, ...], runbook: str
) -> None:
    for fault in faults:
        lab.break_(fault)
    for each in lost:
        node, _, path = each.partition("/")
        shutil.rmtree(lab.home(node) / path)
    run(lab, runbook)
    assert all_up(lab)
    assert not difference(before, everything(lab))


def status(lab: World) -> dict[str, Any]:
    """What `status --json` says."""
    document: dict[str, Any] = sparkdr("--plan", lab.plan, "status", "--json").document
    return document


def down(said: dict[str, Any]) -> dict[str, str]:
    """What is not up, and what it is instead."""
    everywhere = {**said["nodes"], **said["services"]}
    return {name: each["state"] for name, each in everywhere.items() if each["state"] not in ("up", "slow")}


def run(lab: World, runbook: str) -> Said:
    """Run a runbook without asking; it has to complete without exceptions."""
    said = sparkdr("--plan", lab.plan, "run", runbook, "--yes")
    assert said.status == 0, said.out
    assert "completed with exceptions" not in said.out
    return said


def all_up(lab: World) -> bool:
    """Whether nothing is wrong any more, by what `status` says."""
    said = status(lab)
    return not down(said) and said["level"] is None and not said["suggestions"]
