"""What a mixture will repeat more often than helps, or have too little for, said before anything is made.

In: the view of a plan (sources read and cleaned), the mixture, and what its parts draw from. Out: a line for each part
of real text that asks for more than there is. Tokens that are there are estimated: characters, times the tokens for
each character of a sample (`text/tokens.py`, within a quarter), since a tokenizer may not be trained yet. A part with a
band of quality counts as all of its source, so what is foreseen is never too much. Retellings are not foreseen: how
many will be accepted is not known. Where the mixture has been made, its own figures are told.

One pass over the texts of kept sources; resident: counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pyarrow.compute as pc

from retold.mix import MixSettings, Portion
from retold.mix.settings import FEW_EPOCHS
from retold.report.mixture import mixture, warnings
from retold.store import StoreView
from retold.text.tokens import count

SAMPLE = 8
"""Texts of a batch that are counted."""
ENOUGH = 2_000_000
"""Characters of a source, after which no more are."""


def foreseen(
    view: StoreView, settings: MixSettings | None, portions: Mapping[str, Sequence[Portion]]
) -> tuple[str, ...]:
    """Lines for a person; none without a mixture, or where everything asked for is there."""
    if settings is None:
        return ()
    made = mixture(view, settings)
    if any(blend.draws for blend in made):
        return tuple(warnings(made))
    stages = settings.stages().values()
    sized = any(stage.tokens or any(part.tokens for part in stage.parts.values()) for stage in stages)
    return tuple(_short(settings, portions, _tokens(view))) if sized else ()


def _short(settings: MixSettings, portions: Mapping[str, Sequence[Portion]], there: Mapping[str, int]) -> Iterator[str]:
    wanted: Counter[str | None] = Counter()
    for phase, stage in settings.stages().items():
        shares = stage.shares()
        for portion in portions[phase]:
            asked = stage.parts[portion.name].tokens or round(shares.get(portion.name, 0.0) * (stage.tokens or 0))
            if portion.kind not in (None, "source") or portion.style is not None or not asked:
                continue
            wanted[portion.source] += asked
            held = there.get(portion.source, 0) if portion.source is not None else sum(there.values())
            epochs = wanted[portion.source] / max(1, held)
            said = f"{phase}: {portion.name} asks for {asked:,} tokens, and its sources have about {held:,}"
            if epochs > settings.max_epochs:
                yield f"{said}: too few even {settings.max_epochs} times (max_epochs), so the mixture will be smaller"
            if min(epochs, settings.max_epochs) > FEW_EPOCHS:
                yield f"{said}: about {min(epochs, settings.max_epochs):.0f} epochs; over {FEW_EPOCHS} gain little"


def _tokens(view: StoreView) -> dict[str, int]:
    """About how many tokens the kept documents of each source have."""
    characters: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for rows in view.documents(("source",), columns=("source", "text")):
        for name in pc.unique(rows["source"]).to_pylist():
            texts = rows.filter(pc.equal(rows["source"], name))["text"]
            characters[name] += pc.sum(pc.utf8_length(texts)).as_py() or 0
            for text in texts.slice(0, SAMPLE).to_pylist() if seen[name] < ENOUGH else ():
                seen[name] += len(text)
                counted[name] += count(text) + 1
    return {name: round(characters[name] * counted[name] / max(1, seen[name])) for name in characters}
