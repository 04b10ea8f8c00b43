"""The plan: a folder of YAML becomes a `Plan`, or errors with file and line."""
