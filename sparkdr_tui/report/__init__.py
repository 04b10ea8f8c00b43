"""A run as text for people: built from its journal alone."""
