"""Datasette on the database."""
