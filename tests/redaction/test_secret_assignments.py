"""Values behind the name of a secret, in the notations that people paste."""

from __future__ import annotations

import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect

VALUE = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=24))
READ_AS_QUOTES = (
    "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u2033\u00b4\uff02\uff07\u02bc"
)
PASSWORD = "Zx93" + "kkA!"


def _secrets_in(text: str) -> list[str]:
    return [text[found.start : found.end] for found in detect(text) if found.label == "SECRET"]


@pytest.mark.parametrize(
    "notation",
    [
        'acme_api_key = "{}"',
        "export ACME_TOKEN={}",
        "acme_token: {}",
        "acmeToken={}",
        "  acme_secret => '{}'",
        "const acmeSecret = `{}`;",
        "api_secret := '{}'",
        "client.secret={}",
        'set("api_token", "{}")',
        "<apiKey>{}</apiKey>",
        '<add key="ApiToken" value="{}" />',
        "--api-token {}",
        "--client-secret={}",
        "https://example.com/call?access_token={}&page=2",
        "curl -H 'X-Acme-Token: {}' https://example.com",
        "Authorization: Token {}",
        "AccountName=acme;AccountKey={};EndpointSuffix=example.net",
        "my acme token is {} please check",
        "mailgun = '{}'",
        "SNYK_CLIENT_ID: {}",
    ],
)
def test_a_generated_value_under_a_secrets_name_is_found(notation: str) -> None:
    """Whatever the notation: exactly the value is found."""
    assert _secrets_in(notation.format(VALUE)) == [VALUE]


@pytest.mark.parametrize(
    "notation",
    [
        "password={}",
        "DB_PASSWORD: {}",
        "Server=db;User Id=sa;Password={};Encrypt=yes",
        "mysql -u root --password {}",
        "mysqldump -u root -p{}",
        "curl -u admin:{} https://example.com",
        "<password>{}</password>",
        "<wsse:Password Type='PasswordText'>{}</wsse:Password>",
        "password: |\n  {}\n",
        'CURLOPT_PASSWORD, "{}"',
        "ALTER USER bob IDENTIFIED BY '{}';",
        "CREATE ROLE bob WITH LOGIN PASSWORD '{}';",
        "contraseña: {}",
        "Passwort = {}",
        "BUNDLE_GEMS__EXAMPLE__COM: user:{}",
    ],
)
def test_a_password_under_its_name_is_found(notation: str) -> None:
    """A password need not look generated."""
    found = _secrets_in(notation.format(PASSWORD))
    assert len(found) == 1
    assert found[0].endswith(PASSWORD)


@pytest.mark.parametrize(
    "text",
    [
        '"password"  :  "hunter"',
        '"password"\n:\n"hunter"',
        '"password"\u00a0: "hunter"',
        "&quot;password&quot;: &quot;hunter&quot;",
        "\u201cpassword\u201d: \u201chunter\u201d",
        "\u201epassword\u201c: \u201ehunter\u201c",
        "\u00abpassword\u00bb : \u00abhunter\u00bb",
        '{"passwords": "hunter"}',
    ],
)
def test_a_member_is_found_in_any_quotes_and_with_any_blanks(text: str) -> None:
    """Exactly the value between the quotes is found."""
    assert _secrets_in(text) == ["hunter"]


@pytest.mark.parametrize(
    "text",
    [
        'api_key = "YOUR_API_KEY"',
        "api_key: xxxxxxxxxxxxxxxx",
        "password=${DB_PASSWORD}",
        'password: "<your-password>"',
        "password: ********",
        'password = os.environ["DB_PASSWORD"]',
        "password = getpass.getpass()",
        "token = get_token(user_id_1)",
        "self.token = config.token",
        "access_token_url = 'https://example.com/oauth2/token/v2a9'",
        "credentials.file=/etc/app/key1.pem",
        "token_count: 12000",
        "max_tokens=4096",
        "password: string",
        "secret: None",
        "commit 43fc912ef59a83054ea7f6706df4d53a7dea4d80",
        "request id: 79a3edd0-2092-40a2-a04d-dcb46d5ca9ed",
        'clientId = "73082700-1f09-405b-80d0-3131bfd6272d"',
        'PUBLIC_KEY="037cfbfc90234cfdab7eb54050566293789efaa1a35dc420749662db400dc9c4b2"',
        "docker run -u 1000:1000 image",
        'sequenceKey = "18"',
        "key: value",
        "Key: Ctrl+Shift+P",
        '{"pin_compromised": "no"}',
        '<label for="password">Password:</label>',
        "The cause was identified as eligible.",
    ],
)
def test_what_only_speaks_of_a_secret_stays(text: str) -> None:
    """Placeholders, references, code, paths, counts and ids are no secrets."""
    assert _secrets_in(text) == []


@given(
    st.sampled_from(["password", "apiKey", "client_secret"]),
    st.text(st.characters(codec="utf-8", exclude_characters=READ_AS_QUOTES), min_size=1, max_size=20).filter(
        lambda value: not value.startswith("[")
    ),
)
def test_a_member_of_json_is_covered_whole(name: str, value: str) -> None:
    """Whatever the value is made of: no letter or digit of it is left, and its quotes stay."""
    text = json.dumps({name: value, "after": 1}, ensure_ascii=False)
    start = len(json.dumps({name: ""})) - 2
    stop = len(text) - len('", "after": 1}')
    if value.lower() in {"yes", "no", "true", "false", "none", "null", "n/a"}:
        return
    covered = {position for found in detect(text) for position in range(found.start, found.end)}
    assert {position for position in range(start, stop) if text[position].isalnum()} <= covered
    assert stop not in covered


def test_the_data_of_a_kubernetes_secret_are_found_in_either_order() -> None:
    """The whole block goes, because its names say nothing; that of another kind stays."""
    block = "data:\n  extra: YWRtaW46cGFzc3dvcmQ=\n"
    for text in (f"kind: Secret\n{block}", f"{block}kind: Secret\n", f'{block}kind: "secret"\nmetadata:\n  name: a\n'):
        assert _secrets_in(text) == ["extra: YWRtaW46cGFzc3dvcmQ="]
    assert _secrets_in(f"kind: ConfigMap\n{block}") == []
