"""Values of persons by class and country; every function draws from the `Random` that it is given."""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import partial
from importlib import import_module
from random import Random

from . import checksums

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "fi", "tr")
COUNTRIES = {
    "en": ("US", "US", "GB", "CA", "AU", "IE", "IN", "ZA"),
    "de": ("DE", "DE", "AT", "CH"),
    "fr": ("FR", "FR", "BE"),
    "es": ("ES", "ES", "MX"),
    "it": ("IT",),
    "pt": ("PT", "BR"),
    "nl": ("NL", "NL", "BE"),
    "pl": ("PL",),
    "sv": ("SE",),
    "fi": ("FI",),
    "tr": ("TR",),
}
PHONES = {  # `#` any digit, `^` two to nine
    "US": "(212) ^##-####|415-^##-####|617.^##.####|+1 702 ^## ####|+1206^######|1-312-^##-####|(646)^##-####|+1 (718) ^##-####|512^######|303 ^## ####",
    "GB": "079## ######|0785# ### ###|020 7### ####|0161 49# ####|+44 7400 ######|+44 20 7### ####|+44(0)7400 ######|0044 7812 ######|+447400######|(0121) 496 ####",
    "CA": "416-^##-####|(604) ^##-####|+1 514 ^## ####|1 613 ^## ####",
    "AU": "041# ### ###|+61 42# ### ###|(02) 92## ####|+61 3 96## ####|0412######",
    "IE": "085 ### ####|+353 87 ### ####|01 67# ####|087#######",
    "IN": "98### #####|+91 99### #####|+91-98########|+91 88### #####",
    "ZA": "082 ### ####|+27 83 ### ####|072#######|+27 21 42# ####",
    "DE": "0151 2#######|0176/2#######|+49 171 2######|+49 (0)30 2#######|0049 160 9#######|030-2######|(089) 2######|+49151 2#######|0172 2######|0221 / 9######",
    "AT": "0664 2######|+43 664 2######|+43 1 51#####|0660 4######|01 58#####",
    "CH": "079 2## ## ##|+41 79 4## ## ##|044 2## ## ##|+41 (0)76 3## ## ##|0041 78 6## ## ##",
    "FR": "06 1# ## ## ##|+33 6 2# ## ## ##|01 42 ## ## ##|06.1#.##.##.##|+33 (0)6 5# ## ## ##|0033 6 7# ## ## ##|061#######|+3362#######|07-81-##-##-##",
    "BE": "0470 ## ## ##|+32 475 ## ## ##|0485/## ## ##|02 511 ## ##|+32 2 513 ## ##",
    "ES": "6## ### ###|+34 6## ### ###|91 3## ## ##|+34 93 2## ## ##|0034 6########|6########",
    "MX": "55 5### ####|+52 55 5### ####|+52 33 3### ####",
    "IT": "333 ### ####|+39 347 #######|02 4#######|+39 06 6#######|328 #######|+39 349 ### ## ##|3388######",
    "PT": "91# ### ###|+351 93# ### ###|21# ### ###|+351 22# ### ###|96#######",
    "BR": "(11) 9#### - ####|(11) 98###-####|+55 11 97###-####|(21) 99###-####|+55 (31) 98###-####|11 96###-####",
    "NL": "06 2#######|06-4#######|+31 6 5#######|020 62# ####|+31 (0)6 2# ## ## ##|0031 6 3#######|+31 20 53# ## ##|06 12 ## ## ##",
    "PL": "501 ### ###|+48 602 ### ###|22 62# ## ##|+48 22 82# ## ##|60#######|+48 5########|512-###-###|(12) 42# ## ##",
    "SE": "070-2## ## ##|+46 70 3## ## ##|08-65# ## ##|073 6## ## ##|+46 (0)76 2## ## ##|0046 70 5## ## ##",
    "FI": "040 5## ####|+358 40 7## ####|050 3######|09 61# ####|+358 50 4######|044-2######",
    "TR": "0532 2## ## ##|+90 533 3## ## ##|0212 29# ## ##|+90 (542) 6## ## ##|05554######|0 535 4## ## ##",
}
FIRST = {
    "en": "Olivia Harry Grace Liam Priya Noah Chloe Ethan Zara Connor",
    "de": "Jürgen Annika Lukas Greta Matthias Svenja Björn Heike",
    "fr": "Élodie Mathieu Camille Hugo Chloé Benoît Manon Rémi",
    "es": "Lucía Íñigo Marta Álvaro Pilar Nuño Carmen Rubén",
    "it": "Giulia Matteo Chiara Luca Sofia Niccolò Elena Pietro",
    "pt": "Inês João Beatriz Tiago Conceição Gonçalo Leonor Caio",
    "nl": "Sanne Daan Fleur Bram Lotte Joris Maaike Teun",
    "pl": "Zofia Łukasz Agnieszka Paweł Małgorzata Michał Ewa Grzegorz",
    "sv": "Åsa Björn Linnéa Göran Elsa Nils Märta Håkan",
    "fi": "Aino Väinö Päivi Eero Satu Jyrki Kaisa Mikko",
    "tr": "Ayşe Mehmet Zeynep Çağlar Elif Oğuz Şule Emre",
}
LAST = {
    "en": "Whitfield O'Brien Nakamura Patel Hargreaves Delgado McAllister Osei",
    "de": "Schröder Müller Weißmann Krüger Bachmeier Vogt Köhler Dietrich",
    "fr": "Lefèvre Garnier Dubois Saint-Martin Rousseau Girard Bonnet Chevalier",
    "es": "Núñez Ibáñez Carrasco Peña Solís Ortega Vidal Cabrera",
    "it": "Bianchi Ferraro D'Angelo Rinaldi Colombo Greco Marchetti Fontana",
    "pt": "Araújo Magalhães Teixeira Nóbrega Simões Fonseca Queirós Lobo",
    "nl": "de_Vries van_Dijk Bakker Hendriks Visser Kuipers Mulder Smit",
    "pl": "Wójcik Kowalczyk Dąbrowska Zieliński Szymańska Woźniak Kozłowski Lis",
    "sv": "Åkesson Lindström Bergqvist Sjöberg Öberg Nyström Hedlund Ekman",
    "fi": "Mäkinen Korhonen Hämäläinen Lehtonen Järvinen Niemi Koskela Salo",
    "tr": "Yılmaz Özdemir Çelik Şahin Aydın Güneş Korkmaz Doğan",
}
ASCII = str.maketrans("äöüåéèêëáàâãíîïìóòôõúùûñçğışłńśźżąęćŁÅÉÍÖÇŞÁ", "aouaeeeeaaaaiiiioooouuuncgislnszzaecLAEIOCSA")
DOMAINS = [
    "gmail.com",
    "web.de",
    "orange.fr",
    "hotmail.co.uk",
    "outlook.com",
    "proton.me",
    "libero.it",
    "terra.es",
    "uol.com.br",
    "ziggo.nl",
    "wp.pl",
    "telia.se",
    "kolumbus.fi",
    "ttmail.com.tr",
    "mail.acme-industries.example",
    "eu.corp.example.org",
    "nordwind.photography",
    "students.uni.ac.za",
    "kanzlei-vogt.de",
    "post.ch",
    "yahoo.com",
    "icloud.com",
    "fastmail.fm",
    "x.y.z.example.net",
    "museum-of-art.museum",
    "163.com",
]
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}
DATES = {
    "en": "{m:02}/{d:02}/{y}|{d:02}/{m:02}/{y}|{y}-{m:02}-{d:02}|{M} {d}, {y}|{d} {M} {y}|{d} {M:.3} {y}|{m}/{d}/{yy}|{d}{th} of {M} {y}|{d:02}-{M:.3}-{y}",
    "de": "{d:02}.{m:02}.{y}|{d}.{m}.{y}|{d}. {M} {y}|{d:02}.{m:02}.{yy}|{y}-{m:02}-{d:02}",
    "fr": "{d:02}/{m:02}/{y}|{d} {M} {y}|{d:02}-{m:02}-{y}|{d:02}.{m:02}.{y}",
    "es": "{d:02}/{m:02}/{y}|{d} de {M} de {y}|{d:02}-{m:02}-{y}",
    "it": "{d:02}/{m:02}/{y}|{d} {M} {y}|{d:02}.{m:02}.{y}",
    "pt": "{d:02}/{m:02}/{y}|{d} de {M} de {y}|{d:02}-{m:02}-{y}",
    "nl": "{d:02}-{m:02}-{y}|{d} {M} {y}|{d}-{m}-{y}",
    "pl": "{d:02}.{m:02}.{y}|{d} {M} {y}|{y}-{m:02}-{d:02}|{d:02}-{m:02}-{y}",
    "sv": "{y}-{m:02}-{d:02}|{d} {M} {y}|{d}/{m} {y}",
    "fi": "{d}.{m}.{y}|{d}. {M} {y}|{d:02}.{m:02}.{y}",
    "tr": "{d:02}.{m:02}.{y}|{d} {M} {y}|{d:02}/{m:02}/{y}",
}
ISSUERS = (
    ("4###############", "4-4-4-4"),
    ("4###############", "4-4-4-4"),
    ("4############", "4-3-3-3"),
    ("53##############", "4-4-4-4"),
    ("51##############", "4-4-4-4"),
    ("2345############", "4-4-4-4"),
    ("2712############", "4-4-4-4"),
    ("34#############", "4-6-5"),
    ("37#############", "4-6-5"),
    ("6011############", "4-4-4-4"),
    ("65##############", "4-4-4-4"),
    ("647#############", "4-4-4-4"),
    ("36############", "4-6-4"),
    ("305###########", "4-6-4"),
    ("3566############", "4-4-4-4"),
    ("62##############", "4-4-4-4"),
    ("6759############", "4-4-4-4"),
    ("5018############", "4-4-4-4"),
    ("2203############", "4-4-4-4"),
)
NATIONAL: dict[str, tuple[str, tuple[str, ...]]] = {  # module of python-stdnum, masks: `#` digit, `A` letter
    "nhs": ("gb.nhs", ("### ### ####", "##########", "###-###-####")),
    "nino": ("", ("AB ## ## ## C", "CE######A", "JK ## ## ## D", "PW######B", "TZ ######A")),
    "idnr": ("de.idnr", ("###########", "## ### ### ###")),
    "dni": ("es.dni", ("########A", "########-A", "##.###.###-A")),
    "nie": ("es.nie", ("X#######A", "Y-#######-A", "Z#######A")),
    "pesel": ("pl.pesel", ("###########",)),
    "nip": ("pl.nip", ("##########", "###-###-##-##", "###-##-##-###")),
    "regon": ("pl.regon", ("#########",)),
    "cpf": ("br.cpf", ("###.###.###-##", "###########")),
    "aadhaar": ("in_.aadhaar", ("#### #### ####", "############")),
    "pan": ("in_.pan", ("AAAPA####A",)),
    "bsn": ("nl.bsn", ("#########", "####.##.###")),
    "hetu": ("fi.hetu", ("######-###A",)),
    "personnummer": ("se.personnummer", ("######-####", "19######-####")),
    "sin": ("ca.sin", ("### ### ###", "###-###-###")),
    "tfn": ("au.tfn", ("### ### ###", "#########")),
    "zaid": ("za.idnr", ("#############", "###### #### ###")),
    "rrn": ("kr.rrn", ("######-#######",)),
    "thpin": ("th.pin", ("# #### ##### ## #", "#-####-#####-##-#", "#############")),
    "tckimlik": ("tr.tckimlik", ("###########",)),
}
WITH_SIGNS = ("hetu", "personnummer")
"""Kinds whose check needs the sign between birth date and rest."""
PASSPORTS = {
    "US": "#########|A########", "GB": "#########", "CA": "AB######", "AU": "PA#######", "IE": "PA#######", "IN": "K#######",
    "ZA": "A########", "DE": "C01X00T4#|CFGHJ1###", "AT": "U#######", "CH": "X#######", "FR": "##AB#####", "BE": "EA######",
    "ES": "AAA######", "MX": "G########", "IT": "YA#######", "PT": "CA######", "BR": "FX######", "NL": "NX#R#CK##", "PL": "AB#######",
    "SE": "########", "FI": "FP#######", "TR": "U########",
}  # fmt: skip
LICENCES = {
    "US": "A#######|A###-####-####", "GB": "MORGA######SM9IJ", "CA": "A####-#####-#####", "AU": "########", "DE": "B######AE##",
    "FR": "##AA#####", "ES": "########A", "IT": "AA#######A", "PT": "L-#######", "NL": "##########", "PL": "#####/##/####",
    "SE": "######-####", "FI": "######-###A", "TR": "######", "IN": "MH## ###########",
}  # fmt: skip
PLATES = {
    "US": "#AAA###|AAA-####", "GB": "LK## AAA|BD## AAA", "CA": "AAAA-###", "AU": "AAA-##A", "IE": "##1-D-#####", "IN": "MH 12 AB ####",
    "ZA": "CA ###-###", "DE": "B-AA ####|M AA ###|HH-AA ###|KA-AA ##", "AT": "W-#####A", "CH": "ZH ######", "FR": "AA-###-AA",
    "BE": "1-AAA-###", "ES": "#### BCD|#### FGH", "MX": "AAA-##-##", "IT": "AB ### CD|FE###ZK", "PT": "##-AB-##|AA-##-BC", "BR": "ABC1D##",
    "NL": "AB-###-C|##-ABC-#", "PL": "WA #####|KR ###AA", "SE": "ABC ###|JKL##M", "FI": "ABC-###", "TR": "34 ABC ###|06 BC ####",
}  # fmt: skip


