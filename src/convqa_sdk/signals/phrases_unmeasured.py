"""German, Spanish and Polish phrases: a beginning, written without labelled data; nobody has measured them.

A rate that uses them has to be published as of unknown recall. Expressions are over folded text: lower case, no
apostrophes, no accents, `ss` for sharp s.
"""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase, Table

_GERMAN = (
    Phrase(
        "thats_wrong",
        "correction",
        r"\bdas ist (?:leider |doch |aber )?(?:falsch|nicht wahr|gelogen|unwahr)\b",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "not_right",
        "correction",
        r"\bdas (?:stimmt|ist) (?:so |aber |doch |leider |gar |uberhaupt |absolut ){0,2}nicht(?: richtig"
        r"| korrekt)?(?=[ .!,]*$|[.!,])",
        "nicht",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "you_made_that_up",
        "correction",
        r"\bdas (?:haben sie|hast du) (?:sich|dir) (?:nur |gerade )?ausgedacht\b|\bfrei erfunden\b",
        "ausgedacht erfunden",
        after="anything",
    ),
    Phrase(
        "you_said_x_but",
        "correction",
        r"(?<!wie )\b(?:sie haben|du hast) (?:doch |vorhin |eben )?(?:gesagt|behauptet"
        r"|geschrieben)[^.?!;]{1,80}? aber\b",
        "aber",
        after="anything",
    ),
    Phrase(
        "not_what_i_said",
        "correction",
        r"\bdas (?:habe ich|hab ich|war) (?:gar |so |aber |doch ){0,2}nicht (?:gefragt|gesagt|gemeint|meine frage"
        r"|was ich)\b",
        "nicht",
        after="anything",
    ),
    Phrase(
        "you_misunderstood",
        "correction",
        r"\b(?:sie haben|du hast) (?:mich|das|es) (?:wohl |da )?(?:falsch|missverstanden)",
        "falsch missverstanden",
    ),
    Phrase(
        "makes_no_sense",
        "complaint",
        r"\bergibt (?:gar |uberhaupt )?keinen sinn\b|\bmacht (?:gar |uberhaupt )?keinen sinn\b",
        "sinn",
    ),
    Phrase(
        "did_not_answer",
        "complaint",
        r"\b(?:beantwortet|beantworten sie|beantwortest) (?:das |du )?(?:meine|nicht meine) frage\b"
        r"|\bkeine antwort auf meine frage\b",
        "frage",
    ),
    Phrase(
        "what_do_you_mean",
        "clarification_request",
        r"\bwas (?:meinen sie|meinst du|bedeutet das|soll das (?:heissen|bedeuten))\b",
        "was",
    ),
    Phrase(
        "i_do_not_understand",
        "clarification_request",
        r"\b(?:das )?(?:verstehe|versteh) ich (?:leider |gar )?nicht\b|\bsind sie (?:sich )?sicher\b"
        r"|\bbist du (?:dir )?sicher\b",
        "nicht sicher",
    ),
    Phrase(
        "already_told_you",
        "repeat",
        r"\b(?:habe|hab) ich (?:ihnen|dir|euch|doch|das|es)?(?: \w+){0,2} (?:schon|bereits)\b|\bwie (?:gesagt"
        r"|schon gesagt|bereits (?:gesagt|erwahnt|geschrieben))\b",
        "schon bereits gesagt",
    ),
)
_SPANISH = (
    Phrase(
        "thats_wrong",
        "correction",
        r"\beso (?:es (?:falso|mentira|incorrecto)|esta mal)\b",
        "eso",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "not_right",
        "correction",
        r"\b(?:eso )?no es (?:correcto|cierto|verdad|asi)\b",
        "no",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "you_made_that_up",
        "correction",
        r"\b(?:te|se) lo (?:has|ha) inventado\b|\bte lo inventaste\b",
        "inventado inventaste",
        after="anything",
    ),
    Phrase(
        "you_said_x_but",
        "correction",
        r"(?<!como )\b(?:dijiste|dijo usted|usted dijo|me dijiste|has dicho)\b[^.?!;]{1,80}? pero\b",
        "pero",
        after="anything",
    ),
    Phrase(
        "not_what_i_said",
        "correction",
        r"\bno es lo que (?:te |le )?(?:pregunte|pedi|dije|queria decir)\b",
        "que",
        after="anything",
    ),
    Phrase("makes_no_sense", "complaint", r"\bno tiene (?:ningun )?sentido\b", "sentido"),
    Phrase(
        "did_not_answer",
        "complaint",
        r"\bno (?:ha|has|me ha|me has) (?:respondido|contestado)\b|\bno (?:responde|respondes"
        r"|contesta) (?:a )?mi pregunta\b",
        "no",
    ),
    Phrase(
        "what_do_you_mean",
        "clarification_request",
        r"\bque (?:quieres|quiere|quiso) decir\b|\ba que te refieres\b|\ba que se refiere\b|\bno (?:lo )?entiendo\b",
        "decir refieres refiere entiendo",
    ),
    Phrase(
        "already_told_you",
        "repeat",
        r"\bya (?:te|se|les?) (?:lo )?(?:dije|he dicho|di|explique)\b|\bcomo (?:ya )?(?:te |le )?(?:dije|he dicho)\b",
        "ya como",
    ),
)
_POLISH = (
    Phrase(
        "thats_wrong",
        "correction",
        r"\bto (?:jest )?(?:nieprawda|klamstwo|blad|bledne|niepoprawne|nieprawidlowe)\b",
        "to",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "not_right",
        "correction",
        r"\bto (?:jest )?nie(?: jest)? (?:prawda|tak|poprawne|prawidlowe)\b|\bto sie nie zgadza\b",
        "to",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "you_made_that_up",
        "correction",
        r"\b(?:wymysliles|wymyslila?s|zmysliles|zmyslila?s|zmyslasz)\b|\bto zmyslone\b",
        after="anything",
    ),
    Phrase(
        "you_said_x_but",
        "correction",
        r"(?<!jak )\b(?:powiedziales|powiedzialas|napisales|mowiles|twierdziles)\b[^.?!;]{1,80}?\b(?:ale|a jednak)\b",
        "ale jednak",
        after="anything",
    ),
    Phrase(
        "not_what_i_said",
        "correction",
        r"\bnie o to (?:pytalem|pytalam|mi chodzi|mi chodzilo|prosilem|prosilam)\b|\bnie to (?:powiedzialem"
        r"|powiedzialam|mialem|mialam)\b",
        "nie",
        after="anything",
    ),
    Phrase("makes_no_sense", "complaint", r"\b(?:nie ma (?:to )?|bez )sensu\b", "sensu"),
    Phrase("did_not_answer", "complaint", r"\bnie (?:odpowiedziales|odpowiedzialas|odpowiadasz|odpowiada)\b", "nie"),
    Phrase(
        "what_do_you_mean",
        "clarification_request",
        r"\bco (?:to znaczy|masz na mysli|ma pan na mysli|ma pani na mysli)\b|\bnie rozumiem\b",
        "co nie",
    ),
    Phrase(
        "already_told_you",
        "repeat",
        r"\bjuz (?:\w+ ){0,2}(?:mowilem|mowilam|pisalem|pisalam|podalem|podalam)\b|\bjak (?:juz )?(?:mowilem|mowilam"
        r"|pisalem|pisalam)\b",
        "juz jak",
    ),
)
_NOTHING = r"(?!)"

