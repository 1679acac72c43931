"""Words that say which class of identifier a value is, in the languages of support chats.

A phrase is its words joined by one blank. Each entry is found with and without accents. Words that also name something
else in a support chat ("number", "code", "order") are left out, or stand only inside phrases.
"""

# ruff: noqa: RUF001 - words of many scripts
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from convqa_sdk.redaction.identifier_kind import named

LONGEST_PHRASE: Final = 5
"""No phrase has more words than this."""

WORDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "NATIONAL_ID": named(
            "identity card, identity number, identity no, id card, id-card, national id, national identity, "
            "national identification, national number, national insurance, personal id, personal identity, "
            "personal number, personal code, citizen id, citizen number, citizenship number, "
            "identification number, government id, resident registration, residence permit, residence card, "
            "tax id, tax no, tax number, tax identification, tax file, "
            "tax code, tax reference, taxpayer, taxpayer id, tax payer, tin, vat id, vat no, vat number, "
            "vatin, health card, health insurance number, ausweis, ausweisnummer, ausweis-nr, personalausweis, "
            "personalausweisnummer, personalausweisnr, identitätskarte, steuernummer, steuer-nr, steuernr, "
            "steuer-id, steuerid, steueridentifikationsnummer, steuer-identifikationsnummer, "
            "identifikationsnummer, idnr, id-nr, umsatzsteuer-id, ust-id, ustid, ust-idnr, ustidnr, "
            "sozialversicherungsnummer, sozialversicherung, rentenversicherungsnummer, rentenversicherung, "
            "krankenversichertennummer, versichertennummer, versicherungsnummer, ahv-nummer, aufenthaltstitel, "
            "documento, documento de identidad, documento nacional, número de identidad, identificación, "
            "cédula, cedula, carnet de identidad, número fiscal, identificación fiscal, seguridad social, "
            "afiliación, contribuinte, documento de identidade, carteira de identidade, identidade, "
            "cartão de cidadão, número de contribuinte, segurança social, carte d'identité, carte identité, "
            "carte nationale, cni, pièce d'identité, identité, numéro fiscal, numéro national, "
            "registre national, sécurité sociale, sécu, numéro de sécu, titre de séjour, numéro de tva, tva, "
            "codice fiscale, cod. fiscale, cod fiscale, partita iva, p.iva, p. iva, carta d'identità, "
            "carta identità, documento d'identità, tessera sanitaria, numer identyfikacyjny, "
            "numer identyfikacji, dowód, dowodu, dowodem, dowód osobisty, dowodu osobistego, "
            "dowodem osobistym, dokument tożsamości, dokumentu tożsamości, identyfikator podatkowy, "
            "numer podatkowy, burgerservicenummer, sofinummer, identiteitskaart, identiteitsbewijs, "
            "identiteitsnummer, rijksregisternummer, rijksregister, fiscaal nummer, btw, btw-nummer, "
            "legitimatie, personnummer, samordningsnummer, fødselsnummer, födelsenummer, cpr-nummer, cpr-nr, "
            "henkilötunnus, hetu, henkilökortti, id-kort, legitimation, isikukood, asmens kodas, "
            "personas kods, kennitala, rodné číslo, rodne cislo, rč, občanský průkaz, číslo op, "
            "občiansky preukaz, ičo, dič, ico, szig, szemelyi szam, személyi szám, személyi igazolvány, "
            "adóazonosító, adóazonosító jel, adószám, taj szám, taj-szám, taj, cod numeric personal, cnp, "
            "buletin, carte de identitate, cod fiscal, cui, егн, лична карта, личен номер, еик, oib, "
            "osobna iskaznica, osobni broj, jmbg, matični broj, pib, emšo, emso, davčna, osebna izkaznica, "
            "αφμ, αμκα, ταυτότητα, ταυτότητας, αριθμός ταυτότητας, инн, снилс, ипн, рнокпп, іпн, "
            "паспортные данные, kimlik, kimlik no, kimlik numarası, kimlik numarasi, tc kimlik, t.c. kimlik, "
            "tckn, vergi no, vergi numarası, vkn, aadhaar, aadhar, adhaar, आधार, ktp, npwp, mykad, "
            "kad pengenalan, no. ic, cmnd, cccd, căn cước, mã số thuế, 身份证, 身份证号, 身份證, 身分證, "
            "マイナンバー, 個人番号, 주민등록번호, 주민번호, 외국인등록번호, 사업자등록번호, บัตรประชาชน, "
            "เลขบัตรประชาชน, เลขประจำตัวประชาชน, תעודת זהות, ת.ז., مספר זהות, رقم الهوية, الرقم القومي, "
            "الرقم الوطني"
        ),
        "US_SSN": named(
            "ssn, ssns, ssn#, social, social security, social security number, social security no, soc sec, "
            "socsec, seguro social, número de seguro social"
        ),
        "PASSPORT": named(
            "passport, passports, passport no, passport number, travel document, reisepass, reisepassnummer, "
            "pass-nr, passnr, pass nr, pasaporte, passaporte, passaporto, passeport, passeports, paszport, "
            "paszportu, paszportem, paspoort, paspoortnummer, passinumero, passi, pas nr, pasnummer, vegabréf, "
            "pasas, passi number, cestovní pas, číslo pasu, pasu, útlevél, útlevélszám, pașaport, pasaport, "
            "pasaportu, pasaport no, паспорт, паспорта, паспорту, putovnica, putovnice, potni list, "
            "διαβατήριο, διαβατηρίου, paspor, hộ chiếu, पासपोर्ट, 护照, 護照, 护照号, パスポート, 旅券, "
            "旅券番号, 여권, 여권번호, หนังสือเดินทาง, דרכון, جواز, جواز السفر, passnummer"
        ),
        "DRIVER_LICENSE": named(
            "licence, license, licence no, license no, licence number, license number, driver, drivers, "
            "driving, dl, dl#, dlnumber, dvla, dmv, cdl, driving licence, driving license, driver license, "
            "drivers license, driver's license, driver's licence, learner permit, führerschein, "
            "führerscheinnummer, führerscheins, führerschein-nr, fahrerlaubnis, führerausweis, permis, "
            "permis de conduire, permis conduire, carnet de conducir, permiso de conducir, "
            "permiso de conducción, licencia de conducir, licencia de manejo, licencia, carteira de motorista, "
            "carteira de habilitação, habilitação, cnh, carta de condução, patente, patente di guida, "
            "prawo jazdy, prawa jazdy, prawem jazdy, rijbewijs, rijbewijsnummer, körkort, körkortsnummer, "
            "kørekort, førerkort, førerkortnummer, ajokortti, ajokortin, juhiluba, vadītāja apliecība, "
            "vairuotojo pažymėjimas, řidičský průkaz, řidičák, vodičský preukaz, vezetői engedély, "
            "jogosítvány, permis de conducere, vozačka dozvola, vozniško dovoljenje, шофьорска книжка, "
            "водительское удостоверение, водительские права, посвідчення водія, άδεια οδήγησης, "
            "δίπλωμα οδήγησης, ehliyet, ehliyet no, sürücü belgesi, lesen memandu, 驾驶证, 駕照, 運転免許, "
            "運転免許証, 免許証番号, 운전면허, 운전면허번호, ใบขับขี่, רישיון נהיגה, رخصة القيادة, driver's"
        ),
        "VEHICLE_PLATE": named(
            "plate, plates, plate no, license plate, licence plate, number plate, numberplate, registration, "
            "registration number, registration plate, reg no, reg number, car reg, vehicle reg, vrm, vrn, "
            "rego, tag number, vehicle number, kennzeichen, autokennzeichen, kfz-kennzeichen, kfz kennzeichen, "
            "kfz, nummernschild, autonummer, kontrollschild, matrícula, placa, placas, placa do carro, "
            "immatriculation, immatriculé, immatriculée, plaque, plaque d'immatriculation, targa, targato, "
            "targata, rejestracyjny, rejestracyjnego, rejestracyjnym, rejestracyjna, numer rejestracyjny, "
            "nr rej, nr rejestracyjny, rejestracja, rejestracji, tablica, kenteken, kentekenplaat, "
            "nummerplaat, registreringsnummer, regnr, reg.nr, regnummer, nummerplade, registreringsskilt, "
            "bilnummer, rekisterinumero, rekisteritunnus, rekkari, rekkarit, numbrimärk, numura zīme, "
            "valstybinis numeris, spz, registrační značka, poznávací značka, evidenčné číslo, ečv, rendszám, "
            "rendszáma, rendszámú, număr de înmatriculare, înmatriculare, număr înmatriculare, "
            "регистрационен номер, registarska oznaka, registracija, registrska, госномер, гос номер, "
            "номерной знак, номерний знак, πινακίδα, πινακίδες, αριθμός κυκλοφορίας, plaka, plakası, plakalı, "
            "plaka no, plat nomor, nomor polisi, nopol, no plat, biển số, 车牌, 车牌号, 車牌, "
            "ナンバープレート, 차량번호, 번호판, ทะเบียนรถ, לוחית רישוי, رقم اللوحة"
        ),
        "VIN": named(
            "vin, vin#, vin number, vehicle identification, vehicle identification number, chassis, "
            "chassis no, chassis number, frame number, fahrgestellnummer, fahrgestell, fahrgestell-nr, fin, "
            "fahrzeug-identifizierungsnummer, fin-nummer, bastidor, número de bastidor, chasis, "
            "número de chasis, chassi, número de châssis, châssis, numéro de série, telaio, numero di telaio, "
            "nr vin, numer nadwozia, nadwozia, chassisnummer, chassinummer, stelnummer, understellsnummer, "
            "valmistenumero, alustanumero, alvázszám, číslo karoserie, serie de șasiu, șasiu, šasije, šasi no, "
            "şasi, şase, шасси, vin-код, αριθμός πλαισίου, 车架号, 車台番号, 차대번호"
        ),
        "BANK_ACCOUNT": named(
            "account, account no, account number, acct, acct#, acct no, acc no, a/c, a/c no, bank account, "
            "checking, savings, checking account, savings account, routing, routing no, routing number, rtn, "
            "aba, aba number, transit number, institution number, sort code, sortcode, sort-code, bsb, "
            "bsb number, ifsc, deposit account, direct debit, direct deposit, konto, kontonummer, kontonr, "
            "konto-nr, kto, kto-nr, ktonr, bankkonto, bankverbindung, girokonto, bankleitzahl, blz, cuenta, "
            "cuenta bancaria, número de cuenta, nro de cuenta, cta, cuenta corriente, clabe, cbu, cvu, conta, "
            "conta bancária, conta corrente, número da conta, agência, nib, compte, compte bancaire, "
            "numéro de compte, n° de compte, rib, relevé d'identité bancaire, conto, conto corrente, c/c, "
            "numero di conto, konta, kontem, nr konta, numer konta, rachunek, rachunku, numer rachunku, "
            "nr rachunku, nrb, rekening, rekeningnummer, rekeningnr, bankrekening, bankrekeningnummer, "
            "bankkontonummer, bankgiro, bankgironummer, plusgiro, clearingnummer, clearing, tilinumero, tili, "
            "pankkitili, arvelduskonto, arveldusarve, sąskaita, sąskaitos, konts, konta numurs, účet, účtu, "
            "číslo účtu, bankovní účet, bankszámla, bankszámlaszám, számlaszám, számla, cont bancar, contul, "
            "număr de cont, račun, računa, broj računa, žiro račun, transakcijski račun, банкова сметка, "
            "сметка, счет, счёт, расчетный счет, рахунок, λογαριασμός, λογαριασμού, hesap, hesap no, "
            "hesap numarası, banka hesabı, rekening bank, no rekening, nomor rekening, akaun, nombor akaun, "
            "số tài khoản, tài khoản, खाता, 账号, 账户, 银行账号, 口座, 口座番号, 계좌, 계좌번호, เลขที่บัญชี, "
            "บัญชี, חשבון, חשבון בנק, رقم الحساب, حساب, código de conta"
        ),
        "ACCOUNT_ID": named(
            "account id, accountid, account_id, account ref, account reference, customer, customer id, "
            "customer no, customer number, customer ref, customer reference, cust id, custid, client, "
            "client id, client no, client number, client ref, member, member id, member no, member number, "
            "membership, membership no, membership number, membership id, subscriber, subscriber id, "
            "subscriber number, user id, userid, patient id, patient number, employee id, employee number, "
            "student id, student number, policy, policy no, policy number, policyholder, contract number, "
            "contract no, loyalty, loyalty number, loyalty card, frequent flyer, frequent flyer number, "
            "rewards number, crm id, account, kundennummer, kundennr, kunden-nr, kunden-nummer, kunden-id, "
            "kdnr, kd-nr, kunde, mitgliedsnummer, mitglieds-nr, mitgliedsnr, mitglied, vertragsnummer, "
            "vertragskonto, vertragskontonummer, versicherungsschein, policennummer, teilnehmernummer, "
            "benutzerkennung, cliente, número de cliente, nro de cliente, n° de cliente, código de cliente, "
            "id de cliente, número de socio, socio, afiliado, número de abonado, abonado, póliza, "
            "número de póliza, contrato, número de contrato, número do cliente, código do cliente, sócio, "
            "apólice, numéro client, numéro de client, n° client, no client, référence client, "
            "identifiant client, identifiant, numéro d'adhérent, adhérent, abonné, numéro d'abonné, "
            "numéro de contrat, contrat, sociétaire, codice cliente, numero cliente, id cliente, "
            "codice utente, numero tessera, tessera, numero contratto, contratto, polizza, numero polizza, "
            "numer klienta, nr klienta, klienta, klient, identyfikator klienta, id klienta, numer abonenta, "
            "numer członkowski, numer umowy, nr umowy, numer polisy, nr polisy, polisa, polisy, klantnummer, "
            "klantnr, klant, klant-id, lidnummer, lidmaatschapsnummer, relatienummer, contractnummer, "
            "polisnummer, kundnummer, kundnr, kund-id, medlemsnummer, medlem, kundenummer, kundenr, medlemsnr, "
            "avtalenummer, policenummer, asiakasnumero, asiakas, asiakastunnus, jäsennumero, kliendinumber, "
            "klienta numurs, kliento numeris, zákaznické číslo, číslo zákazníka, klientské číslo, ügyfélszám, "
            "ügyfélazonosító, ügyfélkód, cod client, cod abonat, numărul clientului, klijentski broj, "
            "broj klijenta, broj kupca, številka stranke, клиентски номер, номер клиента, номер договора, "
            "лицевой счет, номер клієнта, особовий рахунок, αριθμός πελάτη, κωδικός πελάτη, müşteri no, "
            "müşteri numarası, müşteri numaram, üye no, üyelik no, abone no, nomor pelanggan, id pelanggan, "
            "mã khách hàng, ग्राहक संख्या, 客户编号, 客户号, 会员号, お客様番号, 会員番号, 고객번호, 회원번호, "
            "หมายเลขลูกค้า, מספר לקוח, رقم العميل, numéro de police, mitglied nr"
        ),
        "DATE_OF_BIRTH": named(
            "dob, d.o.b, d.o.b., date of birth, birth date, birthdate, birthday, birth, born, born on, "
            "geboren, geboren am, geb, geb., geburtsdatum, geburtstag, geb.-datum, né, née, né le, née le, "
            "naissance, date de naissance, nacimiento, fecha de nacimiento, nací, nacido, nacida, nascimento, "
            "data de nascimento, nasci, nascido, nascida, nascita, data di nascita, nato, nata, nato il, "
            "nata il, urodzenia, data urodzenia, urodzony, urodzona, ur., urodziłem, urodziłam, geboortedatum, "
            "geboren op, geboorte, födelsedatum, född, född den, fødselsdato, født, født den, fødselsdag, "
            "syntymäaika, syntynyt, sünnikuupäev, sündinud, dzimšanas datums, dzimis, gimimo data, gimęs, "
            "gimusi, narození, datum narození, narozen, narozena, narodenia, dátum narodenia, narodený, "
            "születési idő, születési dátum, születtem, született, data nașterii, nașterii, născut, născută, "
            "rođenja, datum rođenja, rođen, rođena, rojstva, datum rojstva, rojen, rojena, дата на раждане, "
            "роден, родена, дата рождения, рождения, родился, родилась, дата народження, народження, "
            "народився, народилася, ημερομηνία γέννησης, γέννησης, γεννήθηκα, γεννημένος, doğum, doğum tarihi, "
            "doğum tarihim, doğumlu, doğdum, tanggal lahir, lahir, tarikh lahir, ngày sinh, sinh ngày, जन्म, "
            "जन्म तिथि, जन्मतिथि, 出生, 出生日期, 生日, 生年月日, 생년월일, 생일, วันเกิด, วันเดือนปีเกิด, "
            "תאריך לידה, تاريخ الميلاد"
        ),
        "CVV": named(
            "cvv, cvv2, cvc, cvc2, cid, csc, cav2, security code, card security code, card code, "
            "verification code, card verification, verification value, 3-digit code, three digit code, "
            "3 digit code, code on the back, three digits on the back, prüfnummer, prüfziffer, "
            "kartenprüfnummer, kpn, sicherheitscode, sicherheitsnummer, kartenprüfziffer, cryptogramme, "
            "cryptogramme visuel, code de sécurité, code de vérification, código de seguridad, "
            "código de verificación, código de segurança, codice di sicurezza, codice di verifica, "
            "kod zabezpieczający, kod bezpieczeństwa, kod cvv, kod cvc, kodu cvv, kodu cvc, beveiligingscode, "
            "veiligheidscode, säkerhetskod, kontrollkod, sikkerhedskode, kontrolcifre, sikkerhetskode, "
            "turvakoodi, turvaluku, tarkistusnumero, turvakood, bezpečnostní kód, bezpečnostný kód, "
            "biztonsági kód, ellenőrző kód, cod de securitate, sigurnosni kod, kontrolni broj, varnostna koda, "
            "код за сигурност, код безопасности, код безпеки, κωδικός ασφαλείας, güvenlik kodu, kode keamanan, "
            "mã bảo mật, 安全码, セキュリティコード, 보안코드, รหัสความปลอดภัย, קוד אבטחה, رمز الأمان"
        ),
    }
)
