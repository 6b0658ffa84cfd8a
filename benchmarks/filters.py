"""The filters beside datatrove's: the same documents, the same words and sentences, one core each.

    python benchmarks/filters.py                    the Debian documents, grown with copies
    python benchmarks/filters.py --peers DATATROVE JUICER    with Pythons of environments that have these already

retold measures every filter on every document and judges from the signals; datatrove stops at the first filter that
drops a document, as its pipelines do. Processor time of filtering alone, without imports, reading and compiling;
rounds alternate, and the median of the paired ratios counts. datatrove has retold's splitter in Python (`retold`), and
on a part its own (`spacy`). data-juicer has no published filter; its own for web text are measured for their pace
(`peers/curate_datajuicer.py` names them). Memory is the peak of a process that reads a file piece by piece, at two
sizes. Judging again is the stage "judge" of a whole recipe after a threshold was changed, store and commits included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from curate import JUICE, JUICER, grown
from minhash import pinned

from retold.clean.entry import Entry
from retold.clean.filters import C4, Dolma3Lines, FineWebQuality, GopherQuality, GopherRepetition
from retold.clean.judge import broken
from retold.clean.step import PIECE_CHARACTERS, PIECE_RECORDS, measure
from retold.runner.session import Session
from support import environment, floor, record, table

PEER = Path(__file__).parent / "peers" / "filters_datatrove.py"
SOURCE = Path(__file__).parents[1] / "src"
PACKAGES = ("datatrove[io,processing]==0.10.1", "spacy==3.8.18")
VERSIONS = {"datatrove": "0.10.1", "spacy": "3.8.18", "py-data-juicer": "1.6.1"}
MEGABYTES = {"small": 12.0, "large": 48.0}
PEER_MEGABYTES, SPACY_MEGABYTES = 4.0, 0.6
ROUNDS, AGAIN = 3, 100_000
LEAST, AIM, TIMES, GROWTH, SECONDS = 20.0, 40.0, 5.0, 1.5, 1.0

FINEWEB: tuple[Entry, ...] = (
    GopherRepetition(code="judge"),
    GopherQuality(code="judge"),
    C4(code="judge", terminal_punctuation=False),
    FineWebQuality(code="judge"),
)
"""The four filters of FineWeb's recipe, in its order, code judged like prose as there."""

SETS: dict[str, tuple[Entry, ...]] = {
    "fineweb": FINEWEB,
    "all": (*FINEWEB, Dolma3Lines(code="judge")),
    **{name: (entry,) for name, entry in zip(("repetition", "quality", "c4", "fineweb_quality"), FINEWEB, strict=True)},
    "dolma3_lines": (Dolma3Lines(code="judge"),),
}


def pieces(path: Path) -> Iterator[list[str]]:
    """Documents of a file of JSON lines, as many at a time as "curate" has."""
    held: list[str] = []
    size = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            held.append(json.loads(line))
            size += len(held[-1])
            if len(held) >= PIECE_RECORDS or size >= PIECE_CHARACTERS:
                yield held
                held, size = [], 0
    yield held


def worker(path: Path, entries: Sequence[Entry]) -> None:
    """Measure and judge all documents of a file; prints processor time, bytes, kept documents and peak memory."""
    measure(["The first call loads the compiled code."], entries)
    seconds, size, kept = 0.0, 0, 0
    for texts in pieces(path):
        size += sum(len(text.encode()) for text in texts)
        begin = time.process_time()
        signals, _ = measure(texts, entries)
        kept += int((broken(signals, entries)[0] < 0).sum())
        seconds += time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "bytes": size, "kept": kept, "peak_mb": peak}))


def written(path: Path, megabytes: float) -> int:
    """Write the grown documents as JSON lines; their size in bytes of text."""
    size = 0
    with path.open("w", encoding="utf-8") as lines:
        for text in grown(megabytes):
            lines.write(json.dumps(text, ensure_ascii=False) + "\n")
            size += len(text.encode())
    return size


def ours(path: Path, name: str) -> dict[str, Any]:
    """One round of retold in a process of its own."""
    return pinned(sys.executable, __file__, "--worker", path, "--set", name)