def masked(random: Random, mask: str) -> str:
    """Return a mask with its digits drawn; a letter that stands alone in a table's mask is drawn too."""
    drawn = {"#": string.digits, "^": "23456789"}
    return "".join(random.choice(drawn[character]) if character in drawn else character for character in mask)


def lettered(random: Random, mask: str) -> str:
    """Return a mask with its digits and the letters A to D drawn."""
    return "".join(random.choice("ABCDEFGHJKLMPRSTVWXYZ") if c in "ABCD" else c for c in masked(random, mask))


def pick(random: Random, masks: str) -> str:
    """Return one of the masks that a bar separates."""
    return random.choice(masks.split("|"))


def country(random: Random, language: str, table: dict[str, str]) -> str:
    """Return a country of a language that a table knows."""
    known = [code for code in COUNTRIES[language] if code in table]
    return random.choice(known or list(table))


def person(random: Random, language: str) -> str:
    """Return a first and a last name."""
    return f"{random.choice(FIRST[language].split())} {random.choice(LAST[language].split()).replace('_', ' ')}"


def email(random: Random, language: str) -> str:
    """Return an address, some with tags, subdomains, capitals, an apostrophe or letters outside ASCII."""
    first, last = random.choice(FIRST[language].split()), random.choice(LAST[language].split())
    first, last = (name.replace("_", "").lower() for name in (first, last))
    if random.random() < 0.94:
        first, last = (name.translate(ASCII).replace("ß", "ss") for name in (first, last))
    if random.random() < 0.9:
        last = last.replace("'", "")
    number = random.randrange(1, 99)
    local = random.choice(
        (f"{first}.{last}", f"{first}_{last}{number}", f"{first[0]}{last}", f"{last}{number}", f"{first}-{last}",
         f"{first}.{last}+orders", f"{first}{random.randrange(1950, 2008)}", f"{first[0]}.{last}", f"{first.upper()}.{last.upper()}")
    )  # fmt: skip
    return f"{local}@{random.choice(DOMAINS)}"


