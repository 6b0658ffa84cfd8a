"""The filters on real documents: against the slow references (a gate) and datatrove's own decisions (a long proof)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from clean import reference_dolma3 as reference
from clean.reference_gopher import quality, repetition
from clean.reference_lines import c4, dolma3, fineweb
from retold.clean import Language
from retold.clean.filters import (
    C4,
    Dolma3Lines,
    Dolma3Quality,
    Dolma3Repetition,
    FineWebQuality,
    GopherQuality,
    GopherRepetition,
    Madlad,
)
from retold.clean.judge import broken
from retold.clean.normalize import normalize
from retold.clean.step import measure
from support.prose import debian, pieces, wikipedia

ROOT = Path(__file__).resolve().parents[2]
REAL = 5_000
FILTERS = (
    GopherRepetition(code="judge"),
    GopherQuality(code="judge"),
    C4(code="judge", terminal_punctuation=False),
    FineWebQuality(code="judge"),
)


def real(folder: Path, count: int) -> list[str]:
    """So many documents: half from Debian's documentation, half pieces of it and of Wikipedia."""
    whole = [normalize(text) for _, text in islice(debian(folder), count)]
    parts = (text for source in (wikipedia, debian) for _, text in pieces(source(folder)))
    short = [text for text in whole if text and len(text) < 60_000]
    return [*short[: count // 2], *(normalize(text) for text in parts)][:count]


@pytest.mark.gates
def test_real_documents_have_the_signals_of_the_references(shared_data):
    texts = real(shared_data, 1_500)
    signals, _ = measure(texts, FILTERS[:2] + FILTERS[3:])
    for place, text in enumerate(texts):
        for name, value in {**quality(text), **repetition(text), **fineweb(text)}.items():
            assert signals[name][place] == value, (name, text[:200])
    program = C4(code="judge", marks="c4", count_words="after_citations", min_words_per_line=5, min_sentences=3)
    rules = (
        (C4(code="judge"), c4),
        (program, lambda text: c4(text, program=True)),
        (Dolma3Lines(code="judge"), dolma3),
    )
    for entry, expected in rules:
        signals, edits = measure(texts, [entry])
        for place, text in enumerate(texts):
            values, left = expected(text)
            assert {name: signals[name][place] for name in values} == values, text[:200]
            made = edits[place]
            assert (made[0] if made else text) == (left or text), text[:200]
    print(f"{len(texts):,} real documents: every signal and every edit equal")


@pytest.mark.gates
def test_real_documents_under_dolma3(shared_data):
    """Quality, repetition and sentences against the references, and what the whole preset keeps."""
    texts = real(shared_data, 800)
    entries = (Dolma3Quality(code="judge"), Dolma3Repetition(code="judge"), Madlad(code="judge"))
    signals, _ = measure(texts, entries)
    for place, text in enumerate(texts):
        expected = {**reference.quality(text), **reference.repetition(text), **reference.madlad(text)}
        for name, value in expected.items():
            assert signals[name][place] == value, (name, text[:200])
    preset = (Dolma3Quality(), Dolma3Repetition(), Dolma3Lines(), Language(keep="en"), Madlad())
    signals, _ = measure(texts, preset)
    first, rules = broken(signals, preset)
    reasons = Counter(rules[place][1].reason if place >= 0 else "kept" for place in first.tolist())
    print(f"{len(texts):,} real documents: every signal equal; preset dolma3@1: {dict(reasons.most_common())}")
    assert reasons["kept"] >= len(texts) // 4


@pytest.mark.prove
def test_decisions_of_datatrove(shared_data, tmp_path):
    """Each filter asked about each document as it is, with the same words: how often, and why, the two differ.

    It installs datatrove, which tests of every day do not: RETOLD_PEERS names a Python that has it already.
    """
    texts = [text for text in real(shared_data, REAL) if text]
    file = tmp_path / "documents.json"
    file.write_text(json.dumps(texts), "utf-8")
    python = _environment(tmp_path)
    peer = ROOT / "benchmarks" / "peers" / "filters_datatrove.py"
    done = subprocess.run(
        [python, peer, file, "retold", "decide"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
    )
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    symbols = set(answer["symbols"])
    for place, entry in enumerate(FILTERS):
        signals, _ = measure(texts, [entry])
        first, rules = broken(signals, [entry])
        kinds: Counter[str] = Counter()
        for text, mine, row in zip(texts, first, answer["kept"], strict=True):
            if (mine >= 0) != bool(row[place]):
                reason = rules[mine][1].reason if mine >= 0 else ""
                kinds[
                    _kind(text, symbols) or f"unexplained: {reason or 'kept'} here, {row[place] or 'kept'} there"
                ] += 1
        dropped = int((first >= 0).sum())
        print(f"{type(entry).__name__}: {len(texts):,} documents, {dropped:,} dropped, disagreements {dict(kinds)}")
        assert not [kind for kind in kinds if kind.startswith("unexplained")]
        assert sum(kinds.values()) <= len(texts) // 200


def _kind(text: str, symbols: set[str]) -> str:
    """Why the two differ: a character that is a symbol to Unicode and none in datatrove's list, or the reverse."""
    import unicodedata

    odd = {letter for letter in set(text) if (unicodedata.category(letter)[0] in "PSC") != (letter in symbols)}
    return "symbols" if odd - set("\n\t ") else ""


def _environment(folder: Path) -> Path:
    given = os.environ.get("RETOLD_PEERS")
    if given:
        return Path(given)
    subprocess.run([sys.executable, "-m", "venv", folder / "peer"], check=True)
    python = folder / "peer" / "bin" / "python"
    packages = ["datatrove[io,processing]==0.10.1", "spacy==3.8.18"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, capture_output=True)
    return python