TABLES = {
    "de": Table(
        _GERMAN,
        r'\bwie (?:sie|du) (?:\w+ )?(?:gesagt|sagten|sagtest|vorgeschlagen|beschrieben)\b|"[^"\n]{1,200}"',
        r"\bmein fehler\b|\bich (?:habe|hab) mich (?:vertan|verschrieben|geirrt|versprochen|vertippt)\b"
        r"|\b(?:ich )?meinte\b",
        _NOTHING,
        r"\b(?:hab|habe) ich (?:\w+ ){0,3}(?:schon|bereits)\b|\bwie (?:ich )?(?:schon|bereits) (?:\w+ ){0,2}(?:gesagt"
        r"|geschrieben|erklart)\b|\bnoch ?mal alles\b",
        "ich du sie er es wir der die das ein eine einen und oder in im zu mit bitte danke ja nein mein meine meinen"
        " ist hallo",
    ),
    "es": Table(
        _SPANISH,
        r'\bcomo (?:me )?(?:dijiste|dijo|indico|sugirio)\b|"[^"\n]{1,200}"',
        r"\b(?:me equivoque|mi error|es mi culpa|perdon, (?:quise|queria) decir)\b",
        _NOTHING,
        r"\bya (?:se )?(?:te |le )?(?:lo )?(?:dije|he dicho|di|explique|conte)\b|\bcomo (?:ya )?(?:le |te )?dije\b"
        r"|\botra vez lo mismo\b",
        "yo tu el la los las un una de en y o a mi me se que por favor gracias si no hola es lo",
    ),
    "pl": Table(
        _POLISH,
        r'\bjak (?:\w+ )?(?:mowiles|mowilas|powiedziales|radziles|pisales)\b|"[^"\n]{1,200}"',
        r"\b(?:moj blad|pomylilem|pomylilam|przepraszam, (?:chodzilo|mialem|mialam))\b",
        _NOTHING,
        r"\bjuz (?:\w+ ){0,3}(?:mowilem|mowilam|pisalem|pisalam|podalem|podalam|tlumaczylem|tlumaczylam)\b"
        r"|\bjak (?:juz )?(?:mowilem|mowilam|pisalem|pisalam)\b",
        "ja ty on ona w na z i o do sie jest to prosze dziekuje tak nie moj moja moje czy czesc dzien dobry",
    ),
}
