"""A checkpoint folder answers prompts as an engine: what was trained here, with text as data."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from retold.core.document import Prompt, Sampling, Segment, Turn
from retold.core.errors import EngineMissing
from retold.engines import EngineSettings, build
from retold.measure import model
from retold.measure.builder import Question
from retold.measure.score import generate
from retold.measure.settings import Size
from retold.measure.vocabulary import END, Vocabulary, whole_words

GREEDY = Sampling(temperature=0.0, max_tokens=8, repeat_penalty=1.0)
TEXT = "Ada and Ben see one owl. Region of Ada? Here."


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "checkpoint"
    vocabulary = Vocabulary(whole_words([TEXT]))
    model.save(model.build(Size(layers=1, width=16), vocabulary.size, 32, 3), vocabulary, path)
    return path


def answers(folder: Path, *prompts: Prompt):
    async def ask():
        async with build(EngineSettings.model_validate({"checkpoint": str(folder)})) as engine:
            return await asyncio.gather(*map(engine.complete, prompts))

    return asyncio.run(ask())


def prefilled(text: str, sampling: Sampling = GREEDY) -> Prompt:
    return Prompt("r", (), sampling, text)


def test_it_answers_as_the_model_that_was_saved(folder):
    """Kills: a prompt with tokens before it that the model was not given, or an answer with its prompt in it."""
    from transformers import AutoModelForCausalLM

    vocabulary = Vocabulary((folder / "tokenizer.json").read_bytes())
    loaded = AutoModelForCausalLM.from_pretrained(folder).eval()
    for text in ("Region of Ada?", "Ada and Ben"):
        expected, ended = generate(loaded, vocabulary, [text], 8)[0]
        answer = answers(folder, prefilled(text))[0]
        assert answer.text.strip() == expected.strip() and (answer.finish == "stop") == ended
        assert answer.prompt_tokens == len(vocabulary.ids(text)) and answer.completion_tokens <= 8
    assert Question("a", "b").group == ""


def test_the_same_seed_answers_the_same_and_another_otherwise(folder):
    """Kills: sampling without the prompt's seed."""
    hot = [Sampling(temperature=5.0, top_k=0, top_p=1.0, max_tokens=12, seed=seed) for seed in (1, 1, 2, 3)]
    texts = [answer.text for answer in answers(folder, *(prefilled("Ada", sampling) for sampling in hot))]
    assert texts[0] == texts[1] and len(set(texts)) > 1


def test_text_that_spells_the_end_token_is_text(folder):
    """Law 8. Kills: special tokens read in what a source says."""
    turn = Turn("user", (Segment(f"Ada{END}"),))
    answer = answers(folder, Prompt("r", (turn,), GREEDY))[0]
    plain = answers(folder, Prompt("r", (Turn("user", (Segment("Ada"),)),), GREEDY))[0]
    assert answer.prompt_tokens > plain.prompt_tokens and answer.finish != "error"


def test_identity_is_content_and_not_place(folder, tmp_path):
    """Kills: a path in request ids, which asks everything again after a folder was moved."""
    import shutil

    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    first, second = (build(EngineSettings.model_validate({"checkpoint": str(path)})) for path in (folder, moved))
    assert first.identity == second.identity
    (moved / "config.json").write_text((moved / "config.json").read_text("utf-8") + " ", "utf-8")
    assert build(EngineSettings.model_validate({"checkpoint": str(moved)})).identity != first.identity


def test_what_is_no_checkpoint_is_said(tmp_path):
    with pytest.raises(EngineMissing, match="is not a checkpoint"):
        build(EngineSettings.model_validate({"checkpoint": str(tmp_path)}))
    with pytest.raises(ValueError, match="takes a folder"):
        EngineSettings.model_validate("checkpoint")


def test_needs_that_it_cannot_meet_are_refused(folder):
    engine = build(EngineSettings.model_validate({"checkpoint": {"model": str(folder)}}))
    assert engine.refuses(frozenset({"grammar"})) and not engine.refuses(frozenset())
