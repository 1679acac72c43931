"""The words around a value: what the customer says it is.

Markers that an earlier redaction left are skipped, because `[PHONE]` would otherwise turn the next number into a phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from convqa_sdk.redaction.identifier_words import LONGEST_PHRASE
from convqa_sdk.redaction.views import readable

REACH: Final = 64
"""How many characters in front of a value are read."""
REACH_BEHIND: Final = 40
"""How many characters behind it; fewer where a sentence, a line or another number begins."""

SOMETHING_ELSE: Final = frozenset({"OTHER"})
"""What words such as `order` or `invoice` name: numbers that are nobody's."""


def vocabulary(words: str) -> frozenset[str]:
    """Return the words of a text, for tables that stay readable in the source."""
    return frozenset(words.split())


_WORD = re.compile("[^\\W\\d_]+")
_IDEOGRAPHS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MARKERS = re.compile(r"(?:^[A-Z_:a-z0-9]*|\[[A-Z][A-Z_]*(?::[a-z0-9]+:[a-z]+)?)\]")
_SHORTEST_STEM = 5
_SHORTEST_NAME = 3
_INNER = re.compile("[a-z][A-Z]")
_CAMEL = re.compile("[^\\W\\d_][^\\W\\d_A-Z]*|[A-Z]+(?![a-z])")
_IN_ADDRESS = ("@", "+")
_CLAUSE_ENDS = re.compile("[0-9?!;]|[^\\W\\d_]{4,}[.] |, |\n\n")
_ACRONYMS = vocabulary(
    "nie sin pan nas team chi kt ic in ne nata nato ur signal roden seria serie partita tin fin nit cc cin ein ide mst gst cra "
    "vin pis sars nis est ci no bn edb abn cav cid nib rib aba mob ph"
)
"""Short names that are words as well, in some language: they count where they are written in capitals."""
_CODE_END = re.compile("[A-Za-z0-9]+(?:[ ./-]?[A-Za-z]{0,4}[0-9][A-Za-z0-9]*)*")
_ENDS = re.compile(r"[0-9.,;!?\n\r\[\]{}|]")


def joined(character: str) -> bool:
    """Tell whether a character belongs to the word beside it; scripts that set no blanks do not join.

    Args:
        character: One character; empty at the border of the text.
    """
    return character.isalnum() and not "\u2e80" <= character <= "\ud7ff" and not "\u0e00" <= character <= "\u0eff"


PHONE_WORDS: Final = vocabulary(
    "phone phones kontakt contact contacto contato telephone tel tele mobile mobil mob cell cellphone call called calling callback ring dial text sms "
    "whatsapp signal telegram msisdn fax reach ph hotline landline handy telefon telefonu telefonnummer rufnummer "
    "anrufen telefono teléfono móvil movil celular llamar llamarme llámame téléphone telephone appeler appelez rappeler "
    "rappelez portable cellulare chiamare chiamarmi telefoon telefoonnummer bellen mobiel komórka komórkowy telefoniczny "
    "zadzwoń zadzwonić dzwonić telefone telemóvel ligar handynummer mobilnummer mobiltelefon telefonisch erreichbar "
    "erreichen joindre joignable puhelin puhelinnumero soita soittaa matkapuhelin mobilen ringa answering cep "
    "rückruf rückrufnummer zurückrufen rappel llamada llámeme llamadme ligação telefonar richiamare richiamatemi terugbellen "
    "oddzwonić oddzwonienie uppringning takaisinsoitto telefonum handynummer tlf mobiltelefonnummer gsm numéro_portable "
    "arayın arayabilirsiniz тел телефон телефона телефону моб мобильный звоните τηλέφωνο κινητό telefonszám phonenumber"
)
"""Words that name a phone number."""
PLACE_WORDS: Final = vocabulary("office home work private büro privat bureau domicile casa oficina praca dom")
"""Words that stand behind a phone number in a signature."""
NUMBER_WORDS: Final = vocabulary("number num no nr nummer numer numéro numero número numru numeri numaram numara szám")
"""Words that name a number without saying of what."""
_CARD_WORDS = vocabulary(
    "card cards credit debit cc visa mastercard amex discover maestro karta karty karte kreditkarte kartennummer carte "
    "tarjeta cartão cartao carta creditcard kaart kort kortti luottokortti kredi kartım karcie kartę pan"
)
_OTHER_WORDS = vocabulary(
    "order orders ordering reference ref tracking track ticket invoice confirmation booking reservation case policy zip "
    "zipcode postcode plz amount balance total flight sku item product model version charge imei claim code error "
    "zamówienie zamówienia commande pedido bestellung bestellnummer auftrag auftragsnummer rechnung rechnungsnummer "
    "sendungsnummer sendung swift bic meter transaction transaktion receipt parcel package shipment delivery serial "
    "seriennummer isbn ean gtin upc article artikel artikelnummer build release commit section chapter page room "
    "facture suivi référence colis factura envío envio seguimiento referencia ordine fattura spedizione tracciamento "
    "bestelling factuur zending pakket encomenda fatura rastreamento faktura faktury paczka przesyłka przesyłki "
    "tilaus tilausnumero lasku seuranta sipariş siparişim fatura kargo beställning ordernummer fakturanummer "
    "voucher coupon gift promo promotional discount loyalty points quantity qty price usd eur gbp pln year years días "
    "minutes hours days weeks months percent kb request protocol regulation article paragraph paragraf status port"
)
_PEOPLE = vocabulary(
    "customer client cliente kunde klient klienta klant asiakas member loyalty policy polisa polisy poliza polizza apolice"
)
"""What transcripts and letters call people and contracts, with no number behind."""
_WALLET_WORDS = vocabulary(
    "wallet bitcoin btc eth ethereum sol solana crypto usdt usdc xmr monero tron trx ltc litecoin"
)

