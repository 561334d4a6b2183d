"""A request's parameters against the API description that its service publishes: enough of OpenAPI 3 for that."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node with its reference followed."""
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def problems_of_request(document: dict[str, Any], url: str) -> list[str]:
    """What the description of the path does not allow in the query of a GET request."""
    parts = urlsplit(url)
    operation = document["paths"][parts.path]["get"]
    known = [resolved(document, parameter) for parameter in operation["parameters"]]
    schemas = {p["name"]: resolved(document, p["schema"]) for p in known if p["in"] == "query"}
    given = parse_qsl(parts.query, keep_blank_values=True)
    names = [name for name, _ in given]
    found = [f"{name} is given twice" for name in set(names) if names.count(name) > 1]
    found += [f"{p['name']} is missing" for p in known if p.get("required") and p["name"] not in names]
    for name, value in given:
        if name not in schemas:
            found.append(f"{name} is unknown")
        else:
            found += [f"{name}: {problem}" for problem in _problems(document, schemas[name], value)]
    return found


def _problems(document: dict[str, Any], schema: dict[str, Any], text: str) -> list[str]:
    kind = schema.get("type")
    if kind == "array":
        values, items = text.split(","), resolved(document, schema["items"])
        found = ["an item twice"] if schema.get("uniqueItems") and len(set(values)) < len(values) else []
        return found + [problem for value in values for problem in _problems(document, items, value)]
    if kind == "integer":
        if not text.isdigit():
            return [f"{text!r} is no integer"]
        low, high = schema.get("minimum", int(text)), schema.get("maximum", int(text))
        return [] if low <= int(text) <= high else [f"{text} is not within {low} to {high}"]
    if "enum" in schema and text not in schema["enum"]:
        return [f"{text!r} is none of {schema['enum']}"]
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return [f"{len(text)} characters"]
    if "pattern" in schema and not re.search(schema["pattern"].strip("/"), text):
        return [f"{text!r} does not match {schema['pattern']}"]
    if schema.get("format") == "date-time":
        return [] if datetime.fromisoformat(text).tzinfo and text.endswith("Z") else [f"{text} is no UTC time"]
    return []


def problems_of_value(document: dict[str, Any], schema: dict[str, Any], value: Any, where: str = "") -> list[str]:
    """Missing and mistyped members of a JSON value, members that nobody described included."""
    schema = resolved(document, schema)
    if value is None:
        return [] if schema.get("nullable") or not schema.get("type") else [f"{where} is null"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        return [f"{where} is no {kind}"]
    if isinstance(value, list) and "items" in schema:
        return [
            p for i, v in enumerate(value) for p in problems_of_value(document, schema["items"], v, f"{where}[{i}]")
        ]
    found = []
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, member in value.items():
            if name in schema["properties"]:
                found += problems_of_value(document, schema["properties"][name], member, f"{where}.{name}")
            else:
                found.append(f"{where}.{name} is not described")
    return found
