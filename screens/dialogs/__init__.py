"""The questions that the cockpit asks, one noun per file."""
