"""The terms of a text as one SPDX expression: those of its source, and those of the model that made it, together.

    joined("CC-BY-SA-4.0", "Apache-2.0")   "CC-BY-SA-4.0 AND Apache-2.0"
    joined("", "Apache-2.0")               "NOASSERTION AND Apache-2.0": its source states none
    conjuncts("(MIT OR ISC) AND X")        ("MIT OR ISC", "X")
    alternatives("MIT AND X OR ISC")       ("MIT AND X", "ISC")

`AND` is what SPDX 2.3 (annex D) writes where all of several licences hold, `OR` where one may be chosen; NOASSERTION is
its word for what nobody has said. What sources state is taken as it is, also where it is no name of SPDX. An empty
text: nothing is stated at all.
"""

from __future__ import annotations

UNSTATED = "NOASSERTION"
_AND, _OR = " AND ", " OR "


def joined(source: str, model: str) -> str:
    """The terms of what a model under `model` made of a text under `source`, each once; "" where both state nothing."""
    if not model.strip():
        return source
    found = [*conjuncts(source)] or [UNSTATED]
    found += [one for one in conjuncts(model) if one not in found]
    return _AND.join(f"({one})" if _OR in one else one for one in found) if len(found) > 1 else found[0]


def conjuncts(licence: str) -> tuple[str, ...]:
    """The licences that all hold, without brackets; a choice ("A OR B") is one of them. None of an empty text."""
    bare = _bare(licence)
    if len(alternatives(bare)) > 1:
        return (bare,)
    parts = _split(bare, _AND)
    return tuple(one for part in parts for one in conjuncts(part)) if len(parts) > 1 else parts


def alternatives(licence: str) -> tuple[str, ...]:
    """The licences of which one may be chosen, without brackets: `OR` binds less than `AND`. One where all hold."""
    return tuple(map(_bare, _split(_bare(licence), _OR)))


def stated(licence: str) -> bool:
    """Whether somebody has said under which terms all of it is."""
    found = conjuncts(licence)
    return bool(found) and UNSTATED not in found


def _split(licence: str, word: str) -> tuple[str, ...]:
    """The pieces between a word that stands outside of brackets; empty ones are left out."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(licence):
        depth += (sign == "(") - (sign == ")")
        if not depth and licence.startswith(word, place):
            found.append(licence[start:place])
            start = place + len(word)
    return tuple(piece for one in (*found, licence[start:]) if (piece := one.strip()))


def _bare(licence: str) -> str:
    """Without brackets around the whole."""
    bare = licence.strip()
    if not (bare.startswith("(") and bare.endswith(")")):
        return bare
    depth = 0
    for place, sign in enumerate(bare):
        depth += (sign == "(") - (sign == ")")
        if not depth and place < len(bare) - 1:
            return bare
    return _bare(bare[1:-1]) if not depth else bare
