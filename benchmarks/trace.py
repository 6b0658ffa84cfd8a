"""Tracing texts in a hundred million tokens: exactness, latency warm and cold, size and speed of the index.

    python benchmarks/trace.py [FOLDER] [MILLIONS]          make bench NAME=trace

The corpus is what text this machine has: Python's standard library and installed packages (sources, and their texts),
documentation under /usr/share/doc, and the folder in RETOLD_PROSE where it is set. Where that is less than is wanted,
the rest is made by a Markov chain of order two over tokens, trained on the real ones: not one text repeated, and the
result says how much. Each text is one document; rows have 1,024 tokens, shards 16,384 rows. Queries are 400 tokens:
half of them pieces of eight places of the corpus joined together, half made by the chain, which have no long spans.

Counts of 1,000 n-grams of 1 to 8 tokens are compared with brute force on a million tokens, and on the whole corpus with
infini-gram (Liu et al. 2024), which is installed into a throw-away environment and builds its own index over the same
ids. The corpus stays in a folder among the system's temporary files and is used again; both indexes are made in each
run. Three or four minutes in all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numba import njit

from retold.core.schema import RANGE
from retold.pack.tokenizer import load, train
from retold.trace.alphabet import Alphabet, Encoded, Tokens
from retold.trace.index import Index, listed, open_index, update
from retold.trace.sources import shards_of
from retold.trace.trace import search
from retold.workers import open_workers
from support import environment, floor, record, table

END = "<|endoftext|>"
LENGTH, ROWS = 1024, 16_384
VOCABULARY = 16_384
DEFAULT = Path(tempfile.gettempdir()) / "retold-trace-corpus"
QUERIES, QUERY_TOKENS = 200, 400
COLD = 100
GRAMS = 1000
LARGEST_TEXT = 400_000

PEER = """
import json, sys, time
from infini_gram.engine import InfiniGramEngine
folder, grams = sys.argv[1], json.load(open(sys.argv[2]))
engine = InfiniGramEngine(folder, eos_token_id=65534, vocab_size=65535, token_dtype="u16")
counts = [engine.count(gram)["count"] for gram in grams]
begin = time.perf_counter()
for gram in grams: engine.count(gram)
count_ms = (time.perf_counter() - begin) / len(grams) * 1000
query = json.load(open(sys.argv[3]))
times = []
for ids in query:
    begin = time.perf_counter()
    engine.attribute(input_ids=ids, delim_ids=[], min_len=1, max_cnt=10, enforce_bow=False)
    times.append((time.perf_counter() - begin) * 1000)
