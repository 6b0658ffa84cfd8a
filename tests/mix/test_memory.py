"""What a mixture keeps in memory for each document."""

import tracemalloc

import numpy as np

from retold.core.step import Part
from retold.mix import Mix, MixSettings
from retold.mix.portions import resolved
from retold.mix.sample import _sketched


def test_resident_bytes_per_document_are_bounded():
    """Law 6, from sketches to the last row. Kills: ids as Python strings; a row object for each document drawn."""
    count, batch = 100_000, 2_000
    random_ = np.random.default_rng(6)
    settings = MixSettings.model_validate({"parts": {"real": 1}})
    step = Mix(settings, resolved(settings, [], []), ("source",), 7, lambda folder: lambda texts: [0] * len(texts))

    def sketched(batches: int) -> list:
        found = []
        for _ in range(batches):
            keys = np.frombuffer(random_.bytes(16 * batch), dtype="S16")
            names = [random_.bytes(16).hex() for _ in range(batch)]
            found.append(_sketched(keys, names, random_.integers(2, 3000, batch).tolist(), bytes(batch), 1))
        return [(Part("part", "docs"), found)]

    assert list(step.merge(sketched(1), None)), "what is imported on the way is imported before memory is looked at"
    tracemalloc.start()
    rows = sum(output["selection"].num_rows for _, output in step.merge(sketched(count // batch), None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == count
    print(f"{peak / count:.0f} bytes for each document at the peak")
    assert peak / count + 8 <= 200, (
        f"{peak / count:.0f}; 8 bytes of a sketch are Arrow's, which tracemalloc does not see"
    )
