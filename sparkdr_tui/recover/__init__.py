"""What we do: the only room that changes anything on a node."""
