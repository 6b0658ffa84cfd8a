"""What the names of a mixture's parts stand for in one recipe."""

from __future__ import annotations

from collections.abc import Collection

from retold.core.errors import RecipeError
from retold.core.located import advice
from retold.mix.sample import Portion
from retold.mix.settings import MixSettings, PartSettings

KINDS = {"real": "source", "source": "source", "retelling": "retelling", "reflection": "reflection"}


def resolved(
    settings: MixSettings, sources: Collection[str], styles: Collection[str], builders: Collection[str] = ()
) -> dict[str, tuple[Portion, ...]]:
    """The parts of each phase. `builders` are those of reflection data that the recipe uses.

    Raises RecipeError for a name that is no kind, source, style or builder, or is two of them.
    """
    return {
        phase: tuple(_portion(name, part, sources, styles, builders) for name, part in found.parts.items())
        for phase, found in settings.stages().items()
    }


def _portion(
    name: str, part: PartSettings, sources: Collection[str], styles: Collection[str], builders: Collection[str]
) -> Portion:
    if part.described:
        if part.source is not None and part.source not in sources:
            raise RecipeError(
                f"the part {name} draws from {part.source}, which is no source", advice(part.source, sources)
            )
        made = [*styles, *builders]
        if part.style is not None and part.style not in made:
            raise RecipeError(f"the part {name} draws from {part.style}, which is no style", advice(part.style, made))
        return Portion(name, part.kind, part.source, part.style, part.signal, part.at_least, part.below)
    meanings = [
        *([Portion(name, kind=KINDS[name])] if name in KINDS else []),
        *([Portion(name, kind="source", source=name)] if name in sources else []),
        *([Portion(name, kind="retelling", style=name)] if name in styles else []),
        *([Portion(name, kind="reflection", style=name)] if name in builders else []),
    ]
    if not meanings:
        choices = [*KINDS, *sources, *styles, *builders]
        raise RecipeError(
            f"the part {name} is no kind of document, no source, no style and no builder of this recipe",
            f"{advice(name, choices)}; or say what it is: {name}: {{share: 10%, kind: source, source: NAME}}",
        )
    if len(meanings) > 1:
        raise RecipeError(
            f"the part {name} could be several things of this recipe",
            f"say which: {name}: {{share: 10%, source: {name}}}, or kind: or style: in place of source",
        )
    return meanings[0]
