"""National, tax and health identifiers of Australia, New Zealand and Africa."""

from __future__ import annotations

from typing import Final

from convqa_sdk.redaction import national_checks
from convqa_sdk.redaction.identifier_checks import Library
from convqa_sdk.redaction.identifier_kind import national

IDENTIFIERS: Final = (
    national(
        "eg_nid",
        "[23][0-9]{2}[01][0-9][0-3][0-9]{8}",
        "الرقم القومي, egyptian id, national id",
        check="none",
        alone="message",
    ),
    national(
        "au_tfn",
        "[0-9]{8,9}",
        "tfn, tax file, tax file number",
        layout="[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
        valid=Library("au.tfn"),
        check="weak",
        alone="message",
    ),
    national(
        "au_abn",
        "[1-9][0-9]{10}",
        "abn, australian business",
        layout="[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}",
        valid=Library("au.abn"),
        check="strong",
        alone="written",
    ),
    national("au_abn_bare", "[1-9][0-9]{10}", "abn", valid=Library("au.abn"), check="strong", alone="message"),
    national(
        "au_acn",
        "[0-9]{9}",
        "acn, arbn, australian company",
        layout="[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
        valid=Library("au.acn"),
        check="weak",
        alone="message",
    ),
    national(
        "au_medicare",
        "[2-6][0-9]{9,10}",
        "medicare, medicare no, medicare number",
        layout="[2-6][0-9]{3}[ -][0-9]{5}[ -][0-9](?:[ -/][0-9])?",
        valid=national_checks.australian_medicare,
        check="weak",
        alone="written",
    ),
    national(
        "au_medicare_bare",
        "[2-6][0-9]{9}",
        "medicare",
        valid=national_checks.australian_medicare,
        check="weak",
        alone="message",
    ),
    national(
        "nz_ird",
        "[0-9]{8,9}",
        "ird, ird number, inland revenue",
        layout="[0-9]{2,3}-?[0-9]{3}-?[0-9]{3}",
        valid=Library("nz.ird"),
        check="weak",
        alone="message",
    ),
    national(
        "nz_nhi",
        "[A-HJ-NP-Z]{3}[0-9]{4}|[A-HJ-NP-Z]{3}[0-9]{2}[A-HJ-NP-Z]{2}",
        "nhi, nhi number, national health index",
    ),
    national(
        "za_id",
        "[0-9]{2}[01][0-9][0-3][0-9]{5}[01][0-9]{2}",
        "rsa id, sa id, south african id, id number, identity number, permanent resident",
        layout="[0-9]{6} [0-9]{4} [0-9]{3}",
        valid=Library("za.idnr"),
        check="strong",
        alone="written",
    ),
    national(
        "za_id_bare",
        "[0-9]{2}[01][0-9][0-3][0-9]{5}[0-2][0-9]{2}",
        "rsa id",
        valid=Library("za.idnr"),
        check="strong",
        alone="message",
    ),
    national("za_tin", "[01239][0-9]{9}", "sars, tax reference, income tax", valid=Library("za.tin"), check="weak"),
    national("ng_nin", "[0-9]{11}", "nin, nimc, national identification number", layout="[0-9]{4}-[0-9]{3}-[0-9]{4}"),
    national("ng_bvn", "22[0-9]{9}", "bvn, bank verification"),
    national("ke_id", "[0-9]{7,8}", "huduma, kenyan id, kitambulisho"),
    national("ke_pin", "[AP][0-9]{9}[A-Z]", "kra, kra pin", valid=Library("ke.pin"), check="strong", alone="message"),
    national("gh_card", "GHA[0-9]{10}", "ghana card", layout="GHA-[0-9]{9}-[0-9]", check="strong", alone="always"),
    national("ma_cin", "[A-Z]{1,2}[0-9]{5,6}", "cin, cnie, carte nationale"),
    national(
        "mu_nid",
        "[A-Z][0-9]{12}[0-9A-Z]",
        "nid, national identity",
        valid=Library("mu.nid"),
        check="strong",
        alone="message",
    ),
)
