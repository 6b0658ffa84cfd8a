"""An experiment file says what is wrong with it, and its cells come in an order that serves every arm alike."""

from __future__ import annotations

import pytest

from retold.core.errors import RecipeError
from retold.measure import experiment
from support.experiments import TINY


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"control": "two"}, "two is not among one, eight"),
        ({"builder": "knowlege"}, "did you mean knowledge?"),
        ({"primary": {"arm": "eight", "score": "held", "size": "small"}}, "did you mean held_out?"),
        ({"primary": {"arm": "one", "score": "held_out", "size": "small"}}, "is the control itself"),
        ({"arms": {"one": {"forms": 9}, "eight": {"forms": 8}}}, "arms.one.forms"),
        ({"world": {"entitys": 5}}, "did you mean entities?"),
        ({"budget": "many"}, "a count such as"),
        ({"sizes": {"small": {"layers": 1, "width": 20, "heads": 4}}}, "not a multiple"),
        ({"runs": [{"size": "large"}]}, "large is not among small"),
    ],
)
def test_mistakes_are_told_with_their_line(written, changes, words):
    path = written("bad", **changes)
    with pytest.raises(RecipeError) as caught:
        experiment.load(path)
    assert words in str(caught.value) and str(path) in str(caught.value)


def test_cells_go_seed_by_seed(written):
    """Kills: all seeds of one arm first, which leaves a run that is stopped with nothing to compare."""
    names = [cell.name for cell in experiment.load(written()).cells()]
    assert names == ["small-001-one", "small-001-eight", "small-002-one", "small-002-eight"]


def test_blocks_come_in_their_order_and_no_cell_twice(written):
    path = written("b", runs=[{"size": "small", "arms": ["eight"]}, {"size": "small"}], seeds=1)
    assert [cell.name for cell in experiment.load(path).cells()] == ["small-001-eight", "small-001-one"]


def test_a_cell_does_not_depend_on_other_arms_or_seeds(written):
    """Kills: the experiment's digest as a cell's fingerprint, which redoes everything for one more arm."""
    first = experiment.load(written("a"))
    more = experiment.load(written("b", seeds=5, arms={**TINY["arms"], "four": {"forms": 4}}))
    other = experiment.load(written("c", world={"entities": 15}))
    cell = next(first.cells())
    assert first.fingerprint(cell) == more.fingerprint(cell) != other.fingerprint(cell)
