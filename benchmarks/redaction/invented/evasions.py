"""Disguises of values: the twenty forms of the development set in other sentences, and more that it does not have.

A form returns what stands before the value, the disguised value, and what stands after; None where it does not apply.
"""

from __future__ import annotations

import base64
import html
import json
import string
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

from . import tokens, values

Disguised = tuple[str, str, str] | None
Form = Callable[[Random, str, str], Disguised]

NUMBERS = ("CREDIT_CARD", "US_SSN", "PHONE", "NATIONAL_ID")
COMPACT = (*NUMBERS, "IBAN")
"""Classes that people write in groups."""
CARRIERS: dict[str, tuple[str, ...]] = {
    "EMAIL": (
        "reach me under {} please",
        "Kunde: meine Mail ist {}\nAgent: danke",
        "email: {}",
        "write to {} or to the branch",
    ),
    "CREDIT_CARD": (
        "charge {} again",
        "Kreditkarte {} bitte sperren",
        "card no. {}",
        "my visa/mastercard: {} exp 11/28",
    ),
    "US_SSN": (
        "social security number: {}",
        "SSN {} on file",
        "customer's ssn = {}",
        "for verification my social is {}",
    ),
    "PHONE": ("phone: {}", "you can call {} after six", "Rückruf unter {} bitte", "mobile {} (evenings)"),
    "IBAN": ("IBAN: {}", "bitte auf {} überweisen", "refund to {} thanks", "account {} at my bank"),
    "SECRET": ("access token {} leaked", "der Token lautet {}", "token: {}", "I pasted {} in the chat"),
    "NATIONAL_ID": ("NHS number {}", "my NHS no. is {} for the record", "nhs: {}", "NHS number on the card: {} (new)"),
    "IP_ADDRESS": ("client ip {} blocked", "Login von IP {} fehlgeschlagen", "ip: {}", "remote address {} timed out"),
}
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
DASHES = "\u2010\u2012\u2013\u2014\u2212\ufe63\uff0d"
CYRILLIC = dict(zip("aceopxyijsABCEHIJKMOPSTXY", "асеорхуіјѕАВСЕНІЈКМОРЅТХУ", strict=True))
GREEK = dict(zip("ovABEZHIKMNOPTYX", "ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", strict=True))
ARMENIAN = dict(zip("ohuUnSLO", "օհսՍոՏԼՕ", strict=True))
WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
}
TAG_A = 0xE0000


def value_of(random: Random, label: str) -> str:
    """Return a value to disguise."""
    makers: dict[str, Callable[[], str]] = {
        "EMAIL": lambda: values.email(random, "en").replace("'", ""),
        "CREDIT_CARD": lambda: values.card(random),
        "US_SSN": lambda: _ssn(random),
        "PHONE": lambda: values.masked(random, random.choice(("+1 415 ^## ####", "+44 7911 ######", "+49 171 2######", "+33 6 12 ## ## ##"))),
        "IBAN": lambda: values.iban(random, code=random.choice(("DE", "GB", "NL", "FR", "IT", "PL", "AT", "SE"))).upper(),
        "SECRET": lambda: tokens.vendor(random, kind=random.choice(("github", "gitlab", "stripe", "google", "npm", "digitalocean"))),
        "NATIONAL_ID": lambda: values.national("nhs", random),
        "IP_ADDRESS": lambda: ".".join(str(random.randrange(11, 250)) for _ in range(4)),
    }  # fmt: skip
    return makers[label]()


def _ssn(random: Random) -> str:
    return f"{random.randrange(101, 660)}-{random.randrange(10, 99)}-{random.randrange(1000, 9999)}"


def applied(*labels: str) -> Callable[[Callable[[Random, str], str | tuple[str, str, str]]], Form]:
    """Make a form of a function from value to disguise, for some classes (all where none is named)."""

    def decorated(disguise: Callable[[Random, str], str | tuple[str, str, str]]) -> Form:
        def form(random: Random, value: str, label: str) -> Disguised:
            if labels and label not in labels:
                return None
            disguised = disguise(random, value)
            return ("", disguised, "") if isinstance(disguised, str) else disguised

        return form

    return decorated


