"""A few retellings beside their sources, chosen by the digests of their ids, and one refusal explained.

The choice never depends on order or time; half are accepted, half refused, and the refused ones are spread over the
reasons, so that a rare reason is seen too. Only the chosen ids' texts are read.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retold.report.explain import explain
from retold.report.rows import Rows
from retold.report.story import Explained, Pointed, Sample
from retold.report.tally import VERIFY, StyleTally
from retold.text.sentences import sentences
from retold.text.words import content_words

PER_VERDICT = 6
SOURCE_LIMIT, TEXT_LIMIT, LABEL_LIMIT = 1200, 2400, 300
WHOLE = 1 << 30
GAP = "\n[…]\n"
TELLING = ("number_not_in_source", "name_not_in_source", "words_not_in_source", "sentence_not_in_source")
POINTED = {"sentence_not_in_source": "words_not_in_source"}


def choose(style: StyleTally) -> list[str]:
    """Ids of samples of one style: at most PER_VERDICT accepted, then as many refused, in turn from each reason."""
    accepted = [name for _, name in style.candidates.get(("", ""), [])]
    reasons = sorted(style.refused, key=lambda verdict: (-style.refused[verdict], verdict))
    queues = [[name for _, name in style.candidates.get(verdict, [])] for verdict in reasons]
    turns = [queue[turn] for turn in range(PER_VERDICT) for queue in queues if turn < len(queue)]
    return accepted[:PER_VERDICT] + turns[:PER_VERDICT]


@dataclass
class _Found:
    """Rows about the wanted retellings, by id."""

    documents: dict[str, dict[str, Any]]
    verdicts: dict[str, list[dict[str, Any]]]
    marks: dict[str, list[dict[str, Any]]]
    requests: dict[str, list[dict[str, Any]]]
    answers: dict[str, dict[str, Any]]
    letters: dict[str, dict[str, Any]]
    passages: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    uris: dict[str, str]


def fetch(rows: Rows, wanted: Sequence[str], *, source_limit: int = SOURCE_LIMIT) -> list[Sample]:
    """The retellings with these ids as samples, in the given order; ids that nothing is known about are left out."""
    found = _find(rows, wanted)
    samples = (_sample(rows, found, name, source_limit) for name in wanted)
    return [sample for sample in samples if sample is not None]


def _find(rows: Rows, wanted: Sequence[str]) -> _Found:
    documents = _by(rows.named("documents", "document_id", wanted), "document_id")
    missing = [name for name in wanted if name not in documents]
    requests = group(rows.named("requests", "retelling_id", missing), "retelling_id")
    asked = {row["request_id"] for group in requests.values() for row in group}
    passages = {row["passage_id"] for group in requests.values() for row in group}
    named = {span["document_id"] for row in documents.values() for span in row["spans"]}
    named |= {row["document_id"] for group in requests.values() for row in group}
    signals = [row for row in rows.named("signals", "document_id", wanted) if row["stage"] == VERIFY]
    return _Found(
        documents,
        group(rows.named("verdicts", "subject", wanted), "subject"),
        {row["document_id"]: row["marks"] for row in signals},
        requests,
        _by(rows.named("completions", "request_id", asked), "request_id"),
        _by(sorted(rows.named("dead_letters", "request_id", asked), key=lambda row: row["round"]), "request_id"),
        _by(rows.named("passages", "passage_id", passages), "passage_id"),
        _by(rows.named("documents", "document_id", named), "document_id"),
        uris(rows, named),
    )


def uris(rows: Rows, documents: Iterable[str]) -> dict[str, str]:
    """The first address (in order of the alphabet) that each document was read from."""
    origins = rows.named("origins", "document_id", sorted(documents))
    return {row["document_id"]: row["uri"] for row in sorted(origins, key=lambda row: row["uri"], reverse=True)}


def _by(rows: list[dict[str, Any]], column: str) -> dict[str, dict[str, Any]]:
    return {row[column]: row for row in rows}


def group(rows: list[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by the value of a column."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)


def _sample(rows: Rows, found: _Found, name: str, source_limit: int) -> Sample | None:
    document = found.documents.get(name)
    if document is not None:
        spans = document["spans"]
        source = GAP.join(_piece(found, span) for span in spans)
        about = spans[0]["document_id"] if spans else ""
        text, style, made_by = document["text"], document["style"], document["made_by"]
    elif name in found.requests:
        units = sorted(found.requests[name], key=lambda row: (row["unit"], row["attempt"]))
        about, style, made_by = units[0]["document_id"], units[0]["style"], "model"
        source = found.passages.get(units[0]["passage_id"], {}).get("text", "")
        answers = [found.answers.get(row["request_id"], {}).get("text", "") for row in units]
        text = "\n".join(answer for answer in answers if answer)
    else:
        return None
    verdict, stage, reason, detail = _verdict(rows, found, name)
    title = found.sources.get(about, {}).get("title", "")
    return Sample(
        retelling_id=name,
        document_id=about,
        style=style,
        made_by=made_by,
        verdict=verdict,
        stage=stage,
        reason=reason,
        explanation=explain(reason, stage),
        detail=detail,
        title=title[:LABEL_LIMIT],
        uri=found.uris.get(about, "")[:LABEL_LIMIT],
        source=source[:source_limit],
        source_cut=len(source) > source_limit,
        text=text[:TEXT_LIMIT],
        text_cut=len(text) > TEXT_LIMIT,
        marks=_marks(found.marks.get(name, []), reason, min(len(text), TEXT_LIMIT)),
    )


def _piece(found: _Found, span: Mapping[str, Any]) -> str:
    text: str = found.sources.get(span["document_id"], {}).get("text", "")
    return text[span["start"] : span["end"]]


def _marks(marks: list[dict[str, Any]], reason: str, end: int) -> tuple[Pointed, ...]:
    """Marks that point into what is shown, in order; those of the main reason are the ones that decided."""
    inside = [mark for mark in marks if 0 <= mark["start"] < mark["end"] <= end]
    ordered = sorted(inside, key=lambda mark: (mark["start"], mark["end"], mark["reason"]))
    decisive = POINTED.get(reason, reason)
    return tuple(
        Pointed(mark["start"], mark["end"], why, explain(why, VERIFY), why == decisive)
        for mark in ordered
        for why in [mark["reason"]]
    )


def _verdict(rows: Rows, found: _Found, name: str) -> tuple[str, str, str, str]:
    """(verdict, stage, reason, detail): the first stage that drops decides."""
    order = {stage: index for index, stage in enumerate(rows.stages)}
    verdicts = [row for row in found.verdicts.get(name, []) if row["kind"] == "retelling"]
    for row in sorted(verdicts, key=lambda row: order[row["stage"]]):
        if not row["keep"]:
            return "refused", row["stage"], row["reason"], row["detail"]
    if name not in found.documents:
        letters = [found.letters.get(row["request_id"]) for row in found.requests.get(name, [])]
        errors = [letter["error"] for letter in letters if letter]
        return ("failed", "complete", "", errors[0][:LABEL_LIMIT]) if errors else ("waiting", "", "", "")
    judged = VERIFY not in rows.stages or any(row["stage"] == VERIFY for row in verdicts)
    return ("accepted" if judged else "waiting"), "", "", ""


DIGITS_TELL = 0.3


def explain_one(rows: Rows, styles: Mapping[str, StyleTally]) -> Explained | None:
    """The refusal that tells most: model-made first, a number or a name, beside a source sentence that is close."""
    for made_by in ("model", "rule"):
        for reason in TELLING:
            names = sorted(
                candidate
                for style in styles.values()
                if style.made_by == made_by
                for (_, why), candidates in style.candidates.items()
                if why == reason
                for candidate in candidates
            )
            chosen = [name for _, name in names[: 2 * PER_VERDICT]]
            told = [_explained(sample) for sample in fetch(rows, chosen, source_limit=WHOLE)]
            ranked = [item for item in told if item is not None]
            if ranked:
                return max(ranked, key=lambda item: item[0])[1]
    return None


def _explained(sample: Sample) -> tuple[float, Explained] | None:
    """A refusal told in two sentences, with how close they are; None where nothing is pointed at."""
    marks = [mark for mark in sample.marks if mark.decided]
    if not marks:
        return None
    span = next(
        ((start, end) for start, end in sentences(sample.text) if start <= marks[0].start < end), (0, len(sample.text))
    )
    said = " ".join(sample.text[span[0] : span[1]].split())
    at_fault = [sample.text[mark.start : mark.end] for mark in marks if mark.start < span[1] and mark.end > span[0]]
    closeness, nearest = nearest_sentence(said, sample.source)
    told = Explained(
        sample.retelling_id,
        sample.style,
        said,
        ", ".join(dict.fromkeys(" ".join(words.split()) for words in at_fault)),
        sample.reason,
        sample.explanation,
        nearest,
    )
    digits = any(letter.isdigit() for letter in told.words)  # "35673" tells more than "first"
    return closeness - len(said) / 2000 + DIGITS_TELL * digits, told


def nearest_sentence(said: str, source: str) -> tuple[float, str]:
    """The sentence of `source` that shares most content words with `said`, and how close it is (0 to 1, cosine)."""
    wanted, best = set(content_words(said)), (0.0, "")
    for start, end in sentences(source):
        words = set(content_words(source[start:end]))
        shared = len(words & wanted) / math.sqrt(len(words) * len(wanted)) if words and wanted else 0.0
        if shared > best[0]:
            best = shared, " ".join(source[start:end].split())
    return best
