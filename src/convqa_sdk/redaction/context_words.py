"""The words that say what a number is, of people, cards, telephones and of things that are nobody's, in many languages.

Words for identifiers are in `identifier_words`. A word also names what the known word names that it begins with.
"""

# ruff: noqa: RUF001 - words of many scripts
from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from convqa_sdk.redaction.identifier_words import LONGEST_PHRASE, WORDS
from convqa_sdk.redaction.views import readable

SOMETHING_ELSE: Final = frozenset({"OTHER"})
"""What words such as `order` or `invoice` name: numbers that are nobody's."""

_SHORTEST_STEM = 5
_WORD = re.compile("[^\\W\\d_]+")
_IDEOGRAPHS: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def vocabulary(words: str) -> frozenset[str]:
    """Return the words of a text, for tables that stay readable in the source."""
    return frozenset(words.split())


ACRONYMS: Final = vocabulary(
    "nie sin pan nas team chi kt ic in ne nata nato ur signal roden seria serie partita tin fin nit cc cin ein ide mst "
    "gst cra vin pis sars nis est ci no bn edb abn cav cid nib rib aba mob ph ccc"
)
"""Short names that are words as well, in some language: they count where they are written in capitals."""

PHONE_WORDS: Final = vocabulary(
    "电话 手机 手机号 電話 電話番号 携帯 전화 전화번호 휴대폰 "
    "โทร טלפון נייד هاتف جوال موبايل "
    "फोन मोबाइल "
    "phone phones kontakt contact contacto contato telephone tel mobile mobil mob cell cellphone call called calling "
    "callback ring dial text sms whatsapp signal telegram msisdn fax reach ph hotline landline handy telefon telefonu "
    "telefonnummer rufnummer anrufen telefono teléfono móvil movil celular llamar llamarme llámame téléphone telephone "
    "appeler appelez rappeler rappelez portable cellulare chiamare chiamarmi telefoon telefoonnummer bellen mobiel "
    "komórka komórkowy telefoniczny zadzwoń zadzwonić dzwonić telefone telemóvel ligar handynummer mobilnummer "
    "mobiltelefon telefonisch erreichbar erreichen joindre joignable puhelin puhelinnumero soita soittaa matkapuhelin "
    "mobilen ringa answering cep rückruf rückrufnummer zurückrufen rappel llamada llámeme llamadme ligação telefonar "
    "richiamare richiamatemi terugbellen oddzwonić oddzwonienie uppringning takaisinsoitto telefonum handynummer tlf "
    "mobiltelefonnummer gsm numéro_portable arayın arayabilirsiniz тел телефон телефона телефону моб мобильный звоните "
    "τηλέφωνο κινητό telefonszám phonenumber"
)
"""Words that name a phone number."""
PLACE_WORDS: Final = vocabulary("office home work private büro privat bureau domicile casa oficina praca dom")
"""Words that stand behind a phone number in a signature."""
NUMBER_WORDS: Final = vocabulary(
    "номер number num no nr nummer numer numéro numero número numru numeri numaram numara szám"
)
"""Words that name a number without saying of what."""
_CARD_WORDS = vocabulary(
    "银行卡 信用卡 卡号 カード番号 카드번호 карта карты "
    "card cards credit debit cc visa mastercard amex discover maestro karta karty karte kreditkarte kartennummer carte "
    "tarjeta cartão cartao carta creditcard kaart kort kortti luottokortti kredi kartım karcie kartę pan"
)
_OTHER_WORDS = vocabulary(
    "订单 订单号 注文番号 주문번호 заказ заказа cep awb airwaybill "
    "order orders ordering reference ref tracking track ticket invoice confirmation booking reservation case policy "
    "zip zipcode postcode plz amount balance total flight sku item product model version charge imei claim code error "
    "zamówienie zamówienia commande pedido bestellung bestellnummer auftrag auftragsnummer rechnung rechnungsnummer "
    "sendungsnummer sendung swift bic meter transaction transaktion receipt parcel package shipment delivery serial "
    "seriennummer isbn ean gtin upc article artikel artikelnummer build release commit section chapter page room "
    "facture suivi référence colis factura envío envio seguimiento referencia ordine fattura spedizione tracciamento "
    "bestelling factuur zending pakket encomenda fatura rastreamento faktura faktury paczka przesyłka przesyłki tilaus "
    "tilausnumero lasku seuranta sipariş siparişim fatura kargo beställning ordernummer fakturanummer voucher coupon "
    "gift promo promotional discount loyalty points quantity qty price usd eur gbp pln year years días minutes hours "
    "days weeks months percent kb request protocol regulation article paragraph paragraf status port"
)
_NO_NAMES = frozenset(("", "id", "my number")) | vocabulary(
    "customer client cliente kunde klient klienta klant asiakas member loyalty policy polisa polisy poliza polizza "
    "apolice"
)
"""What transcripts and letters call people and contracts, with no number behind, and what means anything."""
_WALLET_WORDS = vocabulary(
    "wallet bitcoin btc eth ethereum sol solana crypto usdt usdc xmr monero tron trx ltc litecoin"
)

