"""Two recipes about the same passages: which styles are compared, and whether the passages are the same.

Both must cut the same documents into the same passages (seen from the fingerprint of the stage that does), and write to
stores of their own. The second follows the first one's planned order; each recipe's requests are those of its own plan,
so that its answers are used again when it is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retold.core.errors import RecipeError
from retold.runner.session import Session


@dataclass(frozen=True)
class Pairing:
    """Styles that are compared, as (name in A, name in B); those paired by place only; and what has no partner."""

    pairs: tuple[tuple[str, str], ...]
    by_place: tuple[tuple[str, str], ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """What a person has to know of it."""
        said = [
            f"{a} of A is compared with {b} of B: they have the same place, not the same name" for a, b in self.by_place
        ]
        said += [f"{name} is in A alone and is not compared" for name in self.only_a]
        return said + [f"{name} is in B alone and is not asked" for name in self.only_b]


def pair_styles(a: Sequence[str], b: Sequence[str]) -> Pairing:
    """Styles of one name, then the others in their order."""
    shared = [name for name in a if name in b]
    left, right = [name for name in a if name not in shared], [name for name in b if name not in shared]
    by_place = tuple(zip(left, right, strict=False))
    most = len(by_place)
    pairs = tuple((name, name) for name in shared) + by_place
    return Pairing(pairs, by_place, tuple(left[most:]), tuple(right[most:]))


def samples(a: Session, b: Session, retellings: int) -> tuple[Session, Session, Pairing]:
    """The samples of both. Raises RecipeError where they cannot be compared."""
    if a.recipe.store == b.recipe.store:
        raise RecipeError(f"{a.recipe.path} and {b.recipe.path} write to one folder", "give one another `name:`")
    if _passages(a) != _passages(b):
        raise RecipeError(
            f"{b.recipe.path} has other passages than {a.recipe.path}",
            "compare recipes that differ in styles, prompts, model or engine: sources, curate, passage and what comes "
            "before must be alike",
        )
    pairing = pair_styles(list(a.recipe.weights()), list(b.recipe.weights()))
    followed = b.recipe.following(a.recipe, retellings, dict(pairing.pairs))
    return a.sample(retellings), b.of(followed), pairing


def _passages(session: Session) -> list[str]:
    """What the stages that make passages are."""
    return [stage.fingerprint for stage in session.stages if "passages" in stage.step.writes]
