"""A finished run of a scripted engine, small, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import retold

RECIPE = """\
name: little
seed: 7
sources: {docs: {read: python_docs, limit: 10}}
curate: [normalize, {length: {min_words: 20}}, exact]
engines: {small: {scripted: {latency: 0.001, lie: 10%, fail: 2%}}}
rephrase:
  engine: small
  styles: {key_facts: 2, reword: 1}
  rules: all
  until: {retellings: 20}
verify: default@1
group_seconds: 0.2
pack: {tokenizer: train, vocabulary: 600, length: 128, rows_per_shard: 64}
"""


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """The folder of the recipe, which is not to be changed."""
    folder = tmp_path_factory.mktemp("traced")
    (folder / "little.yaml").write_text(RECIPE, "utf-8")
    retold.run(folder / "little.yaml")
    return folder


@pytest.fixture
def made(finished, tmp_path) -> Path:
    """A copy of it."""
    return shutil.copytree(finished, tmp_path / "copy")