print(json.dumps({"counts": counts, "count_ms": count_ms, "attribute_ms": times}))
"""


def texts() -> Iterator[str]:
    """Real texts of this machine, each once."""
    places = [sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"], "/usr/share/doc", "/usr/lib/python3"]
    places += [place for place in [os.environ.get("RETOLD_PROSE", "")] if place]
    seen: set[int] = set()
    for place in places:
        for path in sorted(Path(place).rglob("*")):
            if path.suffix not in (".py", ".txt", ".md", ".rst", ".html", ".pyi", "") or not path.is_file():
                continue
            content = path.read_bytes()[:LARGEST_TEXT] if path.stat().st_size < 50 * LARGEST_TEXT else b""
            if len(content) < 200 or b"\0" in content or hash(content) in seen:
                continue
            seen.add(hash(content))
            yield content.decode("utf-8", "replace")


@njit(cache=True)
def chain(order: Any, real: Any, count: int, seed: int) -> Any:
    """Tokens by a Markov chain of order two: what followed a place with the same two tokens, drawn evenly."""
    np.random.seed(seed)
    made = np.empty(count, real.dtype)
    place = np.random.randint(0, len(real) - 3)
    a, b = real[place], real[place + 1]
    made[0], made[1] = a, b
    for n in range(2, count):
        edges = (0, 0)
        for after in range(2):
            low, high = 0, len(order)
            while low < high:
                middle = (low + high) // 2
                x, y = real[order[middle]], real[min(order[middle] + 1, len(real) - 1)]
                if x < a or (x == a and (y < b or (after == 1 and y == b))):
                    low = middle + 1
                else:
                    high = middle
            edges = (low, edges[1]) if after == 0 else (edges[0], low)
        if edges[1] > edges[0]:
            place = order[np.random.randint(edges[0], edges[1])] + 2
        if edges[1] <= edges[0] or place >= len(real):
            place = np.random.randint(0, len(real))
        made[n] = real[place]
        a, b = b, made[n]
    return made


def corpus(folder: Path, wanted: int) -> None:
    """Tokenizer, ids and shards; what is there already is kept."""
    from retold.trace.suffixes import order

    if not (folder / "tokenizer.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        sample = [text for number, text in enumerate(texts()) if number % 40 == 0]
        (folder / "tokenizer.json").write_bytes(train(sample, VOCABULARY, END))
    encoder = load(folder / "tokenizer.json", END)
    if not (folder / "ids.npy").exists():
        held, bounds, total = [], [0], 0
        for text in texts():
            ids = np.array([*encoder.ids([text])[0], encoder.end], np.uint16)
            held.append(ids)
            total += len(ids)
            bounds.append(total)
            if total >= wanted:
                break
        real = np.concatenate(held)
        if total < wanted:
            sample = real[: 24 << 20]
            places = order(sample)
            for seed in range(1, 1 + -(-(wanted - total) // 1_000_000)):
                held.append(chain(places, sample, 1_000_000, seed))
                bounds += list(range(bounds[-1] + 1000, bounds[-1] + 1_000_001, 1000))
        np.save(folder / "bounds.npy", np.array(bounds))
        np.save(folder / "ids.npy", np.concatenate(held)[:wanted])
        (folder / "made.json").write_text(json.dumps({"real": min(total, wanted), "texts": len(held)}))
    if not (folder / "shards").exists():
        shards(folder, encoder.end)


def shards(folder: Path, end: int) -> None:
    """The ids as packed rows, each naming its documents."""
    ids, bounds = np.load(folder / "ids.npy"), np.load(folder / "bounds.npy")
    hidden = folder / ".shards"
    hidden.mkdir(exist_ok=True)
    rows = -(-len(ids) // LENGTH)
    for number, first in enumerate(range(0, rows, ROWS)):
        count = min(ROWS, rows - first)
        part = np.full(count * LENGTH, end, np.int32)
        chosen = ids[first * LENGTH : (first + count) * LENGTH]
        part[: len(chosen)] = chosen
        documents = []
        for row in range(first, first + count):
            start, stop = row * LENGTH, min((row + 1) * LENGTH, len(ids))
            one = int(np.searchsorted(bounds, start, side="right")) - 1
            pieces = []
            while one < len(bounds) - 1 and bounds[one] < stop:
                low, high = max(start, int(bounds[one])), min(stop, int(bounds[one + 1]))
                pieces.append((f"{one:032x}", 0, 0, low - start, high - start))
                one += 1
            documents.append([dict(zip((f.name for f in RANGE), piece, strict=True)) for piece in pieces])
        offsets = pa.array(np.arange(count + 1, dtype=np.int32) * LENGTH)
        rows_of = pa.table(
            {
                "input_ids": pa.ListArray.from_arrays(offsets, pa.array(part)),
                "documents": pa.array(documents, pa.list_(RANGE)),
            }
        )
        pq.write_table(rows_of, hidden / f"{number:05d}.parquet", compression="zstd", row_group_size=1024)
    hidden.replace(folder / "shards")


def said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def built(folder: Path) -> tuple[Index, float]:
    """The index, made anew, and how long that took."""
    alphabet = Tokens.of(folder, END)
    shutil.rmtree(folder / "trace", ignore_errors=True)
    begin = time.perf_counter()
    with open_workers(2) as workers:
        update(folder, shards_of(folder), alphabet, workers, said)
    return opened(folder, alphabet), time.perf_counter() - begin


def opened(folder: Path, alphabet: Alphabet) -> Index:
    """The index as it lies there."""
    return open_index(folder, list(listed(folder).values()), alphabet)


def queries(folder: Path, index: Index) -> list[str]:
    """Texts of about 400 tokens."""
    from retold.trace.suffixes import order

    rng = np.random.default_rng(17)
    ids = np.load(folder / "ids.npy", mmap_mode="r")
    sample = np.array(ids[: 2 << 20])
    made = chain(order(sample), sample, QUERY_TOKENS * QUERIES // 2, 999)
    chosen: list[str] = []
    for number in range(QUERIES):
        if number % 2:
            one = made[number // 2 * QUERY_TOKENS :][:QUERY_TOKENS]
        else:
            places = rng.integers(0, len(ids) - 60, 8)
            one = np.concatenate([ids[place : place + QUERY_TOKENS // 8] for place in places])
        chosen.append(index.alphabet.decode(one))
    return chosen


def evict(folder: Path) -> None:
    """Take the index out of the page cache."""
    for path in (folder / "trace").rglob("*.npy"):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def latencies(folder: Path, alphabet: Alphabet, chosen: list[str]) -> dict[str, float]:
    """Milliseconds of whole answers: spans, documents, contexts, near matches.

    Nobody else may have the index open: pages of a mapped file cannot be evicted. What was read from the disk says
    whether they were.
    """
    with opened(folder, alphabet) as index:
        for text in chosen:
            search(text, index)
        warm = [_timed(text, index) for text in chosen]
    del index
    cold, read = [], []
    for text in chosen[:COLD]:
        evict(folder)
        with opened(folder, alphabet) as index:
            before = _read()
            cold.append(_timed(text, index))
            read.append(_read() - before)
        del index
    return {
        "warm_median_ms": float(np.median(warm)),
        "warm_p99_ms": float(np.percentile(warm, 99)),
        "cold_median_ms": float(np.median(cold)),
        "cold_p99_ms": float(np.percentile(cold, 99)),
        "cold_megabytes_read": float(np.median(read)) / 1e6,
    }


def _read() -> int:
    """Bytes that this process had the disk read."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


