"""What a Mac says about itself, read: `pmset -g`, `fdesetup status`, the firewall, `mount`. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SETTING = re.compile(r"\s*(\w+)\s+(\d+)\b")
_FILEVAULT = re.compile(r"FileVault is (On|Off)\b")
_FIREWALL = re.compile(r"\(State = (\d)\)")
_SWITCH = re.compile(r"\b(enabled|disabled)\b", re.IGNORECASE)
_MOUNT = re.compile(r"(.+?) on (/.*?)(?: type (\S+))? \(([^()]*)\)$")


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of `mount`."""

    device: str
    path: str
    options: tuple[str, ...]
    """On a Mac the first one is the file system."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written there."""
        return "read-only" in self.options or "ro" in self.options


def power(lines: Sequence[str]) -> dict[str, int]:
    """The settings in `pmset -g`; those of the source of power that is in use."""
    return {found[1]: int(found[2]) for line in lines if (found := _SETTING.match(line))}


def filevault(lines: Sequence[str]) -> bool | None:
    """Whether FileVault is on; None where it does not say."""
    found = next((match[1] for line in lines if (match := _FILEVAULT.search(line))), None)
    return None if found is None else found == "On"


def firewall(lines: Sequence[str]) -> bool | None:
    """Whether the application firewall is on; None where it does not say."""
    found = next((match[1] for line in lines if (match := _FIREWALL.search(line))), None)
    return None if found is None else found != "0"


def blocks_all(state: Sequence[str], blockall: Sequence[str]) -> bool:
    """Whether the firewall lets nothing in at all."""
    if any("(State = 2)" in line for line in state):
        return True
    found = next((match[1] for line in blockall if (match := _SWITCH.search(line))), "disabled")
    return found.lower() == "enabled"


def mounts(lines: Sequence[str]) -> tuple[Mount, ...]:
    """The table that `mount` prints, on a Mac and on Linux."""
    found = (_MOUNT.match(line) for line in lines)
    return tuple(
        Mount(match[1], match[2], tuple(each.strip() for each in match[4].split(","))) for match in found if match
    )


def holding(table: Sequence[Mount], folder: str) -> Mount | None:
    """The mounted drive that a folder is on; None for one on the disk of the system itself."""
    found = [each for each in table if each.path != "/" and f"{folder}/".startswith(f"{each.path.rstrip('/')}/")]
    return max(found, key=lambda each: len(each.path), default=None)
