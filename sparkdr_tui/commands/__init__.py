"""The commands, one file for each group of them; what `cli.py` puts together, and the only room that prints."""
