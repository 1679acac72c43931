"""The catalogue of identifiers, held against published examples, formulas written here, and hostile text."""

from __future__ import annotations

import gzip
import json
import random
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction.identifier_words import LONGEST_PHRASE, WORDS
from convqa_sdk.redaction.identifiers import Identifier, identifiers_of_length, kinds, labels_named_by, missing
from convqa_sdk.redaction.shape_lengths import lengths

DATA = Path("/work/shared/data/redaction")
CLASSES = {
    "US_SSN", "NATIONAL_ID", "PASSPORT", "DRIVER_LICENSE", "VEHICLE_PLATE", "VIN", "BANK_ACCOUNT", "ACCOUNT_ID", "CVV",
}  # fmt: skip

# Specimens and worked examples that authorities, registries and encyclopaedias print.
PUBLISHED = [
    ("gb_nhs", "943 476 5919"),  # NHS Data Dictionary
    ("gb_nino", "AB 12 34 56 C"),  # HMRC
    ("ie_pps", "1234567T"),  # Wikipedia, Personal Public Service Number
    ("de_idnr", "86 095 742 719"),  # Bundeszentralamt für Steuern
    ("de_rvnr", "65 170839 J 003"),  # Wikipedia, Versicherungsnummer
    ("de_lanr", "123456601"),  # Kassenärztliche Bundesvereinigung, worked example
    ("de_kvnr", "A123456780"),  # GKV, worked example
    ("de_id_card", "L01X00T471"),  # specimen of the Bundesdruckerei
    ("ch_ahv", "756.9217.0769.85"),  # Bundesamt für Sozialversicherungen
    ("fr_nir", "2 55 08 14 168 025 38"),  # Wikipedia, NIR
    ("be_nn", "85.07.30-033.28"),  # Wikipedia, Rijksregisternummer
    ("nl_bsn", "111222333"),  # test number of the Rijksoverheid
    ("es_dni", "12345678Z"),  # Ministerio del Interior
    ("es_nss", "28 12345678 40"),  # Seguridad Social, worked example
    ("es_nie", "X1234567L"),  # Ministerio del Interior
    ("it_cf", "RSSMRA85T10A562S"),  # Agenzia delle Entrate, Mario Rossi
    ("fi_hetu_with_dash", "131052-308T"),  # Digi- ja väestötietovirasto
    ("se_personnummer", "811218-9876"),  # Skatteverket
    ("se_orgnr", "556703-7485"),  # Spotify AB
    ("is_kennitala", "120174-3399"),  # Wikipedia, Kennitala
    ("ee_isikukood", "37605030299"),  # Wikipedia, Isikukood
    ("pl_pesel", "44051401359"),  # Wikipedia, PESEL
    ("pl_nip", "123-456-32-18"),  # Wikipedia, NIP
    ("pl_id_card", "ABA 300000"),  # Wikipedia, Dowód osobisty
    ("pl_nrb", "61 1090 1014 0000 0712 1981 2874"),  # IBAN registry
    ("hr_oib", "69435151530"),  # Wikipedia, OIB
    ("br_cpf", "111.444.777-35"),  # Receita Federal, worked example
    ("br_cnpj", "11.222.333/0001-81"),  # Receita Federal, worked example
    ("cl_rut", "12.345.678-5"),  # Wikipedia, RUT
    ("us_npi", "1234567893"),  # CMS, worked example
    ("us_mbi", "1EG4-TE5-MK73"),  # CMS
    ("ca_sin", "130 692 544"),  # satisfies Luhn; the published 046 454 286 is one that nobody is given
    ("in_aadhaar", "2341 2341 2346"),  # worked example of Verhoeff's scheme
    ("in_pan", "AFZPK7190K"),  # Wikipedia, PAN
    ("jp_individual", "1234 5678 9018"),  # the example of the Ministry's ordinance
    ("hu_taj", "111 111 110"),  # Nemzeti Egészségbiztosítási Alapkezelő, specimen
    ("cn_id", "11010519491231002X"),  # GB 11643-1999
    ("hk_id", "A123456(3)"),  # Immigration Department
    ("tw_id", "A123456789"),  # Wikipedia, National identification card
    ("sg_nric", "S1234567D"),  # Wikipedia, NRIC
    ("th_tnin", "1-1014-00011-11-3"),
    ("tr_tckn", "10000000146"),  # the first number given out
    ("au_tfn", "123 456 782"),  # Wikipedia, TFN
    ("au_abn", "51 824 753 556"),  # Australian Taxation Office
    ("au_acn", "000 000 019"),  # ASIC
    ("za_id", "800101 5009 087"),  # Wikipedia, South African identity card
    ("ru_snils", "112-233-445 95"),  # Wikipedia, SNILS
    ("us_routing", "1110-0002-5"),  # Bank of America, Texas
    ("mx_clabe", "032180000118359719"),  # Wikipedia, CLABE
    ("vin", "1M8GDM9AXKP042788"),  # Wikipedia, VIN
    ("gb_driving_licence", "MORGA753116SM9IJ"),  # DVLA specimen
    ("kr_driving_licence", "11-22-123456-12"),
    ("gb_plate", "BD51 SMR"),  # DVLA leaflet INF104
    ("de_plate", "B-MW 1234"),
    ("tr_plate", "34 ABC 1234"),
    ("in_plate", "MH-12-AB-1234"),
    ("fr_it_plate", "AA-229-AA"),
    ("de_passport_with_check_digit", "C01X00T478"),  # specimen of the Bundesdruckerei
]  # fmt: skip


