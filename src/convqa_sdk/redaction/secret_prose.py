"""The rules for secrets that people tell in sentences: "my password is ...", "mein Passwort lautet ...", "PIN 4821".

A rule is anchored at the word for the secret. What follows must read like telling it: a verb or a colon, and a value
that is no ordinary word; without a verb the value has to look like a password all the more.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction import secret_keys, secret_values
from convqa_sdk.redaction.entropy import is_generated, is_mixed, is_path, is_placeholder
from convqa_sdk.redaction.prose_words import is_plain_word
from convqa_sdk.redaction.rule import Rule, Span
from convqa_sdk.redaction.secret_assignments import judged

_PASSWORD_STEMS: Final = (
    "passw", "passwd", "passphrase", "passcode", "pwd", "pw", "pass ", "pass:", "kennwort", "contrase", "senha", "palavra-passe", "mot de passe",
    "mdp", "has\u0142o", "haslo", "wachtwoord", "l\u00f6senord", "losenord", "adgangskode", "passord", "salasana", "heslo", "jelsz",
    "\u015fifre", "sifre", "parola", "clave", "lozinka", "\u043f\u0430\u0440\u043e\u043b\u044c", "\u5bc6\u7801", "\u5bc6\u78bc",
    "\u30d1\u30b9\u30ef\u30fc\u30c9", "\ube44\ubc00\ubc88\ud638", "memorable word", "security answer",
)  # fmt: skip
_TOKEN_STEMS: Final = ("token", "secret", "key", "bearer", "credential")
_CODE_STEMS: Final = (
    "pin",
    "otp",
    "tan",
    "puk",
    "code",
    "c\u00f3digo",
    "codigo",
    "codice",
    "kod",
    "\u9a8c\u8bc1\u7801",
    "\u043a\u043e\u0434",
)

# What may stand between the word and the verb: "password for my account is", "contrase\u00f1a de mi cuenta es".
_BETWEEN = (
    "(?:[ \u00a0]{1,3}(?:(?:for|of|to|on|at|in|f\u00fcr|zu|pour|para|de|del|do|da|van|voor|per|di|till|til|do|dla)"
    "[ \u00a0](?:[\\w@.'\u2019+-]{1,40}[ \u00a0]){0,2}?[\\w@.'\u2019+-]{1,40}"
    "|i|we|he|she|use|used|am|using|have|had|chose|set|currently|now|new|old|current|temporary|account|login|number|code|key|that|which|right))"
    "{0,4}"
)
_VERB = (
    "[ \u00a0]{0,3}(?:[:=\uff1a\u2013\u2014>-]{1,2}|(?:is|was|being|lautet|lautete|ist|war|est|\u00e9tait|es|era|\u00e9|\u00e8|e|e'|eh|"
    "jest|to|brzmi|\u00e4r|er|on|je|egy|az|este|bu|yra)[ \u00a0:\n]|\u662f|\u306f|\u3092|[:\uff1a])"
    "[ \u00a0]{0,3}(?:(?:currently|now|still|just|set to|simply|always|jetzt|aktuell|nu|now:|to|also|as follows|this|:)[ :,\u00a0]{1,3}){0,2}"
)
_TOLD = re.compile(f"(?i:[\\w-]{{0,12}}{_BETWEEN}{_VERB})")
_WORD_END = re.compile("[\\w.-]{0,24}")
_SPACES = re.compile("[ \t\u00a0]{1,4}")
_FLAG_GAP = re.compile("[ \t]{1,4}|=")
_FLAG_START = re.compile("[\\w.-]{0,40}-(?=[\\s\"'\\[(]|$)".replace("(?=[\\s\"'\\[(]|$)", ""))
_POSSESSIVE = re.compile(
    "(?i:(?:^|[^a-z])(?:my|our|his|her|their|its|the|wifi|wi-fi|mein|mi|mon|minha|moje|mijn|mia|mit|mitt|benim) (?:[a-z-]{1,16} ){0,2})$"
)
_CLAUSE_END = re.compile("[ \u00a0]{0,2}(?:[.,;!?)\n]|$|(?:and|but|und|aber|y|et|e|en|i|och|og|please) )")
_NUMBER = re.compile("(?:[A-Z]-)?[0-9]{3,8}|[0-9]{3}[ -][0-9]{3}|[0-9]{4} [0-9]{4}")
_PLAIN_NUMBER = re.compile("[0-9]{4,8}")
_CODE_BEFORE = re.compile(
    "(?i:(?:verification|verify|security|one[- ]?time|onetime|otp|2fa|mfa|two[- ]factor|auth|authentication|authenticator"
    "|authorization|authorisation|access|log[- ]?in|sign[- ]?in|confirmation|activation|unlock|recovery|backup|sms|pin|passcode"
    "|best\u00e4tigungs|sicherheits|verifizierungs|zugangs|freischalt|einmal|weryfikacyjny|verificatie|bekr\u00e4ftelse)[ -]?)$"
)
_CODE_AFTER = re.compile(
    "(?i: (?:de|di|da|do) (?:v\u00e9rification|verificaci\u00f3n|verificacion|verifica|verifica\u00e7\u00e3o|confirmation|confirmaci\u00f3n|confirma\u00e7\u00e3o|seguridad"
    "|s\u00e9curit\u00e9|seguran\u00e7a|sicurezza|acceso|acesso|acc\u00e8s|accesso)| weryfikacyjny| \u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0436\u0434\u0435\u043d\u0438\u044f)"
)
_BEFORE_CODE = re.compile("(?:[A-Z]-)?[0-9]{4,8} (?:is|ist|est|es|\u00e9|\u00e8|jest) (?:[\\w'\u2019]{1,20} ){0,4}$")
_POSTAL = re.compile(
    "(?i:(?:zip|postal|post|area|error|promo|discount|country|sort|qr|bar|product|source|dress|order|state|status|city|coupon|voucher|gift)[- ]?)$"
)
_UNITS = re.compile(
    " ?(?:char|digit|letter|word|symbol|day|hour|minute|month|year|week|time|attempt|zeichen|stellen|caract|%)"
)
_SQL = re.compile("(?i:identified(?: with ['\"`]?[a-z0-9_]{1,40}['\"`]?)? (?:by|as) (?:password )?)")


def password_span(text: str, start: int, end: int) -> Span | None:
    """Return the password told behind the word for it."""
    word = _WORD_END.match(text, start)
    stop = word.end() if word is not None else end
    if _is_flag(text, start):
        return _flag_value(text, start, stop, secret_keys.PASSWORD)
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
    word = _WORD_END.match(text, start)
    stop = word.end() if word is not None else end
    if _is_flag(text, start):
        return _flag_value(text, start, stop, secret_keys.TOKEN)
    told = _TOLD.match(text, start, start + 240)
    if told is not None:
        return judged(text, told.end(), secret_keys.TOKEN)
    gap = _SPACES.match(text, stop)
    return judged(text, gap.end(), secret_keys.TOKEN) if gap is not None else None


def code_span(text: str, start: int, end: int) -> Span | None:
    """Return the PIN or one-time code told behind its name, or before it as in "482913 is your code"."""
    word = text[start:end].lower()
    before = text[max(0, start - 40) : start]
    if word in ("code", "c\u00f3digo", "codigo", "codice", "kod", "\u043a\u043e\u0434"):
        named = _CODE_BEFORE.search(before) is not None
        after = _CODE_AFTER.match(text, end)
        if after is not None:
            named, end = True, after.end()
        if not named or _POSTAL.search(before):
            return None
    sent = _BEFORE_CODE.search(before)
    if sent is not None:
        begin = start - len(before) + sent.start()
        number = _NUMBER.match(text, begin)
        return number.span() if number is not None else None
    if text[end : end + 1].isalpha() and word not in ("\u9a8c\u8bc1\u7801",):
        return None
    told = _TOLD.match(text, start, start + 240)
    position = told.end() if told is not None else end
    while text[position : position + 1] in (" ", "\u00a0", "#", '"', "'", "\u201c", "\u201e", ":"):
        position += 1
    number = _NUMBER.match(text, position)
    if number is None or number.end() - position < (4 if word != "pin" or told is None else 4):
        return None
    stop = number.end()
    following = text[stop : stop + 2]
    if following[:1].isalnum() or (following[:1] in ("-", "/", ".", ",") and following[1:].isdigit()):
        return None
    return None if _UNITS.match(text, stop) else number.span()


def sql_span(text: str, start: int, end: int) -> Span | None:
    """Return the password of a user that SQL creates or alters."""
    clause = _SQL.match(text, start, start + 96)
    if clause is None:
        return None
    span = secret_values.quoted(text, clause.end()) or secret_values.bare(text, clause.end())
    value = text[span[0] : span[1]]
    return None if len(value) < 3 or is_placeholder(value) or " " in value else span


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
    if len(value) < 4 or not value.isalpha() or is_plain_word(value):
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


def _is_flag(text: str, start: int) -> bool:
    floor = max(0, start - 40)
    head = text[floor:start]
    token = head[len(head.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")) :]
    return token.startswith("-")


def _flag_value(text: str, start: int, stop: int, strength: int) -> Span | None:
    gap = _FLAG_GAP.match(text, stop)
    if gap is None or text.startswith("-", gap.end()):
        return None
    name = text[start:stop]
    if secret_keys.strength(name) == secret_keys.NONE:
        return None
    return judged(text, gap.end(), strength)


def _prose(name: str, stems: tuple[str, ...], check: object, *, expression: str) -> Rule:
    return Rule(
        name=name,
        label="SECRET",
        literals=stems,
        expression=expression,
        check=check,  # type: ignore[arg-type]
        folded=True,
        alone=True,
    )


PROSE: Final = (
    _prose("told_password", _PASSWORD_STEMS, password_span, expression="[^\\W_]{2,16}"),
    _prose("told_token", _TOKEN_STEMS, token_span, expression="[A-Za-z]{3,12}"),
    _prose("told_code", _CODE_STEMS, code_span, expression="[^\\W_]{3,8}"),
    _prose("sql_user", ("identified",), sql_span, expression="[A-Za-z]{10}"),
)
