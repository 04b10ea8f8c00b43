"""What is true now: readings, topology, level, suggested scenarios. Changes nothing on a node."""
