"""Strings that identify a person or open a door: where they stand in a text, by kind.

In: a text and the kinds looked for. Out: ranges of characters that do not overlap, ascending. What has a checksum is
checked (cards: Luhn, and the prefixes and lengths of issuers; IBAN: ISO 7064 mod 97), addresses are parsed
(`ipaddress`), telephone numbers are those of Google's libphonenumber, by region. Numbers may stand next to letters of
Chinese, Japanese and Korean, which part words by no spaces. Every expression is anchored at a sign
that is rare in prose and has bounded repetition, so the time is linear in the text. Documentation in English and HTML,
one core: 50 MB a second and more for each kind but telephone numbers, which take 10.

Not found, since that needs a model of names and places: persons, street addresses, dates of birth.
"""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import phonenumbers

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9_-])"
)
_LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A letter, digit or underscore that a number cannot stand next to."""
_WORD = re.compile(_LETTER)
_IPV4 = re.compile(rf"(?<!{_LETTER})(?<!\.)\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!{_LETTER}|\.[A-Za-z0-9])")
_HEX_BETWEEN_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_CARD = re.compile(rf"(?<!{_LETTER})(?<![.,-])\d(?:[ -]?\d){{11,18}}(?!{_LETTER}|-|[.,]\d)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_LIKE_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){0,7}\Z")
_SSN = re.compile(rf"(?<!{_LETTER})(?<!-)(?!000|666|9)\d{{3}}-(?!00)\d{{2}}-(?!0000)\d{{4}}(?!{_LETTER}|-)")
_PHONE_LIKE = re.compile(
    rf"(?:\+|\(\+?|(?<!{_LETTER})(?<![A-Za-z][-/.])(?<!\d:))\d(?:[ ./()-]{{0,3}}\d){{5,16}}"
    rf"(?: ?(?:x|ext\.?) ?\d{{1,6}})?(?!{_LETTER})"
)
_SEPARATORS = re.compile(r"[^\d]+")
_NO_PHONE = re.compile(
    r"(?:19|20)\d\d-[01]?\d-[0-3]?\d"  # 2017-10-11, and what follows it
    r"|[0-3]?\d([./-])[0-3]?\d\1(?:19|20)\d\d(?!\d)"  # 11.10.2017
    r"|\d{3}-\d\d-\d{4}\Z"  # the shape of a social security number
    r"|\d+\.\d+\Z"  # a decimal fraction
    r"|\d-\d{2,7}-\d{2,7}-\d\Z"  # an ISBN of ten digits
    r"|.*(?:  |\.\.)"  # columns of a table; from 0.29..656.28
)
"""What a number is that libphonenumber may still take for one of some region."""
_VERSION = re.compile(
    r"(?:(?<![A-Za-z])(?:v|ver|versi\w{1,4}|vers[aã]o|releases?|build|firmware)|バージョン)[ :.]{0,2}\Z", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b(?:ips?|addr\w{0,6}|adress\w{0,4}|direcci\w{1,4}|indirizz\w|endere\w{1,4}|hosts?)\b[^\n]{0,16}\Z", re.IGNORECASE
)
_ASKS_TO_CALL = re.compile(
    r"\b(?:phones?|telephones?|tel|mobile|cell|fax|whatsapp|call(?:ing|ed)?|dial|reach(?:ed)?|hotline)\b"
    r"[^\n\d=#]{0,40}$",  # not: system call failed: shmget(key=5440001
    re.IGNORECASE,
)
_OTHERS = (re.compile(r"ISBN[^\n]{0,12}\Z"), _LIKE_IBAN)
"""What stands before the digits of a book or an account."""
_IPV6_LETTERS: Final = frozenset("0123456789abcdefABCDEF:")
SMALL: Final = 64
FEWEST: Final = 7
"""Digits of a telephone number that stands alone, without a + and without words that ask to call."""
VERSION: Final = 2
"""Raised by hand when something else is found."""
IBAN_DIGITS: Final = 10
CARD_GROUP: Final = 4
"""Digits before the first space or hyphen of a card."""
_SECRETS: Final = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        (
            "-----BEGIN",
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----[\s\S]{16,20000}?-----END [A-Z0-9 ]{0,40}-----",
        ),
        ("AKIA", r"AKIA[0-9A-Z]{16}(?![A-Za-z0-9])"),
        ("ASIA", r"ASIA[0-9A-Z]{16}(?![A-Za-z0-9])"),
        ("ghp_", r"ghp_[A-Za-z0-9]{36,255}(?![A-Za-z0-9_])"),
        ("gho_", r"gho_[A-Za-z0-9]{36,255}(?![A-Za-z0-9_])"),
        ("ghs_", r"ghs_[A-Za-z0-9]{36,255}(?![A-Za-z0-9_])"),
        ("ghu_", r"ghu_[A-Za-z0-9]{36,255}(?![A-Za-z0-9_])"),
        ("ghr_", r"ghr_[A-Za-z0-9]{36,255}(?![A-Za-z0-9_])"),
        ("github_pat_", r"github_pat_[A-Za-z0-9_]{60,255}(?![A-Za-z0-9_])"),
        ("glpat-", r"glpat-[A-Za-z0-9_-]{20,64}(?![A-Za-z0-9_-])"),
        ("xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,200}(?![A-Za-z0-9-])"),
        ("AIza", r"AIza[0-9A-Za-z_-]{35}(?![A-Za-z0-9_-])"),
        ("sk_live_", r"sk_live_[0-9A-Za-z]{16,128}(?![A-Za-z0-9_])"),
        ("rk_live_", r"rk_live_[0-9A-Za-z]{16,128}(?![A-Za-z0-9_])"),
        ("sk-", r"sk-(?:[a-z]{2,10}-)?(?=[A-Za-z_-]{0,60}\d)[A-Za-z0-9_-]{20,200}(?![A-Za-z0-9_-])"),
        ("SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
        ("npm_", r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])"),
        ("pypi-", r"pypi-AgE[A-Za-z0-9_-]{60,400}(?![A-Za-z0-9_-])"),
        ("hf_", r"hf_[A-Za-z0-9]{30,64}(?![A-Za-z0-9_])"),
        ("eyJ", r"eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,2000}"),
    )
)
"""(how it begins, the whole): keys of clouds, forges and payment, web tokens, private keys."""
_IBAN_LENGTHS: Final = {
    entry[:2]: int(entry[2:])
    for line in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 ES24 FI18 FO18 FR27",
        "GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24",
        "ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29",
        "VA22 VG24 XK20",
    )
    for entry in line.split()
}
_CARD_ISSUERS: Final = (
    ((4,), (13, 16, 19)),
    (tuple(range(51, 56)), (16,)),
    (tuple(range(2221, 2721)), (16,)),
    ((34, 37), (15,)),
    ((300, 301, 302, 303, 304, 305, 309, 36, 38, 39), (14, 16)),
    ((6011, 644, 645, 646, 647, 648, 649, 65), (16, 19)),
    (tuple(range(3528, 3590)), (16,)),
    ((2131, 1800), (15,)),
    ((62,), (16, 17, 18, 19)),
    ((50, 56, 57, 58, 60, 61, 63, 66, 67, 68, 69), tuple(range(12, 20))),
)
"""(prefixes, lengths) of Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro."""


@dataclass(frozen=True, slots=True)
class Found:
    """A range of characters and its kind."""

    start: int
    end: int
    kind: str


def find(text: str, kinds: Sequence[str], regions: Sequence[str] = ()) -> list[Found]:
    """All of these kinds in `text`; where two overlap, the kind that is named first in `FINDERS` has it.

    `regions` (ISO 3166) are those whose national telephone numbers are known; international ones (+) always are.
    Raises KeyError for an unknown kind.
    """
    wanted = set(kinds)
    if unknown := wanted - FINDERS.keys():
        raise KeyError(min(unknown))
    taken: list[Found] = []
    for kind, finder in FINDERS.items():
        if kind in wanted:
            for start, end in finder(text, regions):
                place = bisect(taken, start, key=lambda found: found.start)
                before = place == 0 or taken[place - 1].end <= start
                if before and (place == len(taken) or end <= taken[place].start):
                    taken.insert(place, Found(start, end, kind))
    return taken


def _secrets(text: str, _: Sequence[str]) -> Iterator[tuple[int, int]]:
    for sign, pattern in _SECRETS:
        at = text.find(sign)
        while at >= 0:
            match = None if at and _WORD.match(text, at - 1) else pattern.match(text, at)
            if match is not None:
                yield match.span()
            at = text.find(sign, match.end() if match else at + 1)


def _emails(text: str, _: Sequence[str]) -> Iterator[tuple[int, int]]:
    at, last = text.find("@"), 0
    while at >= 0:
        # From the sign outwards, so that a text without one is never scanned.
        begin = max(last, at - 65)
        match = next((item for item in _EMAIL.finditer(text, begin, min(len(text), at + 300))), None)
        if match is not None and match.start() < at < match.end():
            yield match.span()
            last = match.end()
            at = text.find("@", last)
        else:
            at = text.find("@", at + 1)


def _addresses(text: str, _: Sequence[str]) -> Iterator[tuple[int, int]]:
    """IPv4 and IPv6 addresses that are somebody's: reserved, private and documentation ranges are nobody's.

    Four numbers below 64 are taken for a section or a version, unless a word like address stands before them: one
    address in 256 looks like that. So is what follows the word version.
    """
    for match in _IPV4.finditer(text):
        before = (max(0, match.start() - 20), match.start())
        small = max(map(int, match[0].split("."))) < SMALL and not _ADDRESS.search(text, *before)
        if not small and _is_global(match[0]) and not _VERSION.search(text, *before):
            yield match.span()
    end = 0
    for match in _HEX_BETWEEN_COLONS.finditer(text):
        if match.start() >= end:
            start, end = _grown(text, *match.span())
            candidate = text[start:end]
            if candidate.endswith(":") and not candidate.endswith("::"):
                candidate, end = candidate[:-1], end - 1
            alone = not (_WORD.match(text, end) or (start and _WORD.match(text, start - 1)))
            parts = candidate.split(":")
            if not alone or len(parts) < 4 or (text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit()):
                continue
            if any(len(part) != 2 for part in parts) and _is_global(candidate):  # else the number of a network card
                yield start, end


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    """A range with all hexadecimal digits and colons on both sides of it."""
    while start and text[start - 1] in _IPV6_LETTERS:
        start -= 1
    while end < len(text) and text[end] in _IPV6_LETTERS:
        end += 1
    return start, end


def _is_global(candidate: str) -> bool:
    try:
        return any(letter.isdigit() for letter in candidate) and ipaddress.ip_address(candidate).is_global
    except ValueError:
        return False


def _cards(text: str, _: Sequence[str]) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        groups = _SEPARATORS.split(match[0])
        digits = "".join(groups)
        if len(groups) > 1 and len(groups[0]) != CARD_GROUP:
            continue  # 588-9095671-9176814 is an order
        if _LIKE_IBAN.search(text, max(0, match.start() - 40), match.start()):
            continue
        if _issued(digits) and luhn(digits):
            yield match.span()


def _issued(digits: str) -> bool:
    return any(
        len(digits) in lengths and any(digits.startswith(str(prefix)) for prefix in prefixes)
        for prefixes, lengths in _CARD_ISSUERS
    )


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ibans(text: str, _: Sequence[str]) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2].upper())
        if length is None:
            continue
        # The words after an IBAN in groups of four look like more of it.
        end, left = match.start(), length
        while left and end < match.end():
            left -= text[end] != " "
            end += 1
        plain = text[match.start() : end].replace(" ", "").upper()
        digits = sum(letter.isdigit() for letter in plain)
        if not left and digits >= IBAN_DIGITS and iban(plain) and not _WORD.match(text, end):
            yield match.start(), end


def iban(plain: str) -> bool:
    """Whether the check digits of an IBAN without spaces are right (ISO 13616)."""
    turned = plain[4:] + plain[:4]
    return turned.isascii() and turned.isalnum() and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _social(text: str, _: Sequence[str]) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _SSN.finditer(text))


def _phones(text: str, regions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """What libphonenumber takes for a valid number; and digits of any form after words that ask somebody to call.

    Local numbers, as people write them, are in no plan of a region: the words before them tell.
    """
    last = 0
    for match in _PHONE_LIKE.finditer(text):
        groups = [group for group in _SEPARATORS.split(match[0]) if group]
        abroad = match[0].lstrip("(").startswith("+")
        if not abroad and sum(map(len, groups)) < 2 * len(groups):
            continue  # 1.3.6.1.4.1 is no telephone number
        before = (max(0, match.start() - 40), match.start())
        if _NO_PHONE.match(match[0]) or _IPV4.search(match[0]) or any(one.search(text, *before) for one in _OTHERS):
            continue
        begin, end = max(last, match.start() - 3), min(len(text), match.end() + 4)
        span: tuple[int, int] | None = None
        if abroad or (len(groups) > 1 and sum(map(len, groups)) >= FEWEST):
            span = _valid(text, begin, end, regions)
        if span is None and _ASKS_TO_CALL.search(text, max(last, match.start() - 60), match.start()):
            span = match.span()
        if span is not None:
            start, last = span
            number = text[start:last]
            yield start + (number[0] == "(" and number.count("(") > number.count(")")), last


def _valid(text: str, begin: int, end: int, regions: Sequence[str]) -> tuple[int, int] | None:
    """The first number in this range that is one of a region, or international."""
    found = [
        (begin + item.start, begin + item.end)
        for region in regions or (None,)
        for item in phonenumbers.PhoneNumberMatcher(text[begin:end], region)
        if not text[max(begin + item.start - 1, 0) : begin + item.start].isdigit()
        and not text[begin + item.end : begin + item.end + 1].isdigit()
    ]
    return min(found, default=None)


Finder = Callable[[str, Sequence[str]], Iterator[tuple[int, int]]]
FINDERS: Final[dict[str, Finder]] = {
    "secret": _secrets,
    "email": _emails,
    "ip": _addresses,
    "iban": _ibans,
    "card": _cards,
    "ssn": _social,
    "phone": _phones,
}
"""Finders by kind, the surest first."""
