"""The dataset card: everything that a user of the data has to know, from the store alone.

    datasheet(session) -> plain data, as JSON takes it            `card_page.markdown` makes the card of it

Sources, licences with their tokens, what was dropped where, styles with model and prompt digest, what verification
accepted, the mixture, how rows are packed, and what is known to be missing. Limits are derived from what the recipe
did and did not do: a step that is not there is said to be missing, so that silence is never taken for care.

Fields follow Gebru et al. 2021, "Datasheets for Datasets", as far as a program can know them; nothing else is claimed.
Cost: one pass over documents and packed ranges; 16 bytes and a dictionary entry for each document.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retold.clean import CURATE, Language
from retold.core.fingerprint import digest_bytes
from retold.pack.tokenizer import FILE
from retold.report.gather import gather
from retold.report.limits import limits
from retold.report.mixture import mixture, warnings
from retold.report.story import Story
from retold.report.tally import key
from retold.runner.session import Session

VERSION = 1
NOT_STATED = ""


def datasheet(session: Session) -> dict[str, Any]:
    """All facts, as JSON takes them."""
    view, settings = session.view(), session.recipe.settings
    story = gather(view, session.store, session.recipe.name)
    contents = _contents(session)
    blends = mixture(view, settings.mix)
    found: dict[str, Any] = {
        "datasheet": VERSION,
        "name": session.recipe.name,
        "made_with": f"retold {story.making.version}".strip(),
        "seed": settings.seed,
        "finished": session.nothing_to_do(),
        "stages": dict(story.making.stages),
        "sources": _sources(session, contents),
        "licences": _by(contents, "licence"),
        "kinds": _by(contents, "kind"),
        "funnel": [asdict(step) for step in (*story.funnel, *story.retold)],
        "styles": _styles(session, story),
        "models": _models(session, story),
        "verification": _verification(story),
        "mixture": [asdict(blend) for blend in blends],
        "packed": asdict(story.packed) if story.packed else None,
        "tokenizer": _tokenizer(session),
        "languages": _languages(session),
        "runs": [asdict(run) for run in story.making.runs],
    }
    done = {name for name, kind in CURATE.items() for entry in session.recipe.curate if type(entry) is kind}
    found["limits"] = [*limits(found, done | set(view.stages)), *warnings(blends)]
    return found


def _contents(session: Session) -> Counter[tuple[str, str, str, str]]:
    """Packed tokens by (source, kind, style, licence); documents in place of tokens where nothing is packed."""
    view = session.view()
    labels: list[tuple[str, str, str, str]] = []
    known: dict[tuple[str, str, str, str], int] = {}
    label_of: dict[bytes, int] = {}
    columns = ("document_id", "source", "kind", "style", "licence")
    for rows in view.documents(("source", "retelling", "reflection"), columns=columns):
        for name, *facts in zip(*(rows[column].to_pylist() for column in columns), strict=True):
            label = (facts[0], facts[1], facts[2], facts[3] or NOT_STATED)
            if label not in known:
                known[label] = len(labels)
                labels.append(label)
            label_of.setdefault(key(name), known[label])
    counts: Counter[tuple[str, str, str, str]] = Counter()
    if "pack" not in view.stages:
        counts.update(labels[place] for place in label_of.values())
        return counts
    for rows in view.read("packed", stages=["pack"], columns=["documents"]):
        ranges = rows["documents"].flatten()
        names, starts, ends = (ranges.field(name).to_pylist() for name in ("document_id", "token_start", "token_end"))
        for name, start, end in zip(names, starts, ends, strict=True):
            counts[labels[label_of[key(name)]]] += end - start
    return counts


FIELDS = ("source", "kind", "style", "licence")


def _by(contents: Counter[tuple[str, str, str, str]], field: str) -> dict[str, int]:
    """Tokens by one field, most first."""
    counts: Counter[str] = Counter()
    for label, tokens in contents.items():
        counts[label[FIELDS.index(field)]] += tokens
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _sources(session: Session, contents: Counter[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    found = []
    records: Counter[str] = Counter()
    for rows in session.view().read("records", columns=["source"]):
        records.update(rows["source"].to_pylist())
    for name, source in session.recipe.settings.sources.items():
        mine = {label: tokens for label, tokens in contents.items() if label[0] == name}
        found.append(
            {
                "name": name,
                "read": source.read,
                "settings": source.model_dump(exclude_defaults=True, exclude={"paths", "read"}),
                "records": records[name],
                "licences": _by(Counter(mine), "licence"),
                "real_tokens": sum(tokens for label, tokens in mine.items() if label[1] == "source"),
                "made_tokens": sum(tokens for label, tokens in mine.items() if label[1] != "source"),
            }
        )
    return found


def _styles(session: Session, story: Story) -> list[dict[str, Any]]:
    prompts = {style.name: style for style in session.recipe.styles.values()}
    found = []
    for style in story.styles:
        known = prompts.get(style.style)
        found.append(
            {
                "style": style.style,
                "made_by": style.made_by,
                "version": known.version if known else None,
                "prompt": known.prompt_digest if known else None,
                "summary": known.summary if known else "",
                "asked": style.asked,
                "accepted": style.accepted,
                "refused": style.refused,
                "failed": style.failed,
                "share_accepted": asdict(style.rate),
                "main_refusals": {drop.reason: drop.count for drop in style.drops[:5]},
            }
        )
    return found


def _models(session: Session, story: Story) -> list[dict[str, Any]]:
    chosen = session.recipe.settings.rephrase
    settings = session.recipe.settings.engines.get(chosen.engine) if chosen and chosen.styles else None
    declared = settings.identity() if settings is not None else {}
    licence = settings.licence if settings is not None else ""
    return [{"identity": name, "settings": declared, "licence": licence} for name in story.making.engines]


def _verification(story: Story) -> dict[str, Any]:
    refusals: Counter[str] = Counter()
    for style in story.styles:
        for drop in style.drops:
            refusals[f"{drop.stage}: {drop.reason}"] += drop.count
    ordered = dict(sorted(refusals.items(), key=lambda item: (-item[1], item[0])))
    made = asdict(story.rate) if story.styles else None
    return {"asked": story.asked, "accepted": story.accepted, "share_accepted": made, "refusals": ordered}


def _tokenizer(session: Session) -> dict[str, Any] | None:
    path: Path = session.recipe.folder / FILE
    pack = session.recipe.settings.pack
    if pack is None or not path.exists():
        return None
    found = {"digest": digest_bytes(path.read_bytes()), "trained_here": pack.tokenizer == "train"}
    return {**found, "row_length": pack.length, "end_of_text": pack.end_of_text}


def _languages(session: Session) -> list[str]:
    """The languages that were kept, where they were looked at."""
    return sorted({code for entry in session.recipe.curate if isinstance(entry, Language) for code in entry.keep})
