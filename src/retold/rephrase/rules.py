"""The step `rules`: passages are retold by programs, true by construction.

In: the passages of the part and the rules that the recipe names. Out: one document (kind `retelling`, made by `rule`)
for each text that a rule makes, parented to the source document and its span; and where a rule has nothing to say about
a passage, a verdict that counts it. Programs get the passage and the recipe's seed and nothing else.

Memory: at most `PASSAGES` passages with their retellings, and source, title and licence of the documents they are from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from retold.core.document import Document, Passage, Span
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import Verdict, drop
from retold.rephrase.lookup import Inherited, inherited
from retold.rephrase.settings import RephraseSettings
from retold.styles.rules import RULES, Rule

PASSAGES: Final = 256


def rule_retelling_id(rule: Rule, passage_id: str, seed: int, index: int) -> str:
    """The id of the `index`-th text that a rule makes of a passage."""
    return digest("retelling", "rule", rule.name, rule.version, passage_id, seed, index)


class Rules:
    """Map step `rules`. Without rules in the recipe it yields nothing."""

    name = "rules"
    version = 1
    writes = ("documents", "verdicts")

    def __init__(self, settings: RephraseSettings, seed: int) -> None:
        self.rules = settings.rules
        self.seed = seed

    def identity(self) -> Mapping[str, Any]:
        """The rules with their versions, and the seed."""
        return {"rules": {name: RULES[name].version for name in self.rules}, "seed": self.seed}

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All retellings of the part made by rules, `PASSAGES` passages at a time."""
        if not self.rules:
            return
        for rows in view.read("passages", part=part.name):
            for start in range(0, rows.num_rows, PASSAGES):
                passages = [Passage(**row) for row in rows.slice(start, PASSAGES).to_pylist()]
                origins = inherited(view, part.name, {passage.document_id for passage in passages})
                documents: list[Document] = []
                verdicts: list[Verdict] = []
                for passage in passages:
                    if passage.document_id in origins:
                        self._retell(passage, origins[passage.document_id], documents, verdicts)
                yield {"documents": batch("documents", documents), "verdicts": batch("verdicts", verdicts)}

    def _retell(self, passage: Passage, origin: Inherited, documents: list[Document], verdicts: list[Verdict]) -> None:
        for name in self.rules:
            rule = RULES[name]
            texts = rule.program(passage, self.seed)
            if not texts:
                subject = rule_retelling_id(rule, passage.passage_id, self.seed, 0)
                verdicts.append(drop(subject, "retelling", "nothing_to_say", name))
            for index, text in enumerate(texts):
                documents.append(
                    Document(
                        document_id=rule_retelling_id(rule, passage.passage_id, self.seed, index),
                        kind="retelling",
                        text=text,
                        source=origin.source,
                        parents=(passage.document_id,),
                        spans=(Span(passage.document_id, passage.start, passage.end),),
                        style=name,
                        made_by="rule",
                        title=origin.title,
                        licence=origin.licence,
                    )
                )
