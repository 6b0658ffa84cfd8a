"""Invented personal data, and what only looks like it: values in the shapes in which people write them.

In: a `random.Random`. Out: strings. Numbers follow the published plans (area codes that exist, checksums that hold),
so that nothing is hard to find only for being impossible; what must not be found breaks the rule that makes it one.
Written from those plans, without a look at what finds them; the values belong to nobody that we know of.
"""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from random import Random

Maker = Callable[[Random], str]
ALNUM = string.ascii_letters + string.digits
FIRST = "dana lena hugo mei arjun sofia pavel ines tom karin yusuf marta olof chiara".split()  # noqa: SIM905
LAST = "whitlock brandt moreau tanaka iyer almeida nowak lindqvist romano keller vance dubois".split()  # noqa: SIM905
HOSTS = "mailbox.org posteo.de laposte.net northfield-clinic.co.uk uni-bremen.de kth.se acme.io tiscali.it".split()  # noqa: SIM905
IBANS = {
    "DE": "18", "GB": "BARC+14", "FR": "23", "NL": "ABNA+10", "ES": "20", "CH": "17", "SE": "20", "IT": "X+22",
    "AT": "16", "BE": "12", "PL": "24",
}  # fmt: skip
PHONES: dict[str, tuple[str, ...]] = {
    "US": ("(212) Nxx-xxxx", "415-Nxx-xxxx", "617.Nxx.xxxx", "+1 312 Nxx xxxx", "+1-206-Nxx-xxxx", "(404) Nxx xxxx"),
    "GB": ("020 7xxx xxxx", "(0161) 4xx xxxx", "+44 20 7xxx xxxx", "+44 (0)20 8xxx xxxx", "07802 xxxxxx",
           "+44 7802 xxxxxx"),
    "DE": ("030 / 2xxxxxxx", "030 2xxxxxxx", "+49 30 2xxxxxxx", "089-5xxxxxxx", "0171 4xxxxxx", "0049 171 4xxxxxx"),
    "FR": ("01 42 xx xx xx", "06 12 xx xx xx", "+33 1 42 xx xx xx", "+33 (0)6 12 xx xx xx", "01.42.xx.xx.xx"),
    "CH": ("044 668 xx xx", "+41 44 668 xx xx", "079 2xx xx xx", "+41 79 2xx xx xx"),
    "SE": ("08-505 xxx xx", "+46 8 505 xxx xx", "070-2xx xx xx", "+46 70 2xx xx xx"),
    "ES": ("912 34x xxx", "+34 612 3xx xxx", "612 3x xx xx", "+34 91 234 xx xx"),
    "IT": ("06 698 xxxxx", "+39 06 698 xxxxx", "347 2xx xxxx", "+39 347 2xxxxxx"),
    "BR": ("(11) 98xxx-xxxx", "+55 11 98xxx-xxxx", "(21) 3xxx-xxxx"),
    "JP": ("03-3224-xxxx", "+81 3-3224-xxxx", "090-2xxx-xxxx"),
}  # fmt: skip


def digits(chance: Random, count: int) -> str:
    """So many digits, the first of them not 0."""
    return str(chance.randint(1, 9)) + "".join(chance.choices(string.digits, k=count - 1))


def filled(chance: Random, shape: str) -> str:
    """A shape with its x as digits and its N as digits from 2 on."""
    return "".join(
        chance.choice(string.digits) if sign == "x" else chance.choice("23456789") if sign == "N" else sign
        for sign in shape
    )


def hexadecimal(chance: Random, count: int) -> str:
    """Lower-case hexadecimal digits."""
    return "".join(chance.choices("0123456789abcdef", k=count))


def token(chance: Random, count: int, signs: str = ALNUM) -> str:
    """Signs of an alphabet."""
    return "".join(chance.choices(signs, k=count))