def beside(python: Path, juicer: Path, folder: Path) -> tuple[list[list[object]], dict[str, Any]]:
    """Rounds of both, alternating, on the same documents; and datatrove with its own splitter on a part."""
    lines = folder / "peer.jsonl"
    size = written(lines, PEER_MEGABYTES) / 1e6
    texts = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    part = texts[: max(1, int(len(texts) * SPACY_MEGABYTES / PEER_MEGABYTES))]
    files = {"retold": (folder / "peer.json", texts), "spacy": (folder / "part.json", part)}
    for file, chosen in files.values():
        file.write_text(json.dumps(chosen), "utf-8")
    os.environ["PYTHONPATH"] = str(SOURCE)
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(ours(lines, "fineweb"))
        theirs.append(pinned(python, PEER, files["retold"][0], "retold", "time"))
    spacy = pinned(python, PEER, files["spacy"][0], "spacy", "time")
    part_size = sum(len(text.encode()) for text in part) / 1e6
    (folder / "juicer" / "in").mkdir(parents=True)
    rows_of_text = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    (folder / "juicer" / "in" / "texts.jsonl").write_text(rows_of_text, "utf-8")
    other = pinned(juicer, JUICER, folder / "juicer", "filters")
    figures = {
        "documents": len(texts),
        "ratio": statistics.median(their["seconds"] / my["seconds"] for my, their in zip(mine, theirs, strict=True)),
        "datatrove_mb_s": statistics.median(size / their["seconds"] for their in theirs),
        "datatrove_spacy_mb_s": part_size / spacy["seconds"],
        "datajuicer_mb_s": size / other["seconds"],
        "datajuicer_peak_mb": other["megabytes"],
        "kept": {"retold": mine[0]["kept"], "datatrove": theirs[0]["kept"]},
    }
    rows: list[list[object]] = [
        ["datatrove, retold's words", f"{figures['datatrove_mb_s']:.2f}", f"{theirs[0]['peak_mb']:.0f}"],
        ["datatrove, spaCy", f"{figures['datatrove_spacy_mb_s']:.2f}", f"{spacy['peak_mb']:.0f}"],
        ["data-juicer, its own filters", f"{figures['datajuicer_mb_s']:.2f}", f"{other['megabytes']:.0f}"],
    ]
    return rows, figures


def again(folder: Path) -> float:
    """Seconds of "judge" on 100,000 documents after a threshold was changed."""
    recipe = "sources: {{docs: {source}}}\ncurate: [gopher_repetition, {{gopher_quality: {{min_words: {least}}}}}]\n"
    (folder / "again.jsonl").write_text(
        "".join(
            json.dumps(
                {"text": f"The house of number {n} and that of the other one have to be told apart. " * (n % 9 + 1)}
            )
            + "\n"
            for n in range(AGAIN)
        ),
        "utf-8",
    )
    path = folder / "again.yaml"
    seconds = 0.0
    for least in (50, 60):
        path.write_text(recipe.format(source="again.jsonl", least=least), "utf-8")
        done = {item.name: item for item in Session.begin(path).run()}
        seconds = done["judge"].seconds
    assert done["curate"].reused == done["curate"].total
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, nargs=2)
    parser.add_argument("--worker", type=Path)
    parser.add_argument("--set", default="fineweb", choices=sorted(SETS))
    chosen = parser.parse_args()
    if chosen.worker:
        worker(chosen.worker, SETS[chosen.set])
        return 0
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as name:
        folder = Path(name)
        small, large = folder / "small.jsonl", folder / "large.jsonl"
        written(small, MEGABYTES["small"])
        written(large, MEGABYTES["large"])
        speeds: dict[str, float] = {}
        for key in SETS:
            rounds = [ours(small, key) for _ in range(ROUNDS)]
            speeds[key] = statistics.median(one["bytes"] / 1e6 / one["seconds"] for one in rounds)
        peaks = [ours(path, "all")["peak_mb"] for path in (small, large)]
        with ExitStack() as held:
            python, juicer = chosen.peers or (
                held.enter_context(environment(*PACKAGES)),
                held.enter_context(environment(*JUICE)),
            )
            rows, peer = beside(python, juicer, folder)
        seconds = again(folder)
    head = [
        [f"retold, {key}", f"{value:.1f}", f"{peaks[0]:.0f}" if key == "all" else ""] for key, value in speeds.items()
    ]
    print(table(["filters", "MB/s, one core", "peak MB"], [*head, *rows]))
    print(f"paired: retold is {peer['ratio']:.1f} times datatrove with the same words; kept {peer['kept']}")
    print(
        f"memory: {peaks[0]:.0f} MB at {MEGABYTES['small']:.0f} MB of text, {peaks[1]:.0f} at {MEGABYTES['large']:.0f}"
    )
    print(f"judged again: {AGAIN:,} documents in {seconds:.2f} s; aim of the filters: {AIM:.0f} MB/s")
    floors = [
        floor("the four filters of FineWeb together, MB/s on one core", speeds["fineweb"], at_least=LEAST),
        floor("times datatrove with the same words", peer["ratio"], at_least=TIMES),
        floor(
            "documents kept by one of the two alone", abs(peer["kept"]["retold"] - peer["kept"]["datatrove"]), at_most=0
        ),
        floor("memory at four times the text", peaks[1] / peaks[0], at_most=GROWTH),
        floor(f"seconds to judge {AGAIN:,} documents again", seconds, at_most=SECONDS),
    ]
    figures = {"mb_s": speeds, "aim_mb_s": AIM, "peaks_mb": peaks, "judged_again_seconds": seconds, **peer}
    settings = {"megabytes": MEGABYTES, "peer_megabytes": PEER_MEGABYTES, "rounds": ROUNDS}
    return record("filters", figures, floors, settings=settings, versions=VERSIONS)


if __name__ == "__main__":
    raise SystemExit(main())
