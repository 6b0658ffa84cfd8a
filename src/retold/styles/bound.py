"""What a style may ask of its engine beyond text: an answer bound to a JSON schema or to a grammar, and logprobs.

In: the keys `schema:` and `grammar:` of a style file. Out: the schema as JSON, in the order in which it is written,
since answers follow the order of its properties; the grammar as GBNF, the notation of llama.cpp that xgrammar (vLLM,
SGLang) reads too. A grammar stands in the file or beside it.

A schema is looked through for words that JSON Schema does not have: llama.cpp leaves a type that it does not know
unbound, without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

RULE: Final = "::="
TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
BINDING: Final = frozenset({"type", "properties", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"})
"""Words of which a schema that binds anything has one."""


def schema_text(schema: dict[str, Any]) -> str:
    """The schema as JSON. Raises ValueError for what is no schema, or binds nothing."""
    if not BINDING & schema.keys():
        raise ValueError("this schema binds nothing\n  such as: {type: object, properties: {...}, required: [...]}")
    for name in _types(schema):
        if name not in TYPES:
            raise ValueError(f"JSON Schema has no type {name!r}\n  the types are: {', '.join(sorted(TYPES))}")
    try:
        return json.dumps(schema, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the schema cannot be written as JSON: {error}\n  quote dates and the like") from None


def _types(schema: object) -> Iterator[object]:
    """All types that are named where a schema names them: a property may be called `type`, an `enum` hold the word."""
    if not isinstance(schema, dict):
        return
    named = schema.get("type", [])
    yield from named if isinstance(named, list) else [named]
    for word in ("properties", "$defs", "definitions"):
        inner = schema.get(word)
        for below in inner.values() if isinstance(inner, dict) else ():
            yield from _types(below)
    for word in ("items", "additionalProperties", "prefixItems", "anyOf", "oneOf", "allOf"):
        inner = schema.get(word)
        for below in inner if isinstance(inner, list) else [inner]:
            yield from _types(below)


def grammar_text(grammar: str, folder: Path) -> str:
    """The grammar itself, from the file beside the style where one is named. Raises ValueError, OSError."""
    if not grammar:
        return ""
    text = grammar if RULE in grammar else (folder / grammar).read_text(encoding="utf-8")
    if not any(line.split(RULE)[0].strip() == "root" for line in text.splitlines() if RULE in line):
        raise ValueError(f"a grammar begins with a rule called root\n  such as: root {RULE} item+")
    return text.strip()
