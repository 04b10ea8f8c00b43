"""`python -m sparkdr_tui.lab.by_hand FOLDER WHAT`: what the lab's plan names as its hands."""

from __future__ import annotations

import sys
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import cluster


def main(folder: str, what: str) -> int:
    """Let the lab do it; its words go to where the step's log is."""
    try:
        cluster.hands(Path(folder), what)
    except SparkdrError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"done by the lab's hands: {what}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
