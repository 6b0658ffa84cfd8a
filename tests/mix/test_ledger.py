import random
import tracemalloc

import numpy as np
import pytest

from retold.core.errors import RetoldError
from retold.core.step import Part
from retold.mix.ledger import Ledger, keys_of
from retold.pack.bestfit import arrange

IDS = [f"document-{number}" for number in range(300)]
PART = Part("part", "docs")


def gathered(ids, size=7):
    pieces = [ids[start : start + size] for start in range(0, len(ids), size)]
    return Ledger.gather(
        (PART, [Ledger.sketch(keys_of("salt", piece), [int(name.split("-")[1]) for name in piece])]) for piece in pieces
    )


def test_order_and_repetition_change_nothing():
    """Law 1. Kills: an order of arrival; sizes left behind when keys are sorted."""
    one = gathered(IDS)
    other = gathered(random.Random(3).sample(IDS, len(IDS)) + IDS[:50], size=11)
    assert (one.keys == other.keys).all() and (one.sizes == other.sizes).all() and (one.tickets == other.tickets).all()
    assert one.sizes[one.find(keys_of("salt", IDS))].tolist() == list(range(300))
    assert one.sizes.tolist() != sorted(one.sizes.tolist()), "the order is shuffled"
    assert (keys_of("another", IDS[:3]) != keys_of("salt", IDS[:3])).all()


def test_what_is_not_there_is_an_error():
    """Kills: taking the neighbour of a missing document for it."""
    ledger = gathered(IDS[:-5])
    for name in IDS[-5:]:
        with pytest.raises(RetoldError, match="not there when"):
            ledger.find(keys_of("salt", [name]))
    assert len(ledger.find(keys_of("salt", []))) == 0
    assert len(Ledger.gather([])) == 0


def test_resident_bytes_per_document_are_bounded():
    """Law 6, from sketches to places. Kills: Python objects per document, such as a list of bins of lists."""
    count = 100_000
    random_ = np.random.default_rng(6)
    keys, sizes = np.frombuffer(random_.bytes(16 * count), dtype="S16"), random_.integers(2, 3000, count)
    tracemalloc.start()
    sketches = [
        (PART, [Ledger.sketch(keys[start : start + 2000], sizes[start : start + 2000])])
        for start in range(0, count, 2000)
    ]
    ledger = Ledger.gather(sketches)
    arrange(ledger.sizes, ledger.tickets, 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / count + 24 <= 200, "24 bytes of a sketch are Arrow's, which tracemalloc does not see"