_PHRASES: Final = {
    "credit note": "OTHER", "debit note": "OTHER", "order id": "OTHER", "order number": "OTHER", "order no": "OTHER",
    "serial number": "OTHER", "model number": "OTHER", "tracking number": "OTHER", "reference number": "OTHER",
    "gift card": "OTHER", "loyalty card": "OTHER", "sim card": "OTHER", "zip code": "OTHER", "postal code": "OTHER",
    "error code": "OTHER", "promo code": "OTHER", "discount code": "OTHER", "transaction id": "OTHER",
    "card number": "CREDIT_CARD", "credit card": "CREDIT_CARD", "debit card": "CREDIT_CARD", "phone number": "PHONE",
    "mobile number": "PHONE", "messages to": "PHONE", "message to": "PHONE", "texts to": "PHONE", "reach me": "PHONE",
    "call back": "PHONE", "dzwonić pod": "PHONE", "geri arama": "PHONE", "unter der nummer": "PHONE", "cell number": "PHONE", "contact number": "PHONE", "contact me": "PHONE",
    "mobile phone": "PHONE", "call about": "OTHER", "calling about": "OTHER", "call regarding": "OTHER",
    "cell phone": "PHONE", "text me": "PHONE", "policy number": "OTHER", "claim number": "OTHER", "case number": "OTHER",
    "faktura vat": "OTHER", "vat invoice": "OTHER", "request id": "OTHER", "session id": "OTHER", "user agent": "OTHER",
    "ticket number": "OTHER", "invoice number": "OTHER", "booking reference": "OTHER", "flight number": "OTHER",
}  # fmt: skip


_Word = tuple[int, str]


def words_before(text: str, start: int) -> list[str]:
    """Return the lower-cased words that precede an offset, the nearest first.

    `dateOfBirth` counts as three; short acronyms that are words too keep their capitals.

    Args:
        text: The whole text.
        start: Offset of the value.

    Returns:
        The words within `REACH` characters; a word cut by that limit is left out.
    """
    return [word for _, word in _placed_words(text, max(0, start - REACH), start)]


def _placed_words(text: str, low: int, high: int) -> list[_Word]:
    """Return the words between two offsets with their own, the last first; one cut at the begin is left out."""
    part = text[low:high]
    if "]" in part:
        part = _MARKERS.sub(_blanks, part)
    found: list[_Word] = []
    for match in _WORD.finditer(part):
        word = match.group()
        place = low + match.start()
        if place == low and low and text[low - 1].isalpha():
            continue
        if text[place - 1 : place] in _IN_ADDRESS or text[place + len(word) : place + len(word) + 1] == "@":
            continue
        if word.islower():
            found.append((place, word))
        else:
            found += [(place, each) for each in _lowered(word)]
    found.reverse()
    return found


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _lowered(word: str) -> list[str]:
    """Return a word with capitals in lower case, `dateOfBirth` as three; acronyms that are words too stay."""
    if word.isupper():
        lowered = word.lower()
        return [word if lowered in _ACRONYMS else lowered]
    return [part.lower() for part in _CAMEL.findall(word)] if _INNER.search(word) else [word.lower()]


def classes_before(text: str, start: int) -> frozenset[str]:
    """Return the classes that the nearest telling word before an offset names; empty when no word tells anything.

    `{"OTHER"}` is named by words such as `order`.
    """
    return _classes_of(words_before(text, start), text, start)


def _classes_of(words: list[str], text: str, start: int) -> frozenset[str]:
    for position, word in enumerate(words):
        classes, ends_phrase = _role(word)
        if ends_phrase:
            phrases = _names().classes
            for count in range(min(LONGEST_PHRASE, len(words) - position), 1, -1):
                found = phrases.get(" ".join(words[position : position + count][::-1]))
                if found is not None:
                    return found
        if classes:
            return classes
    return _ideographs(text[max(0, start - REACH) : start])


def classes_behind(text: str, end: int) -> frozenset[str]:
    """Return the classes that the first telling words behind a value name, up to the end of the sentence."""
    limit = min(len(text), end + REACH_BEHIND)
    stop = _ENDS.search(text, end, limit)
    behind = text[end : stop.start() if stop is not None else limit]
    words = [word for _, word in _placed_words(behind, 0, len(behind))][::-1]
    if stop is None and limit < len(text) and words and text[limit].isalpha():
        words.pop()
    table = _names()
    for position, word in enumerate(words):
        for count in range(min(LONGEST_PHRASE, len(words) - position), 1, -1):
            if words[position + count - 1] in table.last:
                found = table.classes.get(" ".join(words[position : position + count]))
                if found is not None:
                    return found
        found = _role(word)[0]
        if found:
            return found
    return _ideographs(behind)


