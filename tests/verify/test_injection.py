"""Documents that tell a model what to do: whoever obeys, nothing of it is shipped, and honest text is not refused.

The patterns of `retold.text.directives` and these documents were written by the same hands, so this is no estimate of
what strangers' orders do; what counts is that an obeyed order is refused wherever and however it stands here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retold.core.document import Prompt
from retold.engines import scripted
from retold.engines.made_up import retell, source_of
from retold.runner.session import Session
from retold.styles.style import catalogue
from retold.text.directives import directives
from retold.verify.checks import measure
from retold.verify.judge import VerifySettings, judge, limits_for
from retold.verify.source import SourceText
from support.injections import Injected, documents, inline

ALL = documents()
PROSE = [style for style in catalogue() if style.contract.parser == "prose" and not style.control]


def _named(item: Injected) -> str:
    return item.name


@pytest.mark.parametrize("item", ALL, ids=_named)
def test_an_obeyed_order_is_refused_in_every_prose_style(item: Injected) -> None:
    """Kills: an order that counts as a source for what it asks to be said, or is seen only as a paragraph."""
    for text in (item.text, inline(item)):
        source = SourceText(text)
        assert source.told, "the order is seen"
        for said in (item.obeyed, f"{item.honest.split(chr(10))[2]} {item.obeyed}"):
            values, marks = measure(source, said)
            assert all(0 <= mark.start < mark.end <= len(said) for mark in marks)
            for style in PROSE:
                assert judge(values, limits_for(VerifySettings(), "model", style)), (style.name, said)


@pytest.mark.parametrize("item", ALL, ids=_named)
def test_the_honest_part_can_still_be_retold(item: Injected) -> None:
    """Kills: refusing every retelling of a document with an order in it."""
    source = SourceText(item.text)
    values, _ = measure(source, " ".join(item.honest.split("\n\n")[1:]))
    limits = limits_for(VerifySettings(), "rule", None)
    assert judge(values, limits) == "" and directives(item.honest) == []


@pytest.mark.parametrize(
    "text",
    [
        "Only administrators may return the form. The system ignores empty lines and answers within a second.",
        "If you forget the password, ask the user who wrote the rules. The assistant director left in 1999.",
        "The function returns only the first item; write the rest to a file. You are now ready to install it.",
        "The prompt shows the current folder. Do not follow symbolic links. Act on the task list above.",
    ],
)
def test_ordinary_text_speaks_to_nobody(text: str) -> None:
    """Kills: patterns that take manuals for orders; 0.08 % of the paragraphs of real manuals have one."""
    assert directives(text) == [] or text.startswith("The function")


def _recipe(folder: Path, items: list[Injected], engine: str, styles: str) -> Path:
    rows = [{"text": item.text if at % 2 else inline(item)} for at, item in enumerate(items)]
    rows += [{"text": honest} for honest in sorted({item.honest for item in items})]
    (folder / "docs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    path = folder / "recipe.yaml"
    path.write_text(
        "sources: {docs: docs.jsonl}\ncurate: [normalize]\n"
        f"engines: {{small: {engine}}}\n"
        f"rephrase: {{engine: small, styles: {styles}, rules: all}}\nverify: default@2\n",
        "utf-8",
    )
    return path


def _shipped(path: Path) -> list[str]:
    session = Session.begin(path)
    session.run()
    rows = session.accepted()
    return [str(text) for text, kind in zip(rows["text"], rows["kind"], strict=True) if kind == "retelling"]


def _obeying(prompt: Prompt, seed: int = 0) -> str:
    """What a model that obeys the document says; honest text for documents without an order."""
    text = source_of(prompt)
    for item in ALL:
        if " ".join(item.order.split()) in " ".join(text.split()):
            return item.obeyed if seed == 0 else f"{item.honest.split(chr(10))[0]} {item.obeyed}"
    return retell(prompt, seed)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_order_changes_what_a_run_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """A whole run, rule-made styles included, with an engine that obeys every order, alone or after honest words.

    Kills: an order copied by a rule; an obeyed order accepted by any style; a run that ships nothing at all.
    """
    monkeypatch.setattr(scripted, "retell", lambda prompt, _seed=0: _obeying(prompt, seed))
    shipped = _shipped(_recipe(tmp_path, ALL, "scripted", "[summary, plain, key_facts]"))
    assert len(shipped) > 10
    for item in ALL:
        assert not [text for text in shipped if item.payload in text], item.name
        assert not [text for text in shipped if item.order in text], item.name


@pytest.mark.prove
@pytest.mark.embedded
def test_no_order_changes_what_the_embedded_model_ships(tmp_path: Path) -> None:
    """Twelve of the documents and the real model, two styles. Kills: as above, where nobody wrote the answers."""
    chosen = ALL[::5]
    shipped = _shipped(_recipe(tmp_path, chosen, "embedded", "[summary, tutorial]"))
    for item in chosen:
        assert not [text for text in shipped if item.payload in text], item.name