_PHRASES: Final = {
    "credit note": "OTHER", "debit note": "OTHER", "order id": "OTHER", "order number": "OTHER", "order no": "OTHER",
    "serial number": "OTHER", "model number": "OTHER", "tracking number": "OTHER", "reference number": "OTHER",
    "gift card": "OTHER", "loyalty card": "OTHER", "sim card": "OTHER", "zip code": "OTHER", "postal code": "OTHER",
    "error code": "OTHER", "promo code": "OTHER", "discount code": "OTHER", "transaction id": "OTHER",
    "ss number": "US_SSN", "ss no": "US_SSN", "card number": "CREDIT_CARD", "credit card": "CREDIT_CARD",
    "debit card": "CREDIT_CARD", "phone number": "PHONE",
    "mobile number": "PHONE", "messages to": "PHONE", "message to": "PHONE", "texts to": "PHONE", "reach me": "PHONE",
    "call back": "PHONE", "dzwonić pod": "PHONE", "geri arama": "PHONE", "unter der nummer": "PHONE",
    "cell number": "PHONE", "contact number": "PHONE", "contact me": "PHONE",
    "mobile phone": "PHONE", "call about": "OTHER", "calling about": "OTHER", "call regarding": "OTHER",
    "cell phone": "PHONE", "text me": "PHONE", "policy number": "OTHER", "claim number": "OTHER",
    "case number": "OTHER", "faktura vat": "OTHER", "vat invoice": "OTHER", "request id": "OTHER",
    "session id": "OTHER", "user agent": "OTHER", "ticket number": "OTHER", "invoice number": "OTHER",
    "booking reference": "OTHER", "flight number": "OTHER",
}  # fmt: skip


class Role(NamedTuple):
    """What a word tells where it stands.

    Attributes:
        classes: The classes that it names by itself.
        kinds: The kinds of identifier that it names by itself.
        ends: Whether a phrase that names something ends with it.
        number: Whether it says that a number follows, without saying of what.
    """

    classes: frozenset[str]
    kinds: frozenset[str]
    ends: bool
    number: bool


class _Names(NamedTuple):
    """What words and phrases name: classes, kinds, the last words of phrases, their last two, unspaced scripts."""

    classes: Mapping[str, frozenset[str]]
    kinds: Mapping[str, frozenset[str]]
    ends: frozenset[str]
    endings: frozenset[str]
    unspaced: Mapping[str, frozenset[str]]


@lru_cache(maxsize=4_096)
def role(word: str) -> Role | None:
    """Return what a word tells, None when it tells nothing.

    Args:
        word: In lower case, but for `ACRONYMS` in capitals.
    """
    names = _names()
    found = Role(_classes(word), names.kinds.get(word.lower(), frozenset()), word in names.ends, word in NUMBER_WORDS)
    return found if any(found) else None


def named_by_phrase(words: list[str]) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return the classes and the kinds that the longest phrases name with which words end.

    Args:
        words: Words in their order; the last is the one that ends the phrase.
    """
    names = _names()
    classes: frozenset[str] | None = None
    kinds: frozenset[str] = frozenset()
    if " ".join(words[-2:]) not in names.endings:
        return classes, kinds
    for count in range(min(LONGEST_PHRASE, len(words)), 1, -1):
        phrase = " ".join(words[-count:])
        if classes is None:
            classes = names.classes.get(phrase)
        kinds |= names.kinds.get(phrase, frozenset())
    return classes, kinds


def named_unspaced(text: str) -> frozenset[str]:
    """Return the classes that are named last in a text, in scripts that set no blanks between words."""
    if text.isascii() or not _IDEOGRAPHS.search(text):
        return frozenset()
    ends = {text.rfind(word): classes for word, classes in _names().unspaced.items()}
    nearest = max(ends, default=-1)
    return ends[nearest] if nearest >= 0 else frozenset()


def is_telling(word: str) -> bool:
    """Tell whether a lower-case word names something, or ends a phrase that does."""
    names = _names()
    return word in names.classes or word in names.ends or word in NUMBER_WORDS


def _classes(word: str) -> frozenset[str]:
    """Return the classes that a word names, or the known word that it begins with: inflections and compounds."""
    classes = _names().classes
    found = classes.get(word)
    length = len(word) - 1
    while found is None and length >= _SHORTEST_STEM:
        found = classes.get(word[:length])
        length -= 1
    return found or frozenset()


@cache
def _names() -> _Names:
    from convqa_sdk.redaction.identifiers import kinds, names

    classes: dict[str, frozenset[str]] = {}
    for label, words in (
        ("OTHER", _OTHER_WORDS),
        ("BANK_ACCOUNT", {"iban"}),
        ("CREDIT_CARD", _CARD_WORDS),
        ("PHONE", PHONE_WORDS),
    ):
        classes |= {word: classes.get(word, frozenset()) | {label} for word in words}
    for name, labels in names().items():
        phrase = _plain(name)
        if phrase in _NO_NAMES:
            continue
        if phrase in ACRONYMS:
            phrase = phrase.upper()
        classes[phrase] = labels | (classes.get(phrase, frozenset()) - SOMETHING_ELSE)
    classes |= {phrase: frozenset({label}) for phrase, label in _PHRASES.items()}
    classes |= {word: frozenset({"CRYPTO_WALLET"}) for word in _WALLET_WORDS}
    own: dict[str, frozenset[str]] = {}
    for kind in kinds():
        for name in kind.words - WORDS.get(kind.label, frozenset()):
            own[_plain(name)] = own.get(_plain(name), frozenset()) | {kind.name}
    return _Names(
        classes=classes,
        kinds=own,
        ends=frozenset(phrase.rpartition(" ")[2] for phrase in (*classes, *own) if " " in phrase),
        endings=frozenset(" ".join(phrase.split(" ")[-2:]) for phrase in (*classes, *own) if " " in phrase),
        unspaced={phrase: labels for phrase, labels in classes.items() if _IDEOGRAPHS.search(phrase)},
    )


def _plain(name: str) -> str:
    """Return a word or phrase as it is read in a text."""
    return " ".join(_WORD.findall(readable(name).text.lower()))
