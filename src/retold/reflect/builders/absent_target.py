"""`absent_target`: asked for a member of a closed list that does not exist, the answer says so once and stops.

It names the nearest real members and does not correct itself, since there is nothing to correct. In half of the items
the member does exist and is told at once, so that denying does not become a habit either. Verified by the list itself:
what is asked for stands in the question, what is said of it is what the list says, exactly one sentence denies, and the
text ends after the members that it offers. The case that it is made for: asked for the seahorse emoji, which there is
not, large models insist, correct themselves and loop.
"""

from __future__ import annotations

from typing import Final

from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place
from retold.reflect.registries import REGISTRIES, Registry
from retold.reflect.trace import randomness
from retold.reflect.wording import Grammar, capital, say

NAME: Final = "absent_target"

DENY: Final[Grammar] = {
    "deny": (
        "There is no {what} {name}.",
        "No {what} {name} exists.",
        "{name} is not in the list.",
        "{name} does not exist there.",
        "The list has no {name}.",
        "Nothing is called {name} there.",
        "I know of no {what} {name}: there is none.",
        "There is none with that name: {name} is not a member.",
    ),
    "near": (
        "The nearest are {near}.",
        "Close to it: {near}.",
        "Real ones that come near: {near}.",
        "What does exist: {near}.",
        "The nearest in name: {near}.",
        "Members like it are {near}.",
        "Perhaps meant: {near}.",
    ),
}


def make(place: Place, knobs: Knobs) -> Item | None:
    """A question about a member that exists or does not."""
    rng = randomness(NAME, place.seed, place.index)
    registry = REGISTRIES[rng.choice(tuple(REGISTRIES))]
    exists = rng.random() < 0.5
    name = rng.choice(tuple(registry.members)) if exists else registry.absent(rng)
    prompt = say(rng, registry.grammar, "ask", {"name": name}) + "\n"
    if exists:
        value = registry.members[name]
        told = say(rng, registry.grammar, "tell", {"name": name, "value": value})
        return Item(NAME, registry.name, prompt, f"{prompt}{told}\n", value, facts=(name,))
    near = registry.nearest(name, 1 + knobs.level if knobs.level < 3 else 3)
    what = rng.choice(registry.grammar["what"])
    denied = capital(say(rng, DENY, "deny", {"what": what, "name": name}))
    offered = say(rng, DENY, "near", {"near": _offered(registry, near)})
    return Item(NAME, registry.name, prompt, f"{prompt}{denied} {offered}\n", "absent", slip="absent", facts=(name,))


def _offered(registry: Registry, near: list[str]) -> str:
    return ", ".join(f"{name} ({registry.members[name]})" for name in near)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    registry = REGISTRIES[item.kind]
    (name,) = item.facts
    asked = {line.replace("{name}", name) + "\n" for line in registry.grammar["ask"]}
    if item.prompt not in asked or not item.text.startswith(item.prompt) or not item.text.endswith("\n"):
        return "prompt_changed"
    said = item.response[:-1]
    value = registry.value(name)
    if value is not None:
        told = {line.replace("{name}", name).replace("{value}", value) for line in registry.grammar["tell"]}
        return "" if said in told and item.answer == value else "not_in_registry"
    if registry.is_member(name) or item.answer != "absent":
        return "not_in_registry"
    denials = [
        capital(line.replace("{name}", name).replace("{what}", what))
        for line in DENY["deny"]
        for what in registry.grammar["what"]
    ]
    denied = next((line for line in denials if said.startswith(line + " ")), None)
    if denied is None:
        return "words_unknown"
    rest = said[len(denied) + 1 :]
    parts = [line.split("{near}") for line in DENY["near"]]
    lead, tail = next((pair for pair in parts if rest.startswith(pair[0]) and rest.endswith(pair[1])), ("", ""))
    offered = rest[len(lead) : len(rest) - len(tail)].split("), ") if lead else []
    pairs = [part.removesuffix(")").split(" (", 1) for part in offered]
    if not pairs or any(len(pair) != 2 or registry.members.get(pair[0]) != pair[1] for pair in pairs):
        return "not_in_registry"
    return ""
