"""Blocks of a text (`prose_ja`) as HTML, Markdown and plain words."""

from __future__ import annotations

import re
from html import escape

_LINK = re.compile(r"\[\[([^|\]]*(?:\][^|\]]+)*)\|([^\]\s]+)\]\]")


def to_html(blocks: tuple[str, ...], heading: str = "h2") -> str:
    """Headings, lists and paragraphs."""
    return "\n".join(_block(block, heading) for block in blocks)


def _block(block: str, heading: str) -> str:
    if block.startswith("# "):
        return f"<{heading}>{_inline(block[2:])}</{heading}>"
    if block.startswith("- "):
        items = "".join(f"<li>{_inline(line.removeprefix('- '))}</li>" for line in block.split("\n"))
        return f"<ul>{items}</ul>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    parts, end = [], 0
    for match in _LINK.finditer(text):
        parts += [
            escape(text[end : match.start()], quote=False),
            f'<a href="{escape(match[2])}">{escape(match[1])}</a>',
        ]
        end = match.end()
    return "".join(parts) + escape(text[end:], quote=False)


def to_markdown(blocks: tuple[str, ...]) -> str:
    """What an author typed."""
    return "\n\n".join(_LINK.sub(r"[\1](\2)", block) for block in blocks)


def to_words(blocks: tuple[str, ...]) -> str:
    """No markup at all."""
    return "\n".join(_LINK.sub(r"\1", block).removeprefix("# ") for block in blocks)


def links(blocks: tuple[str, ...]) -> list[str]:
    """Addresses that the text points to."""
    return [match[2] for block in blocks for match in _LINK.finditer(block)]
