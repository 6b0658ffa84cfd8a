"""Two speakers in turns: a line "Learner: …", then "Teacher: …". An item is an exchange: what one says and the answer.

What is said may run over several lines. It begins with the learner and ends with the teacher; a learner's last words
without an answer are taken away, as an item begun at the end of a list is.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

SPEAKERS = ("Learner:", "Teacher:")


def parse(text: str) -> Items | Misfit:
    """Exchanges in order, each as "said\\nanswered"."""
    lines = text.split("\n")
    said: list[str] = []
    ends: list[int] = []
    for index, line in enumerate(lines):
        stripped = line.strip()
        speaker = next((name for name in SPEAKERS if stripped.startswith(name)), "")
        if speaker:
            expected = SPEAKERS[len(said) % 2]
            if speaker != expected:
                return Misfit(f"expected “{expected} …”, found {quote(line)}")
            said.append(stripped[len(speaker) :].strip())
            ends.append(index + 1)
        elif stripped and said:
            said[-1] = f"{said[-1]}\n{stripped}".strip()
            ends[-1] = index + 1
        elif stripped:
            return Misfit(f"expected “{SPEAKERS[0]} …”, found {quote(line)}")
    if said and not said[-1]:
        said.pop()
    whole = len(said) // 2 * 2
    empty = next((number for number, words in enumerate(said[:whole]) if not words), None)
    if empty is not None:
        return Misfit(f"the {SPEAKERS[empty % 2]} of exchange {empty // 2 + 1} says nothing")
    exchanges = tuple(f"{said[at]}\n{said[at + 1]}" for at in range(0, whole, 2))
    return Items(exchanges, "\n".join(lines[: ends[whole - 1] if whole else 0]))