def _timed(text: str, index: Index) -> float:
    begin = time.perf_counter()
    search(text, index)
    return (time.perf_counter() - begin) * 1000


def small(folder: Path, tokens: int) -> tuple[np.ndarray, Index]:
    """The first tokens of the corpus as an index of their own."""
    place = folder / f"first-{tokens}"
    place.mkdir(exist_ok=True)
    if not (place / "shards").exists():
        (place / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
        np.save(place / "ids.npy", np.load(folder / "ids.npy", mmap_mode="r")[:tokens])
        np.save(place / "bounds.npy", np.load(folder / "bounds.npy"))
        shards(place, load(place / "tokenizer.json", END).end)
    index, _ = built(place)
    return np.load(place / "ids.npy"), index


def grams(ids: np.ndarray, seed: int) -> list[list[int]]:
    """N-grams of 1 to 8 tokens inside rows: as they stand there, and with one token changed."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(GRAMS):
        row = ids[int(rng.integers(len(ids) // LENGTH)) * LENGTH :][:LENGTH]
        start, width = int(rng.integers(LENGTH - 8)), int(rng.integers(1, 9))
        gram = row[start : start + width].astype(int).tolist()
        if number % 4 == 3:
            gram[int(rng.integers(width))] = int(rng.integers(VOCABULARY - 1))
        found.append(gram)
    return found


def brute(ids: np.ndarray, chosen: list[list[int]]) -> list[int]:
    """Counts by looking at every place of every row."""
    rows = ids[: len(ids) // LENGTH * LENGTH].reshape(-1, LENGTH)
    counts = []
    for gram in chosen:
        same = np.ones((len(rows), LENGTH - len(gram) + 1), bool)
        for place, token in enumerate(gram):
            same &= rows[:, place : LENGTH - len(gram) + 1 + place] == token
        counts.append(int(same.sum()))
    return counts


def beside(folder: Path, index: Index, build: float) -> dict[str, Any]:
    """infini-gram over the same rows: its counts and times, and ours."""
    ids = np.load(folder / "ids.npy", mmap_mode="r")
    end = load(folder / "tokenizer.json", END).end
    rows = np.full((-(-len(ids) // LENGTH), LENGTH), end, np.uint16)
    rows.reshape(-1)[: len(ids)] = ids
    chosen = grams(ids, 23)
    rng = np.random.default_rng(5)
    asked = [
        np.concatenate([ids[at : at + 50] for at in rng.integers(0, len(ids) - 60, 8)]).astype(int).tolist()
        for _ in range(50)
    ]
    counts, theirs = infini_gram(rows, chosen, asked)
    ours = [index.count(np.array(gram, np.int64)) for gram in chosen]
    return {
        "tokens": rows.size,
        "equal": sum(a == b for a, b in zip(ours, counts, strict=True)) / len(ours),
        "found": sum(count > 0 for count in ours) / len(ours),
        "ours": {"build_s": build, "bytes_per_token": index.bytes / rows.size, **times(index, chosen, asked)},
        "infini_gram": theirs,
    }


def infini_gram(
    rows: np.ndarray, chosen: list[list[int]], asked: list[list[int]]
) -> tuple[list[int], dict[str, float]]:
    """Its counts of n-grams; seconds to build its index, bytes a token, milliseconds a count and a text."""
    with environment("infini-gram==2.6.0", "numpy") as python, tempfile.TemporaryDirectory() as scratch:
        save = Path(scratch) / "index"
        save.mkdir()
        np.concatenate([np.full((len(rows), 1), 65535, np.uint16), rows], axis=1).tofile(save / "tokenized.0")
        (np.arange(len(rows), dtype=np.uint64) * (LENGTH + 1) * 2).tofile(save / "offset.0")
        begin = time.perf_counter()
        words = ["-m", "infini_gram.indexing", "--data_dir", scratch, "--save_dir", str(save), "--temp_dir", scratch]
        limits = ["--mem", "4", "--cpus", "2", "--ulimit", "1024", "--token_dtype", "u16"]
        subprocess.run([python, *words, *limits], check=True, stdout=subprocess.DEVNULL)
        build = time.perf_counter() - begin
        size = sum(path.stat().st_size for path in save.iterdir())
        for name, what in (("grams", chosen), ("asked", asked)):
            (Path(scratch) / f"{name}.json").write_text(json.dumps(what))
        call = [python, "-c", PEER, str(save), f"{scratch}/grams.json", f"{scratch}/asked.json"]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    spans = float(np.median(found["attribute_ms"]))
    figures = {"build_s": build, "bytes_per_token": size / rows.size, "count_ms": found["count_ms"], "spans_ms": spans}
    return found["counts"], figures


def times(index: Index, chosen: list[list[int]], asked: list[list[int]]) -> dict[str, float]:
    """Milliseconds of a count, and the median of the longest matches at every place of a text."""
    arrays = [np.array(gram, np.int64) for gram in chosen]
    begin = time.perf_counter()
    for gram in arrays:
        for segment in index.segments:
            segment.found(gram, 0, len(gram))
    count_ms = (time.perf_counter() - begin) / len(arrays) * 1000
    none = np.zeros(0, np.int64)
    spans = []
    for ids in asked:
        encoded = Encoded("", np.array(ids, np.int64), none, none)
        begin = time.perf_counter()
        index.longest(encoded)
        spans.append((time.perf_counter() - begin) * 1000)
    return {"count_ms": count_ms, "spans_ms": float(np.median(spans))}


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    wanted = int(float(sys.argv[2]) * 1e6) if len(sys.argv) > 2 else 100_000_000
    corpus(folder, wanted)
    ids, few = small(folder, 1 << 20)
    with few:
        chosen = grams(ids, 29)
        right = [few.count(np.array(gram, np.int64)) for gram in chosen] == brute(ids, chosen)
    index, build = built(folder)
    with index:
        asked, peer = queries(folder, index), beside(folder, index, build)
        size = {"bytes_per_token": index.bytes / index.tokens, "build_s": build, "tokens_per_s": index.tokens / build}
        held = {"tokens": index.tokens, "segments": len(index.segments)}
    alphabet = index.alphabet
    del index
    figures: dict[str, Any] = {
        "corpus": {**held, **json.loads((folder / "made.json").read_text())},
        "index": size,
        "latency": latencies(folder, alphabet, asked),
        "peer": peer,
    }
    lines = [(name, *(f"{value:.3g}" for value in peer[name].values())) for name in ("ours", "infini_gram")]
    print(table(("", *peer["ours"]), lines))
    print(json.dumps({name: figures[name] for name in ("corpus", "index", "latency")}, indent=1))
    floors = [
        floor("tokens of the corpus", held["tokens"], at_least=min(wanted, 100_000_000)),
        floor("1,000 counts equal to brute force", float(right), at_least=1.0),
        floor("1,000 counts equal to infini-gram's", peer["equal"], at_least=1.0),
        floor("median for 400 tokens, warm, ms", figures["latency"]["warm_median_ms"], at_most=50.0),
    ]
    versions = {"infini-gram": "2.6.0", "pydivsufsort": version("pydivsufsort")}
    return record("trace", figures, floors, settings={"length": LENGTH, "queries": QUERIES}, versions=versions)


if __name__ == "__main__":
    sys.exit(main())
