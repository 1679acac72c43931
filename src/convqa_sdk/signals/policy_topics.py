"""What answers speak of when they quote a term: the facts that every book knows, and the words that tell them.

A book's own facts come beside these, with the terms that the book gives them. A name stands here several times where
some of its words need others beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from convqa_sdk.signals.policy_values import Kind
from convqa_sdk.signals.policy_violations import Class
from convqa_sdk.signals.wording import word_set

DURATION: Final[frozenset[Kind]] = frozenset({"duration", "none", "unlimited"})
FEE: Final[frozenset[Kind]] = frozenset({"money", "percent", "none"})
SHARE: Final[frozenset[Kind]] = frozenset({"percent"})
AMOUNT: Final[frozenset[Kind]] = frozenset({"money"})
ANY: Final[frozenset[Kind]] = frozenset({"duration", "money", "percent", "none", "unlimited"})


@dataclass(frozen=True)
class Topic:
    """A fact as sentences speak of it.

    Attributes:
        name: Of the fact.
        policy_class: Its class.
        kinds: Kinds of value that it may have.
        terms: Words or phrases, in small letters and the singular, that mention it.
        needs: Words of which the sentence must have one as well; none: it needs no other.
        shuns: Words that make the sentence speak of something else.
        rank: Which of several topics a quantity belongs to: the highest, then the nearest.
        window: Whether it is a time within which something is possible.
        units: Units in which it is told; none: any.
    """

    name: str
    policy_class: Class
    kinds: frozenset[Kind]
    terms: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    shuns: frozenset[str] = frozenset()
    rank: int = 1
    window: bool = False
    units: frozenset[str] = frozenset()


_MONEY_COMES: Final = word_set(
    "arrive arrives appear appears processed credited process show shows take takes taking reach reaches receive post "
    "posted expect back statement transferred ankommen dauert gutgeschrieben crédité tarda llegará"
)
_ASKED_FOR: Final = word_set(
    "return returned returning guarantee can may if possible eligible request ask claim purchase purchases purchased "
    "bought buying"
)
"""Words beside which a refund is one that the customer may ask for, not one that is paid."""
_PRICES: Final = word_set("discount off save fee bonus reward rewards apy interest rate limit")
TOPICS: Final = (
    Topic(
        "refund_window",
        "01",
        DURATION,
        (
            "refund", "refunded", "refundable", "refunding", "money back", "send it back", "send them back",
            "sent back", "send back", "sending back", "rückgabe", "rückgaberecht", "zurückgeben", "zurücksenden",
            "zurückschicken", "umtauschen", "zurückgegeben", "zurückgesendet", "zurückgeschickt", "umgetauscht",
            "erstattung", "retourner", "retour", "remboursement", "rembourser",
            "remboursé", "renvoyer", "devolver", "devolución", "devoluciones", "reembolso",
        ),
        shuns=frozenset({"label", "call", "calls", "replacement", "pending"}),
        window=True,
    ),
    Topic(
        "refund_window",
        "01",
        DURATION,
        ("return", "returned", "returning", "exchange", "exchanged"),
        shuns=word_set(
            "label call calls replacement pending flight flights trip check checks sign rate later"),
        window=True,
    ),
    Topic(
        "refund_time",
        "01",
        DURATION - {"none", "unlimited"},
        ("refund", "money", "reimbursement", "erstattung", "erstattet", "gutschrift", "remboursement", "reembolso"),
        needs=_MONEY_COMES,
        shuns=frozenset({"return", "returned", "returning", "guarantee"}),
        rank=3,
    ),
    Topic(
        "refund_time",
        "01",
        DURATION - {"none", "unlimited"},
        ("refund", "reimbursement"),
        needs=frozenset({"method", "methods", "original", "same", "issued", "available", "reflected", "completed"}),
        shuns=frozenset({"return", "returning", "if"}),
        rank=3,
    ),
    Topic(
        "refund_time",
        "01",
        DURATION - {"none", "unlimited"},
        ("refund", "reimbursement"),
        needs=word_set("account made paid"),
        shuns=_ASKED_FOR,
        rank=3,
    ),
    Topic(
        "refund_time",
        "01",
        DURATION - {"none", "unlimited"},
        ("get your refund", "get the refund", "been refunded"),
        shuns=_ASKED_FOR,
        rank=3,
    ),
    Topic(
        "restocking_fee", "01", FEE, ("restocking fee", "restocking charge", "restocking", "re-stocking"), rank=4
    ),
    Topic(
        "price_match",
        "01",
        DURATION,
        ("price match", "price matching", "price guarantee", "match", "matches", "matching", "cheaper"),
        needs=frozenset({"price", "prices", "cheaper"}),
        rank=4,
        window=True,
    ),
    Topic(
        "delivery_fee",
        "01",
        FEE - {"percent"},
        (
            "shipping", "delivery", "postage", "ship", "shipment", "deliver", "versand", "versandkosten", "lieferung",
            "livraison", "port", "envío",
        ),
        shuns=frozenset({"address", "deductible", "statement", "statements", "paper", "instant"}),
        rank=2,
    ),
    Topic(
        "free_delivery_minimum",
        "01",
        AMOUNT,
        ("shipping", "delivery", "postage", "ship", "versand", "livraison", "envío"),
        needs=frozenset({"free", "complimentary", "kostenlos", "gratuite", "gratis"}),
        rank=3,
    ),
    Topic(
        "warranty_term",
        "02",
        DURATION,
        ("warranty", "warrantied", "guaranteed", "guarantee", "garantie", "garantía", "gewährleistung"),
        shuns=frozenset({"money", "uptime", "price", "delivery", "response", "availability"}),
        rank=2,
    ),
    Topic(
        "response_time",
        "02",
        DURATION - {"none", "unlimited"},
        (
            "answer", "reply", "replies", "respond", "response", "response time", "get back to you", "hear back",
            "hear from us", "antworten", "antwort", "répondre", "réponse", "répondons", "responder", "respuesta",
        ),
        shuns=frozenset({"refund", "warranty"}),
        rank=2,
    ),
    Topic(
        "uptime",
        "02",
        SHARE,
        ("uptime", "availability", "verfügbarkeit", "verfügbar", "disponibilité", "disponibilidad"),
        shuns=_PRICES,
    ),
    Topic(
        "uptime", "02", SHARE, ("available", "up", "online"), needs=word_set("time year month"), shuns=_PRICES
    ),
    Topic(
        "delivery_time",
        "03",
        DURATION - {"none", "unlimited"},
        (
            "delivery", "shipping", "deliver", "delivered", "ship", "ships", "parcel", "package", "shipment", "order",
            "lieferung", "versand", "lieferzeit", "livraison", "entrega", "envío",
        ),
        needs=word_set(
            "takes take arrive arrives expect reach reaches delivered deliver delivery delivers ships time lieferzeit "
            "dauert prend délai tarda llega plazo"),
        shuns=word_set("return returned returning refund refunded cancel cancelled cancellation warranty"),
    ),
)  # fmt: skip
PAID_OUT: Final = Topic(
    "refund_time",
    "01",
    DURATION - {"none", "unlimited"},
    (
        "refund", "refunded", "money", "reimbursement", "erstattung", "erstattet", "gutschrift", "remboursement",
        "reembolso",
    ),
    rank=3,
    units=frozenset({"business day", "business hour"}),
)  # fmt: skip
"""Beside the others where a book tells the time of a refund, and its window not in business days: then business days
are those in which the money comes, however a sentence says it."""
BY_NAME: Final = {topic.name: topic for topic in reversed(TOPICS)}
"""By name; of several topics of a name, which differ in their words only, the first."""
CONTACTS: Final[dict[str, Class]] = {
    "contact_phone": "03",
    "contact_email": "03",
    "contact_url": "03",
    "opening_hours": "03",
}
"""Facts whose values are no quantities."""
