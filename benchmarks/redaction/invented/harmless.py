"""What looks like personal data in support chats and is none: orders, parcels, prices, versions, hashes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random

from . import values


def _of(*masks: str) -> Callable[[Random, str], str]:
    return lambda random, _language: values.masked(random, random.choice(masks))


def _letters(*masks: str) -> Callable[[Random, str], str]:
    return lambda random, _language: values.lettered(random, random.choice(masks))


def _day(random: Random, language: str) -> str:
    return values.date(random, language, random.randrange(1, 29), random.randrange(1, 13), random.randrange(2023, 2027))


def _amount(random: Random, language: str) -> str:
    whole, cents = random.randrange(3, 9_999), random.randrange(100)
    if language == "en":
        return random.choice((f"${whole:,}.{cents:02}", f"£{whole}.{cents:02}", f"{whole}.{cents:02} USD", f"€{whole}"))
    grouped = f"{whole:,}".replace(",", ".")
    unit = {"pl": "zł", "sv": "kr", "tr": "TL", "pt": "€"}.get(language, "€")
    return random.choice((f"{grouped},{cents:02} {unit}", f"{whole},{cents:02} {unit}", f"{whole} {unit}"))


def _ean(random: Random, _language: str) -> str:
    body = values.masked(random, "40##########")
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _isbn(random: Random, _language: str) -> str:
    return values.masked(
        random, random.choice(("978-3-16-######-#", "978-0-###-#####-#", "0-306-#####-X", "97914########"))
    )


def _git(random: Random, _language: str) -> str:
    return f"{random.getrandbits(160):040x}"[: random.choice((7, 10, 40, 40))]


HARMLESS: dict[str, Callable[[Random, str], str]] = {
    "order": _of(
        "#######",
        "ORD-########",
        "##########",
        "############",
        "4##-#######-#######",
        "SO-2025-#####",
        "B2B/2026/####",
        "#1######",
    ),
    "tracking": _of(
        "1Z999AA1##########",
        "00340434############",
        "RR#########DE",
        "JJD00##############",
        "############",
        "92##################",
        "CP#########FR",
    ),
    "amount": _amount,
    "day": _day,
    "version": _of("#.##.#", "12#.0.6###.##", "v2.#.#-rc.#", "17.#.#", "10.0.19045.####", "2026.#.#", "5.15.0-1##"),
    "clock": _of("1#:52", "09:3#:4#", "0#:15 Uhr", "1#h30", "14:0#:2#.###Z"),
    "size": _of("1#0 x 2#0 x 7# cm", "EU 4#", "3#x3#", "195/65 R15", "#,# kg", "1##.# x 7#.# mm", '65"'),
    "model": _of("WH-1000XM#", "SM-G99#B/DS", "KD-55X8##C", "RTX 40#0", "A2###", "MK-##20", "T14s Gen #", "i7-13#00K"),
    "flight": _of("LH #4#", "BA2###", "TK1##3", "AF 1#8#", "SK#2#"),
    "invoice": _of("INV-2025-#####", "RE-2026-#####", "F2025/####", "FV/##/0#/2026", "#########", "2026-00#####"),
    "postcode": _of(
        "SW1A 2AA", "10### Berlin", "750## Paris", "28###", "0#-### Warszawa", "1### AB", "94###-####", "1##-0001"
    ),
    "room": _of("#0#", "B-#1#", "4.#2"),
    "sku": _letters("ABC-#####", "AB##-CD-###", "SKU ########", "#####-AB", "ABCD####"),
    "percent": _of("#,#%", "1#%", "99.##%", "-#5 %"),
    "isbn": _isbn,
    "ean": _ean,
    "place": _of("52.5####, 13.4####", "48°51'2#.4\"N 2°21'0#.2\"E", "-33.8###, 151.2###"),
    "colour": lambda random, _: f"#{random.getrandbits(24):06x}",
    "git": _git,
    "uuid": lambda random, _: str(uuid.UUID(int=random.getrandbits(128), version=4)),
    "ticket": _of("INC#######", "#-##-######", "CS-#####", "[SUP-####]", "HD########", "case 0#######"),
    "year": _of("202#", "199#"),
    "count": _of("#", "1#", "#00", "2 ###", "##.###"),
    "error": _of("0x800#00##", "ERR_10##", "E-#####", "HTTP 50#", "code -36###", "SQLSTATE 2350#"),
    "serial": _letters("C02AB###D###", "SN########", "ABC######D"),
    "epoch": _of("17########", "17########000", "17########.####"),
}
"""Slot of a template, and the function that draws it for a language."""