def phone(random: Random, language: str) -> str:
    """Return a number in one of the country's formats."""
    code = country(random, language, PHONES)
    return masked(random, pick(random, PHONES[code]).replace(" - ", "-"))


def card(random: Random, _language: str = "en") -> str:
    """Return a card number of any issuer, plain or in groups."""
    mask, sizes = random.choice(ISSUERS)
    number = checksums.luhn(masked(random, mask)[:-1])
    return grouped(number, tuple(map(int, sizes.split("-"))), random.choice(("", "", " ", " ", "-", ".")))


def grouped(text: str, sizes: tuple[int, ...], separator: str) -> str:
    """Return a text in groups, what is left in the last."""
    groups, start = [], 0
    for size in sizes[:-1]:
        groups.append(text[start : start + size])
        start += size
    return separator.join([*groups, text[start:]])


def iban(random: Random, _language: str = "en", code: str = "") -> str:
    """Return an IBAN of any country of the registry, national check digits included."""
    from stdnum import iban as registry

    countries = dict(_structures())
    code = code or random.choice(sorted(countries))
    while True:
        number = checksums.iban(code, _account(random, countries[code]))
        if registry.is_valid(number):
            break
    if random.random() < 0.5:
        number = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    return number.lower() if random.random() < 0.04 else number


