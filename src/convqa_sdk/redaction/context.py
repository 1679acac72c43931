"""The words around a value: what the customer says it is.

Markers that an earlier redaction left are skipped, because `[PHONE]` would otherwise turn the next number into a phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from convqa_sdk.redaction.identifier_words import LONGEST_PHRASE
from convqa_sdk.redaction.views import readable

REACH: Final = 64
"""How many characters in front of a value are read."""
REACH_BEHIND: Final = 40
"""How many characters behind it; fewer where a sentence, a line or another number begins."""

SOMETHING_ELSE: Final = frozenset({"OTHER"})
"""What words such as `order` or `invoice` name: numbers that are nobody's."""

_WORD = re.compile("[^\\W\\d_]+")
_IDEOGRAPHS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MARKERS = re.compile(r"(?:^[A-Z_:a-z0-9]*|\[[A-Z][A-Z_]*(?::[a-z0-9]+:[a-z]+)?)\]")
_CLAUSE_ENDS = re.compile("[0-9?!;]|[.,] |\n\n")
_CODE_END = re.compile("[A-Za-z0-9]+(?:[ ./-]?[A-Za-z]{0,4}[0-9][A-Za-z0-9]*)*")
_ENDS = re.compile(r"[0-9.;!?\n\r\[\]{}|]")


def joined(character: str) -> bool:
    """Tell whether a character belongs to the word beside it; scripts that set no blanks do not join.

    Args:
        character: One character; empty at the border of the text.
    """
    return character.isalnum() and not "\u2e80" <= character <= "\ud7ff" and not "\u0e00" <= character <= "\u0eff"


def vocabulary(words: str) -> frozenset[str]:
    """Return the words of a text, for tables that stay readable in the source."""
    return frozenset(words.split())


