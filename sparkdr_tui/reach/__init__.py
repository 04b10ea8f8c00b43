"""How a script gets to a node and how its bytes come back."""