def _structures() -> list[tuple[str, str]]:
    from stdnum import numdb

    return [(code, found["bban"]) for _, _, code, found, _ in numdb.get("iban").prefixes]


def _account(random: Random, structure: str) -> str:
    drawn = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase, "e": " "}
    parts, length = [], ""
    for character in structure.replace("!", ""):
        if character.isdigit():
            length += character
        else:
            parts.append("".join(random.choice(drawn[character]) for _ in range(int(length))))
            length = ""
    return "".join(parts)


def ssn(random: Random, _language: str = "en") -> str:
    """Return a US social security number, or one in eight times a taxpayer number (ITIN)."""
    if random.random() < 0.12:
        return masked(random, f"9##-{random.choice((*range(70, 89), 90, 91, 92, *range(94, 100)))}-####")
    area = random.choice([number for number in range(1, 900) if number != 666])
    separator = random.choice(("-", "-", "-", " ", ""))
    return f"{area:03}{separator}{random.randrange(1, 100):02}{separator}{random.randrange(1, 10000):04}"


def national(kind: str, random: Random, _language: str = "en") -> str:
    """Return an identifier that the country's own check accepts."""
    module, masks = NATIONAL[kind]
    mask = random.choice(masks)
    if not module:
        return masked(random, mask)
    valid: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    while True:
        number = "".join(random.choice(string.ascii_uppercase) if c == "A" else c for c in masked(random, mask))
        if valid(number if kind in WITH_SIGNS else "".join(filter(str.isalnum, number))):
            return number


