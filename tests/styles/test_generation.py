"""One real answer to every style with a prompt for the embedded model, also where it is known to fail mostly."""

from __future__ import annotations

import pytest

from retold.core.document import Passage, Request
from retold.engines.embedded import EmbeddedEngine
from retold.engines.fetch import locate
from retold.engines.settings import EmbeddedSettings
from retold.styles.parse import Parsed, Refusal, parse
from retold.styles.reasons import REASONS
from retold.styles.style import catalogue, decoded, of_unit, render
from retold.testing import ask
from retold.text.tokens import count

TEXT = (
    "Bees live in hives of up to forty thousand animals. They visit flowers and carry pollen from one to the next, and "
    "so fruit grows. In winter the bees stay in the hive and live on the honey that they stored in summer."
)
WRITTEN_FOR = ("faq", "key_facts", "plain", "qa_append", "reword", "summary", "table", "tutorial")
SUITED = [style for style in catalogue() if style.name in WRITTEN_FOR]


@pytest.mark.embedded
def test_every_style_for_the_embedded_model_is_answered_by_it(capsys):
    """Kills: a prompt that is rendered without its prefill, its stop strings or its sentence: most answers would then
    be none."""
    pytest.importorskip("xllamacpp", reason="not installed: pip install 'retold[local]'")
    if locate() is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")
    passage = Passage("p", "d", 0, len(TEXT), "Bees", TEXT, count(TEXT))
    end = TEXT.index(". They") + 1
    asked = []
    for style in SUITED:
        until = len(TEXT) if style.unit == "passage" else end
        for bound in (style, decoded(style, "grounded")):
            asked.append((bound, Request(style.name, "r", 0, "p", "d", 0, until, style.name, "1", "e")))
    answers = ask(
        EmbeddedEngine(EmbeddedSettings(slots=1, threads=1)),
        [render(style, passage, request) for style, request in asked],
    )
    judged: dict[tuple[str, str], Parsed | Refusal] = {}
    for (style, request), answer in zip(asked, answers, strict=True):
        assert answer.finish in ("stop", "length") and answer.completion_tokens > 2, style.name
        assert len(answer.logprobs) > 0 or not style.logprobs
        found = parse(of_unit(style), style.prefill + answer.text, TEXT[request.start : request.end])
        judged[style.name, style.decoding] = found
    with capsys.disabled():
        for (name, decoding), found in judged.items():
            print(f"\n{name}, {decoding}: {found}", end="")
    assert len(SUITED) >= 7
    assert all(isinstance(found, Parsed) or found.reason in REASONS for found in judged.values())
    assert sum(isinstance(found, Parsed) for found in judged.values()) >= len(judged) // 2
