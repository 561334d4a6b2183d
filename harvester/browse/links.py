"""What Datasette may turn into a link: a clean web address and nothing else. All other text stays text."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils import is_url, truncate_url
from markupsafe import Markup, escape

from harvester.urls import is_web_url


class Cells:
    """Datasette's plugin hook."""

    @staticmethod
    @hookimpl  # type: ignore[untyped-decorator] # it publishes no types
    def render_cell(value: Any, datasette: Any) -> Markup | str | None:
        """A link, or the text, for what Datasette would link; None leaves any other cell to Datasette."""
        text = value.strip() if isinstance(value, str) else ""
        if not is_url(text):
            return None
        brief = truncate_url(text, datasette.setting("truncate_cells_html"))
        if not is_web_url(text):
            return str(brief)
        return Markup(f'<a href="{escape(text)}" rel="noreferrer noopener">{escape(brief)}</a>')  # noqa: S704 - escaped
