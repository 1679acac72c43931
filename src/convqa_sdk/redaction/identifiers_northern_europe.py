"""National, tax and health identifiers of the Nordic and Baltic countries."""

from __future__ import annotations

from typing import Final

from convqa_sdk.redaction import national_checks
from convqa_sdk.redaction.identifier_checks import Completed, Library
from convqa_sdk.redaction.identifier_kind import national

_NORDIC = "personnummer, person nr, personnr, pnr"

IDENTIFIERS: Final = (
    national(
        "fi_hetu",
        "[0-3][0-9][01][0-9]{3}[A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]",
        "hetu, henkilötunnus, henkilötunnukseni, sotu, sosiaaliturvatunnus, personbeteckning, identity code",
        valid=national_checks.finnish,
        check="strong",
        alone="always",
    ),
    national(
        "fi_hetu_with_dash",
        "[0-3][0-9][01][0-9]{6}[0-9A-FHJ-NPR-Y]",
        "hetu, henkilötunnus, henkilötunnukseni, sotu, sosiaaliturvatunnus, personbeteckning, identity code",
        layout="[0-9]{6}-[0-9]{3}[0-9A-Y]",
        valid=national_checks.finnish,
        check="strong",
        alone="written",
    ),
    national(
        "fi_ytunnus",
        "[0-9]{8}",
        "y-tunnus, ytunnus, fo-nummer, business id",
        layout="[0-9]{7}-[0-9]",
        valid=Library("fi.ytunnus"),
        check="weak",
        alone="written",
    ),
    national(
        "se_personnummer",
        "(?:19|20)?[0-9]{2}[01][0-9][0-9]{6}",
        f"{_NORDIC}, samordningsnummer, identity code, födelsenummer",
        layout="(?:19|20)?[0-9]{6}[-+][0-9]{4}",
        valid=Completed("se.personnummer", -4, "-"),
        check="strong",
        alone="written",
    ),
    national(
        "se_personnummer_bare",
        "[0-9]{2}[01][0-9]{7}",
        "personnummer",
        valid=Completed("se.personnummer", -4, "-"),
        check="strong",
        alone="message",
    ),
    national(
        "se_personnummer_century",
        "(?:18|19|20)[0-9]{2}[01][0-9]{7}",
        "personnummer",
        valid=Completed("se.personnummer", -4, "-"),
        check="strong",
        alone="always",
    ),
    national(
        "se_orgnr",
        "[1-9][0-9][2-9][0-9]{7}",
        "orgnr, orgnummer, org.nummer, organisationsnummer, org nr, org.nr, organisationsnr, company identity",
        layout="[0-9]{6}-?[0-9]{4}",
        valid=Library("se.orgnr"),
        check="weak",
        alone="message",
    ),
    national(
        "no_fodselsnummer",
        "[0-9]{11}",
        f"fødselsnummer, fødselsnr, fnr, d-nummer, {_NORDIC}",
        layout="[0-9]{6} [0-9]{5}",
        valid=Library("no.fodselsnummer"),
        check="strong",
        alone="always",
    ),
    national(
        "no_orgnr",
        "[89][0-9]{8}",
        "orgnr, orgnummer, organisasjonsnummer, org nr, org.nr",
        layout="[89][0-9]{2} [0-9]{3} [0-9]{3}",
        valid=Library("no.orgnr"),
        check="weak",
    ),
    national(
        "dk_cpr",
        "[0-3][0-9][01][0-9]{7}",
        f"cpr, cpr-nummer, cpr-nr, cpr nr, cpr nummer, {_NORDIC}",
        layout="[0-9]{6}-[0-9]{4}",
        valid=Library("dk.cpr"),
        check="weak",
        alone="written",
    ),
    national("dk_cpr_bare", "[0-3][0-9][01][0-9]{7}", "cpr", valid=Library("dk.cpr"), check="weak", alone="message"),
    national("dk_cvr", "[1-9][0-9]{7}", "cvr, cvr-nr, cvr-nummer", valid=Library("dk.cvr"), check="weak"),
    national(
        "is_kennitala",
        "[0-7][0-9][01][0-9]{7}",
        "kennitala, kt, kt.",
        layout="[0-9]{6}-[0-9]{4}",
        valid=Library("is_.kennitala"),
        check="strong",
        alone="written",
    ),
    national(
        "ee_isikukood",
        "[1-8][0-9]{2}[01][0-9][0-3][0-9]{5}",
        "isikukood, isikukoodi, personal code, identification code",
        valid=Library("ee.ik"),
        check="strong",
        alone="message",
    ),
    national(
        "lt_asmens_kodas",
        "[3-6][0-9]{2}[01][0-9][0-3][0-9]{5}",
        "asmens kodas, asmens kodo, kodas, personal code",
        valid=Library("lt.asmens"),
        check="strong",
        alone="message",
    ),
    national(
        "lv_personas_kods",
        "[0-3][0-9]{10}",
        "personas kods, personas koda, personas kodu, personal code",
        layout="[0-9]{6}-[0-9]{5}",
        valid=Library("lv.pvn"),
        check="weak",
        alone="written",
    ),
    national(
        "lv_personas_kods_new",
        "32[0-9]{9}",
        "personas kods, personas koda, personas kodu, personal code",
        layout="32[0-9]{4}-[0-9]{5}",
    ),
)
