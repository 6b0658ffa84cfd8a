"""The 118 chemical elements: name to symbol. Names that are none are made of syllables like theirs, or from tales."""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.registries.registry import Registry

_TABLE: Final = """
Hydrogen H, Helium He, Lithium Li, Beryllium Be, Boron B, Carbon C, Nitrogen N, Oxygen O, Fluorine F, Neon Ne,
Sodium Na, Magnesium Mg, Aluminium Al, Silicon Si, Phosphorus P, Sulfur S, Chlorine Cl, Argon Ar, Potassium K,
Calcium Ca, Scandium Sc, Titanium Ti, Vanadium V, Chromium Cr, Manganese Mn, Iron Fe, Cobalt Co, Nickel Ni, Copper Cu,
Zinc Zn, Gallium Ga, Germanium Ge, Arsenic As, Selenium Se, Bromine Br, Krypton Kr, Rubidium Rb, Strontium Sr,
Yttrium Y, Zirconium Zr, Niobium Nb, Molybdenum Mo, Technetium Tc, Ruthenium Ru, Rhodium Rh, Palladium Pd, Silver Ag,
Cadmium Cd, Indium In, Tin Sn, Antimony Sb, Tellurium Te, Iodine I, Xenon Xe, Caesium Cs, Barium Ba, Lanthanum La,
Cerium Ce, Praseodymium Pr, Neodymium Nd, Promethium Pm, Samarium Sm, Europium Eu, Gadolinium Gd, Terbium Tb,
Dysprosium Dy, Holmium Ho, Erbium Er, Thulium Tm, Ytterbium Yb, Lutetium Lu, Hafnium Hf, Tantalum Ta, Tungsten W,
Rhenium Re, Osmium Os, Iridium Ir, Platinum Pt, Gold Au, Mercury Hg, Thallium Tl, Lead Pb, Bismuth Bi, Polonium Po,
Astatine At, Radon Rn, Francium Fr, Radium Ra, Actinium Ac, Thorium Th, Protactinium Pa, Uranium U, Neptunium Np,
Plutonium Pu, Americium Am, Curium Cm, Berkelium Bk, Californium Cf, Einsteinium Es, Fermium Fm, Mendelevium Md,
Nobelium No, Lawrencium Lr, Rutherfordium Rf, Dubnium Db, Seaborgium Sg, Bohrium Bh, Hassium Hs, Meitnerium Mt,
Darmstadtium Ds, Roentgenium Rg, Copernicium Cn, Nihonium Nh, Flerovium Fl, Moscovium Mc, Livermorium Lv,
Tennessine Ts, Oganesson Og
"""
MEMBERS: Final[dict[str, str]] = {}
for _entry in _TABLE.replace("\n", " ").split(","):
    _name, _symbol = _entry.split()
    MEMBERS[_name] = _symbol
OTHER_SPELLINGS: Final = frozenset(("aluminum", "sulphur", "cesium"))
_TALES: Final = ("Unobtainium", "Vibranium", "Adamantium", "Kryptonite", "Mithril", "Orichalcum", "Phlogiston")
_HEADS: Final = ("Ber", "Cal", "Dor", "Fen", "Gal", "Hel", "Kor", "Lan", "Mor", "Nep", "Ort", "Pal", "Quen", "Rub")
_MIDDLES: Final = ("and", "el", "est", "in", "ol", "or", "ul", "ad", "ith", "ost")
_TAILS: Final = ("ium", "ium", "ium", "on", "ine", "um")


def _invent(rng: Random) -> str:
    if rng.random() < 0.2:
        return rng.choice(_TALES)
    return rng.choice(_HEADS) + rng.choice(_MIDDLES) + rng.choice(_TAILS)


REGISTRY: Final = Registry(
    "elements",
    MEMBERS,
    _invent,
    {
        "ask": (
            "What is the symbol of the chemical element {name}?",
            "Which symbol does the element {name} have?",
            "The chemical element {name}: its symbol?",
            "How is the element {name} written in formulas?",
            "Give the chemical symbol for {name}.",
            "{name} is written how in the periodic table?",
            "In the periodic table, which letters stand for {name}?",
            "Symbol for {name}, please.",
        ),
        "tell": (
            "The symbol of {name} is {value}.",
            "{name} has the symbol {value}.",
            "{name} is written {value}.",
            "It is {value}.",
            "{value} stands for {name}.",
        ),
        "what": ("chemical element", "element"),
    },
    exists=lambda name: name.casefold() in OTHER_SPELLINGS,
)