def kind(name: str) -> Identifier:
    """Return the kind of this name."""
    return next(found for found in kinds() if found.name == name)


def compact(written: str) -> str:
    """Return the letters and digits of a value, upper-cased."""
    return re.sub("[^A-Z0-9]", "", written.upper())


@pytest.mark.parametrize(("name", "written"), PUBLISHED)
def test_published_examples_match_their_kind(name: str, written: str) -> None:
    """A published example matches its kind, and is found by its length."""
    value = compact(written)
    assert kind(name).matches(value)
    assert kind(name) in identifiers_of_length(len(value))


@pytest.mark.parametrize(("name", "written"), PUBLISHED)
def test_published_examples_stand_alone_as_a_message(name: str, written: str) -> None:
    """Where a kind is accepted without a word, its customary way of writing suffices for the whole message."""
    found = kind(name)
    assert found.stands_alone(written, compact(written), whole=True) or found.alone in ("never", "written")


@pytest.mark.parametrize(("name", "written"), [row for row in PUBLISHED if kind(row[0]).check == "strong"])
def test_another_last_character_breaks_a_strong_check(name: str, written: str) -> None:
    """Of all last characters, a strong check that verifies one takes at most two."""
    value, found = compact(written), kind(name)
    if found.valid is None:
        pytest.skip("the shape alone is the proof")
    fitting = [last for last in string.digits + string.ascii_uppercase if found.matches(value[:-1] + last)]
    assert value[-1] in fitting
    assert len(fitting) <= 2 or name in {"gb_nino", "gb_driving_licence", "vin"}


@given(st.text(max_size=30) | st.text(string.ascii_uppercase + string.digits, max_size=30))
def test_no_text_makes_a_kind_raise(value: str) -> None:
    """Checks, shapes and layouts answer for any text."""
    for found in kinds():
        assert found.matches(value) in (True, False)
        assert found.stands_alone(value, value, whole=True) in (True, False)
        assert found.valid is None or found.valid(value) in (True, False)


def test_kinds_are_well_formed() -> None:
    """Names are unique, labels are classes, words are lower-case, and a kind accepted in its layout has one."""
    found = kinds()
    assert len({one.name for one in found}) == len(found) > 200
    for one in found:
        assert one.label in CLASSES, one.name
        assert one.alone != "written" or one.layout, one.name
        assert one.check != "weak" or one.alone != "always", one.name
        assert one.words, one.name
        for word in one.words:
            assert word == word.lower().strip(), (one.name, word)
            assert len(word.split(" ")) <= LONGEST_PHRASE


