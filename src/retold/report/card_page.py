"""The dataset card as Markdown, with the metadata that the Hugging Face hub reads at its head.

Texts of the store that come in (names of sources, licences, styles) are one line each and cannot be markup: what
Markdown and HTML would obey is escaped. The head is written by a YAML writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from retold.report.explain import named, percent
from retold.report.safe import line

HUB_LICENCES = {
    "apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0", "cc-by-sa-3.0",
    "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "gfdl", "odbl", "odc-by", "pddl",
    "bsd-2-clause", "bsd-3-clause", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "unlicense", "isc",
}  # fmt: skip
"""Licences that the hub has a name for; any other is "other", by its own name."""

SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7),
         ("10M<n<100M", 10**8), ("100M<n<1B", 10**9), ("1B<n<10B", 10**10), ("n>10B", 10**20))  # fmt: skip
ESCAPED = {ord(sign): f"\\{sign}" for sign in "\\`*_{}[]<>#|~"}
SHOWN = 12
LICENCES = (
    "As sources state them; what is made from a text has its terms, and beside them those of the model that made it."
)


def markdown(sheet: Mapping[str, Any]) -> str:
    """The whole card."""
    parts = [f"---\n{yaml.safe_dump(metadata(sheet), sort_keys=False, allow_unicode=True)}---", *_sections(sheet)]
    return "\n\n".join(parts) + "\n"


def metadata(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """What the hub reads."""
    stated = [name for name in sheet["licences"] if name]
    known = [name.lower() for name in stated]
    one = known[0] if len(known) == 1 and known[0] in HUB_LICENCES and "" not in sheet["licences"] else "other"
    found: dict[str, Any] = {"pretty_name": line(sheet["name"]), "license": one}
    if one == "other":
        found["license_name"] = ", ".join(line(name) for name in stated) or "not stated"
    if sheet["languages"]:
        found["language"] = list(sheet["languages"])
    packed = sheet["packed"]
    documents = packed["documents"] if packed else sum(sheet["kinds"].values())
    found |= {
        "task_categories": ["text-generation"],
        "tags": ["pre-training", "retold", *(["synthetic"] if set(sheet["kinds"]) - {"source"} else [])],
        "size_categories": [next(name for name, most in SIZES if documents < most)],
    }
    if packed:
        configs = [("texts", "texts/*.parquet"), ("packed", "shards/*.parquet")]
        found["configs"] = [{"config_name": name, "data_files": files} for name, files in configs]
    return found


def _sections(sheet: Mapping[str, Any]) -> Iterator[str]:
    tokens, unit = sum(sheet["kinds"].values()), "tokens" if sheet["packed"] else "documents"
    real = sheet["kinds"].get("source", 0)
    yield f"# {_safe(sheet['name'])}"
    share = percent(real / tokens) if tokens else "0 %"
    yield f"{tokens:,} {unit}: {share} real text of its sources, the rest made from it. {_safe(sheet['made_with'])}."
    yield "## Sources\n\n" + _table(
        ("source", "read", "records", f"real {unit}", f"{unit} made from it"),
        (
            (_safe(item["name"]), item["read"], f"{item['records']:,}", f"{item['real_tokens']:,}",
             f"{item['made_tokens']:,}")
            for item in sheet["sources"]
        ),
    )  # fmt: skip
    yield f"## Licences\n\n{LICENCES}\n\n" + _table(
        ("licence", unit, "share"),
        (
            (_safe(name) or "not stated", f"{count:,}", percent(count / tokens))
            for name, count in sheet["licences"].items()
        ),
    )
    yield "## What was left out\n\n" + _funnel(sheet["funnel"])
    if sheet["styles"]:
        yield from _made(sheet)
    if sheet["mixture"]:
        yield "## Mixture\n\n" + _mixture(sheet["mixture"])
    if sheet["packed"]:
        yield "## Files\n\n" + _files(sheet)
    yield "## Known limits\n\n" + "\n".join(f"- {_safe(words)}" for words in sheet["limits"])
    yield "## How it was made\n\n" + _making(sheet)


def _made(sheet: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for style in sheet["styles"]:
        rate = style["share_accepted"]
        interval = f"{percent(rate['share'])} ({percent(rate['low'])} to {percent(rate['high'])})"
        prompt = f"`{style['prompt'][:SHOWN]}`" if style["prompt"] else "a program"
        version = f"@{style['version']}" if style["version"] else ""
        name = f"{_safe(style['style'])}{version}"
        rows.append((name, style["made_by"], prompt, f"{style['asked']:,}", f"{style['accepted']:,}", interval))
    head = ("style", "made by", "prompt", "asked", "accepted", "share accepted of those judged (95 %)")
    yield "## Styles\n\nA prompt is named by the digest of all that decides it.\n\n" + _table(head, rows)
    if sheet["models"]:
        yield "## Models\n\n" + "\n".join(
            f"- `{line(model['identity']).replace('`', '')}`, terms: {_safe(model['licence']) or 'not declared'}"
            for model in sheet["models"]
        )
    refusals = list(sheet["verification"]["refusals"].items())[:SHOWN]
    found = sheet["verification"]
    words = f"{found['accepted']:,} of {found['asked']:,} retellings were accepted. Refused or not made, by reason:"
    yield f"## Verification\n\n{words}\n\n" + _table(
        ("stage and reason", "count"), ((_safe(named(why)), f"{count:,}") for why, count in refusals)
    )


def _funnel(steps: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for step in steps:
        drops = ", ".join(f"{_safe(named(drop['reason']))} {drop['count']:,}" for drop in step["drops"][:5])
        rows.append((_safe(step["stage"]), f"{step['count']:,} {_safe(step['unit'])}", drops))
    return _table(("after", "left", "taken away"), rows)


def _mixture(blends: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("phase", "part", "tokens", "share", "asked", "documents", "epochs"),
        (
            (_safe(item["phase"]), _safe(item["portion"]), f"{item['tokens']:,}", percent(item["share"]),
             percent(item["asked_share"]) if item["asked_share"] is not None else f"{item['asked_tokens']:,} tokens",
             f"{item['documents']:,}", f"{item['epochs']:.2f}")
            for item in blends
        ),
    )  # fmt: skip


def _files(sheet: Mapping[str, Any]) -> str:
    packed, tokenizer = sheet["packed"], sheet["tokenizer"]
    lines = [
        f"- `shards/*.parquet`: {packed['rows']:,} rows with {packed['tokens']:,} tokens that train, "
        f"{percent(packed['utilisation'])} of all places. `documents` leads each token to its document and characters.",
        f"- `texts/*.parquet`: the {packed['documents']:,} documents in them.",
    ]
    if tokenizer:
        trained = "trained on the real text" if tokenizer["trained_here"] else "given"
        end = line(tokenizer["end_of_text"]).replace("`", "")
        lines.append(
            f"- `tokenizer.json`, {trained}, digest `{tokenizer['digest'][:SHOWN]}`; rows of "
            f"{tokenizer['row_length']:,} tokens, documents end with `{end}`."
        )
    return "\n".join(lines)


def _making(sheet: Mapping[str, Any]) -> str:
    lines = [f"{_safe(sheet['made_with'])}, seed {sheet['seed']}. The same recipe and inputs give the same rows."]
    stages = ", ".join(f"{_safe(name)} `{label[:SHOWN]}`" for name, label in sheet["stages"].items())
    lines.append(f"Stages, with the digest of all that decides their output: {stages}.")
    lines += [f"- {run['started']}: {run['outcome']} after {run['seconds']:,.0f} s" for run in sheet["runs"]]
    return "\n\n".join(lines[:2]) + ("\n\n" + "\n".join(lines[2:]) if lines[2:] else "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _safe(text: str) -> str:
    """One line that Markdown takes as it is."""
    return line(text).translate(ESCAPED)
