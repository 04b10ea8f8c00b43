"""Would a recovery work, from here and now? Everything it needs is looked at; nothing on a node is changed."""
