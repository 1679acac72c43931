"""National, tax and health identifiers of Spain, Portugal, Italy, Greece, Cyprus and Malta."""

# ruff: noqa: RUF001 - words in Greek
from __future__ import annotations

from typing import Final

from convqa_sdk.redaction import national_checks
from convqa_sdk.redaction.identifier_checks import Library
from convqa_sdk.redaction.identifier_kind import national

_CF_DIGIT = "[0-9LMNP-V]"

IDENTIFIERS: Final = (
    national(
        "es_dni",
        "[0-9]{8}[A-HJ-NP-TV-Z]",
        "dni, nif, documento nacional, documento de identidad",
        layout="[0-9]{2}\\.?[0-9]{3}\\.?[0-9]{3}[ -]?[A-Z]",
        valid=national_checks.spanish_dni,
        check="strong",
        alone="always",
    ),
    national(
        "es_dni_short",
        "[0-9]{7}[A-HJ-NP-TV-Z]",
        "dni, nif, documento nacional",
        layout="[0-9]\\.?[0-9]{3}\\.?[0-9]{3}[ -]?[A-Z]",
        valid=national_checks.spanish_dni,
        check="weak",
        alone="message",
    ),
    national(
        "es_nie",
        "[XYZ][0-9]{7}[A-HJ-NP-TV-Z]",
        "nie, extranjero, número de identidad de extranjero, número de identificación de extranjero",
        layout="[XYZ]-?[0-9]{7}-?[A-Z]",
        valid=Library("es.nie"),
        check="strong",
        alone="always",
    ),
    national(
        "es_cif",
        "[A-HJNPQRSUVW][0-9]{7}[0-9A-J]",
        "cif, nif",
        layout="[A-Z]-?[0-9]{7}-?[0-9A-J]",
        valid=Library("es.cif"),
        check="weak",
        alone="message",
    ),
    national(
        "es_nss",
        "[0-9]{12}",
        "nss, seguridad social, afiliación, naf",
        layout="[0-9]{2}[ /][0-9]{8}[ /][0-9]{2}",
        valid=national_checks.spanish_social_security,
        check="strong",
        alone="written",
    ),
    national(
        "pt_nif",
        "[1235689][0-9]{8}",
        "nif, contribuinte, número de contribuinte, nipc",
        layout="[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
        valid=Library("pt.nif"),
        check="weak",
        alone="message",
    ),
    national(
        "pt_cc",
        "[0-9]{9}[A-Z0-9]{2}[0-9]",
        "cartão de cidadão",
        layout="[0-9]{8} ?[0-9] ?[A-Z0-9]{2}[0-9]",
        valid=Library("pt.cc"),
        check="strong",
        alone="message",
    ),
    national(
        "pt_niss",
        "[12][0-9]{10}",
        "niss, segurança social",
        valid=national_checks.portuguese_social_security,
        check="weak",
    ),
    national(
        "it_cf",
        f"[A-Z]{{6}}{_CF_DIGIT}{{2}}[ABCDEHLMPRST]{_CF_DIGIT}{{2}}[A-Z]{_CF_DIGIT}{{3}}[A-Z]",
        "codice fiscale, cod fiscale, cod. fiscale, cf, c.f., fiscale",
        layout="[A-Z]{3} [A-Z]{3} [0-9A-Z]{5} [0-9A-Z]{5}",
        valid=Library("it.codicefiscale"),
        check="strong",
        alone="always",
    ),
    national(
        "it_cf_unchecked",
        f"[A-Z]{{6}}{_CF_DIGIT}{{2}}[ABCDEHLMPRST]{_CF_DIGIT}{{2}}[A-Z]{_CF_DIGIT}{{3}}[A-Z]",
        "codice fiscale, cod fiscale, cod. fiscale, cf, c.f., fiscale",
        alone="always",
    ),
    national(
        "it_iva",
        "[0-9]{11}",
        "iva, partita iva, p.iva, p. iva, piva, partita",
        valid=Library("it.iva"),
        check="weak",
        alone="message",
    ),
    national(
        "it_identity_card",
        "[A-Z]{2}[0-9]{5}[A-Z]{2}",
        "carta d'identità, carta identità, documento, cie",
        layout="[A-Z]{2} ?[0-9]{5} ?[A-Z]{2}",
        alone="message",
    ),
    national(
        "it_identity_card_old", "[A-Z]{2}[0-9]{7}|[0-9]{7}[A-Z]{2}", "carta d'identità, carta identità, documento"
    ),
    national("it_health_card", "80[0-9]{18}", "tessera sanitaria", alone="message"),
    national(
        "gr_amka", "[0-3][0-9][01][0-9]{8}", "amka, αμκα", valid=Library("gr.amka"), check="strong", alone="message"
    ),
    national("gr_afm", "[0-9]{9}", "afm, αφμ, α.φ.μ.", valid=Library("gr.vat"), check="weak"),
    national("gr_id_card", "[A-Z]{1,2}[0-9]{6}", "ταυτότητα, ταυτότητας, δελτίο ταυτότητας, αδτ, adt", alone="never"),
    national("cy_tin", "[0-9]{8}[A-Z]", "αφτ, tic", valid=Library("cy.vat"), check="strong"),
    national("mt_id", "[0-9]{3,7}[AGHLMPZ]", "karta tal-identità, identity card"),
)
