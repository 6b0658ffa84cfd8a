"""Checks of every retelling against its source: signals, marks on what is unsupported, and verdicts."""

from retold.verify.diversity_step import Diversity
from retold.verify.judge import VerifySettings
from retold.verify.question import question_judge, row_judge, strict_question_judge
from retold.verify.reasons import REASONS
from retold.verify.repair import Repaired
from retold.verify.sentence import sentence_judge, strict_sentence_judge
from retold.verify.step import Verify

__all__ = [
    "REASONS",
    "Diversity",
    "Repaired",
    "Verify",
    "VerifySettings",
    "question_judge",
    "row_judge",
    "sentence_judge",
    "strict_question_judge",
    "strict_sentence_judge",
]