def codice_fiscale(random: Random, _language: str = "it") -> str:
    """Return an Italian tax code with its check letter."""
    calculate: Callable[[str], str] = import_module("stdnum.it.codicefiscale").calc_check_digit
    letters = "".join(random.choice("BCDFGLMNPRSTVZ") for _ in range(6))
    day = random.randrange(1, 29) + random.choice((0, 40))
    number = f"{letters}{random.randrange(40, 100)}{random.choice('ABCDEHLMPRST')}{day:02}{random.choice('ABFHL')}{random.randrange(100, 999)}"
    return number + calculate(number)


def routing(random: Random, _language: str = "en") -> str:
    """Return an ABA routing number."""
    calculate: Callable[[str], str] = import_module("stdnum.us.rtn").calc_check_digit
    number = masked(random, random.choice(("021#####", "011#####", "121#####", "0310####", "2710####")))
    return number + calculate(number)


def table_value(table: dict[str, str], random: Random, language: str) -> str:
    """Return a value by the mask of one of the language's countries."""
    return lettered(random, pick(random, table[country(random, language, table)]))


def birth_date(random: Random, language: str) -> str:
    """Return a date in one of the language's notations."""
    day, month, year = random.randrange(1, 29), random.randrange(1, 13), random.randrange(1938, 2007)
    return date(random, language, day, month, year)


