"""Closed lists whose members and non-members a program knows: `REGISTRIES` by name.

A registry answers for a member (`value`), makes up names that are none (`absent`), and names the nearest real ones.
"""

from __future__ import annotations

from typing import Final

from retold.reflect.registries import chess, countries, elements, unicode_names
from retold.reflect.registries.registry import Registry

REGISTRIES: Final[dict[str, Registry]] = {
    registry.name: registry
    for registry in (
        elements.REGISTRY,
        chess.REGISTRY,
        countries.REGISTRY,
        unicode_names.REGISTRY,
    )
}
"""All registries by name."""

__all__ = ["REGISTRIES", "Registry"]
