"""Numbers with their states, bounds and ranges, one module a family; pure."""
