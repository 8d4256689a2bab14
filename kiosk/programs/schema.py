"""The JSON Schema of the program file, for editors and for our own sentences about mistakes."""

import json
from typing import Any, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from kiosk.programs.document import ProgramTable

Node: TypeAlias = dict[str, Any]
"""A part of a JSON Schema."""


class _TomlSchema(GenerateJsonSchema):
    """Pydantic's schema without titles of fields and without `null`, which TOML does not have."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key that may be left out; TOML has no null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The default, unless it stands for a key that is left out."""
        node = super().default_schema(schema)
        if "default" in node and node["default"] is None:
            del node["default"]
        return node

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A table whose keys are data; keys of another pattern are refused, as by the reader."""
        node = super().dict_schema(schema)
        if "patternProperties" in node:
            node["additionalProperties"] = False
        return node

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401
        """Never: the key is title enough."""
        del schema
        return False


def json_schema() -> Node:
    """The JSON Schema of a program file."""
    schema = ProgramTable.model_json_schema(schema_generator=_TomlSchema)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def schema_text() -> str:
    """The JSON Schema as it is printed and shipped, byte for byte."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def plain_schema() -> Node:
    """The JSON Schema with everything it refers to filled in where it is referred to."""
    schema = json_schema()
    definitions: Node = schema.pop("$defs")

    def filled_in(part: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
        if isinstance(part, list):
            return [filled_in(entry) for entry in part]
        if not isinstance(part, dict):
            return part
        name = part.get("$ref", "").rpartition("/")[2]
        # What is said where it is used goes before what is said where it is defined.
        whole = {**definitions.get(name, {}), **part}
        return {key: filled_in(value) for key, value in whole.items() if key != "$ref"}

    filled: Node = filled_in(schema)
    return filled


def node_at(schema: Node, place: tuple[str | int, ...]) -> Node:
    """The part of a plain `schema` that speaks about `place`; empty where none does."""
    node = schema
    for step in place:
        node = node.get("items", {}) if isinstance(step, int) else _value_node(node, step)
    return node


def _value_node(node: Node, key: str) -> Node:
    if key in node.get("properties", {}):
        found: Node = node["properties"][key]
        return found
    others = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return others[0] if isinstance(others[0], dict) else {}


def key_node(schema: Node, place: tuple[str | int, ...]) -> Node:
    """The part of a plain `schema` for the keys of the table at `place`, where these are data."""
    node = node_at(schema, place)
    for pattern in node.get("patternProperties", {}):
        return {"type": "string", "pattern": pattern}
    names: Node = node["propertyNames"]
    return names
