"""All SQL lives here: the schema, and one module a subject that reads and writes it."""
