"""National, tax and health identifiers of the United Kingdom and Ireland."""

from __future__ import annotations

from typing import Final

from convqa_sdk.redaction.identifier_checks import Library
from convqa_sdk.redaction.identifier_kind import national

_NINO = "(?:[A-CEGHJ-PRSTW-Z][A-CEGHJ-NPRSTW-Z][0-9]{6}[A-D])"

IDENTIFIERS: Final = (
    national(
        "gb_nino",
        _NINO,
        "nino, ni no, ni number, national insurance, national insurance number, insurance number",
        layout="[A-Z]{2}(?:[ -]?[0-9]{2}){3}[ -]?[A-D]",
        valid=lambda v: v[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"),
        check="strong",
        alone="always",
    ),
    national(
        "gb_nhs",
        "[0-9]{10}",
        "nhs, nhs no, nhs number, national health, health service",
        layout="[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}",
        valid=Library("gb.nhs"),
        check="weak",
        alone="message",
    ),
    national(
        "gb_utr",
        "[0-9]{10}K?|K[0-9]{10}",
        "utr, unique taxpayer, hmrc, self assessment, sa utr",
        layout="[0-9]{5} [0-9]{5}K?",
    ),
    national(
        "gb_vat",
        "GB(?:[0-9]{9}|[0-9]{12})",
        "vat",
        layout="GB ?[0-9]{3} [0-9]{4} [0-9]{2}",
        valid=Library("gb.vat"),
        check="strong",
        alone="always",
    ),
    national(
        "gb_vat_bare",
        "[0-9]{9}",
        "vat",
        layout="[0-9]{3} [0-9]{4} [0-9]{2}",
        valid=Library("gb.vat"),
        check="weak",
        alone="never",
    ),
    national(
        "gb_chi", "[0-9]{10}", "chi number, chi no, community health index", layout="[0-9]{6} [0-9]{4}", valid=None
    ),
    national(
        "ie_pps",
        "[0-9]{7}[A-W][A-IW]?",
        "pps, ppsn, pps no, pps number, public service number",
        valid=Library("ie.pps"),
        check="strong",
        alone="message",
    ),
    national(
        "ie_vat", "IE[0-9][0-9A-Z][0-9]{5}[A-W][A-I]?", "vat", valid=Library("ie.vat"), check="strong", alone="always"
    ),
)
