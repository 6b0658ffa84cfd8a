"""Self-reflection data: tasks that programs make and check, with and without an error that is noticed and corrected.

    from retold import reflect

    for item in reflect.items("error_then_fix", seed=7, n=1000, tasks=("arithmetic",), wording="plain"):
        item.prompt, item.text, item.answer, item.steps, item.masked

The same arguments give the same items on every machine (law 1). Nothing that its builder's verifier refuses comes out.
Texts are plain: no special tokens. Sources: OLMo 3's mid-training mix and its finding that special tokens harm a base
model; a reflection that has no end teaches loops, so every item corrects at most once and stops.
"""

from retold.reflect.builders import BUILDERS, Builder
from retold.reflect.item import Item
from retold.reflect.items import Refused, items, judged
from retold.reflect.knobs import Knobs, Place
from retold.reflect.real_mistakes import real_mistakes
from retold.reflect.settings import ReflectSettings
from retold.reflect.step import Reflect

__all__ = [
    "BUILDERS",
    "Builder",
    "Item",
    "Knobs",
    "Place",
    "Reflect",
    "ReflectSettings",
    "Refused",
    "items",
    "judged",
    "real_mistakes",
]
