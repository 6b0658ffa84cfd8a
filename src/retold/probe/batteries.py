"""The batteries by name, in the order in which they are asked."""

from __future__ import annotations

from typing import Final

from retold.probe import absent, circling, emoji, recovery
from retold.probe.battery import Battery

BATTERIES: Final[dict[str, Battery]] = {
    battery.name: battery for battery in (absent.BATTERY, circling.BATTERY, recovery.BATTERY, emoji.BATTERY)
}
"""All batteries by name."""
