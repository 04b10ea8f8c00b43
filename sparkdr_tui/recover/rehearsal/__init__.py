"""A run rehearsed: everything it needs is looked for, and nothing is changed, neither on a node nor here."""

from sparkdr_tui.recover.rehearsal.findings import Finding
from sparkdr_tui.recover.rehearsal.rehearse import Rehearsal, rehearse

__all__ = ["Finding", "Rehearsal", "rehearse"]
