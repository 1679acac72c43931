"""Templates and disguises that are kept from whoever writes rules: only rates are looked at, never what was missed.

The other sets served to improve the detector once they existed; these did not, and what they show is the rate to expect
on texts of somebody else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from . import evasions
from .evasions import Form, applied

TEXTS: tuple[tuple[str, str], ...] = (
    ("en", "Could someone from billing phone me back? I'm on [[phone]] until [[clock]], otherwise [[email]] works too."),
    ("en", "Two charges of [[amount]] hit my Visa ([[card]]) after I cancelled [[order]]. CVV for the check: [[cvv]]"),
    ("en", "Verification answers - birthday: [[dob]]; social: [[ssn]]; passport: [[passport]]"),
    ("en", "deploy log: connecting redis://default:[[password]]@cache.internal:6379 ... [[error]] at [[clock]] build [[version]]"),
    ("en", "agent note: caller's ip [[ip]], device [[mac]], promised call back on [[phone]], ticket [[ticket]]"),
    ("en", "Please move the payout from [[wallet]] to my bank, [[iban]]. Reference [[invoice]]."),
    ("en", "I accidentally mailed you our production credentials: [[token]]. Ignore order [[order]], it's a test."),
    ("en", "The rental's number plate is [[plate]], chassis number [[vin]]; my driving licence number: [[licence]]"),
    ("en", "Member number [[account]]. NHS no [[nhs]]. NI number [[nino]]."),
    ("en", '{"events":[{"type":"signup","contact":{"mail":"[[email]]","mobile":"[[phone]]"}},{"type":"pay","cardNumber":"[[card]]"}]}'),
    ("en", "ABA [[routing]] / acct no. [[bankno]] - is the wire from [[day]] in yet?"),
    ("de", "Ruft mich bitte zurück, Handynummer [[phone]]. Es geht um Rechnung [[invoice]] über [[amount]]."),
    ("de", "IBAN lautet [[iban]], geboren bin ich am [[dob]], Kundennr. [[account]]."),
    ("de", "Zugangsdaten für den Shop: [[email]] / Kennwort: [[password]]"),
    ("de", "Meine Steueridentifikationsnummer ist die [[idnr]]. Kfz-Kennzeichen: [[plate]]."),
    ("fr", "Appelez-moi au [[phone]] svp, ma carte ([[card]]) est bloquée depuis le [[day]]."),
    ("fr", "Mon RIB : [[iban]]. Mot de passe : [[password]]. Né le [[dob]]."),
    ("es", "Mi número de DNI es [[dni]], nací el [[dob]], tel. [[phone]]."),
    ("es", "Domiciliad el recibo [[invoice]] en [[iban]], por favor; contraseña: [[password]]"),
    ("it", "Mi richiami al numero [[phone]]; C.F. [[cf]], nata il [[dob]], ordine [[order]]."),
    ("pt", "CPF: [[cpf]], celular [[phone]], nascido em [[dob]], pedido [[order]]."),
    ("nl", "Mijn burgerservicenummer is [[bsn]] en mijn mobiele nummer [[phone]]; factuur [[invoice]]."),
    ("pl", "Numer PESEL [[pesel]], tel. kom. [[phone]], numer karty [[card]]."),
    ("sv", "Personnr [[personnummer]], mobilnummer [[phone]], ärendenummer [[ticket]]."),
    ("fi", "Hetu [[hetu]], puh. [[phone]], laskun numero [[invoice]]."),
    ("tr", "TC kimlik no [[tckimlik]], cep telefonu [[phone]], fatura no [[invoice]]."),
    ("en", "Nothing works since [[version]]: [[error]] every time, on the [[model]] and on the [[model]]. Bought [[day]], [[amount]]."),
    ("en", "Which of [[order]] and [[order]] did you refund? Parcel [[tracking]] went back on [[day]]."),
    ("en", "My phone is broken and my card expired; do I need a new password or a new account number?"),
    ("de", "Paket [[tracking]] hängt seit [[day]] in [[postcode]]; Bestellnr. [[order]], Artikelnr. [[sku]], EAN [[ean]]."),
    ("fr", "Colis [[tracking]] toujours pas livré, référence [[sku]], commande [[order]], remboursement de [[amount]] ?"),
    ("es", "El paquete [[tracking]] no aparece; referencia [[sku]], pedido [[order]], importe [[amount]], error [[error]]."),
    ("nl", "Pakket [[tracking]] is zoek, ordernummer [[order]], artikel [[sku]], prijs [[amount]]."),
    ("pl", "Paczka [[tracking]] zaginęła, numer zamówienia [[order]], cena [[amount]], kod [[sku]]."),
    ("en", "host=web-[[room]] commit=[[git]] trace=[[uuid]] rev [[version]] took [[count]]ms status 50[[room]]"),
)  # fmt: skip
"""Language and text; the last nine have nothing to find."""


def _shifted(start: int) -> Callable[[str], str]:
    return lambda c: chr(start + int(c)) if c in "0123456789" else c


FORMS: dict[str, Form] = {
    "gujarati": evasions.each(_shifted(0x0AE6), *evasions.COMPACT),
    "khmer": evasions.each(_shifted(0x17E0), *evasions.COMPACT),
    "double_struck": evasions.each(_shifted(0x1D7D8), *evasions.COMPACT),
    "segmented": evasions.each(_shifted(0x1FBF0), *evasions.COMPACT),
    "word_joiner_each": evasions.each(lambda c: f"{c}\u2060"),
    "middle_dot": evasions.separated("\u00b7", "CREDIT_CARD", "US_SSN", "IBAN"),
    "thin_space": evasions.separated("\u2009"),
    "tilde": evasions.separated("~", "CREDIT_CARD", "US_SSN"),
    "backslash_breaks": evasions.separated("\\n", "CREDIT_CARD", "IBAN"),
    "html_breaks": evasions.separated("<br>", "CREDIT_CARD", "IBAN"),
    "html_spaces": evasions.separated("&nbsp;", "CREDIT_CARD", "IBAN", "US_SSN"),
    "quotes": applied()(lambda _, value: ("\u201e", value, "\u201c")),
    "percent_at": applied("EMAIL")(lambda _, value: value.replace("@", "%40").replace(".", "%2E")),
    "named_at": applied("EMAIL")(lambda _, value: value.replace("@", "&#x40;")),
    "bracketed_words": applied("EMAIL")(lambda _, value: value.replace("@", " [AT] ").replace(".", "[dot]")),
    "query_json": applied()(lambda _, value: ("?data=", "".join(f"%{b:02x}" for b in json.dumps({"v": value}).encode()), "&v=2")),
    "data_url": applied("EMAIL", "CREDIT_CARD", "SECRET")(
        lambda _, value: ("data:text/plain;base64,", base64.b64encode(f"hello {value} bye".encode()).decode(), "")
    ),
    "escaped_slash": applied("EMAIL", "SECRET", "IP_ADDRESS")(lambda _, value: ('{\\"to\\":\\"', value, '\\"}')),
    "csv_quotes": applied()(lambda _, value: ('"', value, '";"x"')),
    "upper_url": applied("EMAIL")(lambda _, value: ("MAILTO:", value.upper().replace("@", "%40"), "?subject=hi")),
}  # fmt: skip
"""Disguises by name."""
