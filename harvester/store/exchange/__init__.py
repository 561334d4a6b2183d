"""An event's records out of the database as interchange lines, and into it (docs/interchange.md)."""

from harvester.store.exchange.read import STEPS, Intake
from harvester.store.exchange.refs import Unresolved
from harvester.store.exchange.write import lines

__all__ = ["STEPS", "Intake", "Unresolved", "lines"]
