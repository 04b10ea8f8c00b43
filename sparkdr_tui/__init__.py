"""The engine of sparkdr-tui: everything that works without a screen; it imports no Textual."""

__version__ = "0.1.0"
