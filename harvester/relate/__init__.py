"""Folding copies into stories and resolving links; pure."""