def email(chance: Random) -> str:
    """First, last, dots, plus, digits; common and less common hosts."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    name = chance.choice([f"{first}.{last}", f"{first[0]}{last}", f"{last}_{first}", f"{first}{chance.randint(1, 99)}",
                          f"{first}+lists", f"{first}-{last}", f"{first.title()}.{last.title()}"])  # fmt: skip
    return f"{name}@{chance.choice(HOSTS)}"


def phone(chance: Random, region: str) -> str:
    """A number as people in a region write it, at home or from abroad."""
    return filled(chance, chance.choice(PHONES[region]))


def ip(chance: Random) -> str:
    """A public address, of version 4 three times in four."""
    if chance.random() < 0.25:
        head = chance.choice(["2a02:8109", "2003:e2", "2a01:4f8", "2600:1f18"])
        tail = chance.choice(["{}:{}:{}:{}:{}:{}", "{}:{}::{}", "{}::{}"])
        return f"{head}:" + tail.format(*(f"{chance.randint(1, 0xFFFF):x}" for _ in range(6)))
    first = chance.choice([5, 23, 46, 62, 78, 81, 93, 104, 145, 185, 193, 201, 212])
    return f"{first}.{chance.randint(1, 254)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"


def luhn(head: str) -> str:
    """The digits with the check digit that makes them a card's."""
    total = 0
    for place, sign in enumerate(reversed(head)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return head + str(-total % 10)


def card(chance: Random) -> str:
    """Visa, Mastercard or American Express: plain, in groups with spaces or hyphens."""
    head, length = chance.choice([("4539", 16), ("4916", 16), ("5425", 16), ("5105", 16), ("2223", 16), ("3782", 15)])
    number = luhn(head + "".join(chance.choices(string.digits, k=length - 1 - len(head))))
    cuts = (4, 8, 12) if length == 16 else (4, 10)
    parts = [number[a:b] for a, b in zip((0, *cuts), (*cuts, length), strict=True)]
    return chance.choice(["", " ", "-"]).join(parts)


def iban(chance: Random) -> str:
    """Of eleven countries, in groups of four or in one piece."""
    country, shape = chance.choice(sorted(IBANS.items()))
    bank, _, count = shape.rpartition("+")
    body = bank + digits(chance, int(count))
    number = "".join(str(int(sign, 36)) for sign in body + country + "00")
    whole = f"{country}{98 - int(number) % 97:02d}{body}"
    return whole if chance.random() < 0.4 else " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def ssn(chance: Random) -> str:
    """Area, group and serial that have been given out."""
    area = chance.choice([*range(101, 666), *range(667, 733)])
    return f"{area:03d}-{chance.randint(1, 99):02d}-{chance.randint(1, 9999):04d}"


def secret(chance: Random) -> str:
    """Keys whose issuers publish how they look."""
    made = {
        "aws": lambda: "AKIA" + token(chance, 16, string.ascii_uppercase + "234567"),
        "github": lambda: chance.choice(["ghp_", "gho_", "ghs_"]) + token(chance, 36),
        "github_fine": lambda: "github_pat_" + token(chance, 22) + "_" + token(chance, 59),
        "gitlab": lambda: "glpat-" + token(chance, 20),
        "slack": lambda: f"xoxb-{digits(chance, 12)}-{digits(chance, 12)}-{token(chance, 24)}",
        "google": lambda: "AIza" + token(chance, 35, ALNUM + "-_"),
        "stripe": lambda: chance.choice(["sk_live_", "rk_live_"]) + token(chance, 24),
        "openai": lambda: "sk-proj-" + token(chance, 48),
        "anthropic": lambda: "sk-ant-api03-" + token(chance, 93, ALNUM + "-_") + "AA",
        "npm": lambda: "npm_" + token(chance, 36),
        "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + token(chance, 80, ALNUM + "-_"),
        "huggingface": lambda: "hf_" + token(chance, 34, string.ascii_letters),
        "sendgrid": lambda: f"SG.{token(chance, 22)}.{token(chance, 43)}",
        "jwt": lambda: jwt(chance),
    }
    return made[chance.choice(sorted(made))]()


def jwt(chance: Random) -> str:
    """Header, claims and signature."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {
        "sub": digits(chance, 10),
        "name": chance.choice(FIRST),
        "iat": chance.randint(1_600_000_000, 1_800_000_000),
    }
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{token(chance, 43, ALNUM + '-_')}"


def pem(chance: Random) -> str:
    """A private key block of some lines."""
    kind = chance.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY"])
    body = "\n".join(token(chance, 64, ALNUM + "+/") for _ in range(4))
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"


def version(chance: Random) -> str:
    """Two to four numbers, all of which could be in an address."""
    return ".".join(str(chance.randint(0, 40)) for _ in range(chance.choice([2, 3, 4, 4])))


def date(chance: Random) -> str:
    """In the orders and with the signs that are in use."""
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1950, 2026)
    return chance.choice([f"{year}-{month:02d}-{day:02d}", f"{day:02d}.{month:02d}.{year}", f"{month}/{day}/{year}",
                          f"{day:02d}-{month:02d}-{year}", f"{year}{month:02d}{day:02d}"])  # fmt: skip


def isbn(chance: Random) -> str:
    """Thirteen digits with a check digit, with and without hyphens."""
    head = f"978{chance.choice('0123')}" + "".join(chance.choices(string.digits, k=8))
    check = -sum(int(sign) * (1, 3)[place % 2] for place, sign in enumerate(head)) % 10
    whole = f"{head}{check}"
    return whole if chance.random() < 0.4 else f"{whole[:3]}-{whole[3]}-{whole[4:8]}-{whole[8:12]}-{whole[12]}"


def order(chance: Random) -> str:
    """Numbers of orders, invoices and customers."""
    return chance.choice([f"A-{digits(chance, 5)}-{digits(chance, 2)}", digits(chance, 7), digits(chance, 9),
                          f"{digits(chance, 3)}-{digits(chance, 7)}-{digits(chance, 7)}", digits(chance, 12),
                          f"INV{chance.randint(2015, 2026)}/{digits(chance, 6)}", unlucky(chance)])  # fmt: skip


def unlucky(chance: Random) -> str:
    """Sixteen digits that begin as a card does and fail its check."""
    right = luhn("4539" + "".join(chance.choices(string.digits, k=11)))
    return right[:-1] + str((int(right[-1]) + chance.randint(1, 9)) % 10)


def imei(chance: Random) -> str:
    """The number of a telephone set: fifteen digits whose check is that of cards."""
    return luhn("35" + "".join(chance.choices(string.digits, k=12)))


def wrong_iban(chance: Random) -> str:
    """An IBAN with one digit changed, which its check always tells."""
    right = iban(chance)
    last = right[-1]
    return right[:-1] + str((int(last) + chance.randint(1, 9)) % 10)


def wrong_ssn(chance: Random) -> str:
    """The shape of a social security number in the areas that are never given out."""
    return f"{chance.choice(['000', '666', '9' + digits(chance, 2)])}-{chance.randint(10, 69)}-{digits(chance, 4)}"


def local_ip(chance: Random) -> str:
    """Addresses that are nobody's: private, loopback, unspecified, masks."""
    return chance.choice([f"192.168.{chance.randint(0, 9)}.{chance.randint(1, 254)}", f"10.0.{chance.randint(0, 9)}.7",
                          "127.0.0.1", "0.0.0.0", "255.255.255.0", f"172.16.{chance.randint(0, 9)}.1", "::1",
                          "fe80::1"])  # fmt: skip


def uuid(chance: Random) -> str:
    """Of version 4."""
    return "-".join(hexadecimal(chance, count) for count in (8, 4, 4, 4, 12))


def package(chance: Random) -> str:
    """Names with an @ that are no addresses."""
    return chance.choice(["left-pad@1.3.0", "numpy@1.26.4", "@types/node", "@pytest.fixture", "root@localhost",
                          "@northfield_news", "user@host", "@angular/core@17.0.2"])  # fmt: skip


def integrity(chance: Random) -> str:
    """The digest of a file as lock files have it."""
    return "sha512-" + token(chance, 86, ALNUM + "+/") + "=="


def placeholder(chance: Random) -> str:
    """What stands where a secret would."""
    return chance.choice(["${AWS_SECRET_ACCESS_KEY}", "<your-api-key>", "********", "hf_hub_download", "ghp_...",
                          "sk-learn", "os.environ['TOKEN']", "changeme"])  # fmt: skip


def coordinates(chance: Random) -> str:
    """Degrees with six digits behind the point."""
    return f"{chance.uniform(-80, 80):.6f}, {chance.uniform(-170, 170):.6f}"


def price(chance: Random) -> str:
    """Sums of money as they are written in several countries."""
    value = chance.randint(1_000, 9_999_999)
    return chance.choice([f"${value:,}.00", f"{value:,} EUR".replace(",", "."), f"£{value:,}",
                          f"{value:,} kr".replace(",", " ")])  # fmt: skip


def stamp(chance: Random) -> str:
    """Points in time as logs write them."""
    second = chance.randint(1_500_000_000, 1_800_000_000)
    return chance.choice([str(second), f"{second}{digits(chance, 3)}", f"2024-0{chance.randint(1, 9)}-12T08:41:33.120Z",
                          f"[12/Mar/2024:08:41:{chance.randint(10, 59)} +0000]"])  # fmt: skip


VALUES: dict[str, Maker] = {
    "email": email, "ip": ip, "card": card, "iban": iban, "ssn": ssn, "secret": secret, "pem": pem,
}  # fmt: skip
"""What is to be found; `phone` is made for a region."""

LOOKALIKES: dict[str, Maker] = {
    "version": version, "date": date, "isbn": isbn, "order": order, "unlucky": unlucky, "imei": imei,
    "wrong_iban": wrong_iban, "wrong_ssn": wrong_ssn, "local_ip": local_ip, "uuid": uuid, "package": package,
    "integrity": integrity, "placeholder": placeholder, "coordinates": coordinates, "price": price, "stamp": stamp,
    "sha": lambda chance: hexadecimal(chance, 64), "md5": lambda chance: hexadecimal(chance, 32),
    "commit": lambda chance: hexadecimal(chance, chance.choice([7, 40])),
    "tracking": lambda chance: "1Z" + token(chance, 16, string.ascii_uppercase + string.digits),
    "number": lambda chance: f"{chance.randint(1_000, 9_999_999):,}",
}  # fmt: skip
"""What is not."""
