"""What a reason code means, in the words of the room that declared it, and figures as people read them.

Two rooms may use one code for their own kind of thing (`empty`: a file without text, an answer without words), so the
rooms that judge in a stage are asked first, then all others in order. A code that nobody declared (a plugin's) is
shown as words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

ROOMS = ("read", "clean", "dedup", "decontaminate", "select", "rephrase", "styles", "verify", "reflect")
SMALLEST = "embedded:SmolLM2-135M"
SERVED = "engines: {small: {http: [http://localhost:8000/v1], model: NAME}}"
JUDGES: Mapping[str, tuple[str, ...]] = {
    "curate": ("clean", "read"),
    "judge": ("clean",),
    "exact": ("dedup",),
    "minhash": ("dedup",),
    "decontaminate": ("decontaminate",),
    "decontaminate_retellings": ("decontaminate",),
    "substrings": ("dedup",),
    "select": ("select",),
    "passages": ("rephrase",),
    "rules": ("rephrase", "styles"),
    "plan": ("rephrase",),
    "parse": ("rephrase", "styles"),
    "verify": ("verify",),
    "diversity": ("verify",),
    "reflect": ("reflect",),
}


@lru_cache(maxsize=len(ROOMS))
def _reasons(room: str) -> Mapping[str, str]:
    name = f"retold.{room}.reasons"
    found: Mapping[str, str] = import_module(name).REASONS if find_spec(name) else {}
    return found


def explain(code: str, stage: str = "") -> str:
    """One sentence about a reason given by a stage; empty for no reason."""
    if not code:
        return ""
    for room in (*JUDGES.get(stage, ()), *ROOMS):
        if code in _reasons(room):
            return _reasons(room)[code]
    return f"{named(code).capitalize()}."


def named(code: str) -> str:
    """A reason code as words: `number_not_in_source` as "number not in source"."""
    return code.replace("_", " ").replace(":", ": ")


def percent(share: float) -> str:
    """A share for people: 36 %, 0.4 %, never a false 0 or 100. The space before the sign does not break."""
    value = 100 * share
    if 0 < value < 1 or 99 < value < 100:
        words = f"{value:.1f} %" if 0.05 <= value < 99.95 else ("< 0.1 %" if value < 1 else "> 99.9 %")
    else:
        words = f"{value:.0f} %"
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def seconds(value: float) -> str:
    """A time for people: 42 s, 12 min, 3.4 h."""
    if value < 120:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def caution(engines: Iterable[str]) -> str:
    """What to know of the embedded default before using its text; empty for any other engine. Figures: docs/log.md."""
    if not any(engine.startswith(SMALLEST) for engine in engines):
        return ""
    return (
        "This 135M model shows the path; its text is no training data. Of its accepted answers that were read, 104 of "
        "120 were wholly true (docs/log.md): mostly questions and rows made of a sentence's own words. Serve a model "
        f"of 1B or more and change one line of the recipe: {SERVED}"
    )
