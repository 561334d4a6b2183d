"""Is it about the event, and who wrote it: rules with evidence; pure."""
