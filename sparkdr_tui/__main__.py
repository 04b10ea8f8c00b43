"""`python -m sparkdr_tui`."""

from __future__ import annotations

from sparkdr_tui.cli import main

if __name__ == "__main__":
    main()
