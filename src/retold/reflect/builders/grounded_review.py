"""`grounded_review`: a retelling is read against its source; a claim that we planted in it is found and corrected.

The passage is about an invented place, so nothing about it is known from elsewhere, and its retelling says the same
facts in other words. In half of the items one claim is planted: a number or a name is exchanged, or a sentence is added
that the source has no word of. The label is known because we planted it. The planted sentence is marked, so that a
student reads it without being trained to write it. Verified from the text alone: the numbers and names of every
sentence of the retelling but the planted one stand in the source, and those of the planted one do not.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.core.document import Stretch
from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place
from retold.reflect.tasks.slips import digit
from retold.reflect.trace import randomness
from retold.reflect.wording import Grammar, say

NAME: Final = "grounded_review"
SOURCE, RETELLING = "Source: ", "Retelling: "

STARTS: Final = (
    "Bel",
    "Cor",
    "Dun",
    "Fal",
    "Gar",
    "Hol",
    "Kel",
    "Lor",
    "Mar",
    "Nor",
    "Ost",
    "Pen",
    "Ran",
    "Sel",
    "Tor",
)
ENDS: Final = (
    "by",
    "den",
    "field",
    "ford",
    "ham",
    "holm",
    "ley",
    "mere",
    "more",
    "stad",
    "ton",
    "wick",
    "worth",
    "dale",
)
KINDS: Final = ("mill", "library", "bridge", "harbour", "school", "museum", "market hall", "theatre", "lighthouse")
PEOPLE: Final = (
    "Ada Brandt",
    "Jonas Vey",
    "Mira Solm",
    "Piet Aldor",
    "Runa Hale",
    "Tomas Reck",
    "Ilse Marn",
    "Edo Fenn",
)
THINGS: Final = ("windows", "rooms", "lamps", "steps", "benches", "doors", "columns", "clocks")

FACTS: Final = ("year", "builder", "things", "visitors", "river")
"""What a passage may say; each is one sentence in the source and one in the retelling."""

TOLD: Final[Grammar] = {
    "year": ("It was built in {year}.", "Work on it ended in {year}.", "Its doors opened in {year}."),
    "builder": ("The architect was {builder}.", "{builder} drew the plans.", "It was designed by {builder}."),
    "things": ("It has {number} {things}.", "Inside there are {number} {things}.", "{number} {things} belong to it."),
    "visitors": ("Each year {visitors} people come.", "It counts {visitors} visitors a year."),
    "river": ("The river {river} runs past it.", "It stands on the river {river}."),
}
RETOLD: Final[Grammar] = {
    "year": ("The building dates from {year}.", "{year} is the year it was finished.", "It goes back to {year}."),
    "builder": ("Its plans are by {builder}.", "{builder} was its architect.", "For the design one thanks {builder}."),
    "things": (
        "One can count {number} {things}.",
        "There are {number} {things} in it.",
        "Its {things} number {number}.",
    ),
    "visitors": ("About {visitors} people see it in a year.", "Visitors number {visitors} a year."),
    "river": ("It lies by the river {river}.", "Beside it flows the {river}."),
}
ADDED: Final[Grammar] = {
    "added": (
        "A fire damaged it in {year}.",
        "{person} bought it later.",
        "It won a prize in {year}.",
        "{person} was born there.",
        "A copy of it stands in {place}.",
        "It was closed for {number} months.",
        "Tickets cost {number} crowns.",
        "The town {place} paid for it.",
    )
}
WORDS: Final[Grammar] = {
    "source": (
        "{place} has a {kind}.",
        "There is a {kind} in {place}.",
        "{place} is known for its {kind}.",
        "One {kind} stands in {place}.",
        "The {kind} of {place} is well known.",
    ),
    "retelling": (
        "In {place} stands a {kind}.",
        "{place} is home to a {kind}.",
        "This is about the {kind} of {place}.",
    ),
    "ask": (
        "Review the retelling against its source.",
        "Is every claim of the retelling in the source?",
        "Compare the two.",
        "Does the source support the retelling?",
        "Check the retelling.",
        "Name what the source does not say.",
        "Which claim has no support?",
        "Read the retelling against the source.",
    ),
    "found": (
        "Not in the source: ",
        "This has no support: ",
        "One claim is not in the source: ",
        "The source does not say this: ",
        "Unsupported: ",
        "A claim without support: ",
        "Nothing in the source bears this out: ",
    ),
    "corrected": ("Corrected: ", "Better: ", "As the source has it: ", "Put right: ", "The retelling again: "),
    "fine": (
        "Every claim is in the source.",
        "The source supports all of it.",
        "Nothing to correct.",
        "All of it stands in the source.",
        "No claim without support.",
        "The retelling is faithful.",
        "It says nothing that the source does not.",
    ),
}


def make(place: Place, knobs: Knobs) -> Item | None:
    """A passage, its retelling with or without a planted claim, and the review."""
    rng = randomness(NAME, place.seed, place.index)
    facts = _world(rng)
    chosen = rng.sample(FACTS, min(len(FACTS), 2 + knobs.level))
    source = [say(rng, WORDS, "source", facts), *(say(rng, TOLD, name, facts) for name in chosen)]
    kept = rng.sample(chosen, len(chosen) - rng.randint(0, 1))
    right = [say(rng, WORDS, "retelling", facts), *(say(rng, RETOLD, name, facts) for name in kept)]
    shown, planted, slip = list(right), "", ""
    if rng.random() < 0.5:
        slip, shown, planted = _plant(rng, facts, kept, right)
    ask = WORDS["ask"][0] if knobs.wording == "plain" else say(rng, WORDS, "ask")
    prompt = f"{SOURCE}{' '.join(source)}\n{RETELLING}{' '.join(shown)}\n{ask}\n"
    if not planted:
        return Item(NAME, "grounded_review", prompt, prompt + say(rng, WORDS, "fine") + "\n", "supported")
    found = say(rng, WORDS, "found")
    corrected = say(rng, WORDS, "corrected")
    text = f'{prompt}{found}"{planted}"\n{corrected}{" ".join(right)}\n'
    start = prompt.index(planted, len(SOURCE + " ".join(source)))
    mask = (Stretch(start, start + len(planted)),)
    return Item(NAME, "grounded_review", prompt, text, planted, masked=mask, slip=slip, notice=found)


def _world(rng: Random) -> dict[str, str]:
    town, river = rng.sample([start + end for start in STARTS for end in ENDS], 2)
    return {
        "place": town,
        "river": river,
        "kind": rng.choice(KINDS),
        "builder": rng.choice(PEOPLE),
        "things": rng.choice(THINGS),
        "number": str(rng.randint(3, 99)),
        "visitors": str(rng.randint(101, 999)),
        "year": str(rng.randint(1601, 1989)),
    }


def _plant(rng: Random, facts: dict[str, str], kept: list[str], right: list[str]) -> tuple[str, list[str], str]:
    """(kind of error, the sentences with the planted claim, the planted claim)."""
    kind = rng.choice(("number", "name", "added"))
    own = {"year": "year", "things": "number", "visitors": "visitors"}
    named = {"builder": "builder", "river": "river"}
    places = [at for at, name in enumerate(kept) if name in (own if kind == "number" else named)]
    if kind == "added" or not places:
        values = {
            "year": _other_number(rng, facts, str(rng.randint(1601, 1989))),
            "number": _other_number(rng, facts, str(rng.randint(3, 99))),
            "person": rng.choice([name for name in PEOPLE if name != facts["builder"]]),
            "place": _other_town(rng, facts),
        }
        planted = say(rng, ADDED, "added", values)
        at = rng.randint(1, len(right))
        return "added", [*right[:at], planted, *right[at:]], planted
    at = rng.choice(places)
    name = kept[at]
    if kind == "number":
        wrong = _other_number(rng, facts, facts[own[name]])
        planted = right[at + 1].replace(facts[own[name]], wrong)
    else:
        people = [person for person in PEOPLE if not set(person.split()) & set(facts["builder"].split())]
        wrong = rng.choice(people) if name == "builder" else _other_town(rng, facts)
        planted = right[at + 1].replace(facts[named[name]], wrong)
    return kind, [*right[: at + 1], planted, *right[at + 2 :]], planted


def _other_number(rng: Random, facts: dict[str, str], value: str) -> str:
    """A number near `value` that the passage does not hold."""
    held = {facts[name] for name in ("year", "number", "visitors")}
    while (found := str(digit(rng, int(value)))) in held:
        continue
    return found


def _other_town(rng: Random, facts: dict[str, str]) -> str:
    towns = [start + end for start in STARTS for end in ENDS]
    return rng.choice([town for town in towns if town not in (facts["place"], facts["river"])])


def marks(sentence: str) -> set[str]:
    """The numbers of a sentence, and its capitalised words that are not known as ordinary ones."""
    words = [word.strip('.,"') for word in sentence.split()]
    return {word for word in words if word[:1].isdigit() or (word[:1].isupper() and word not in _ORDINARY)}


def _ordinary() -> frozenset[str]:
    """Capitalised words of the grammars themselves, which are no names."""
    templates = [line for grammar in (TOLD, RETOLD, ADDED, WORDS) for lines in grammar.values() for line in lines]
    words = (word.strip('.,:"?') for line in templates for word in line.split() if "{" not in word)
    return frozenset(word for word in words if word[:1].isupper())


_ORDINARY: Final = _ordinary()


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    lines = item.text.removesuffix("\n").split("\n")
    if not item.text.startswith(item.prompt) or not lines[0].startswith(SOURCE) or len(lines) < 4:
        return "prompt_changed"
    held = marks(lines[0].removeprefix(SOURCE))
    told = _sentences(lines[1].removeprefix(RETELLING))
    loose = [sentence for sentence in told if not marks(sentence) <= held]
    if not item.masked:
        return "claim_unmarked" if loose or lines[3:] not in [[line] for line in WORDS["fine"]] else ""
    planted = item.text[item.masked[0].start : item.masked[0].end]
    if loose != [planted] or len(item.masked) > 1:
        return "claim_unmarked"
    if len(lines) != 5 or lines[3] not in [f'{found}"{planted}"' for found in WORDS["found"]]:
        return "not_one_correction"
    lead = next((said for said in WORDS["corrected"] if lines[4].startswith(said)), None)
    if lead is None:
        return "words_unknown"
    corrected = _sentences(lines[4].removeprefix(lead))
    if planted in corrected or not all(marks(sentence) <= held for sentence in corrected):
        return "answer_wrong"
    at = told.index(planted)
    return (
        "" if corrected[:at] == told[:at] and told[at + 1 :] in (corrected[at:], corrected[at + 1 :]) else "step_wrong"
    )


def _sentences(text: str) -> list[str]:
    return [part + "." for part in text.removesuffix(".").split(". ")]
