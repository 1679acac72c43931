"""The classes of what can be found, by name."""

from __future__ import annotations

import re
from typing import Final

CLASSES: Final = frozenset(
    {
        "ACCOUNT_ID",
        "ADDRESS",
        "BANK_ACCOUNT",
        "CREDIT_CARD",
        "CRYPTO_WALLET",
        "CVV",
        "DATE_OF_BIRTH",
        "DRIVER_LICENSE",
        "EMAIL",
        "IBAN",
        "IP_ADDRESS",
        "KNOWN",
        "MAC_ADDRESS",
        "NATIONAL_ID",
        "PASSPORT",
        "PERSON",
        "PHONE",
        "SECRET",
        "US_SSN",
        "VEHICLE_PLATE",
        "VIN",
    }
)
"""The classes that are built in; `PERSON`, `ADDRESS` and `KNOWN` are those of a customer's known values."""

DROPPED: Final = frozenset({"CVV", "SECRET"})
"""Classes whose values leave in no form: neither kept nor allowed, and never as a pseudonym."""

LABEL: Final = re.compile("[A-Z][A-Z_]{1,39}")
"""How a class is named."""
