"""The parts of the screens, one noun per file."""
