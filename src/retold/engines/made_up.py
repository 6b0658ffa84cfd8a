"""Answers without a model, for tests and dry runs: a source's own clauses in another order, in the form asked for.

In: a prompt. Out: what a model might have continued its prefill with: bullets, numbered items, questions, table rows or
prose, seen from the prefill's last line. Every word comes from the source, so checks of support pass and checks of
copying may not. `spoil` turns a good answer into one that lies, babbles, breaks off or declines. All of it depends on
the prompt and the seed alone.
"""

from __future__ import annotations

from retold.core.document import Finish, Prompt
from retold.core.fingerprint import digest
from retold.text.names import names
from retold.text.numbers import numbers
from retold.text.sentences import sentences
from retold.text.words import STOP_WORDS, content_words

REFUSAL = "I'm sorry, but I cannot help with that request."
_MOST_ITEMS = 8


def source_of(prompt: Prompt) -> str:
    """The text to retell: what is not ours in the last turn that has any."""
    for turn in reversed(prompt.turns):
        if text := " ".join(piece.text for piece in turn.content if not piece.trusted).strip():
            return text
    return ""


def retell(prompt: Prompt, seed: int = 0) -> str:
    """A continuation of `prompt.prefill`, made from the source's clauses."""
    text = source_of(prompt)
    found = [" ".join(text[start:end].split()) for start, end in sentences(text)] or ["Nothing is said"]
    order = sorted(range(len(found)), key=lambda index: digest(seed, prompt.request_id, index))
    line = prompt.prefill.rsplit("\n", 1)[-1].strip()
    space = "" if not prompt.prefill or prompt.prefill[-1].isspace() else " "
    if not line:
        return space + " ".join(_turned(found[index]) for index in order)
    # Items keep the order of the source: a list of steps in another order would be wrong.
    items = [_turned(found[index]) for index in sorted(order[:_MOST_ITEMS])]
    return space + _listed(line, items)


def _listed(line: str, items: list[str]) -> str:
    if line[0] in "-*•":
        return f"\n{line[0]} ".join(items)
    if line[0].isdigit():
        return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1)).partition(" ")[2]
    if line.startswith("Q"):
        pairs = [f"What is said of {_subject(item)}?\nA: {item}" for item in items]
        return "\nQ: ".join(pairs)
    if line.startswith("|"):
        return "\n| ".join(f"{_subject(item)} | {item.replace('|', '/')} |" for item in items)
    return " ".join(items)


def _turned(sentence: str) -> str:
    """The same clauses, the last one first; a sentence without commas keeps its order."""
    body, end = sentence.rstrip(".!?"), sentence[len(sentence.rstrip(".!?")) :] or "."
    clauses = [clause.strip() for clause in body.split(", ") if clause.strip()]
    if len(clauses) < 2:
        return body + end
    first = clauses[0]
    if first.split()[0].lower() in STOP_WORDS:
        first = first[0].lower() + first[1:]
    turned = ", ".join([clauses[-1], first, *clauses[1:-1]])
    return turned[0].upper() + turned[1:] + end


def _subject(sentence: str) -> str:
    if found := names(sentence):
        return found[0].text
    return next(iter(content_words(sentence)), "it")


def lie(text: str) -> str:
    """The text with one number changed, or one name, or a made-up year added."""
    if found := numbers(text):
        wrong = str(int(digest("lie", found[0].value)[:4], 16) + 1000)
        return f"{text[: found[0].start]}{wrong}{text[found[0].end :]}"
    if named := names(text):
        return f"{text[: named[0].start]}Wexcombe{text[named[0].end :]}"
    return f"{text.rstrip('.')} in 1987."


def spoil(kind: str, text: str) -> tuple[str, Finish]:
    """The answer after it went wrong: `refuse`, `babble`, `cut_off` or `lie`. Any other kind leaves it alone."""
    if kind == "refuse":
        return f" {REFUSAL}", "stop"
    if kind == "babble":
        words = text.split()[:8] or ["so"]
        return text + " " + " ".join(words * 12), "stop"
    if kind == "cut_off":
        return text[: max(1, len(text) * 3 // 5)].rsplit(" ", 1)[0], "length"
    return (lie(text), "stop") if kind == "lie" else (text, "stop")
