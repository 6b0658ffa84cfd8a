"""Passages, a plan with quotas, prompts, and what comes back: from documents to retellings.

Steps in order: `Passages` (Map), `Rules` (Map), `Plan` (Fold), `Complete` (Ask), `Parse` (Map).
"""

from __future__ import annotations

from retold.rephrase.generate import Complete
from retold.rephrase.parse import Parse
from retold.rephrase.passages import Passages
from retold.rephrase.plan import Plan
from retold.rephrase.reasons import REASONS
from retold.rephrase.rules import Rules
from retold.rephrase.settings import RephraseSettings

__all__ = ["REASONS", "Complete", "Parse", "Passages", "Plan", "RephraseSettings", "Rules"]