def date(random: Random, language: str, day: int, month: int, year: int) -> str:
    """Return a given day in one of the language's notations."""
    name = MONTHS[language].split()[month - 1]
    th = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    return pick(random, DATES[language]).format(d=day, m=month, y=year, yy=f"{year % 100:02}", M=name, th=th)


def ip(random: Random, _language: str = "en") -> str:
    """Return an address of either version; the newer whole, shortened, or with the older inside."""
    four = ".".join(str(random.randrange(1, 255)) for _ in range(4))
    groups = [f"{random.randrange(1, 65536):x}" for _ in range(6)]
    return random.choice(
        (four, four, f"2001:db8:{':'.join(groups)}", f"2a02:{groups[0]}::{groups[1]}", f"fe80::{':'.join(groups[:4])}",
         f"::ffff:{four}", f"2001:0DB8:{groups[0].upper()}::{groups[1].upper()}:{groups[2].upper()}")
    )  # fmt: skip


def mac(random: Random, _language: str = "en") -> str:
    """Return a hardware address in one of three notations."""
    octets = [f"{random.randrange(256):02x}" for _ in range(6)]
    if random.random() < 0.34:
        return ".".join("".join(octets[start : start + 2]) for start in (0, 2, 4))
    text = random.choice(":-").join(octets)
    return text.upper() if random.random() < 0.5 else text


def vin(random: Random, _language: str = "en") -> str:
    """Return a vehicle identification number, American with its check digit or European without."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    body = "".join(random.choice(letters) for _ in range(5))
    if random.random() < 0.6:
        head = random.choice(("1HGCM", "2T1BU", "5YJSA", "1FTFW", "3VWFE")) + body[:3]
        return checksums.vin(f"{head}0{body[3]}{random.choice('ABCDEFGH')}{masked(random, '######')}")
    head = random.choice(("WVWZZZ1KZ", "WBAZZZ3C5", "VF1ZZZ4A2", "TMBZZZNE7", "YV1ZZZ7B8"))
    return f"{head}{body[0]}{random.choice('ABCDEFGH')}{masked(random, '######')}"


Maker = Callable[[Random, str], str]


def account(random: Random, _language: str = "en") -> str:
    """Return a company's own id of a customer."""
    return masked(
        random, random.choice(("AC-#######", "K-######", "CUST-########", "########", "C#########", "MEM-####-####"))
    )


VALUES: dict[str, tuple[str, Maker]] = {
    "person": ("PERSON", person),
    "email": ("EMAIL", email),
    "phone": ("PHONE", phone),
    "card": ("CREDIT_CARD", card),
    "iban": ("IBAN", iban),
    "ssn": ("US_SSN", ssn),
    "ip": ("IP_ADDRESS", ip),
    "mac": ("MAC_ADDRESS", mac),
    "cf": ("NATIONAL_ID", codice_fiscale),
    "routing": ("BANK_ACCOUNT", routing),
    "bankno": (
        "BANK_ACCOUNT",
        lambda random, _: masked(random, random.choice(("0#########", "########", "############"))),
    ),
    "sortcode": ("BANK_ACCOUNT", lambda random, _: masked(random, "20-##-## ########")),
    "passport": ("PASSPORT", partial(table_value, PASSPORTS)),
    "licence": ("DRIVER_LICENSE", partial(table_value, LICENCES)),
    "plate": ("VEHICLE_PLATE", partial(table_value, PLATES)),
    "vin": ("VIN", vin),
    "dob": ("DATE_OF_BIRTH", birth_date),
    "cvv": ("CVV", lambda random, _: masked(random, random.choice(("###", "###", "###", "####")))),
    "account": ("ACCOUNT_ID", account),
    **{kind: ("NATIONAL_ID", partial(national, kind)) for kind in NATIONAL},
}
"""Slot of a template: class, and the function that draws a value of it for a language."""
