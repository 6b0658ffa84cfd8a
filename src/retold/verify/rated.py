"""How good a retelling is by the checks, to choose among several attempts at one.

In: a style, a passage with the title of its document, a text. Out: a number, higher is better: 1 and more where the
checks accept it, and the less risk they come to, the more above (or below) that. The verdict itself is given later, by
`verify`, on what was chosen; choosing by the same checks is what makes several attempts worth their price.
"""

from __future__ import annotations

from pathlib import Path

from retold.core.document import Passage
from retold.styles.style import Style, begins
from retold.verify.checks import measure
from retold.verify.combination import load
from retold.verify.judge import VerifySettings, judge, limits_for
from retold.verify.source import SourceText


class Rated:
    """Rates texts by the limits of a recipe; can be pickled."""

    def __init__(self, settings: VerifySettings, base: Path = Path()) -> None:
        """`base` is the folder from which a calibration file of the user's is named. Raises RetoldError without it."""
        self.settings = settings
        self.combination = load(settings.calibration, base)

    def __call__(self, style: Style, passage: Passage, title: str, text: str) -> float:
        """The worth of `text` as a retelling of the passage."""
        values, _ = measure(
            SourceText(passage.text, (title, passage.heading)),
            text[begins(style, text, passage.text) :],
            self.combination,
        )
        accepted = not judge(values, limits_for(self.settings, "model", style))
        return accepted + 1.0 - values["risk"]
