"""What happened: events, the journal that keeps them, and the state they fold into."""
