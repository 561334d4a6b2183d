"""A request and an answer, as the invented hosts see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: header names lower-case, `target` the path with its query, `host` without a port."""

    method: str
    host: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `hang_up`: close the connection instead of answering."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False

    def header(self, name: str) -> str:
        """The value of one header, "" when it is not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """An API's answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status, body, (("Content-Type", "application/json; charset=utf-8"), *(headers or {}).items()))
