"""Arms of documents: files, stores, recipes and mixtures, known by their content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memory_view import MemoryView
from retold.core.document import Document, Stretch
from retold.core.errors import SourceError
from retold.core.schema import batch
from retold.core.step import Part
from retold.measure import cells, experiment
from retold.measure.builder import TrainingText
from retold.measure.builders.documents import ArmPart, ArmSettings, Documents, WorldSettings, _documents
from retold.measure.vocabulary import Vocabulary
from support.experiments import TINY


@pytest.fixture
def base(tmp_path: Path) -> Path:
    lines = [f"The keeper of house {number} counts {number * 7} stones by the river." for number in range(40)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": line}) + "\n" for line in lines), "utf-8")
    (tmp_path / "b.txt").write_text("\n\n".join(f"Short line {number}." for number in range(10)), "utf-8")
    (tmp_path / "held.txt").write_text("The keeper of house 99 counts stones.\n\nNobody counts.", "utf-8")
    question = {"prompt": "The keeper counts", "answer": " stones", "wrong": [" rivers", " houses"]}
    (tmp_path / "q.jsonl").write_text(json.dumps(question) + "\n", "utf-8")
    return tmp_path


def made(base: Path, **arms: ArmSettings) -> Documents:
    world = WorldSettings(held_out="held.txt", questions="q.jsonl", tokenizer_from="a.jsonl", vocabulary=400)
    return Documents(world, arms, base)


def test_an_arm_is_its_texts_once_in_every_pass(base):
    builder = made(base, a=ArmSettings(texts="a.jsonl"))
    first, second = ([text.text for text in builder.texts("a", 1, number)] for number in (0, 1))
    assert first != second and sorted(first) == sorted(second) and len(first) == 40
    vocabulary = Vocabulary(builder.tokenizer(1))
    assert all(vocabulary.decode(vocabulary.ids(text)) == text for text in first)


def test_a_mixture_holds_its_shares_of_characters(base):
    """Kills: shares of documents in place of characters."""
    mix = (ArmPart(share=0.5, texts="a.jsonl"), ArmPart(share=0.5, texts="b.txt"))
    builder = made(base, m=ArmSettings(mix=mix))
    sizes = [0, 0]
    for number in range(20):
        for text in builder.texts("m", 1, number):
            sizes[text.text.startswith("Short")] += len(text.text)
    assert 0.45 < sizes[0] / sum(sizes) < 0.55


@pytest.mark.parametrize("part", ["alone", "mixed"])
def test_an_arm_that_holds_a_held_out_text_is_refused(base, part):
    """Kills: equality to the last character; looking at the first part of a mixture alone."""
    (base / "c.jsonl").write_text(json.dumps({"text": "  NOBODY\ncounts\u2024"}) + "\n", "utf-8")
    mix = (ArmPart(share=0.5, texts="a.jsonl"), ArmPart(share=0.5, texts="c.jsonl"))
    arm = ArmSettings(texts="c.jsonl") if part == "alone" else ArmSettings(mix=mix)
    builder = made(base, a=ArmSettings(texts="a.jsonl"), c=arm)
    builder.check(["a"])
    with pytest.raises(SourceError, match=r"arm 'c' would train on a text of held.txt: '  NOBODY"):
        builder.check(["a", "c"])


def test_nothing_is_trained_where_a_later_arm_holds_a_held_out_text(base):
    """Kills: a look at each arm when its turn comes, after hours of training the others."""
    (base / "c.txt").write_text("Nobody counts.", "utf-8")
    world = {"held_out": "held.txt", "tokenizer_from": "a.jsonl", "vocabulary": 400}
    primary = {"arm": "c", "score": "bits_per_byte", "size": "small"}
    arms = {"a": {"texts": "a.jsonl"}, "c": {"texts": "c.txt"}}
    wanted = {**TINY, "builder": "documents", "world": world, "arms": arms, "control": "a", "primary": primary}
    (base / "e.yaml").write_text(json.dumps(wanted), "utf-8")
    chosen = experiment.load(base / "e.yaml")
    with pytest.raises(SourceError, match=r"arm .c. would train on a text of held\.txt"):
        cells.run(chosen, lambda seen: None)
    assert not (chosen.folder / cells.CELLS).exists()


def test_identity_is_content_and_not_the_name_of_a_file(base):
    """Law 3. Kills: a path as identity, which mixes in results of a file that has changed."""
    builder = made(base, a=ArmSettings(texts="a.jsonl"))
    before = builder.identity("a")
    (base / "c.jsonl").write_bytes((base / "a.jsonl").read_bytes())
    assert made(base, a=ArmSettings(texts="c.jsonl")).identity("a") == before
    with (base / "a.jsonl").open("a") as file:
        file.write(json.dumps({"text": "One more."}) + "\n")
    assert made(base, a=ArmSettings(texts="a.jsonl")).identity("a") != before


def test_a_file_that_is_not_there_is_said(base):
    with pytest.raises(SourceError, match="cannot read"):
        made(base, a=ArmSettings(texts="none.jsonl")).texts("a", 1, 0)
    with pytest.raises(ValueError, match="one of recipe, store, texts or mix"):
        ArmSettings(texts="a.jsonl", store="b")


def test_files_of_windows_and_lines_that_are_none(base):
    """Kills: a file of Windows taken for one text, since its empty lines are others; tracebacks of a parser."""
    (base / "w.txt").write_bytes("\ufeffOne line.\r\n\r\nAnother\r\none.\r\n".encode())
    builder = made(base, a=ArmSettings(texts="w.txt"), b=ArmSettings(texts="bad.jsonl"))
    assert sorted(one.text for one in builder.texts("a", 1, 0)) == ["Another\none.", "One line."]
    for line, words in (
        ("{", "line 2: no JSON"),
        ('{"body": "x"}', "line 2: needs text"),
        ("[1]", "line 2: needs text"),
    ):
        (base / "bad.jsonl").write_text('{"text": "a"}\n' + line, "utf-8")
        with pytest.raises(SourceError, match=words):
            builder.texts("b", 1, 0)
    for line, words in (
        ("{}", "needs prompt, answer, wrong"),
        ('{"prompt": "p", "answer": "", "wrong": ["b"]}', "empty"),
    ):
        (base / "q.jsonl").write_text(line, "utf-8")
        with pytest.raises(SourceError, match=words):
            builder.tasks(1)


def test_what_packing_masks_is_read_and_not_learnt(base):
    """A planted error. Kills: `no_loss` left behind: errors would be trained here and nowhere else."""
    text = "2 + 2 = 5. No, 2 + 2 = 4."
    one = Document("0" * 32, "reflection", text, "s", no_loss=(Stretch(0, 10),))
    view = MemoryView(base, [Part("p", "s")])
    view.add("reflect", "p", {"documents": batch("documents", [one])})
    assert list(_documents(view, ("reflection",))) == [TrainingText(text, ((0, 10),))]


def test_a_recipe_is_run_and_its_documents_are_the_arm(base):
    """A store is what a run left: the same texts either way."""
    (base / "docs").mkdir()
    (base / "docs" / "one.txt").write_text("A river runs by the old house. " * 5, "utf-8")
    (base / "made.yaml").write_text(
        "name: made\nsources: {docs: {read: text, paths: docs/*.txt}}\ncurate: [normalize]\n", "utf-8"
    )
    builder = made(base, r=ArmSettings(recipe="made.yaml"), s=ArmSettings(store="out/made"))
    from_recipe = [text.text for text in builder.texts("r", 1, 0)]
    assert len(from_recipe) == 1 and from_recipe[0].startswith("A river")
    assert from_recipe == [text.text for text in builder.texts("s", 1, 0)]
