"""Faults that hide each other, recovered by one run: nobody waits early for what a later runbook brings back."""

from __future__ import annotations

import pytest

from tests.engine.command_line import process
from tests.lab.everything import difference, everything
from tests.lab.world import World

LONG = 240


@pytest.mark.parametrize(
    ("faults", "asked", "ran", "lost"),
    [
        (("postgres-corrupt", "network-down"), ("database", "network"), "network+database", {"postgresql"}),
        (("minio-lost", "macmini-off"), ("minio", "macmini-start"), "macmini-start+minio", {"minio"}),
        (("postgres-corrupt", "redis-down"), ("database", "redis-start"), "redis-start+database", {"postgresql"}),
    ],
)
def test_one_run_brings_back_what_two_faults_have_taken(
    lab: World, faults: tuple[str, ...], asked: tuple[str, ...], ran: str, lost: set[str]
) -> None:
    before = everything(lab)
    for fault in faults:
        lab.break_(fault)
    said = process("--plan", lab.plan, "run", *asked, "--yes", "--json", timeout=LONG)
    document = said.documents[-1]
    assert (said.status, document["runbook"], document["outcome"]) == (0, ran, "completed"), said
    assert all(each["restored"] and each["met"] for each in document["objectives"].values())
    assert {name for name, each in document["objectives"].items() if each["lost_s"] is not None} >= lost
    assert all(each["loss"]["restored"] for each in document["inputs"].values())
    assert not difference(before, everything(lab))
