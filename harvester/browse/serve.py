"""Datasette over one harvester database: read-only, on this machine only, with titles, facets and queries."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from datasette.app import Datasette
from datasette.plugins import pm

from harvester.browse import links
from harvester.browse.frozen import Frozen
from harvester.browse.hidden_people import OptedOut
from harvester.browse.short_words import answered_elsewhere

if TYPE_CHECKING:
    from pathlib import Path

# Suggesting facets on a large table costs a second a page; a facet on one may need a second itself.
SETTINGS = {
    "suggest_facets": False,
    "facet_time_limit_ms": 1000,
    "sql_time_limit_ms": 3000,
    "default_page_size": 50,
    "max_returned_rows": 5000,  # a report has a row for each person who wrote
    "truncate_cells_html": 160,
    "allow_download": False,
    "max_csv_mb": 0,
}
_HIDDEN = (
    "frontier",
    "hosts",
    "checkpoints",
    "spending",
    "quarantine",
    "decisions",
    "head_counts",
    "_sqlite_migrations",
)


def metadata(name: str) -> dict[str, Any]:
    """Datasette's metadata for a database of that name (the file's stem)."""
    text = files("harvester.browse").joinpath("datasette.toml").read_text(encoding="utf-8")
    described = tomllib.loads(text)
    tables = described["tables"] | {table: {"hidden": True} for table in _HIDDEN}
    tables |= {"snapshots": {"allow": False}}  # whole texts: the queries show them without who opted out since
    database = {"tables": tables, "queries": described["queries"], "description": described["description"]}
    return {"title": described["title"], "description": described["description"], "databases": {name: database}}


class Browser(Datasette):  # type: ignore[misc] # it publishes no types
    """Datasette, in which the search box above the posts finds words of two characters too."""

    def app(self) -> Any:
        """The ASGI application."""
        return answered_elsewhere(super().app())


def application(db: Path) -> Datasette:
    """A Datasette that cannot write and links web addresses only; it sees new rows while a crawl runs."""
    for name, hooks in (("links", links.Cells), ("frozen", Frozen), ("people", OptedOut)):
        if not pm.is_registered(hooks):
            pm.register(hooks, f"harvester.{name}")
    return Browser([str(db)], metadata=metadata(db.stem), settings=SETTINGS, cache_headers=False)


def serve(db: Path, port: int) -> None:
    """Answer on 127.0.0.1 until interrupted."""
    import uvicorn

    uvicorn.run(application(db).app(), host="127.0.0.1", port=port, log_level="warning", lifespan="on")
