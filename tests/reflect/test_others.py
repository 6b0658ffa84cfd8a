"""Backward checks, reviews, absent members, real mistakes: each read again by code that shares nothing with it."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from fractions import Fraction

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold import reflect
from retold.core.document import Stretch
from retold.reflect.calculate import calculate
from retold.reflect.real_mistakes import real_mistakes
from retold.reflect.registries import REGISTRIES
from retold.reflect.variety import ALARM, variety
from support.reflect_checker import expected

OTHERS = ("backward_check", "grounded_review", "absent_target")


def backward_faults(item) -> list[str]:
    *question, proposed, _ask = item.prompt.rstrip("\n").split("\n")
    proposed = proposed.removeprefix("Proposed: ")
    lines, answer = expected(item.kind, "\n".join(question))
    body = item.text[len(item.prompt) :].rstrip("\n").split("\n")
    claims = [found for line in body if (found := re.search(r"(\d+) ([-+*/]) (\d+) = (\d+)( [a-z]+)?$", line))]
    faults = []
    for claim in claims:
        left, sign, right, value = int(claim[1]), claim[2], int(claim[3]), int(claim[4])
        if {"+": left + right, "-": left - right, "*": left * right, "/": Fraction(left, right)}[sign] != value:
            faults.append(claim.group())
    verdicts = re.findall(r"is (right|wrong)\.", item.text)
    if verdicts != ["right" if proposed == answer else "wrong"]:
        faults.append(f"verdict {verdicts} on {proposed}, {answer} is right")
    if proposed != answer and [claim.group() for claim in claims[-len(lines) :]] != lines:
        faults.append("the way forward")
    if not claims[0].group().startswith(proposed.split()[0] + " "):
        faults.append("the way back does not begin at the proposal")
    if not body[-1].rstrip(".").endswith(answer) or item.answer != answer:
        faults.append("answer")
    return faults


def review_faults(item) -> list[str]:
    source, told, _ask, *body = item.text.rstrip("\n").split("\n")

    def marks(text):
        return set(re.findall(r"\d+", text)) | set(re.findall(r"\b[A-Z][a-z]+", text)) - PLAIN

    held = source.removeprefix("Source: ")
    sentences = re.split(r"(?<=\.) ", told.removeprefix("Retelling: "))
    loose = [one for one in sentences if any(not re.search(rf"\b{re.escape(mark)}\b", held) for mark in marks(one))]
    named = re.findall(r'"([^"]+)"', body[0])
    if not item.masked:
        return [f"{loose} in a faithful one"] if loose or named or len(body) != 1 else []
    planted = item.text[item.masked[0].start : item.masked[0].end]
    faults = []
    if named != [planted] or planted not in sentences or len(body) != 2:
        faults.append("the planted claim is not the one that is named")
    if loose != [planted]:
        faults.append(f"{loose} has no support, {planted} is named")
    if planted in body[1] or any(not re.search(rf"\b{re.escape(mark)}\b", held) for mark in marks(body[1])):
        faults.append("the correction has a claim without support")
    return faults


def absent_faults(item) -> list[str]:
    (name,) = item.facts
    said = item.text[len(item.prompt) :].strip()
    if item.kind == "chess":
        real = bool(re.fullmatch(r"[a-h][1-8]", name))
        value = "light" if real and (ord(name[0]) - 96 + int(name[1])) % 2 else "dark"
    elif item.kind == "countries":
        real = name in {*phonenumbers.SUPPORTED_REGIONS, "AQ", "BV", "GS", "HM", "PN", "TF", "UM"} - {"AC", "TA", "XK"}
        value = REGISTRIES["countries"].members.get(name, "")
    elif item.kind == "unicode_names":
        try:
            real, value = True, unicodedata.lookup(name)
        except KeyError:
            real, value = False, ""
    else:
        real, value = name in ELEMENTS, ELEMENTS.get(name, "")
    denials = len(
        re.findall(
            r"[Tt]here is no|^No (?!stands for Nobelium)|not in the list|does not exist|has no|Nothing is called", said
        )
    )
    faults = [] if name in item.prompt else ["not asked for"]
    if real and (denials or value not in said or said.count(".") > 1):
        faults.append(f"{value} is real")
    if not real and (denials != 1 or len(re.findall(r"\([^)]*\)", said)) not in (1, 2, 3) or item.answer != "absent"):
        faults.append(f"{name} does not exist and {denials} sentences say so")
    if re.search(r"\b(wait|sorry|actually|correct)", said.lower()):
        faults.append("takes something back")
    return faults


SYMBOLS = re.findall(
    "[A-Z][a-z]?",
    "HHeLiBeBCNOFNeNaMgAlSiPSClArKCaScTiVCrMnFeCoNiCuZnGaGeAsSeBrKrRbSrYZrNbMoTcRuRhPdAgCdInSnSbTeIXeCsBaLaCePrNdPmSmEu"
    "GdTbDyHoErTmYbLuHfTaWReOsIrPtAuHgTlPbBiPoAtRnFrRaAcThPaUNpPuAmCmBkCfEsFmMdNoLrRfDbSgBhHsMtDsRgCnNhFlMcLvTsOg",
)
PLAIN = set(
    re.findall(
        "[A-Z][a-z]*",
        "In The It Its There One For About Beside Each Work Inside This Here Visitors Tickets Corrected Better As "
        "Put A",
    )
)
ELEMENTS = dict(zip(REGISTRIES["elements"].members, SYMBOLS, strict=True))
FAULTS = {"backward_check": backward_faults, "grounded_review": review_faults, "absent_target": absent_faults}


@pytest.mark.parametrize("builder", OTHERS)
def test_a_thousand_items_hold_before_an_independent_checker(builder):
    made = list(reflect.items(builder, 7, 1_000))
    assert len(made) == 1_000
    assert [(item.text, faults) for item in made if (faults := FAULTS[builder](item))] == []


@pytest.mark.parametrize("builder", OTHERS)
def test_both_kinds_are_there_and_no_opening_is_a_template(builder):
    """Kills: `rng.random() < 0.5` turned round to always."""
    made = list(reflect.items(builder, 7, 1_000))
    assert 0.4 <= sum(bool(item.slip) for item in made) / len(made) <= 0.6
    found = variety(item.text for item in made)
    assert found.opening_share <= ALARM, found
    assert found.distinct[3] >= 0.05, found


def test_the_registries_are_whole():
    """Symbols by number, codes by another library's list, squares by arithmetic, names by Unicode."""
    assert len(ELEMENTS) == 118 and list(REGISTRIES["elements"].members.values()) == SYMBOLS
    assert len(REGISTRIES["countries"].members) == 249 and len(REGISTRIES["chess"].members) == 64
    known = set(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA", "XK"}
    assert set(REGISTRIES["countries"].members) - known == {"AQ", "BV", "GS", "HM", "PN", "TF", "UM"}
    assert REGISTRIES["chess"].members["a1"] == "dark" and REGISTRIES["chess"].members["h1"] == "light"
    for name, sign in REGISTRIES["unicode_names"].members.items():
        assert unicodedata.name(sign) == name
    assert not REGISTRIES["unicode_names"].is_member("SEAHORSE")


def test_verifiers_refuse_what_is_damaged():
    """Kills: each return of a reason in the three verifiers."""
    for item in reflect.items("absent_target", 3, 100):
        verify = reflect.BUILDERS["absent_target"].verify
        assert verify(replace(item, facts=("Iron",)))
        assert verify(replace(item, text=item.text + "Wait, there is one.\n"))
        assert verify(replace(item, text=item.prompt + "There is one.\n"))
        if item.slip and item.kind == "countries":  # a reserved code is neither a member nor free
            (name,) = item.facts
            reserved = replace(item, prompt=item.prompt.replace(name, "UK"), text=item.text.replace(name, "UK"))
            assert verify(replace(reserved, facts=("UK",))) == "not_in_registry"
        assert verify(replace(item, answer="something")) == "not_in_registry"
    for item in reflect.items("grounded_review", 3, 100):
        verify = reflect.BUILDERS["grounded_review"].verify
        flipped = () if item.masked else (Stretch(len("Source: "), len("Source: ") + 5),)
        assert verify(replace(item, masked=flipped))
        assert verify(replace(item, text=item.text + "And more.\n"))
        told = item.prompt.split("\n")[1]
        first = told.removeprefix("Retelling: ").split(". ")[0] + "."  # what the source supports, called unsupported
        if not item.masked:
            rest = told.removeprefix(f"Retelling: {first} ")
            text = f'{item.prompt}Unsupported: "{first}"\nCorrected: {rest}\n'
            start = text.index(first)
            accused = replace(item, text=text, masked=(Stretch(start, start + len(first)),), answer=first)
            assert verify(accused) == "claim_unmarked"
    for item in reflect.items("backward_check", 3, 100):
        verify = reflect.BUILDERS["backward_check"].verify
        turned = item.text.replace("is right.", "is wrong.") if not item.slip else item.text.replace("wrong.", "right.")
        assert verify(replace(item, text=turned))
        assert verify(replace(item, answer=item.answer + "0"))


@given(st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 999)), max_size=6), st.integers(0, 999))
def test_calculations_are_exact(moves, first):
    """Kills: `*` binding no stronger than `+`, and division in floating point."""
    text = str(first) + "".join(f" {sign} {number}" for sign, number in moves)
    python = f"Fraction({first})" + "".join(f" {sign} Fraction({number})" for sign, number in moves)
    assert calculate(text) == eval(python, {"Fraction": Fraction})


