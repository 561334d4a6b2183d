"""Who wrote a post and whether it is about the event: pure, each answer with its evidence in decibans."""

from typing import Final

# Stored with every label and decision; raise it whenever a rule, a weight or a vocabulary changes.
RULES_VERSION: Final = "2026.2"