def test_expressions_stay_in_the_subset_of_re2() -> None:
    """Shapes and layouts use neither lookaround nor the classes on which the engines differ."""
    re2 = pytest.importorskip("re2")
    for one in kinds():
        for expression in filter(None, (one.shape, one.layout)):
            re2.compile(expression)
            assert not re.search(r"\\[dwsbB]|\(\?[=!<]|\$|\^", expression), one.name


@pytest.mark.parametrize("shape", sorted({one.shape for one in kinds()}))
def test_lengths_of_a_shape_are_those_of_its_matches(shape: str) -> None:
    """The index by length agrees with the width that the standard library's parser gives."""
    parser: Any = (
        __import__("re._parser", fromlist=["parse"]) if sys.version_info >= (3, 11) else __import__("sre_parse")
    )
    least, most = parser.parse(shape).getwidth()
    assert (min(lengths(shape)), max(lengths(shape))) == (least, most)


@pytest.mark.parametrize("shape", ["(?:A", "A)", "(?:[0-9]{2}|(?:A)"])
def test_a_shape_with_an_unbalanced_group_is_refused(shape: str) -> None:
    """The error quotes the shape."""
    with pytest.raises(ValueError, match="shape"):
        lengths(shape)


@pytest.mark.parametrize(
    "value",
    ["ORD-21742180", "BA2490", "LH400", "2024-05-12", "12.05.2024", "1,299.00", "771234567890", "1Z999AA10123456784",
     "RR123456785PL", "INV-2024-00123", "SKU-12345-AB", "A4", "iPhone15", "GB2024", "v2.14.3", "10:30", "24/7", "4242",
     "AB-123-CD", "123 456 789", "9400110200881234567890", "TBA123456789012", "B07XJ8C8F5", "2024", "B2B", "0800"],
)  # fmt: skip
def test_references_are_not_accepted_within_a_text(value: str) -> None:
    """Order, tracking and flight numbers, dates, amounts and product codes stand alone as nothing."""
    written, bare = value.upper(), compact(value)
    accepted = [
        found.name
        for found in identifiers_of_length(len(bare))
        if found.stands_alone(written, bare, whole=False) and found.matches(bare)
    ]
    assert accepted == []


def test_random_numbers_are_rarely_accepted_within_a_text() -> None:
    """Of random digits of any length without separators, fewer than one in two hundred stand alone."""
    dice = random.Random(4)
    for length in range(6, 21):
        hits = 0
        for _ in range(1000):
            value = "".join(dice.choices(string.digits, k=length))
            hits += any(
                found.stands_alone(value, value, whole=False) and found.matches(value)
                for found in identifiers_of_length(length)
            )
        assert hits < 5, length


@pytest.mark.parametrize("value", ["000000000", "111111111", "123456789", "1234567890", "11111111111"])
def test_placeholders_are_no_checked_identifiers(value: str) -> None:
    """Counting up and one digit repeated match no kind that has a check, though some check digits fit."""
    assert [
        found.name for found in identifiers_of_length(len(value)) if found.check != "none" and found.matches(value)
    ] == []


@pytest.mark.parametrize(
    ("word", "label"),
    [("ssn", "US_SSN"), ("pesel", "NATIONAL_ID"), ("führerschein", "DRIVER_LICENSE"),
     ("fuehrerschein", "DRIVER_LICENSE"),
     ("fuhrerschein", "DRIVER_LICENSE"), ("matrícula", "VEHICLE_PLATE"), ("matricula", "VEHICLE_PLATE"),
     ("kennzeichen", "VEHICLE_PLATE"), ("reisepass", "PASSPORT"), ("paszport", "PASSPORT"), ("여권번호", "PASSPORT"),
     ("kundennummer", "ACCOUNT_ID"), ("numéro client", "ACCOUNT_ID"), ("numero client", "ACCOUNT_ID"),
     ("née", "DATE_OF_BIRTH"),
     ("fødselsdato", "DATE_OF_BIRTH"), ("cryptogramme", "CVV"), ("routing", "BANK_ACCOUNT"),
     ("sort code", "BANK_ACCOUNT"),
     ("fahrgestellnummer", "VIN"), ("burgerservicenummer", "NATIONAL_ID"), ("dowod osobisty", "NATIONAL_ID")],
)  # fmt: skip
def test_words_name_their_class(word: str, label: str) -> None:
    """Words of many languages, with accents or without, name the class of the value beside them."""
    assert label in labels_named_by(word)


