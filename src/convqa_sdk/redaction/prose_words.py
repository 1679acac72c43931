"""Words that people write right after "password is", "token:" and the like without telling the secret."""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.context_words import vocabulary

_PLAIN: Final = vocabulary(
    # English
    "a an and any are as at be been being but by can cannot case changed check compromised correct currently"
    " default different do does"
    " done down either empty enough expired exposed fine for forgotten from gone good great had has have he"
    " her here hidden his how i if in"
    " incorrect insecure instead invalid is it its just known leaked long locked lost mandatory me mine"
    " missing must my needed never new no none not"
    " now null nil ok okay old on one only optional or our out over please private protected public really"
    " rejected required reset right safe same"
    " secret secure sent she should so still stolen stored strong stuck temporary than that the their then"
    " there they this to too true false"
    " undefined under unique unknown unsafe until up us used valid very via was we weak well what when where"
    " which who why will with without"
    " won work working works wrong yes yet you your reason because would could also always case-sensitive"
    " encrypted accepted set safe simple short"
    " username user email login account both all some something nothing everything easy hard difficult"
    " complicated confidential personal"
    " blank broken blocked disabled enabled error failed help issue issues problem problems question thanks"
    " thank sorry hello"
    " hi string text number boolean integer bool int str object any void type varchar char self this var let const"
    # German
    " falsch richtig ungueltig ung\u00fcltig gesperrt vergessen abgelaufen nicht nur ist war wird wurde und"
    " oder aber jetzt neu alt leider immer"
    " noch schon zu kurz lang sicher unsicher gleich erforderlich weg bekannt unbekannt geheim kein keine mein"
    " meine dein ihr ihre das der die"
    # French
    " incorrecte correcte invalide valide expir\u00e9 bloqu\u00e9 oubli\u00e9 refus\u00e9 pas ne plus toujours"
    " trop court longue requis obligatoire le la les"
    " un une mon ma votre est perdu inconnu s\u00e9curis\u00e9 faux bon"
    # Spanish, Portuguese, Italian
    " incorrecta incorrecto correcta correcto inv\u00e1lida inv\u00e1lido invalida invalido v\u00e1lida"
    " expirada expirado caducada bloqueada bloqueado"
    " olvidada perdida no est\u00e1 esta muy demasiado corta larga segura la el los las mi tu su incorreta"
    " incorreto errada errado n\u00e3o muito curta"
    " esquecida vencida inv\u00e1lidas sbagliata sbagliato errata errato scaduta scaduto bloccata dimenticata"
    " non troppo sicura obbligatoria richiesta"
    # Dutch, Polish, Scandinavian
    " verkeerd fout onjuist ongeldig verlopen geblokkeerd vergeten niet te kort lang veilig nieuw oud mijn uw"
    " het de een"
    " nieprawid\u0142owe niepoprawne b\u0142\u0119dne z\u0142e wygas\u0142o zablokowane nie jest moje moja za"
    " kr\u00f3tkie bezpieczne stare nowe zapomniane"
    " fel felaktigt fel ogiltigt glemt forkert ugyldig feil inte ikke"
)
_ADJECTIVE = re.compile("[a-z]{2,}(?:ed|ing|ly|ful|able|ible|less|ous|ive|ical|ment|tion)")


def is_plain_word(word: str) -> bool:
    """Return whether a word is of the kind that continues a sentence, rather than a password made of letters."""
    lower = word.lower()
    return lower in _PLAIN or _ADJECTIVE.fullmatch(lower) is not None