def _mapped(table: str | Callable[[int], str], *labels: str) -> Form:
    """Write digits in another way."""
    one: Callable[[int], str] = table if callable(table) else lambda digit: table[digit]
    return applied(*(labels or COMPACT))(
        lambda _, value: "".join(one(int(c)) if c in string.digits else c for c in value)
    )


def each(one: Callable[[str], str], *labels: str) -> Form:
    """Write each character in another way."""
    return applied(*labels)(lambda _, value: "".join(map(one, value)))


def _compact(value: str) -> str:
    return "".join(c for c in value if c.isalnum())


def separated(separator: str, *labels: str, size: int = 4) -> Form:
    """Put groups of digits beside each other with an unusual separator."""

    def joined(_: Random, value: str) -> str:
        plain = _compact(value)
        if value.startswith("+"):
            return separator.join(value.split())
        sizes = (3, 2, 4) if len(plain) == 9 else (3, 3, 4) if len(plain) == 10 else (size,) * -(-len(plain) // size)
        return values.grouped(plain, sizes, separator)

    return applied(*(labels or COMPACT))(joined)


def _inserted(random: Random, value: str, characters: str, step: int = 3) -> str:
    character = random.choice(characters)
    return "".join(c + (character if index % step == 2 else "") for index, c in enumerate(value[:-1])) + value[-1]


def _replaced(tables: tuple[dict[str, str], ...], *labels: str) -> Form:
    """Replace letters by look-alikes; a value without any is skipped."""

    def form(random: Random, value: str, label: str) -> Disguised:
        table = random.choice(tables)
        disguised = "".join(table.get(c, c) if random.random() < 0.8 else c for c in value)
        return ("", disguised, "") if label in labels and disguised != value else None

    return form


def _percent(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())


def _base64(value: str) -> str:
    return base64.b64encode(f"user:{value};ok".encode()).decode()


def _nested(_: Random, value: str) -> tuple[str, str, str]:
    inner = json.dumps({"data": json.dumps({"field": json.dumps({"value": value})})})
    start = inner.index(value)
    return inner[:start], value, inner[start + len(value) :]


def _look_alike(random: Random, value: str) -> str:
    return "".join({"0": "O", "1": "l"}.get(c, c) for c in _compact(value))


def _two_lines(_: Random, value: str) -> str:
    plain = _compact(value)
    half = len(plain) // 2
    return f"{plain[:half]}\nCustomer: {plain[half:]}"


def _words(random: Random, value: str) -> str:
    names = WORDS[random.choice(list(WORDS))].split()
    return random.choice((" ", "-", ", ")).join(names[int(c)] for c in value if c in string.digits)


def _html_groups(random: Random, value: str) -> str:
    groups = value.split() if " " in value else [value[start : start + 4] for start in range(0, len(value), 4)]
    opened, closed = random.choice(
        (("<b>", "</b>"), ("<span>", "</span>"), ("<td>", "</td>"), ('<font color="red">', "</font>"))
    )
    return f"{closed}{opened}".join(groups)


def _domain(value: str, at: str, dot: str) -> str:
    local, _, domain = value.partition("@")
    return f"{local}{at}{domain.replace('.', dot)}"


KNOWN: dict[str, Form] = {
    "plain": each(lambda c: c),
    "zero_width": applied()(lambda random, value: _inserted(random, value, ZERO_WIDTH)),
    "fullwidth": each(lambda c: chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c),
    "arabic_digits": _mapped("٠١٢٣٤٥٦٧٨٩"),
    "math_digits": _mapped("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
    "nbsp_sep": separated("\u00a0"),
    "odd_dash": separated("–"),
    "dotted": separated(".", *NUMBERS),
    "digit_spaced": applied("CREDIT_CARD", "US_SSN", "NATIONAL_ID")(lambda _, value: " ".join(_compact(value))),
    "newline_split": applied("CREDIT_CARD", "IBAN")(lambda _, value: _compact(value)[:9] + "\n" + _compact(value)[9:]),
    "homoglyph": _replaced((CYRILLIC, GREEK), "EMAIL", "SECRET", "IBAN"),
    "spelled_email": applied("EMAIL")(lambda random, value: _domain(value, *random.choice(((" [at] ", " [dot] "), (" (at) ", " (dot) "))))),
    "base64": applied()(lambda _, value: _base64(value)),
    "urlenc": applied()(lambda _, value: ("https://shop.example/return?ref=", quote(value, safe=""), "&lang=en")),
    "urlenc_full": applied()(lambda _, value: _percent(value)),
    "json_nested": applied()(_nested),
    "json_uescape": applied()(lambda _, value: ('{"field":"', "".join(f"\\u{ord(c):04x}" for c in value), '"}')),
    "html_entity": each(lambda c: f"&#{ord(c)};"),
    "cjk_context": applied()(lambda random, value: random.choice((("電話は", value, "です。"), ("我的信息是", value, "，谢谢"), ("번호는 ", value, "입니다")))),
    "glued": applied("EMAIL", "CREDIT_CARD", "US_SSN")(lambda random, value: random.choice((("ref_", value, "_old"), ("no", _compact(value) if "@" not in value else value, "no")) if "@" not in value else (("ref_", value, "_old"),))),
}  # fmt: skip
"""The twenty forms of the development set, made anew."""

NEW: dict[str, Form] = {
    "keycap": _mapped(lambda digit: f"{digit}\ufe0f\u20e3"),
    "circled": _mapped("⓪①②③④⑤⑥⑦⑧⑨"),
    "negative_circled": _mapped("⓿❶❷❸❹❺❻❼❽❾"),
    "superscript": _mapped("⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "subscript": _mapped("₀₁₂₃₄₅₆₇₈₉"),
    "sans_digits": _mapped("𝟢𝟣𝟤𝟥𝟦𝟧𝟨𝟩𝟪𝟫"),
    "monospace": each(lambda c: chr(0x1D7F6 + int(c)) if c in string.digits else chr(0x1D670 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D68A + ord(c) - 97) if "a" <= c <= "z" else c),
    "devanagari": _mapped("०१२३४५६७८९"),
    "bengali": _mapped("০১২৩৪৫৬৭৮৯"),
    "thai": _mapped("๐๑๒๓๔๕๖๗๘๙"),
    "persian": _mapped("۰۱۲۳۴۵۶۷۸۹"),
    "mixed_digits": applied(*COMPACT)(lambda random, value: "".join(random.choice(("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"))[int(c)] if c in string.digits else c for c in value)),
    "soft_hyphen": applied()(lambda random, value: _inserted(random, value, "\u00ad", step=4)),
    "combining": applied(*COMPACT, "EMAIL")(lambda random, value: _inserted(random, value, "\u0301\u0336\u0332")),
    "variation_selector": applied()(lambda random, value: _inserted(random, value, "\ufe0e\ufe0f\U000e0100")),
    "tag_characters": applied()(lambda random, value: _inserted(random, value, "".join(chr(TAG_A + ord(c)) for c in "ax0"))),
    "bidi": applied()(lambda _, value: ("", f"\u202d{value}\u202c", "")),
    "bidi_inside": applied()(lambda random, value: _inserted(random, value, "\u200e\u200f\u2066\u2069\u061c")),
    "hangul_filler": applied(*COMPACT, "EMAIL")(lambda random, value: _inserted(random, value, "\u3164\uffa0\u115f")),
    "star": separated("*", "CREDIT_CARD", "US_SSN", "NATIONAL_ID"),
    "underscore": separated("_", "CREDIT_CARD", "US_SSN", "NATIONAL_ID", "IBAN"),
    "slash": separated("/", "CREDIT_CARD", "US_SSN", "NATIONAL_ID"),
    "comma": separated(", ", "CREDIT_CARD", "US_SSN", "NATIONAL_ID"),
    "pipe": separated(" | ", "CREDIT_CARD", "IBAN"),
    "plus": separated("+", "CREDIT_CARD", "IBAN"),
    "tab": separated("\t"),
    "double_space": separated("  "),
    "spaced_dash": separated(" - "),
    "em_space": separated("\u2003"),
    "ideographic_space": separated("\u3000"),
    "mixed_separators": applied("CREDIT_CARD", "IBAN")(lambda _, value: "{} {}-{}.{}".format(*[_compact(value)[start : start + 4] for start in (0, 4, 8)], _compact(value)[12:])),
    "pairs": separated(" ", "CREDIT_CARD", "IBAN", size=2),
    "brackets": applied("CREDIT_CARD", "IBAN")(lambda _, value: "".join(f"({_compact(value)[start : start + 4]})" for start in range(0, len(_compact(value)), 4))),
    "html_tags": applied("CREDIT_CARD", "IBAN", "PHONE")(_html_groups),
    "html_comment": applied("EMAIL", "CREDIT_CARD", "IBAN")(lambda _, value: f"{value[:5]}<!-- x -->{value[5:]}"),
    "markdown": applied()(lambda random, value: random.choice((("**", value, "**"), ("`", value, "`"), ("~~", value, "~~"), ("[", value, "](https://shop.example)")))),
    "quoted_printable": applied()(lambda _, value: "".join(f"={ord(c):02X}" if not c.isalnum() else c for c in value) if not value.isalnum() else "".join(f"={ord(c):02X}" for c in value)),
    "hex_escape": each(lambda c: f"\\x{ord(c):02x}"),
    "hex_escape_at": applied("EMAIL")(lambda _, value: value.replace("@", "\\x40")),
    "brace_escape": each(lambda c: f"\\u{{{ord(c):x}}}"),
    "brace_escape_at": applied("EMAIL")(lambda _, value: value.replace("@", "\\u{40}")),
    "octal_escape": each(lambda c: f"\\{ord(c):03o}"),
    "css_escape": applied("EMAIL", "CREDIT_CARD")(lambda _, value: "".join(f"\\{ord(c):06x}" for c in value)),
    "code_points": applied("EMAIL", "CREDIT_CARD", "US_SSN")(lambda _, value: " ".join(f"U+{ord(c):04X}" for c in value)),
    "code_point_at": applied("EMAIL")(lambda _, value: value.replace("@", " U+0040 ")),
    "commat": applied("EMAIL")(lambda _, value: value.replace("@", "&commat;").replace(".", "&period;")),
    "html_hex": each(lambda c: f"&#x{ord(c):X};"),
    "html_padded": each(lambda c: f"&#{ord(c):07}"),
    "html_double": each(lambda c: html.escape(f"&#{ord(c)};")),
    "urlenc_double": applied()(lambda _, value: ("https://shop.example/a?b=", quote(_percent(value), safe=""), "")),
    "urlenc_plus": applied(*NUMBERS)(lambda _, value: ("q=", quote(value, safe="").replace("%20", "+"), "&x=1")),
    "hex_dump": applied()(lambda _, value: value.encode().hex(" ")),
    "hex_string": applied()(lambda _, value: f"{value}\n".encode().hex()),
    "base64_plain": applied()(lambda _, value: base64.b64encode(value.encode()).decode()),
    "base64url": applied()(lambda _, value: tokens.encoded(f"??>{value}~~".encode())),
    "base64_json": applied()(lambda _, value: base64.b64encode(json.dumps({"customer": {"field": value}}).encode()).decode()),
    "base64_lines": applied("EMAIL", "CREDIT_CARD", "SECRET")(lambda _, value: base64.encodebytes(f"Dear team, this is the value you asked me for yesterday: {value} - best regards".encode()).decode().strip()),
    "base64_twice": applied("EMAIL", "CREDIT_CARD", "SECRET")(lambda _, value: base64.b64encode(_base64(value).encode()).decode()),
    "utf16_base64": applied("EMAIL", "CREDIT_CARD")(lambda _, value: base64.b64encode(f"to {value}".encode("utf-16-le")).decode()),
    "at_words": applied("EMAIL")(lambda random, value: _domain(value, *random.choice(((" AT ", " DOT "), (" at ", " dot "), ("(at)", "(dot)"), ("{at}", "{dot}"), (" <at> ", " <dot> "), ("_at_", "_dot_"), (" (a) ", "."), (" ät ", " punkt "), (" arroba ", " punto "), (" arobase ", " point ")))),),
    "at_only": applied("EMAIL")(lambda random, value: _domain(value, random.choice(("[at]", " (at) ", " @ ", "＠", "﹫", "[@]", "(@)", "\"@\"")), ".")),
    "comma_dot": applied("EMAIL")(lambda _, value: _domain(value, "@", ",")),
    "spaced_dot": applied("EMAIL")(lambda random, value: _domain(value, "@", random.choice((" . ", ". ", "[.]", "(.)", "。", "․")))),
    "spaced_letters": applied("EMAIL", "CREDIT_CARD", "IBAN", "SECRET")(lambda _, value: " ".join(value.replace(" ", ""))),
    "dashed_letters": applied("CREDIT_CARD", "US_SSN", "IBAN")(lambda _, value: "-".join(_compact(value))),
    "mail_wrapped": applied("EMAIL", "SECRET")(lambda _, value: f"{value[: len(value) // 2]}=\n{value[len(value) // 2 :]}"),
    "iban_cyrillic": _replaced((CYRILLIC, GREEK, ARMENIAN), "IBAN"),
    "key_armenian": _replaced((ARMENIAN,), "SECRET", "EMAIL"),
    "o_for_zero": applied("CREDIT_CARD", "US_SSN", "PHONE", "NATIONAL_ID")(lambda random, value: "".join({"0": "O", "1": random.choice("lI|")}.get(c, c) for c in value)),
    "o_grouped": applied("CREDIT_CARD")(lambda _, value: values.grouped(_look_alike(_, value), (4, 4, 4, 4), " ")),
    "iban_lines": applied("IBAN")(lambda _, value: "\n".join(_compact(value)[start : start + 8] for start in range(0, len(_compact(value)), 8))),
    "iban_lower": applied("IBAN")(lambda _, value: _compact(value).lower()),
    "iban_dashes": separated("-", "IBAN"),
    "quoted_lines": applied("CREDIT_CARD", "IBAN")(lambda _, value: f"{_compact(value)[:8]}\n> {_compact(value)[8:]}"),
    "two_messages": applied("CREDIT_CARD", "IBAN")(_two_lines),
    "words": applied("CREDIT_CARD", "US_SSN", "PHONE")(_words),
    "ip_decimal": applied("IP_ADDRESS")(lambda random, value: random.choice((value.replace(".", "[.]"), value.replace(".", "(.)"), value.replace(".", " . "), value.replace(".", " dot "), value.replace(".", "。")))),
    "decomposed": applied("EMAIL")(lambda _, value: "".join(c + "\u0308" if c in "aou" else c for c in value)),
}  # fmt: skip
"""Forms that the development set does not have."""


def records(random: Random, forms: dict[str, Form]) -> list[dict[str, Any]]:
    """Return one record per form and class, each with its form's name."""
    made = []
    for name, form in forms.items():
        for label, carriers in CARRIERS.items():
            disguised = form(random, value_of(random, label), label)
            if disguised:
                made.append(_record(name, label, random.choice(carriers), disguised))
    return made


def _record(name: str, label: str, carrier: str, disguised: tuple[str, str, str]) -> dict[str, Any]:
    before, value, after = disguised
    head, _, tail = carrier.partition("{}")
    start = len(head) + len(before)
    span = {"start": start, "end": start + len(value), "label": label, "sub": name, "value": value}
    return {"text": f"{head}{before}{value}{after}{tail}", "spans": [span], "source": f"invented/{name}", "form": name}
