"""What identifies a person or opens a door, and what only looks like it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.text.identifiers import FINDERS, find, iban, luhn

ALL = tuple(FINDERS)


def said(text: str, *regions: str) -> list[tuple[str, str]]:
    return [(found.kind, text[found.start : found.end]) for found in find(text, ALL, regions or ("US",))]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "first.last+tag@sub.example.co.uk"),
        ("email", "o'brien@example.org"),
        ("ip", "93.184.216.34"),
        ("ip", "2a00:1450:4001:81b:0:0:0:200e"),
        ("card", "4539 1488 0343 6467"),
        ("card", "378282246310005"),
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("iban", "de89370400440532013000"),
        ("ssn", "219-09-9999"),
        ("phone", "+44 20 7946 0958"),
        ("phone", "(202) 456-1111"),
        ("ip", "2600:1f18:8b20::22cb"),
        ("phone", "+33 (0)6 12 62 96 69"),
        ("secret", "npm_" + "a1B2" * 9),
        ("secret", "pypi-AgEIcHlwaS5vcmc" + "a1B2" * 20),
        ("secret", "SG." + "a1" * 11 + "." + "b2c" * 14 + "d"),
        ("secret", "AKIA" + "IOSFODNN7EXAMPLE"),
        ("secret", "ghp_" + "a1B2" * 9),
        ("secret", "xoxb-" + "1234567890-abcdef"),
        ("secret", "eyJhbGciOiJIUzI1NiJ9" + "." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "Write to {}, please.", "({})", "first line\n{}\nlast line", "宛先は{}です"])
def test_what_is_one_is_found_whole(kind, text, around):
    assert said(around.format(text)) == [(kind, text)]


@pytest.mark.parametrize(
    "text",
    [
        "see section 4.2.13.1 and version 1.20.6.2",
        "the object 1.3.6.1.4.1.311 of the tree",
        "10.0.0.1, 192.168.1.1, 127.0.0.1 and 192.0.2.7 are nobody's",
        "std::vector and a::b, at 12:30:45",
        "4539 1488 0343 6468 has a wrong check digit",
        "1234567890123456 has no issuer",
        "GB83 WEST 1234 5698 7654 32 has wrong check digits",
        "MC6800 microprocessor was the",
        "000-12-3456 and 666-12-3456 were never given",
        "on 2017-10-11 03:00, and 2147483647 is 2**31 - 1",
        "name @ example, @decorator, user@localhost",
        "a task-manager, disk-usage and risk-management-and-compliance",
        "14159265359 follows the three",
        "version 38.19.37.38 replaces Version: 198.51.7.80",
        "ISBN 0-606-00102-6, and 0-11-000322-5 without a word",
        "the hearing of 03.06.1993, moved to 08-03-1981 and 4/5/1999",
        "cost=0.29..656.28 and 79.479895 and 0  57536  1184",
        "CVE-2026-116321, doi:10.1126/science.162.3860.1387, 08:00:2b:01:02:03:04:05",
        "order 588-9095671-9176814, part 666-48-7902",
        "Failed system call was shmget(key=5440001, size=4011376)",
        "Account NL05 ABNA 9626 9450 11 fails its check",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text):
    assert said(text) == []


def test_a_local_number_is_one_where_somebody_is_asked_to_call():
    """Kills: leaving the words before it out; taking every row of digits for a number."""
    assert said("Please call me at 450 0840 after nine.") == [("phone", "450 0840")]
    assert said("The range 450 0840 was measured.") == []


def test_the_end_of_an_account_is_no_telephone_number():
    """Kills: leaving out what stands before the digits."""
    assert said("Account ES68 2598 9376 1644 2424 8661 fails its check", "US", "DE", "FR", "ES") == []


def test_small_numbers_are_an_address_where_a_word_says_so():
    """Kills: a floor for the numbers without a look at the words before; the word version overruled."""
    assert said("blocked the address 5.18.12.23 today") == [("ip", "5.18.12.23")]
    assert said("blocked in 5.18.12.23 today") == []


def test_regions_decide_what_is_a_national_number():
    text = "Erreichbar unter 030 2576 2030."
    assert said(text, "DE") == [("phone", "030 2576 2030")] and said(text, "US") == []


def test_a_private_key_is_one_secret_from_its_first_line_to_its_last():
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7\n" * 20 + "-----END RSA PRIVATE KEY-----"
    assert said(f"config:\n{key}\nend") == [("secret", key)]


def test_ranges_do_not_overlap_and_unknown_kinds_are_refused():
    found = find("mail a.b@example.com, 4539148803436467, +44 20 7946 0958", ALL, ("US",))
    assert [item.kind for item in found] == ["email", "card", "phone"]
    assert all(one.end <= two.start for one, two in pairwise(found))
    with pytest.raises(KeyError, match="passport"):
        find("x", ("email", "passport"))


@given(st.text(alphabet="0123456789", min_size=11, max_size=18))
def test_exactly_one_digit_completes_a_card_number(digits):
    assert sum(luhn(digits + last) for last in "0123456789") == 1


@given(st.text(alphabet="ABCDEFGHIJ0123456789", min_size=11, max_size=26))
def test_exactly_one_pair_of_check_digits_fits_an_account(account):
    assert sum(iban(f"GB{check:02}{account}") for check in range(2, 99)) == 1


@given(st.text(max_size=300))
def test_any_text_is_searched_and_nothing_is_found_outside_of_it(text):
    for item in find(text, ALL, ("US", "GB")):
        assert 0 <= item.start < item.end <= len(text)


@pytest.mark.parametrize("piece", ["a@", "1.", "1 ", ":a", "-----BEGIN ", "sk-", "eyJaaaaaaaaa.", "GB12 ", "+1(", "0-"])
def test_hostile_repetition_costs_linear_time(piece):
    """Kills: a repetition without a bound inside another."""

    def took(size: int) -> float:
        begun = time.perf_counter()
        find(piece * size, ALL, ("US",))
        return time.perf_counter() - begun

    took(1_000)
    small, large = min(took(4_000) for _ in range(3)), min(took(32_000) for _ in range(2))
    assert large <= 40 * small + 0.5
