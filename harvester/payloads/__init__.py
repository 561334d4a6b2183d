"""What the records of each service hold, as drafts: one module a service. Pure."""
