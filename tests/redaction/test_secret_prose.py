"""Secrets that people tell in sentences, in several languages, and sentences that tell none."""

from __future__ import annotations

import pytest

from convqa_sdk.redaction import detect


def _secrets_in(text: str) -> list[str]:
    return [text[found.start : found.end] for found in detect(text) if found.label == "SECRET"]


@pytest.mark.parametrize(
    "sentence",
    [
        "my password is {} and it still says invalid",
        "My Password Is {}",
        "My password's {}",
        "the password for my account is {}.",
        "I set my password to {} yesterday",
        "new password: {}",
        "password -> {}",
        "Password\n{}",
        "pw = {}",
        "login: bob pass: {}",
        "username bob, password {}",
        "the wifi password is {}",
        "mein Passwort lautet {}",
        "Mein Kennwort: {}",
        "mon mot de passe est {}",
        "Mot de passe : {}",
        "la contraseña de mi cuenta es {}",
        "mi clave es {}",
        "moje hasło to {}",
        "mijn wachtwoord is {}",
        "minha senha é {}",
        "la mia password è {}",
        "mitt lösenord är {}",
        "min adgangskode er {}",
        "мой пароль: {}",
        "我的密码是{}",
        "パスワードは{}です",
    ],
)
@pytest.mark.parametrize("password", ["hunter2", "Sommer!2024", "tr0ub4dor&3"])
def test_a_password_told_in_a_sentence_is_found(sentence: str, password: str) -> None:
    """In each language, and whether it is said or only put behind the word."""
    found = _secrets_in(sentence.format(password))
    assert len(found) == 1
    assert password in found[0]


@pytest.mark.parametrize("password", ["$BC0jJrapd", "(8Xb_k2z!", "%pQ3!z8_x", "#Kk92#mm", "@1Abc_x9", "9Ifog2yxZ)"])
def test_a_password_may_begin_and_end_with_signs(password: str) -> None:
    """Every letter and digit is covered."""
    found = _secrets_in(f"My password is {password} and it still says invalid")
    assert len(found) == 1
    assert password.strip("$(%#@!)") in found[0]


@pytest.mark.parametrize("text", ["my password is swordfish.", 'my password for the portal is "correct horse battery"'])
def test_a_password_of_plain_words_is_found_where_the_sentence_ends(text: str) -> None:
    """A plain word counts when somebody's password is said to be it and nothing follows."""
    assert len(_secrets_in(text)) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "my PIN is {}",
        "PIN: {}",
        "pin {}",
        "my pin number is {}",
        "the verification code is {}",
        "{} is your verification code",
        "Use {} as your login code",
        "Your one-time code is {}.",
        "OTP: {}",
        "the code I received is {}",
        "Der Bestätigungscode lautet {}",
        "le code de vérification est {}",
        "el código de verificación es {}",
        "kod weryfikacyjny to {}",
        '{{"new_pin": "{}"}}',
    ],
)
@pytest.mark.parametrize("code", ["4821", "482913"])
def test_a_pin_or_one_time_code_is_found(sentence: str, code: str) -> None:
    """Exactly the digits are found; four of them, called a verification code, may be a card's as well."""
    text = sentence.format(code)
    found = [(text[start:end], label) for start, end, label in detect(text) if label in {"SECRET", "CVV"}]
    assert found in ([(code, "SECRET")], [(code[:4], "CVV")])


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password",
        "the password is incorrect",
        "my password is not working",
        "password must have 8 characters",
        "My password is 12 characters long",
        "password reset link: https://example.com/reset",
        "Your password: required",
        "Password is case sensitive.",
        "I changed my password yesterday and now my order number is AB12345",
        "My password was changed on 12/03/2024",
        "Your password is the same as your email",
        "my email is a@example.com and my password is unknown",
        "Mein Passwort ist falsch",
        "mon mot de passe est incorrect",
        "mi contraseña es incorrecta",
        "moje hasło jest nieprawidłowe",
        "minha senha está errada",
        "la mia password è scaduta",
        "mijn wachtwoord is verlopen",
        "error code is 4042",
        "my zip code is 90210",
        "our sort code is 20-11-33",
        "the promo code is SAVE20",
        "country code: 49",
        "PIN must have 4 digits",
        "my PIN is blocked",
        "shipping 4821 items",
        "boarding pass 12345678",
        "my token is expired",
        "the key features of the account: savings, transfers",
        "Password: [SECRET]",
        "my password is [SECRET]",
    ],
)
def test_a_sentence_that_tells_no_secret_stays(text: str) -> None:
    """Complaints, rules, other codes and what was redacted before are left alone."""
    assert _secrets_in(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the code they sent is 938-281", "938-281"),
        ("kod SMS 938281", "938281"),
        ("my password is Fluffy!", "Fluffy!"),
    ],
)
def test_what_people_call_a_code_or_password(text: str, value: str) -> None:
    """Sent by somebody, by a text message, or a word with a mark behind it."""
    assert [text[found.start : found.end] for found in detect(text)] == [value]
