"""The verdict on a retelling, from its signals and from limits only.

In: signals by name, and `Limits`. Out: "" (keep) or the main reason, the first of `reasons.ORDER` that applies. It
never sees a text, so that new limits re-judge stored signals in seconds and give what a fresh check would have given.

Limits come from three places: the recipe (`verify: default@2`, or `verify: {preset: default@2, support: 0.6}`), the
style's contract (length window, copy limit, which support checks apply), and who made the retelling. A rule-made one
is true by construction, since a program moved the source's own words, and it copies by design: the copy limits do not
apply to it. All else does, as a guard against errors in rules, with a wide length window (one fact of a long passage
is a sound item), half of its lines and words free to repeat (choices under each question do), and without the floor
per sentence: a rule's own words ("Which word is missing?") are in no source.

`default@1` is strict on what can be pointed at (no number and no name without a source) and mild on shares: 0.7 of
the content words, the repetition limits of Gopher. It was set from the limits of first trials and fitted to no
labelled data. Where edits are subtle it is weak, and says little: on the 2,398 pairs of SummEdits (`make gates`) it
kept 69 % of the consistent and 53 % of the inconsistent summaries, AUROC of its support signals 0.57 (95 %: 0.53 to
0.61), and the share of supported words alone points the wrong way there (0.44), since a true paraphrase brings new
words. `default@2` adds two limits: no denial that the source does not have, and a bound on the `risk` to which all
signals come together (`combination.py`), fitted to half of that set by document; what it is worth on the other half
is in `docs/log.md` and held by `make gates`. Opposite words (`opposites`) only count towards the risk unless a recipe
bounds them: "long before the war" is truly retold as "the war came long after".

`strict` is for small models, and is on where the embedded one answers: every statement of a retelling is one source
sentence's (`statements.py`), and the risk is bounded by `small@1`, fitted to judged retellings of that model. Of 63
that the first audit accepted, 38 % true, it keeps 6, all true; it was made by looking at them: the second audit counts.

Other languages than English: numbers, names, copying, repetition, length, shares of words and the language itself are
judged in all; denials, contraries, exchanges, answers and talk about the task are looked for by English words, so in
other languages they are not seen (nobody measured what that lets through), and in German, which writes all nouns with
a capital, a noun of the model's own is refused as a name. `strict` refuses a source that is not English as
`not_english`: what it rests on reads nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from pydantic import model_validator

from retold.core.document import MadeBy
from retold.core.quantity import Share
from retold.core.settings import Settings, execution, identity
from retold.styles.style import Style
from retold.verify.combination import NEWEST, SMALL, load
from retold.verify.diversity import DiversitySettings
from retold.verify.reasons import ORDER

UNBOUNDED: Final = 1e9
ANY: Final = 1_000_000
ENGLISH: Final = 0.5
"""Statements are read in English alone: a source that is more probably in another language is refused by `strict`."""

PRESETS: Final[dict[str, dict[str, Any]]] = {
    "default@1": {"negations": ANY, "exchanged": ANY, "answers": ANY, "risk": 1.0},
    "default@2": {},
}
"""Named values of `VerifySettings`; the newest are the defaults of its fields. A changed preset gets a new number."""


class VerifySettings(Settings):
    """The limits that the recipe sets for all styles. Shares are from 0 to 1.

    `preset` only names where values come from; the values themselves are what decides, and are the identity.
    """

    preset: Literal["default@1", "default@2"] = execution(NEWEST)
    support: Share = identity(0.7, ge=0, le=1)
    weakest_sentence: Share = identity(0.4, ge=0, le=1)
    other_language: Share = identity(0.5, ge=0, le=1)
    repeated_lines: Share = identity(0.3, ge=0, le=1)
    repeated: tuple[Share, Share, Share, Share, Share, Share] = identity((0.15, 0.14, 0.13, 0.12, 0.11, 0.10))
    compression: Share = identity(0.25, ge=0, le=1)
    copied_sentences: Share = identity(0.5, ge=0, le=1)
    negations: int = identity(0, ge=0)
    opposites: int = identity(ANY, ge=0)
    exchanged: int = identity(0, ge=0)
    answers: int = identity(0, ge=0)
    risk: Share = identity(0.75, ge=0, le=1)
    strict: bool | None = identity(None, description="each statement of one sentence; empty: where the model is small")
    calibration: str = identity(NEWEST)
    diversity: DiversitySettings | None = identity(None)
    rule_length: tuple[float, float] = identity((0.01, 4.0))
    rule_repeated: Share = identity(0.5, ge=0, le=1)
    rule_support: Share = identity(0.4, ge=0, le=1)

    def made_by(self, *, small: bool) -> VerifySettings:
        """The settings for retellings of a model: strict where it is small, unless the recipe says otherwise.

        Strict ones bound the risk by what was fitted to such a model's retellings, where the recipe does not bound it.
        Raises RetoldError for a calibration that cannot be read.
        """
        strict = small if self.strict is None else self.strict
        changed: dict[str, Any] = {"strict": strict}
        if strict and not {"risk", "calibration"} & self.model_fields_set:
            changed |= {"calibration": SMALL, "risk": load(SMALL).threshold}
        return self.model_copy(update=changed)

    @model_validator(mode="before")
    @classmethod
    def _from_recipe(cls, value: Any) -> Any:
        """Accept the bare name of a preset, and fill in what a preset sets and the recipe does not."""
        if isinstance(value, str):
            value = {"preset": value}
        if isinstance(value, Mapping):
            return {**PRESETS.get(str(value.get("preset", NEWEST)), {}), **value}
        return value


class Limits(Settings):
    """The limits for one retelling: the recipe's, with those of its style's contract. All from 0 to 1 but `length`."""

    length: tuple[float, float] = identity((0.0, UNBOUNDED))
    copied: float = identity(1.0)
    copied_sentences: float = identity(1.0)
    support: float = identity(0.7)
    weakest_sentence: float = identity(0.4)
    other_language: float = identity(0.5)
    repeated_lines: float = identity(0.3)
    repeated: tuple[float, ...] = identity((0.15, 0.14, 0.13, 0.12, 0.11, 0.10))
    compression: float = identity(0.25)
    negations: int = identity(0)
    opposites: int = identity(ANY)
    exchanged: int = identity(0)
    answers: int = identity(0)
    statements: int = identity(ANY)
    not_english: float = identity(1.0)
    risk: float = identity(0.75)
    numbers: bool = identity(True)
    names: bool = identity(True)


def _rule_limits(settings: VerifySettings) -> Limits:
    return Limits(
        length=settings.rule_length,
        support=settings.rule_support,
        weakest_sentence=0.0,
        other_language=settings.other_language,
        repeated_lines=settings.rule_repeated,
        repeated=(settings.rule_repeated,) * len(settings.repeated),
        compression=settings.compression,
        negations=settings.negations,
        opposites=settings.opposites,
        exchanged=settings.exchanged,
        answers=settings.answers,
        risk=1.0,
    )


SHARED: Final = ("support", "weakest_sentence", "other_language", "repeated_lines", "repeated", "compression")
GROUNDED: Final = ("negations", "opposites", "exchanged", "answers", "risk")
"""Limits that every model-made style has from the recipe."""


def limits_for(settings: VerifySettings, made_by: MadeBy, style: Style | None) -> Limits:
    """The limits for a retelling of this style. A model's retelling without a known style is held to all defaults.

    A style whose contract grounds nothing (a continuation, as a control) is not bound to its source: neither numbers,
    names nor words are judged, only form, language and copying. One that adds on purpose (the harm of unsafe content)
    is bound to its source by what it grounds, and not by the share of its words.
    """
    if made_by == "rule":
        return _rule_limits(settings)
    shared: dict[str, Any] = {name: getattr(settings, name) for name in (*SHARED, *GROUNDED)}
    shared |= {"statements": 0, "not_english": ENGLISH} if settings.strict else {}
    if style is None:
        return Limits(**shared)
    contract = style.contract
    if not contract.grounded or contract.adds:
        shared |= {
            "support": 0.0,
            "weakest_sentence": 0.0,
            "negations": ANY,
            "opposites": ANY,
            "exchanged": ANY,
            "answers": ANY,
            "statements": ANY,
            "not_english": 1.0,
            "risk": 1.0,
        }
    return Limits(
        **shared,
        length=contract.length,
        copied=contract.copy_limit,
        copied_sentences=settings.copied_sentences if style.unit == "sentence" else 1.0,
        numbers="numbers" in contract.grounded,
        names="names" in contract.grounded,
    )


Test = Callable[[Mapping[str, float], Limits], bool]

FAILS: Final[dict[str, Test]] = {
    "source_missing": lambda signals, _: signals.get("source_missing", 0.0) > 0,
    "not_english": lambda signals, limits: signals["not_english"] > limits.not_english,
    "short_for_source": lambda signals, limits: signals["words"] < 1 or signals["length_ratio"] < limits.length[0],
    "long_for_source": lambda signals, limits: signals["length_ratio"] > limits.length[1],
    "obeys_its_source": lambda signals, _: signals["obeyed"] > 0,
    "meta_talk": lambda signals, _: signals["meta_talk"] > 0,
    "repeats_itself": lambda signals, limits: (
        signals["repeated_lines"] > limits.repeated_lines
        or signals["compression"] < limits.compression
        or any(signals[f"repeated_{5 + at}"] > limit for at, limit in enumerate(limits.repeated))
    ),
    "other_language": lambda signals, limits: signals["other_language"] > limits.other_language,
    "copied": lambda signals, limits: signals["copied"] > limits.copied,
    "sentences_copied": lambda signals, limits: signals["copied_sentences"] > limits.copied_sentences,
    "number_not_in_source": lambda signals, limits: limits.numbers and signals["unsupported_numbers"] > 0,
    "name_not_in_source": lambda signals, limits: limits.names and signals["unsupported_names"] > 0,
    "negation_not_in_source": lambda signals, limits: signals["unsupported_negations"] > limits.negations,
    "opposite_of_source": lambda signals, limits: signals["opposites"] > limits.opposites,
    "exchanged_in_source": lambda signals, limits: signals["exchanged"] > limits.exchanged,
    "answer_not_in_source": lambda signals, limits: signals["unsupported_answers"] > limits.answers,
    "not_of_one_sentence": lambda signals, limits: signals["unsupported_statements"] > limits.statements,
    "sentence_not_in_source": lambda signals, limits: signals["weakest_sentence"] < limits.weakest_sentence,
    "words_not_in_source": lambda signals, limits: signals["support"] < limits.support,
    "likely_unsupported": lambda signals, limits: signals["risk"] > limits.risk,
}
"""Which reasons apply to signals under limits; `number_lost` belongs to single sentences (`sentence.py`)."""


def judge(signals: Mapping[str, float], limits: Limits) -> str:
    """The main reason to refuse, or "" to keep. Raises KeyError when a signal is missing."""
    return next((reason for reason in ORDER if reason in FAILS and FAILS[reason](signals, limits)), "")
