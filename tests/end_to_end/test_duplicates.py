"""Duplicates through real processes: shown beside what was kept, killed and done again, added to later."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retold.runner.session import Session
from support.compare import all_rows
from support.twins import edited, text, vocabulary

RECIPE = """\
seed: 7
sources: {{docs: {{read: jsonl, paths: {folder}}}}}
curate: [normalize, exact, {{minhash: {{threshold: 0.6}}}}]
group_seconds: 0.0
"""
WORDS = vocabulary(5_000)


@pytest.fixture
def corpus(tmp_path) -> Path:
    """Three files of thirty bases and two edited copies of each; some lines stand twice."""
    rng = np.random.default_rng(3)
    texts = []
    for _ in range(30):
        base = text(WORDS, rng, 120)
        texts += [" ".join(edited(base, rate, rng)) for rate in (0.0, 0.003, 0.006)]
    texts += texts[:9]
    (tmp_path / "docs").mkdir()
    for number in range(3):
        lines = [json.dumps({"id": f"{number}-{at}", "text": one}) for at, one in enumerate(texts[number::3])]
        (tmp_path / "docs" / f"{number}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE.format(folder="docs"), "utf-8")
    return tmp_path


def test_both_twins_are_shown_and_the_funnel_counts_them(corpus, inside):
    out = corpus / "out" / "recipe"
    inside("run", corpus / "recipe.yaml")
    printed = inside("show", "--dropped", "near_duplicate", "--store", out)
    assert "shares most of its word sequences" in printed and "largest clusters: 3" in printed
    assert printed.count("kept      ") >= 5 and printed.count("its text") >= 5 and "one of 3 documents" in printed
    inside("report", "--store", out)
    page = (out / "report.html").read_text("utf-8")
    assert "near duplicate" in page and "exact duplicate" in page
    session = Session.open(out)
    assert session.scan("clusters").height > 0 and 28 <= session.accepted(("source",)).height <= 40


def test_killed_at_any_moment_a_comparison_is_done_again_and_every_row_is_there_once(corpus, inside, retold):
    """Laws 1 and 2; the last run has two workers. Kills: clusters without keys, pieces cut as they are read."""
    inside("run", corpus / "recipe.yaml", "--out", corpus / "quiet")
    chance, kills = random.Random(5), 0
    command = [sys.executable, "-m", "retold", "run", str(corpus / "recipe.yaml"), "--out", str(corpus / "stormy")]
    while kills < 3:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        clusters = corpus / "stormy" / "store" / "tables" / "clusters"
        before = len(list(clusters.glob("*.parquet")))
        wanted = before + chance.randint(1, 2)
        while process.poll() is None and len(list(clusters.glob("*.parquet"))) < wanted:
            pass
        if process.poll() is not None:
            break
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
    assert kills >= 2
    retold("run", corpus / "recipe.yaml", "--out", corpus / "stormy", "--workers", "2")
    assert all_rows(corpus / "stormy" / "store") == all_rows(corpus / "quiet" / "store")


def test_files_added_later_displace_nothing_that_was_kept(corpus, inside):
    """What the store kept wins over longer copies that come later, whatever the names of the new parts.

    Kills: a comparison that takes its own new fingerprint for a new beginning.
    """
    inside("run", corpus / "recipe.yaml")
    out = corpus / "out" / "recipe"
    kept = set(Session.open(out).accepted(("source",))["document_id"])
    rng = np.random.default_rng(4)
    lines = (corpus / "docs" / "0.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] + " and a longer ending" for line in lines] + [" ".join(text(WORDS, rng, 100))]
    for number in range(3):
        more = [json.dumps({"id": f"new-{number}-{at}", "text": one}) for at, one in enumerate(texts[number::3])]
        (corpus / "docs" / f"more-{number}.jsonl").write_text("\n".join(more) + "\n", "utf-8")
    inside("run", corpus / "recipe.yaml")
    now = set(Session.open(out).accepted(("source",))["document_id"])
    assert kept < now and len(now - kept) == 1, "the one new text, and nothing else"
    fresh = corpus / "fresh"
    inside("run", corpus / "recipe.yaml", "--out", fresh)
    assert not kept <= set(Session.open(fresh).accepted(("source",))["document_id"]), "a fresh store prefers the longer"
