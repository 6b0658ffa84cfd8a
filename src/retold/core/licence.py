"""The terms of a text as one SPDX expression: those of its source, and those of the model that made it, together.

    joined("CC-BY-SA-4.0", "Apache-2.0")   "CC-BY-SA-4.0 AND Apache-2.0"
    joined("", "Apache-2.0")               "NOASSERTION AND Apache-2.0": its source states none
    conjuncts("(MIT OR ISC) AND X")        ("MIT OR ISC", "X")

`AND` is what SPDX 2.3 (annex D) writes where all of several licences hold; NOASSERTION is its word for what nobody has
said. What sources state is taken as it is, also where it is no name of SPDX. An empty text: nothing is stated at all.
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
    """The licences that all hold, without the brackets around each; none of an empty text."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(licence):
        depth += (sign == "(") - (sign == ")")
        if not depth and licence.startswith(_AND, place):
            found.append(licence[start:place])
            start = place + len(_AND)
    return tuple(bare for one in (*found, licence[start:]) if (bare := _bare(one.strip())))


def stated(licence: str) -> bool:
    """Whether somebody has said under which terms all of it is."""
    found = conjuncts(licence)
    return bool(found) and UNSTATED not in found


def _bare(licence: str) -> str:
    """Without brackets around the whole."""
    if not (licence.startswith("(") and licence.endswith(")")):
        return licence
    depth = 0
    for place, sign in enumerate(licence):
        depth += (sign == "(") - (sign == ")")
        if not depth and place < len(licence) - 1:
            return licence
    return licence[1:-1].strip() if not depth else licence
