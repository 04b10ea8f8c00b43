"""The calendar of drills: what is due, what belongs to each, and holding one."""