@pytest.mark.parametrize(
    "word", ["", "the", "order", "number", "pas", "und", "tracking", "invoice", "amount", "flight", "code"]
)
def test_everyday_words_name_nothing(word: str) -> None:
    """Words of everyday support chats do not turn the next number into an identifier."""
    assert labels_named_by(word) == frozenset()


def test_words_of_a_class_belong_to_its_kinds() -> None:
    """A word that names a class also names each of its kinds."""
    for one in kinds():
        assert WORDS.get(one.label, frozenset()) <= one.words


@pytest.mark.parametrize("length", [-1, 0, 1, 2, 31, 10**9])
def test_lengths_that_no_identifier_has_give_nothing(length: int) -> None:
    """Any count is answered."""
    assert identifiers_of_length(length) == ()


def test_the_strongest_proof_comes_first() -> None:
    """Where several kinds match, the first is the one that its check proves best."""
    order = ("strong", "weak", "none")
    for length in range(31):
        proofs = [order.index(found.check) for found in identifiers_of_length(length)]
        assert proofs == sorted(proofs)


def test_with_the_library_every_check_is_verified() -> None:
    """With python-stdnum nothing is missing."""
    pytest.importorskip("stdnum")
    assert missing() == ()


def test_without_the_library_its_kinds_need_their_word() -> None:
    """On a bare install, kinds that need python-stdnum are named, unverified, and never accepted without a word."""
    script = """
import sys
sys.modules["stdnum"] = None
from convqa_sdk.redaction.identifiers import identifiers_of_length, kinds, missing
by_name = {found.name: found for found in kinds()}
assert "pl_pesel" in missing() and "us_routing" not in missing(), missing()
for name in missing():
    found = by_name[name]
    assert (found.valid, found.check, found.alone) == (None, "none", "never"), found
assert by_name["pl_pesel"].matches("44051401358")
assert by_name["us_routing"].matches("111000025") and not by_name["us_routing"].matches("111000026")
assert not any(name.partition(".")[0] == "stdnum" for name in sys.modules if sys.modules[name])
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_tables_load_on_first_use() -> None:
    """Importing the lookup loads neither a table nor python-stdnum."""
    script = """
import sys
import convqa_sdk.redaction.identifiers as identifiers
assert not [name for name in sys.modules if "identifiers_" in name or name.startswith("stdnum")]
identifiers.identifiers_of_length(11)
assert "convqa_sdk.redaction.identifiers_british" in sys.modules
assert not [name for name in sys.modules if name.startswith("stdnum.")]
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def _gold(name: str) -> Iterator[tuple[str, str]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"shared test data are absent: {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            for span in record["spans"]:
                yield span["sub"], record["text"][span["start"] : span["end"]]


@pytest.mark.parametrize(
    ("sub", "name"),
    [("PL_PESEL", "pl_pesel"), ("PL_NIP", "pl_nip"), ("PL_REGON", "pl_regon"), ("PL_DOWOD", "pl_id_card")],
)
def test_polish_documents_hold_identifiers_of_their_kind(sub: str, name: str) -> None:
    """Nearly all undamaged values of pl-pii-bench match the kind that its annotators gave them."""
    values = [compact(value) for found, value in _gold("pl_pii_bench.jsonl.gz") if found == sub]
    whole = [value for value in values if kind(name).shape_pattern.fullmatch(value)]
    assert len(whole) > 0.5 * len(values)
    assert sum(map(kind(name).matches, whole)) > 0.9 * len(whole)
