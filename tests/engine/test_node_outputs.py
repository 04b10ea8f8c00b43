"""What commands print on Macs, Linux and Windows is read right: one file in `outputs/` each, with the fact it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sparkdr_tui.readiness import macos
from sparkdr_tui.readiness.asking import DF
from sparkdr_tui.readiness.judging_systems import standby
from sparkdr_tui.readiness.versions import version

OUTPUTS = Path(__file__).parent / "outputs"


def told(said: Sequence[str]) -> list[Any]:
    """Mount point and free bytes of a line of df."""
    found = DF.search(f" {said[0]}")
    assert found is not None
    return [found[4], int(found[3]) * 1024]


READERS: Mapping[str, Callable[[Sequence[str]], Any]] = {
    "pmset": macos.power,
    "fdesetup": macos.filevault,
    "socketfilterfw": macos.firewall,
    "df": told,
    # As the script picks them: the first value of eight hexadecimal digits in a line.
    "powercfg": lambda said: standby([found[0] for line in said if (found := re.search(r"0x[0-9a-fA-F]{8}", line))]),
}


@pytest.mark.parametrize("file", sorted(OUTPUTS.glob("*.json")), ids=lambda file: file.stem)
def test_what_a_command_prints_is_read_right(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    command, said, fact = case["command"].split()[0], case["output"], case["fact"]
    if command == "mount":
        table = macos.mounts(said)
        found = {folder: macos.holding(table, folder) for folder in fact}
        assert {folder: each and [each.path, each.read_only] for folder, each in found.items()} == fact
    elif command == "pmset":
        settings = macos.power(said)
        assert {name: settings.get(name) for name in fact} == fact
        assert "autorestart" in fact or "autorestart" not in settings
    elif command in READERS:
        assert READERS[command](said) == fact
    else:
        assert list(version(said[0])) == fact


def test_a_firewall_that_lets_nothing_in_is_told_by_either_answer() -> None:
    assert macos.blocks_all(["Firewall is blocking all non-essential incoming connections. (State = 2)"], [])
    assert macos.blocks_all(["Firewall is enabled. (State = 1)"], ["Firewall has block all state set to enabled."])
    assert not macos.blocks_all(["Firewall is enabled. (State = 1)"], ["Block all DISABLED! "])
    assert not macos.blocks_all(["Firewall is enabled. (State = 1)"], [])
