"""Checks of every retelling against its source: signals, marks on what is unsupported, and verdicts."""

from retold.verify.diversity_step import Diversity
from retold.verify.judge import VerifySettings
from retold.verify.question import question_judge
from retold.verify.reasons import REASONS
from retold.verify.sentence import sentence_judge
from retold.verify.step import Verify

__all__ = ["REASONS", "Diversity", "Verify", "VerifySettings", "question_judge", "sentence_judge"]
