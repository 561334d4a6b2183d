"""Numbers as one Report value, and its faces; pure."""