def test_what_is_a_calculation():
    assert calculate("$1,200 x 10%") == 120
    assert calculate("(2 + .5) * -3") == Fraction(-15, 2)
    for text in ("", "2 +", "two", "1/0", "((1)", "1..2", "2 ** 3", "(" * 100, "٣ + ١", "12 eggs", "3) + 1"):
        assert calculate(text) is None, text


def test_the_first_wrong_step_is_found(tmp_path):
    """Kills: the marks read by floating point, ".30*80" read as "30*80", a later mistake taken for the first."""
    reference = "Half is 80/2 = <<80/2=40>>40 eggs.\nWith 2 more 40+2 = <<40+2=42>>42.\nA: 42"
    right = {"is_correct": True, "solution": reference}

    def wrong(*lines: str) -> dict:
        return {"is_correct": False, "solution": "\n".join([*lines, "A: 7"])}

    record = {
        "question": "How many\neggs?",
        "ground_truth": reference,
        "a": right,
        "b": wrong("Half is 80/2 = <<80/2=40>>40.", "Then 40+2 = <<40+2=44>>44.", "So 1+1 = <<1+1=3>>3"),
        "c": wrong("The share is .30*$80 = $<<.30*80=24.0>>24", "It has 4*56 = <<56=56>>56 eggs"),
        "d": wrong("So we take 80*3 = <<80*3=240>>240 eggs."),
    }
    path = tmp_path / "solutions.jsonl"
    path.write_text(json.dumps(record) + "\nno json\n[1]\n", "utf-8")
    sure = list(real_mistakes(path))
    assert [(item.kind, item.text[item.masked[0].start : item.masked[0].end]) for item in sure] == [
        ("miscalculated", "Then 40+2 = 44.")
    ]
    assert sure[0].prompt == "How many eggs?\n" and sure[0].text.endswith("With 2 more 40+2 = 42.\nAnswer: 42\n")
    every = list(real_mistakes(path, unsure=True))
    assert [item.kind for item in every] == ["miscalculated", "departs", "departs"]


@pytest.mark.gates
def test_real_mistakes_of_real_models(shared_data):
    """So many as the log says, each noticed once and ended by the reference's answer."""
    path = shared_data / "traces" / "gsm8k-model-solutions" / "example_model_solutions.jsonl"
    found = list(real_mistakes(path, unsure=True))
    kinds = [item.kind for item in found]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"departs": 2703, "misstated": 37, "miscalculated": 13}
    for item in found:
        assert item.text.count(item.notice) == 1 and item.text.endswith(f"Answer: {item.answer}\n")
        assert "<<" not in item.text