PHONE_WORDS: Final = vocabulary(
    "phone phones telephone tel tele mobile mobil mob cell cellphone call called calling callback ring dial text sms "
    "whatsapp signal telegram msisdn fax reach ph hotline landline handy telefon telefonu telefonnummer rufnummer "
    "anrufen telefono teléfono móvil movil celular llamar llamarme llámame téléphone telephone appeler appelez rappeler "
    "rappelez portable cellulare chiamare chiamarmi telefoon telefoonnummer bellen mobiel komórka komórkowy telefoniczny "
    "zadzwoń zadzwonić dzwonić telefone telemóvel ligar handynummer mobilnummer mobiltelefon telefonisch erreichbar "
    "erreichen joindre joignable puhelin puhelinnumero soita soittaa matkapuhelin mobilen ringa answering cep numaram "
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
_WALLET_WORDS = vocabulary(
    "wallet bitcoin btc eth ethereum sol solana crypto usdt usdc xmr monero tron trx ltc litecoin"
)

_PHRASES: Final = {
    "credit note": "OTHER", "debit note": "OTHER", "order id": "OTHER", "order number": "OTHER", "order no": "OTHER",
    "serial number": "OTHER", "model number": "OTHER", "tracking number": "OTHER", "reference number": "OTHER",
    "gift card": "OTHER", "loyalty card": "OTHER", "sim card": "OTHER", "zip code": "OTHER", "postal code": "OTHER",
    "error code": "OTHER", "promo code": "OTHER", "discount code": "OTHER", "transaction id": "OTHER",
    "card number": "CREDIT_CARD", "credit card": "CREDIT_CARD", "debit card": "CREDIT_CARD", "phone number": "PHONE",
    "mobile number": "PHONE", "cell number": "PHONE", "contact number": "PHONE", "contact me": "PHONE",
    "mobile phone": "PHONE", "call about": "OTHER", "calling about": "OTHER", "call regarding": "OTHER",
    "cell phone": "PHONE", "text me": "PHONE", "policy number": "OTHER", "claim number": "OTHER", "case number": "OTHER",
    "faktura vat": "OTHER", "vat invoice": "OTHER", "request id": "OTHER", "session id": "OTHER", "user agent": "OTHER",
    "ticket number": "OTHER", "invoice number": "OTHER", "booking reference": "OTHER", "flight number": "OTHER",
}  # fmt: skip


def words_before(text: str, start: int) -> list[str]:
    """Return the lower-cased words that precede an offset, the nearest first.

    Args:
        text: The whole text.
        start: Offset of the value.

    Returns:
        The words within `REACH` characters; a word cut by that limit is left out.
    """
    left = max(0, start - REACH)
    before = text[left:start]
    if "]" in before:
        before = _MARKERS.sub(" ", before)
    words = _WORD.findall(before.lower())
    if left and words and text[left - 1].isalpha() and before[0].isalpha():
        del words[0]
    words.reverse()
    return words


def classes_before(text: str, start: int) -> frozenset[str]:
    """Return the classes that the nearest telling word before an offset names; empty when no word tells anything.

    `{"OTHER"}` is named by words such as `order`.
    """
    table = _names()
    words = words_before(text, start)
    for position, word in enumerate(words):
        if word in table.last:
            for count in range(min(LONGEST_PHRASE, len(words) - position), 0, -1):
                found = table.classes.get(" ".join(words[position : position + count][::-1]))
                if found is not None:
                    return found
    return _ideographs(text[max(0, start - REACH) : start])


def classes_behind(text: str, end: int) -> frozenset[str]:
    """Return the classes that the first telling words behind a value name, up to the end of the sentence."""
    limit = min(len(text), end + REACH_BEHIND)
    stop = _ENDS.search(text, end, limit)
    behind = text[end : stop.start() if stop is not None else limit]
    words = _WORD.findall(behind.lower())
    if stop is None and limit < len(text) and words and text[limit].isalpha():
        words.pop()
    table = _names()
    for position in range(len(words)):
        for count in range(min(LONGEST_PHRASE, len(words) - position), 0, -1):
            if words[position + count - 1] in table.last:
                found = table.classes.get(" ".join(words[position : position + count]))
                if found is not None:
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
    return word in _names().last or word in NUMBER_WORDS


def _ideographs(around: str) -> frozenset[str]:
    """Return the classes that are named in scripts that set no blanks between words."""
    if around.isascii() or not _IDEOGRAPHS.search(around):
        return frozenset()
    ends = {around.rfind(word): classes for word, classes in _names().unspaced.items()}
    nearest = max(ends, default=-1)
    return ends[nearest] if nearest >= 0 else frozenset()


class _Names(NamedTuple):
    """What words name: classes by word or phrase, the last words of all of them, and words without blanks."""

    classes: Mapping[str, frozenset[str]]
    last: frozenset[str]
    unspaced: Mapping[str, frozenset[str]]


@cache
def _names() -> _Names:
    from convqa_sdk.redaction.identifiers import names

    classes: dict[str, frozenset[str]] = {}
    for label, words in (("OTHER", _OTHER_WORDS), ("CREDIT_CARD", _CARD_WORDS), ("PHONE", PHONE_WORDS)):
        classes |= {word: classes.get(word, frozenset()) | {label} for word in words}
    for name, labels in names().items():
        phrase = " ".join(_WORD.findall(readable(name).text.lower()))
        classes[phrase] = labels | (classes.get(phrase, frozenset()) - SOMETHING_ELSE)
    classes |= {phrase: frozenset({label}) for phrase, label in _PHRASES.items()}
    classes |= {word: frozenset({"CRYPTO_WALLET"}) for word in _WALLET_WORDS}
    classes.pop("", None)
    classes.pop("id", None)
    return _Names(
        classes=classes,
        last=frozenset(phrase.rpartition(" ")[2] for phrase in classes),
        unspaced={phrase: labels for phrase, labels in classes.items() if _IDEOGRAPHS.search(phrase)},
    )