def classes_close(text: str, start: int) -> frozenset[str]:
    """Return the classes that words of the same clause name, with no other number between; words behind count too."""
    head = text[max(0, start - REACH) : start]
    stop = 0
    for end in _CLAUSE_ENDS.finditer(head):
        stop = end.end()
    close = classes_before(head[stop:], len(head) - stop)
    if close:
        return close
    end = _CODE_END.match(text, start, start + REACH)
    return classes_behind(text, end.end() if end is not None else start)


def is_telling(prefix: str) -> bool:
    """Tell whether letters in front of a code, with what joins them to it, are a word that names something."""
    word = prefix.rstrip(" -/_.#").lower()
    if prefix.endswith("-") and len(word) < _SHORTEST_NAME:
        return False
    return word in _names().last or word in NUMBER_WORDS


def _ideographs(around: str) -> frozenset[str]:
    """Return the classes that are named in scripts that set no blanks between words."""
    if around.isascii() or not _IDEOGRAPHS.search(around):
        return frozenset()
    ends = {around.rfind(word): classes for word, classes in _names().unspaced.items()}
    nearest = max(ends, default=-1)
    return ends[nearest] if nearest >= 0 else frozenset()


class Surroundings:
    """The words before the values of one text; values are near each other, so each word is read about once."""

    __slots__ = ("_classes", "_read", "_read_to", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._classes: dict[int, frozenset[str]] = {}
        self._read: list[_Word] = []
        self._read_to = 0

    def words(self, start: int) -> list[str]:
        """Return the words before an offset, the nearest first."""
        floor = max(0, start - REACH)
        if self._read_to > start:
            self._read, self._read_to = [], 0
        fresh = _placed_words(self._text, max(floor, self._read_to), start)
        if self._read_to >= floor:
            fresh += [placed for placed in self._read if placed[0] >= floor]
        self._read, self._read_to = fresh, start
        return [word for _, word in fresh]

    def classes(self, start: int) -> frozenset[str]:
        """Return the classes that the nearest telling word before an offset names."""
        classes = self._classes.get(start)
        if classes is None:
            classes = self._classes[start] = _classes_of(self.words(start), self._text, start)
        return classes

    def kinds(self, start: int) -> frozenset[str]:
        """Return the kinds of identifier that words before an offset name themselves."""
        from convqa_sdk.redaction.kinds_by_form import kinds_named

        return kinds_named(self.words(start))


@lru_cache(maxsize=2_048)
def _role(word: str) -> tuple[frozenset[str], bool]:
    """Return the classes that a word names, and whether phrases end with it."""
    return _named_by(word), word in _names().ends


def _named_by(word: str) -> frozenset[str]:
    """Return the classes that a word names, or the known word that it begins with: inflections and compounds."""
    classes = _names().classes
    found = classes.get(word)
    if found is not None:
        return found
    for length in range(len(word) - 1, _SHORTEST_STEM - 1, -1):
        found = classes.get(word[:length])
        if found is not None:
            return found
    return frozenset()


class _Names(NamedTuple):
    """What words name: classes by word or phrase, the last words of all, those of phrases, and words without blanks."""

    classes: Mapping[str, frozenset[str]]
    last: frozenset[str]
    ends: frozenset[str]
    unspaced: Mapping[str, frozenset[str]]


@cache
def _names() -> _Names:
    from convqa_sdk.redaction.identifiers import names

    classes: dict[str, frozenset[str]] = {}
    for label, words in (
        ("OTHER", _OTHER_WORDS),
        ("BANK_ACCOUNT", {"iban"}),
        ("CREDIT_CARD", _CARD_WORDS),
        ("PHONE", PHONE_WORDS),
    ):
        classes |= {word: classes.get(word, frozenset()) | {label} for word in words}
    for name, labels in names().items():
        phrase = " ".join(_WORD.findall(readable(name).text.lower()))
        if phrase in _PEOPLE or phrase == "my number":
            continue
        if phrase in _ACRONYMS:
            phrase = phrase.upper()
        classes[phrase] = labels | (classes.get(phrase, frozenset()) - SOMETHING_ELSE)
    classes |= {phrase: frozenset({label}) for phrase, label in _PHRASES.items()}
    classes |= {word: frozenset({"CRYPTO_WALLET"}) for word in _WALLET_WORDS}
    classes.pop("", None)
    classes.pop("id", None)
    return _Names(
        classes=classes,
        last=frozenset(phrase.rpartition(" ")[2] for phrase in classes),
        ends=frozenset(phrase.rpartition(" ")[2] for phrase in classes if " " in phrase),
        unspaced={phrase: labels for phrase, labels in classes.items() if _IDEOGRAPHS.search(phrase)},
    )
