"""The screen of the readiness check: would a recovery work, and what to do about what is not in order."""
