"""Three nodes on loopback with real servers, their faults and their stand-in commands."""
