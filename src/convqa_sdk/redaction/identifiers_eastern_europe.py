"""National, tax and health identifiers of central, eastern and south-eastern Europe."""

from __future__ import annotations

from typing import Final

from convqa_sdk.redaction import identifier_checks as checks
from convqa_sdk.redaction import national_checks
from convqa_sdk.redaction.identifier_checks import Library
from convqa_sdk.redaction.identifier_kind import national

IDENTIFIERS: Final = (
    national(
        "pl_pesel",
        "[0-9]{2}[0-9][0-9][0-3][0-9]{6}",
        "pesel, peselu, peselem, nr pesel, numer pesel",
        valid=Library("pl.pesel"),
        check="strong",
        alone="message",
    ),
    national(
        "pl_nip",
        "[0-9]{10}",
        "nip, nipu, nipem, nr nip, numer nip",
        layout="[0-9]{3}-[0-9]{3}-[0-9]{2}-[0-9]{2}|[0-9]{3}-[0-9]{2}-[0-9]{2}-[0-9]{3}",
        valid=Library("pl.nip"),
        check="weak",
        alone="written",
    ),
    national("pl_nip_bare", "[0-9]{10}", "nip", valid=Library("pl.nip"), check="weak", alone="message"),
    national(
        "pl_regon",
        "[0-9]{9}|[0-9]{14}",
        "regon, regonu, regonem, nr regon, numer regon",
        valid=Library("pl.regon"),
        check="weak",
    ),
    national("pl_krs", "[0-9]{10}", "krs, nr krs, numer krs"),
    national(
        "pl_id_card",
        "[A-Z]{3}[0-9]{6}",
        "dowód, dowodu, dowodem, dowód osobisty, dowodu osobistego, dowodem osobistym, dowodzie, "
        "seria i numer, seria, serii, serię",
        layout="[A-Z]{3} ?[0-9]{3} ?[0-9]{3}",
        valid=national_checks.polish_identity_card,
        check="weak",
        alone="message",
    ),
    national(
        "cz_rc",
        "[0-9]{2}[0-35-8][0-9][0-3][0-9]{4,5}",
        "rodné číslo, rodne cislo, rodného čísla, rodným číslem, rč, rc, r.č.",
        layout="[0-9]{6}/[0-9]{3,4}",
        valid=Library("cz.rc"),
        check="strong",
        alone="written",
    ),
    national(
        "cz_rc_bare",
        "[0-9]{2}[0-35-8][0-9][0-3][0-9]{5}",
        "rodné číslo, rodne cislo",
        valid=Library("cz.rc"),
        check="strong",
        alone="message",
    ),
    national("cz_ico", "[0-9]{8}", "ičo, ič, ico", valid=checks.weighted((8, 7, 6, 5, 4, 3, 2, 1), 11), check="weak"),
    national("cz_id_card", "[0-9]{9}", "občanský průkaz, občanského průkazu, číslo op, č. op, občanka, občanky"),
    national("sk_id_card", "[A-Z]{2}[0-9]{6}", "občiansky preukaz, občianskeho preukazu, číslo op, č. op"),
    national(
        "hu_taj",
        "[0-9]{9}",
        "taj, taj szám, taj-szám, taj számom, tajszám",
        layout="[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}",
        valid=national_checks.hungarian_health_insurance,
        check="weak",
    ),
    national(
        "hu_tax",
        "8[0-9]{9}",
        "adóazonosító, adóazonosító jel, adóazonosítóm, adójel",
        valid=national_checks.hungarian_tax,
        check="weak",
    ),
    national(
        "hu_company_tax",
        "[0-9]{11}",
        "adószám, adószámom, adószámunk",
        layout="[0-9]{8}-[1-5]-[0-9]{2}",
        alone="written",
    ),
    national(
        "hu_personal", "[1-8][0-9]{10}", "személyi szám, személyi azonosító, személyi", layout="[1-8]-[0-9]{6}-[0-9]{4}"
    ),
    national(
        "hu_id_card",
        "[0-9]{6}[A-Z]{2}|[A-Z]{2}[0-9]{6}",
        "személyi igazolvány, személyi, szig, igazolványszám, személyigazolvány",
    ),
    national(
        "ro_cnp",
        "[1-9][0-9]{2}[01][0-9][0-3][0-9]{7}",
        "cnp, cod numeric personal, codul numeric personal",
        valid=Library("ro.cnp"),
        check="strong",
        alone="message",
    ),
    national("ro_cui", "(?:RO)?[0-9]{5,10}", "cui, cif, cod fiscal, cod unic", valid=Library("ro.cui"), check="weak"),
    national("ro_id_card", "[A-Z]{2}[0-9]{6,7}", "buletin, buletinul, carte de identitate, ci seria, seria"),
    national(
        "bg_egn",
        "[0-9]{10}",
        "егн, egn, единен граждански номер, пнф, лнч",
        valid=Library("bg.egn"),
        check="strong",
        alone="message",
    ),
    national("bg_eik", "[0-9]{9}", "еик, eik, булстат, bulstat", valid=Library("bg.vat"), check="weak"),
    national(
        "hr_oib",
        "[0-9]{11}",
        "oib, osobni identifikacijski broj",
        valid=Library("hr.oib"),
        check="weak",
        alone="message",
    ),
    national(
        "si_emso",
        "[0-3][0-9][01][0-9]{10}",
        "emšo, jmbg, matični broj, jedinstveni matični broj, јмбг",
        valid=Library("si.emso"),
        check="strong",
        alone="message",
    ),
    national(
        "si_tax", "[1-9][0-9]{7}", "davčna, davčna številka, davčno številko", valid=Library("si.ddv"), check="weak"
    ),
    national("rs_pib", "[0-9]{9}", "pib, пиб", valid=Library("rs.pib"), check="weak"),
    national(
        "ua_rntrc",
        "[0-9]{10}",
        "рнокпп, іпн, ипн, інн, ідентифікаційний код, податковий номер",
        valid=Library("ua.rntrc"),
        check="weak",
    ),
    national("ua_edrpou", "[0-9]{8}", "єдрпоу, едрпоу, edrpou", valid=Library("ua.edrpou"), check="weak"),
    national("ru_inn", "[0-9]{10}|[0-9]{12}", "инн, inn", valid=Library("ru.inn"), check="weak"),
    national(
        "ru_snils",
        "[0-9]{11}",
        "снилс, snils",
        layout="[0-9]{3}-[0-9]{3}-[0-9]{3}[ -][0-9]{2}",
        valid=national_checks.snils,
        check="strong",
        alone="written",
    ),
    national(
        "ru_passport", "[0-9]{10}", "паспорт, паспорта, серия, серия и номер", layout="[0-9]{2} ?[0-9]{2} [0-9]{6}"
    ),
    national("by_unp", "[0-9A-Z]{2}[0-9]{7}", "унп, унн", valid=Library("by.unp"), check="weak"),
    national(
        "by_id",
        "[1-6][0-9]{6}[ABCHKEM][0-9]{3}[A-Z]{2}[0-9]",
        "личный номер, идентификационный номер",
        check="strong",
        alone="always",
    ),
    national("md_idnp", "[0-9]{13}", "idnp, idno", valid=Library("md.idno"), check="weak"),
    national("al_nid", "[A-T][0-9][0156][0-9][0-3][0-9]{4}[A-W]", "nid, nipt, numri personal", check="strong"),
    national("mk_edb", "[0-9]{13}", "едб, edb", valid=Library("mk.edb"), check="weak"),
)
