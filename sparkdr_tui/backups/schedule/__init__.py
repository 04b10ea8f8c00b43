"""What a plan wants to run by itself on a node, and whether it is installed there. Looks, and changes nothing."""
