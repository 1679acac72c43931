"""The rules for secrets that people tell in sentences: "my password is ...", "mein Passwort lautet ...", "PIN 4821".

A rule is anchored at the word for the secret. What follows must read like telling it: a verb or a colon, and a value
that is no ordinary word; without a verb the value has to look like a password all the more.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction import secret_keys, secret_values
from convqa_sdk.redaction.entropy import is_mixed, is_path, is_placeholder
from convqa_sdk.redaction.prose_words import is_plain_word
from convqa_sdk.redaction.rule import Check, Rule, Span
from convqa_sdk.redaction.secret_assignments import judged

_PASSWORD_STEMS: Final = (
    "passw", "passphrase", "passcode", "pwd", "pw", "pass ", "pass:", "memorable word", "security answer",
    "kennwort", "contrase", "clave", "senha", "palavra-passe", "mot de passe", "mdp", "parola", "wachtwoord",
    "has\u0142o", "haslo", "heslo", "lozinka", "l\u00f6senord", "losenord", "adgangskode", "passord", "salasana",
    "jelsz", "\u015fifre", "sifre", "\u043f\u0430\u0440\u043e\u043b\u044c",
)  # fmt: skip
_UNSPACED_STEMS: Final = ("\u5bc6\u7801", "\u5bc6\u78bc", "\u30d1\u30b9\u30ef", "\ube44\ubc00\ubc88\ud638")
_TOKEN_STEMS: Final = ("token", "secret", "key", "bearer", "credential")
_PIN_STEMS: Final = ("pin", "otp", "tan", "puk", "passcode")
_CODE_STEMS: Final = ("code", "c\u00f3digo", "codigo", "codice", "kod", "\u9a8c\u8bc1\u7801", "\u043a\u043e\u0434")

# What may stand between the word and the verb: "password for my account is", "contrase\u00f1a de mi cuenta es".
_BETWEEN = (
    "(?:[ \u00a0]{1,3}(?:(?:for|of|to|on|at|in|f\u00fcr|zu|pour|para|de|del|do|da|van|voor|per|di|till|til|do|dla)"
    "[ \u00a0](?:[\\w@.'\u2019+-]{1,40}[ \u00a0]){0,2}?[\\w@.'\u2019+-]{1,40}"
    "|i|we|he|she|use|used|am|using|have|had|chose|set|currently|now|new|old|current|temporary|account|login|number"
    "|code|key|that|which|right|received|got|entered|typed)){0,4}"
)
_VERB = (
    "(?:[ \u00a0]{0,3}[:=\uff1a]>?|[ \u00a0]{1,3}(?:[\u2013\u2014-]{1,2}>?|is|are|was|being|lautet|lautete|ist|war|est"
    "|\u00e9tait|es|era|\u00e9|\u00e8|e|e'|eh|jest|to|brzmi|\u00e4r|er|je|este|bu|yra)(?:[ \u00a0\n]|:)"
    "|['\u2019]s )[ \u00a0]{0,3}"
    "(?:(?:currently|now|still|just|set to|simply|always|jetzt|aktuell|nu|to|also|as follows|this|:)"
    "[ :,\u00a0]{1,3}){0,2}"
)
_TOLD = re.compile(f"(?i:salasana\\w{{0,4}} on |[\\w-]{{0,12}}{_BETWEEN}{_VERB})")
_TOLD_UNSPACED = re.compile("(?:[^ -~]|-){2,10}[ :=]{0,3}([!-~]{6,64})")
_BEFORE_NUMBER = frozenset((" ", "\u00a0", "#", '"', "'", "\u201c", "\u201e", ":", "\n"))
_WORD_END = re.compile("[\\w.-]{0,24}")
_SPACES = re.compile("[ \t\u00a0]{1,4}| ?\r?\n")
_IDENTIFIER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_FLAG_GAP = re.compile("[ \t]{1,4}|=")
_POSSESSIVE = re.compile(
    "(?i:(?:^|[^a-z])(?:my|our|his|her|their|its|the|wifi|wi-fi|mein|mi|mon|minha|moje|mijn|mia|mit|mitt|benim) "
    "(?:[a-z-]{1,16} ){0,2})$"
)
_CLAUSE_END = re.compile("[ \u00a0]{0,2}(?:[.,;!?)\n]|$|(?:and|but|und|aber|y|et|e|en|i|och|og|please) )")
_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile("[0-9]{3}[ -][0-9]{3}|[0-9]{4} [0-9]{4}|(?:[A-Z]-)?[0-9]{4,8}")
_CODE_BEFORE = re.compile(
    "(?i:(?:verification|verify|security|one[- ]?time|onetime|otp|2fa|mfa|two[- ]factor|auth|authentication"
    "|authenticator|authorization|authorisation|access|log[- ]?in|sign[- ]?in|confirmation|activation|unlock|recovery"
    "|backup|sms|pin|passcode|best\u00e4tigungs|sicherheits|verifizierungs|zugangs|freischalt|einmal|verificatie"
    "|bekr\u00e4ftelse)[ -]?)$"
)
_CODE_AFTER = re.compile(
    "(?i: (?:de|di|da|do) (?:v\u00e9rification|verificaci\u00f3n|verificacion|verifica|verifica\u00e7\u00e3o"
    "|confirmation|confirmaci\u00f3n|confirma\u00e7\u00e3o|seguridad|s\u00e9curit\u00e9|seguran\u00e7a|sicurezza|acceso|acesso|acc\u00e8s"
    "|accesso)| weryfikacyjny| sms| (?:they|you|we) (?:just )?sent(?: me| us)?"
    "| (?:i|you) (?:received|got|was sent|were sent|sent me|entered|typed)"
    "| \u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0436\u0434\u0435\u043d\u0438\u044f)"
)
_BEFORE_CODE = re.compile("(?:[A-Z]-)?[0-9]{4,8} (?:is|as|ist|est|es|\u00e9|\u00e8|jest) (?:[\\w'\u2019]{1,20} ){0,4}$")
_POSTAL = re.compile(
    "(?i:(?:zip|postal|post|area|error|promo|discount|country|sort|qr|bar|product|source|dress|order|state|status|city"
    "|coupon|voucher|gift)[- ]?)$"
)
_UNITS = re.compile(
    " ?(?:char|digit|letter|word|symbol|day|hour|minute|month|year|week|time|attempt|zeichen|stellen|caract|%)"
)
_SQL = re.compile("(?i:identified(?: with ['\"`]?[a-z0-9_]{1,40}['\"`]?)? (?:by|as) (?:password )?)")


def password_span(text: str, start: int, end: int) -> Span | None:
    """Return the password told behind the word for it."""
    name, stop = _identifier(text, start)
    if name.startswith("-"):
        return _flag_value(text, stop, name, secret_keys.PASSWORD)
    if "_" in name and secret_keys.strength(name) == secret_keys.NONE:
        return None
    told = _TOLD.match(text, start, start + 240)
    if told is not None and told.end() > start:
        return _told_value(text, start, told.end())
    gap = _SPACES.match(text, stop)
    if gap is None:
        return None
    position = gap.end()
    span = secret_values.quoted(text, position) or secret_values.bare(text, position)
    value = text[span[0] : span[1]]
    accepted = len(value) >= 6 and " " not in value and _is_chosen(value)
    return span if accepted else None


def token_span(text: str, start: int, end: int) -> Span | None:
    """Return the token, key or secret told behind the word for it; it has to look generated."""
    name, stop = _identifier(text, start)
    if name.startswith("-"):
        return _flag_value(text, stop, name, secret_keys.TOKEN)
    if secret_keys.strength(name) == secret_keys.NONE or text[max(0, start - 7) : start].lower() == "public ":
        return None
    told = _TOLD.match(text, start, start + 240)
    if told is not None:
        return judged(text, told.end(), secret_keys.TOKEN)
    gap = _SPACES.match(text, stop)
    return judged(text, gap.end(), secret_keys.TOKEN) if gap is not None else None


def unspaced_span(text: str, start: int, end: int) -> Span | None:
    """Return the password behind the word for it in a script without blanks."""
    told = _TOLD_UNSPACED.match(text, start)
    return told.span(1) if told is not None and _is_chosen(told.group(1)) else None


def pin_span(text: str, start: int, end: int) -> Span | None:
    """Return the PIN or one-time password told behind its name, or before it."""
    return _number_before(text, start) or (None if text[end : end + 1].isalpha() else _number_told(text, end))


def code_span(text: str, start: int, end: int) -> Span | None:
    """Return a one-time code, when the word is told to be one: "verification code", "482913 is your code"."""
    before = text[max(0, start - 40) : start]
    if _DIGIT.search(text, start - len(before), end + 128) is None:
        return None
    if _POSTAL.search(before):
        return None
    sent = _number_before(text, start)
    if sent is not None:
        return sent
    after = _CODE_AFTER.match(text, end)
    if _CODE_BEFORE.search(before) is None and after is None:
        return None
    return _number_told(text, end if after is None else after.end())


def _number_before(text: str, start: int) -> Span | None:
    before = text[max(0, start - 40) : start]
    sent = _BEFORE_CODE.search(before)
    number = _NUMBER.match(text, start - len(before) + sent.start()) if sent is not None else None
    return number.span() if number is not None else None


def _number_told(text: str, position: int) -> Span | None:
    told = _TOLD.match(text, position, position + 240)
    position = told.end() if told is not None else position
    while text[position : position + 1] in _BEFORE_NUMBER:
        position += 1
    number = _NUMBER.match(text, position)
    if number is None:
        return None
    following = text[number.end() : number.end() + 2]
    if following[:1].isalnum() or (following[:1] in ("-", "/", ".", ",") and following[1:].isdigit()):
        return None
    return None if _UNITS.match(text, number.end()) else number.span()


def sql_span(text: str, start: int, end: int) -> Span | None:
    """Return the password of a user that SQL creates or alters."""
    clause = _SQL.match(text, start, start + 96)
    if clause is None:
        return None
    quoted = secret_values.quoted(text, clause.end())
    span = quoted or secret_values.bare(text, clause.end())
    value = text[span[0] : span[1]]
    if len(value) < 3 or is_placeholder(value) or " " in value or (quoted is None and not is_mixed(value)):
        return None
    return span


def _told_value(text: str, start: int, position: int) -> Span | None:
    span = secret_values.quoted(text, position)
    if span is not None:
        span = secret_values.one_line(text, span)
        value = text[span[0] : span[1]]
        plausible = 3 <= len(value) <= 128 and len(value.split()) <= 6 and not is_placeholder(value)
        return span if plausible and not is_plain_word(value) else None
    span = secret_values.bare(text, position)
    value = text[span[0] : span[1]]
    if len(value) < 3 or is_placeholder(value) or is_path(value):
        return None
    if value.isdigit():
        return span if len(value) >= 4 and not _UNITS.match(text, span[1]) else None
    if _is_chosen(value):
        return span
    word = value.rstrip("!?")
    if len(value) < 4 or not word.isalpha() or is_plain_word(word):
        return None
    before = text[max(0, start - 48) : start]
    return span if _POSSESSIVE.search(before) and _CLAUSE_END.match(text, span[1]) else None


def _is_chosen(value: str) -> bool:
    """Return whether a value looks like a password that a person chose: not a word, an address or a date."""
    if "@" in value[1:-1] and "." in value.rpartition("@")[2] and value.rpartition("@")[2].replace(".", "").isalpha():
        return False
    core = value.strip(".,;:!?()[]\"'")
    if not is_mixed(value) or is_placeholder(value) or is_path(value):
        return False
    letters = sum(character.isalpha() for character in core)
    if letters <= 2 and core[-2:].lower() in ("st", "nd", "rd", "th"):
        return False
    return not ("'" in core or "\u2019" in core) or any(character.isdigit() for character in core)


def _identifier(text: str, start: int) -> tuple[str, int]:
    """Return the whole name in which a word stands, as in `--api-token` or `PUBLIC_KEY`, and where it ends."""
    floor = max(0, start - secret_keys.MAX_KEY)
    begin = floor + len(text[floor:start].rstrip(_IDENTIFIER))
    word = _WORD_END.match(text, start)
    stop = word.end() if word is not None else start
    return text[begin:stop], stop


def _flag_value(text: str, stop: int, name: str, strength: int) -> Span | None:
    gap = _FLAG_GAP.match(text, stop)
    if gap is None or text.startswith("-", gap.end()) or secret_keys.strength(name) == secret_keys.NONE:
        return None
    return judged(text, gap.end(), strength)


def _outside_markers(check: Check) -> Check:
    return lambda text, start, end: None if secret_values.in_marker(text, start) else check(text, start, end)


def _prose(name: str, stems: tuple[str, ...], check: Check, *, expression: str, alone: bool = True) -> Rule:
    return Rule(
        name=name,
        label="SECRET",
        literals=stems,
        expression=expression,
        check=_outside_markers(check),
        folded=True,
        alone=alone,
    )


PROSE: Final = (
    _prose("told_password", _PASSWORD_STEMS, password_span, expression="[^\\W_]{2,16}"),
    _prose("told_password_unspaced", _UNSPACED_STEMS, unspaced_span, expression="[^ -~]{2,3}", alone=False),
    _prose("told_token", _TOKEN_STEMS, token_span, expression="[A-Za-z]{3,12}"),
    _prose("told_pin", _PIN_STEMS, pin_span, expression="[A-Za-z]{8}|[A-Za-z]{3}"),
    _prose("told_code", _CODE_STEMS, code_span, expression="[^\\W_]{3,6}", alone=False),
    _prose("sql_user", ("identified",), sql_span, expression="[A-Za-z]{10}"),
)
