"""Dead letters for a person: how many of which class, and a few of each with what they asked about and why they failed.

In: letters (`runner.letters`), the view and the store. Out: `Letters`, plain data. Which ones are shown depends on the
digests of their ids. Resident: counts, and the letters that are shown.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from retold.core.document import Prompt
from retold.core.fingerprint import digest
from retold.report.explain import seconds
from retold.report.lines import ID_SHOWN, labelled
from retold.report.rows import Rows
from retold.report.safe import cut, line, plain
from retold.runner.letters import Letter
from retold.store import Store, StoreView

BEGINNING = 160
MEANING = {
    "timeout": "No answer came in time.",
    "server": "The server failed or broke off.",
    "refused": "The server refuses this prompt.",
    "bad_reply": "What came back was no answer.",
    "busy": "The server asked for patience for too long.",
    "poison": "The prompt stops the server that gets it; asked again only when named.",
    "engine": "The engine in this process failed.",
}


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A request without an answer: why, how often it was sent, and what it is about."""

    request_id: str
    failure: str
    error: str
    round: int
    sent: int
    seconds: float
    cost: float
    waiting: bool
    style: str
    document_id: str
    title: str
    passage: str


@dataclass(frozen=True, slots=True)
class Letters:
    """All letters of a recipe: counts by class, the most frequent first, and some of each class."""

    counts: tuple[tuple[str, int], ...]
    shown: tuple[Unanswered, ...]

    @property
    def total(self) -> int:
        """Requests without an answer."""
        return sum(count for _, count in self.counts)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"total": self.total, "counts": dict(self.counts), "letters": [asdict(item) for item in self.shown]}


def gather_letters(view: StoreView, store: Store, letters: Iterable[Letter], each: int) -> Letters:
    """Count them and look up `each` of every class."""
    counts: Counter[str] = Counter()
    chosen: dict[str, list[tuple[str, Letter]]] = defaultdict(list)
    for letter in letters:
        counts[letter.failure] += 1
        insort(chosen[letter.failure], (digest("sample", letter.request_id), letter), key=lambda item: item[0])
        del chosen[letter.failure][each:]
    ordered = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    shown = [letter for failure, _ in ordered for _, letter in chosen[failure]]
    return Letters(ordered, tuple(_look_up(Rows(view, store), shown)))


def _look_up(rows: Rows, letters: list[Letter]) -> Iterable[Unanswered]:
    requests = {row["request_id"]: row for row in rows.named("requests", "request_id", {x.request_id for x in letters})}
    documents = {row["document_id"] for row in requests.values()}
    titles = {row["document_id"]: row["title"] for row in rows.named("documents", "document_id", documents)}
    wanted = {row["passage_id"] for row in requests.values()}
    passages = {row["passage_id"]: row for row in rows.named("passages", "passage_id", wanted)}
    for letter in letters:
        request = requests[letter.request_id]
        passage = passages.get(request["passage_id"], {"text": "", "start": request["start"]})
        text = passage["text"][request["start"] - passage["start"] :]
        yield Unanswered(
            request_id=letter.request_id,
            failure=letter.failure,
            error=letter.error,
            round=letter.round,
            sent=letter.sent,
            seconds=letter.seconds,
            cost=letter.cost,
            waiting=letter.waiting,
            style=request["style"],
            document_id=request["document_id"],
            title=titles.get(request["document_id"], ""),
            passage=cut(line(text[: 2 * BEGINNING]), BEGINNING),
        )


def print_letters(letters: Letters, console: Console) -> None:
    """Counts by class, each with its letters."""
    if not letters.total:
        console.print(Text("no letters: every request that was asked has an answer"))
        return
    console.print(Text(f"{letters.total:,} requests have no answer"))
    for failure, count in letters.counts:
        mine = [item for item in letters.shown if item.failure == failure]
        head = Text.assemble("\n", (f"{line(failure)} {count:,}", "bold"), f"  {MEANING.get(failure, '')}")
        console.print(head)
        for item in mine:
            often = f"sent {item.sent:,} times, {seconds(item.seconds)}" if item.sent != 1 else seconds(item.seconds)
            waits = ", waits to be asked again" if item.waiting else ""
            again = (f", round {item.round}" if item.round else "") + waits
            facts = [
                ("request", Text(f"{item.request_id[:ID_SHOWN]}  {line(item.style)}, {often}{again}")),
                ("because", Text(line(item.error) or "nothing was said")),
                ("about", Text(f"{line(item.title)}: {line(item.passage)}" if item.title else line(item.passage))),
            ]
            console.print(labelled(facts, indent=2))
        if count > len(mine):
            console.print(Text(f"  … and {count - len(mine):,} more", style="dim"))


def print_prompt(letter: Unanswered, prompt: Prompt, console: Console) -> None:
    """One letter with its whole prompt, turn by turn; text of the source is told apart from ours."""
    print_letters(Letters(((letter.failure, 1),), (letter,)), console)
    for turn in prompt.turns:
        console.print(Text(f"\n{turn.role}", style="dim"))
        text = Text()
        for piece in turn.content:
            text.append(plain(piece.text), style="bold" if piece.trusted else "")
        console.print(text)
    if prompt.prefill:
        console.print(Text("\nassistant, begun", style="dim"))
        console.print(Text(plain(prompt.prefill), style="bold"))
