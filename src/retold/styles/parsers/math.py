"""A problem in three parts: "Problem: …", "Solution: …", "Answer: …". An item is a line of the solution.

The parts come in this order, each once and on a line of its own. Whether the steps compute is asked by
`styles/arithmetic.py`: a parser knows form and nothing else.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

PARTS = ("Problem:", "Solution:", "Answer:")


def parse(text: str) -> Items | Misfit:
    """Steps in order."""
    parts = cut(text)
    if isinstance(parts, Misfit):
        return parts
    steps = tuple(line.strip() for line in parts[1].split("\n") if line.strip())
    return Items(steps, text.rstrip())


def cut(text: str) -> tuple[str, str, str] | Misfit:
    """The texts of the three parts, without their labels."""
    found: list[list[str]] = []
    for line in text.split("\n"):
        stripped = line.strip()
        label = next((part for part in PARTS if stripped.startswith(part)), "")
        expected = PARTS[len(found)] if len(found) < len(PARTS) else ""
        if label and label != expected:
            return Misfit(
                f"expected “{expected} …”, found {quote(line)}" if expected else f"a part again: {quote(line)}"
            )
        if label:
            found.append([stripped[len(label) :].strip()])
        elif found:
            found[-1].append(stripped)
        elif stripped:
            return Misfit(f"expected “{PARTS[0]} …”, found {quote(line)}")
    if len(found) < len(PARTS):
        return Misfit(f"expected “{PARTS[len(found)]} …” after {quote(text[-60:])}")
    problem, solution, answer = ("\n".join(lines).strip() for lines in found)
    empty = next((part for part, said in zip(PARTS, (problem, solution, answer), strict=True) if not said), "")
    return Misfit(f"nothing stands under “{empty}”") if empty else (problem, solution, answer)
