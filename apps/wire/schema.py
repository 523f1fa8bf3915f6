"""The protocol as JSON Schema, and as TypeScript declarations for the browser client."""

from types import UnionType
from typing import Any, get_args

import msgspec

from apps.wire import bodies
from apps.wire.close_codes import CloseCode
from apps.wire.commands import AnyCommand
from apps.wire.events import AnyEvent

HEAD = "// Written by `manage.py wire` from apps/wire/.\n"
PLAIN = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean"}
Schema = dict[str, Any]


def json_schema() -> Schema:
    """One JSON Schema (2020-12) with all types in $defs, and the unions `Command` and `Event`."""
    defs = _components()
    defs["Command"] = _union(AnyCommand)
    defs["Event"] = _union(AnyEvent)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Parley protocol 1",
        "$defs": defs,
        "x-close-codes": {code.name: code.value for code in CloseCode},
    }


def declarations() -> str:
    """The same types as TypeScript interfaces."""
    parts = [HEAD]
    for name, schema in _components().items():
        parts.append(f"export interface {name} {_fields(schema)}\n")
    for name, union in (("Command", AnyCommand), ("Event", AnyEvent)):
        members = "\n".join(f"  | {member.__name__}" for member in get_args(union))
        parts.append(f"export type Any{name} =\n{members};\n")
    return "\n".join(parts)


def _components() -> dict[str, Schema]:
    types = [*get_args(AnyCommand), *get_args(AnyEvent), bodies.Position]
    _, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    return dict(sorted(components.items()))


def _union(union: UnionType) -> Schema:
    return {"anyOf": [{"$ref": f"#/$defs/{member.__name__}"} for member in get_args(union)]}


def _fields(schema: Schema) -> str:
    required = set(schema.get("required", ()))
    lines = []
    for name, field in schema["properties"].items():
        mark = "" if name in required else "?"
        lines.append(f"  {name}{mark}: {_type(field)};")
    return "{\n" + "\n".join(lines) + "\n}"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"'{value}'" for value in schema["enum"])
    kind = schema.get("type")
    if kind == "null":
        return "null"
    if kind == "array":
        return f"Array<{_type(schema['items'])}>"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if values else 'unknown'}>"
    return PLAIN[str(kind)]
