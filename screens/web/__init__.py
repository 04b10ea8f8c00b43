"""The observer's cockpit in a browser. Each tab gets a cockpit of its own, as a process; nobody can act through it."""
