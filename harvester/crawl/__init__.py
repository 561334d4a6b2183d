"""The engine: frontier, guards, archive, parsing child, supervisor."""
