"""The one entrance for the shims on a node's PATH: `python -I -m sparkdr_tui.lab.standins NAME ARGUMENT…`."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.standins import HANDLERS


def main(name: str, arguments: list[str]) -> int:
    """Run one stand-in and return its exit status."""
    module, _, function = HANDLERS[name].partition(":")
    try:
        status: int = getattr(import_module(f"sparkdr_tui.lab.standins.{module}"), function)(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered has no reader
        return 141
    except KeyboardInterrupt:
        return 130
    except (OSError, SparkdrError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
