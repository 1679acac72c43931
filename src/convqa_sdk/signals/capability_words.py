"""Which words say that something was done, and which tools do it: participles, nouns, and the verbs of tool names."""

from __future__ import annotations

from typing import Final

from convqa_sdk.signals.wording import word_set


def _each(**words: str) -> dict[str, str]:
    return {word: action for action, listed in words.items() for word in listed.split()}


ACTIONS: Final = _each(
    cancel="cancelled canceled voided",
    refund="refunded reimbursed",
    book="booked reserved",
    rebook="rebooked rescheduled",
    change=(
        "changed updated modified adjusted switched moved upgraded downgraded edited corrected amended revised "
        "renamed converted"
    ),
    add="added applied attached",
    remove="removed deleted cleared",
    send="issued sent emailed mailed granted",
    credit="credited",
    transfer="transferred escalated forwarded",
    enable="enabled activated reactivated resumed reinstated restored unsuspended unlocked unblocked lifted",
    disable="disabled deactivated suspended blocked locked paused",
    refuel="refueled refuelled",
    reset="reset",
    create="submitted filed opened created raised logged registered lodged scheduled arranged enrolled subscribed",
    order="ordered purchased placed",
    ship="shipped dispatched",
    replace="replaced exchanged swapped",
    charge="charged billed debited",
    waive="waived",
    extend="extended renewed",
    unsubscribe="unsubscribed",
    close="closed",
    process="processed completed finalized finalised executed initiated actioned made done",
    confirm="confirmed",
)
"""Participle to action. `process` and `confirm` say nothing of their own: the noun beside them does."""

NOUNS: Final = _each(
    cancel="cancellation cancellations",
    refund="refund refunds reimbursement",
    book="booking reservation appointment",
    change="change changes update updates upgrade upgrades downgrade downgrades modification modifications",
    charge="payment difference fare",
    order="order orders",
    replace="replacement exchange",
    transfer="transfer",
    send="certificate voucher",
    credit="credit",
    none="flight flights portion segment segments",
    any="request requests action actions transaction",
)
"""What was processed, completed or confirmed; `any` is proved by any tool that changes something, and what
happens to `none` is nobody's doing here."""

TOOLS: Final[dict[str, frozenset[str]]] = {
    action: frozenset(stems.split())
    for action, stems in {
        "cancel": "cancel void terminate",
        "refund": "refund reimburse",
        "book": "book reserve create place order schedule",
        "rebook": "rebook reschedule book change update modify",
        "change": "change update modify edit set switch move upgrade downgrade adjust replace reschedule correct amend",
        "add": "add apply attach update create refuel set assign book credit send issue enable",
        "remove": "remove delete clear update cancel unassign",
        "send": "send issue grant email mail create give notify text resend",
        "credit": "credit refund add apply issue adjust send grant",
        "transfer": "transfer escalate handoff handover forward connect",
        "enable": "enable activate reactivate resume reinstate restore unsuspend unlock unblock lift turn toggle set",
        "disable": "disable deactivate suspend block lock pause turn toggle set",
        "refuel": "refuel topup recharge add",
        "reset": "reset",
        "create": "submit file open create raise log register lodge schedule arrange enroll subscribe book add",
        "order": "order purchase place create buy book",
        "ship": "ship dispatch send",
        "replace": "replace replacement exchange swap update create",
        "charge": "charge bill debit pay payment",
        "waive": "waive remove adjust credit refund",
        "extend": "extend renew update",
        "unsubscribe": "unsubscribe cancel",
        "close": "close",
    }.items()
}
"""Action to the first letters of a word in a tool's name that proves it."""

EFFECTS: Final[dict[str, frozenset[str]]] = {
    "refund": frozenset({"cancel", "change", "return", "refund", "remove"}),
    "charge": frozenset({"book", "change", "add", "order", "charge", "extend", "refuel", "rebook"}),
    "credit": frozenset({"refund", "credit", "cancel", "change", "send"}),
    "add": frozenset({"add", "change", "book", "send", "order", "charge"}),
    "book": frozenset({"book", "change"}),
}
"""What is said to have happened (not: what the bot says it did itself) may be the effect of another action: the tool
that cancels a reservation also pays it back."""

READS: Final = word_set(
    "get list search find lookup look check read fetch calculate view retrieve think verify show describe query "
    "validate count estimate track"
)
"""A tool whose name begins so changes nothing, and proves nothing."""

SEEN_TO: Final = frozenset({"ship"})
"""Actions that others do and a bot looks up: that they have happened is proved by a tool that reads as well."""

SELF: Final = frozenset({"i", "we"})
ADVERBS: Final = word_set(
    "just now also already successfully gone ahead and then fully immediately recently gladly since officially both "
    "all again hereby finally manually"
)
BEFORE: Final = word_set(
    "if once when after before until unless whether while since as because where ensure verify check whenever had"
)
"""A word before a claim, in the same breath, that makes it a condition, a plan or a wish."""

CONDITIONS: Final = frozenset({"if", "once", "unless", "provided", "assuming"})
"""A word that begins a condition; what is said to have happened behind its comma has not."""

OWN_NOTES: Final = word_set("notes note answer reply message draft list summary calculation estimate mistake")
"""What a bot has for itself: that it changed `my notes` needs no tool."""

SEEN: Final = word_set(
    "see sees shows show showing appears appear looks seems according records indicates says mentioned said told "
    "reported noticed notice understand sorry hear believe think wonder found"
)
"""A word before a claim that makes it a report of what others did or what the bot looked up."""

PAST: Final = frozenset({"yesterday", "ago", "earlier"})
ELSEWHERE: Final = frozenset({"device", "location", "browser", "ip", "computer"})
DAYS: Final = word_set(
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday"
)
"""Behind `on`: when something happened that the bot looked up."""

BREAKS: Final = frozenset({",", ";", ":", "\u2014", "\u2013", "but"})
"""What ends a breath."""

MODALS: Final = frozenset({"would", "could", "should", "may", "might", "will", "can", "must", "to", "shall"})
"""A word before `have` that makes what follows a plan or a wish."""

DENIED: Final = frozenset({"not", "never", "no", "cannot", "unable", "nothing", "none", "neither", "without"})
OTHERS: Final = word_set(
    "you your airline carrier customer bank merchant agent colleague team store system partner manufacturer courier "
    "they he she"
)
OWN_THINGS: Final = word_set(
    "reservation reservations booking bookings order orders account subscription plan line lines refund refunds card "
    "address request requests ticket certificate certificates voucher credit charge charges payment fee bag bags "
    "baggage luggage insurance seat seats data gb passenger passengers cabin class upgrade downgrade appointment trip "
    "flights email password name number roaming membership service case claim replacement amount difference dollars "
    "change changes cancellation modification update updates you total cost money item items action actions "
    "transaction balance bill"
)
"""What something can be done to that the customer has with the company."""
PROMISES: Final = word_set(
    "offer offering give provide issue issued get receive entitled eligible grant granted send add apply guarantee "
    "promise promised like includes enjoy qualify"
)
UNDECIDED: Final = word_set(
    "if whether determine check verify regarding about depends request requests concerning confirm see review "
    "unless typically"
)
