"""Names under which a secret stands: as keys of structures, as names before `=` or `:`, in several languages."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from convqa_sdk.redaction.context_words import vocabulary

MAX_KEY: Final = 64
"""Characters of a name that are looked at."""

NONE: Final = 0
WEAK: Final = 1
"""Names a secret when the value looks generated: `key`, `auth`, `salt`, the name of a vendor."""
TOKEN: Final = 2
"""Names a secret in any structure; in free text only when the value looks generated: `token`, `client_secret`."""
PASSWORD: Final = 3
"""Names a secret whatever the value looks like, because people choose it."""

_WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PASSWORDS = vocabulary(
    "password passwords passwd passphrase passphrases passcode passcodes pwd pwds passwort passworter kennwort"
    " kennworter losungswort"
    " contrasena contrasenas clave senha senhas motdepasse mdp haslo hasla wachtwoord wachtwoorden losenord"
    " adgangskode passord"
    " salasana heslo hesla jelszo sifre sifreniz parola parole zaporka lozinka slaptazodis parool geslo"
    " matkhau katasandi"
    " userpwd proxyuserpwd userpass proxypassword keypasswd"
)
_SECRETS = vocabulary(
    "secret secrets authorization cvv cvc cvv2 cvc2 pin pins puk otp totp apikey apikeys privatekey accesskey"
    " secretkey"
    " accesstoken authtoken mnemonic seedphrase cookie jwt geheimnis geheim segredo secreto segreto clientsecret"
    " connectionstring"
)
_PAIRS = frozenset(
    tuple(pair.split("_"))
    for pair in vocabulary(
        "api_key api_keys private_key access_key secret_key account_key master_key signing_key"
        " encryption_key session_key shared_key license_key auth_key ssh_key subscription_key service_key"
        " deploy_key storage_key host_key function_key pass_word pass_phrase pass_code mot_passe"
        " palavra_passe palabra_clave seed_phrase de_passe recovery_phrase recovery_code backup_code"
        " verification_code security_code security_answer auth_code authorization_code connection_string"
        " one_time wifi_key wpa_key network_key db_pass user_pass root_pass admin_pass key_pass store_pass"
        " smtp_pass mail_pass ftp_pass mysql_pass postgres_pass proxy_pass signature_key application_key"
        " consumer_key app_key"
    )
)
_AFTER_TOKEN_COUNTED = vocabulary("count counts limit usage budget type cost price total length id ids index rate")
_PIN_VALUES = vocabulary("code codes number value hash block nr")
_ABBREVIATIONS = vocabulary("pw pass psw pswd passw passwrd")
_WEAK = vocabulary(
    "key keys auth oauth salt nonce credential credentials cred creds bearer sig api apitoken login hmac psk"
    " iv license licence"
    " accesskeyid pat sid clid session dsn webhook authentication authenticity encrypted"
)
_ABOUT = vocabulary(
    "url uri urls path file filename dir folder id ids name names type types count counts length len size"
    " limit usage budget cost price"
    " total index rate field fields label hint help text placeholder prefix suffix format pattern regex reset"
    " link page"
    " required enabled disabled age manager provider store endpoint policy strength expiry expires expired"
    " expiration ttl"
    " ref reference env var column table header version status error message rotation rules rule input form box"
    " changed updated created date time at algorithm alg method mode min max minimum maximum valid invalid attempts"
    " ring board word words press down up code selector map set list pair pairs string scope scopes issuer"
    " hash kid public"
)
_PUBLIC = vocabulary("public publishable pub")
_FOREIGN = (
    "\u043f\u0430\u0440\u043e\u043b",  # Russian and Ukrainian, without the ending
    "\u5bc6\u7801",
    "\u5bc6\u78bc",
    "\u53e3\u4ee4",
    "\u30d1\u30b9\u30ef\u30fc\u30c9",
    "\u6697\u8a3c\u756a\u53f7",
    "\ube44\ubc00\ubc88\ud638",
    "\u0643\u0644\u0645\u0629 \u0627\u0644\u0645\u0631\u0648\u0631",
    "\u03ba\u03c9\u03b4\u03b9\u03ba",
    "\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19",
    "\u092a\u093e\u0938\u0935\u0930\u094d\u0921",
    "\u05e1\u05d9\u05e1\u05de",
)
_LETTERS = str.maketrans({"\u0142": "l", "\u0141": "L", "\u00f8": "o", "\u00d8": "O", "\u00df": "ss", "\u0131": "i"})
_VENDORS = vocabulary(
    "adafruit adobe adyen airtable akamai alchemy algolia alibaba aliyun amplitude anthropic apify artifactory"
    " asana atlassian"
    " auth0 aws azure bamboo beamer bitbucket bitly bittrex bitfinex braintree branch brevo bugsnag buildkite"
    " calendly chargebee"
    " circleci clearbit clickhouse clojars cloudant cloudflare cloudinary codacy codeclimate codecov cohere"
    " coinbase confluent"
    " contentful convertkit coveralls datadog databricks deepgram deepseek dependabot digitalocean discord"
    " docker dockerhub docusign doppler"
    " drone droneci dropbox duffel dynatrace easypost elastic elevenlabs etsy eventbrite facebook fastly figma"
    " finicity finnhub"
    " firebase flickr flutterwave fly flyio foursquare frameio freemius freshbooks freshdesk fullstory gcp"
    " gemini gitea github gitlab gitter"
    " gocardless google grafana groq harness hashicorp heroku honeycomb hubspot huggingface ibm infracost infura"
    " instagram intercom intra42 ipinfo ipstack jenkins jfrog jira jotform jumpcloud keen kraken kucoin"
    " launchdarkly linear linkedin"
    " line lob logdna loggly looker mailchimp mailgun mailjet mandrill mapbox mattermost maxmind meraki"
    " messagebird microsoft mistral"
    " mixpanel monday moralis netlify newrelic ngrok notion npm nuget nvidia nytimes octopus okta onesignal"
    " openai openrouter"
    " opsgenie optimizely pagerduty pagertree paypal paystack perplexity pinata pinecone pipedrive plaid"
    " planetscale polygon postman"
    " postmark prefect pubnub pulumi pusher pypi quay rabbitmq rapidapi razorpay readme replicate rollbar"
    " rubygems salesforce"
    " samsara sauce saucelabs scaleway segment sendbird sendgrid sendinblue sentry servicenow settlemint"
    " shippo shodan shopify sidekiq signalwire slack"
    " smartsheet snowflake snyk softlayer sonar sonarqube sourcegraph spotify splunk square squarespace"
    " stabilityai statuspage"
    " stripe sumo sumologic supabase surge tailscale tatum telegram terraform tiktok todoist together travis"
    " travisci trello twilio"
    " twitch twitter typeform unsplash vault vercel virustotal vonage wakatime weatherapi webex webflow wechat"
    " weights wandb wistia"
    " wordpress workos yandex yelp youtube zapier zendesk zoho zoom"
)
_BUNDLER = re.compile("BUNDLE_[A-Z0-9_]*__[A-Z0-9_]+")


def words_of(key: str) -> list[str]:
    """Return the lower-cased words of a name, in any of its styles, without accents."""
    key = key[:MAX_KEY]
    if not key.isascii():
        plain = unicodedata.normalize("NFKD", key.translate(_LETTERS))
        key = "".join(character for character in plain if not unicodedata.combining(character))
    return [word.lower() for word in _WORDS.findall(key)]


@lru_cache(maxsize=1024)
def is_sensitive_key(key: str) -> bool:
    """Return whether a key names a value that is a secret whatever it looks like.

    Args:
        key: As in `password`, `clientSecret`, `X-API-Key`, `access_token`, `contrase\u00f1a`; but not `max_tokens` or
            `token_count`.
    """
    key = key[:MAX_KEY]
    words = words_of(key)
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if word == "pin" and following and not (following.isdigit() or following in _PIN_VALUES):
            continue
        if word in _PASSWORDS or word in _SECRETS or (word, following) in _PAIRS or _ends_in_password(word):
            return True
        if word == "token" and following not in _AFTER_TOKEN_COUNTED:
            return True
        if word in _ABBREVIATIONS and not following:
            return True
    return not key.isascii() and any(name in key.lower() for name in _FOREIGN)


def _ends_in_password(word: str) -> bool:
    return word.endswith(("password", "passwd", "passwort", "passphrase"))


@lru_cache(maxsize=1024)
def strength(name: str) -> int:
    """Return how strongly a name before `=`, `:` or a flag's value says that a secret follows.

    Args:
        name: As in `DB_PASSWORD` (`PASSWORD`), `apiToken` (`TOKEN`), `stripeKey` (`WEAK`); but `password_url` is
            `NONE`, because what follows is about the secret.
    """
    name = name[:MAX_KEY]
    if not name.isascii() and any(foreign in name.lower() for foreign in _FOREIGN):
        return PASSWORD
    words = words_of(name)
    while words and words[-1].isdigit():
        del words[-1]
    if not words:
        return NONE
    pairs = set(pairwise(words))
    last = words[-1]
    if not _PUBLIC.isdisjoint(words):
        return NONE
    if words[-2:] == ["access", "id"] or (words[-2:] == ["client", "id"] and not _VENDORS.isdisjoint(words)):
        return WEAK
    if last in _ABOUT:
        return TOKEN if tuple(words[-2:]) in _PAIRS else NONE
    if (
        _BUNDLER.fullmatch(name)
        or last in _PASSWORDS
        or last in _ABBREVIATIONS
        or not _PASSWORDS.isdisjoint(words)
        or any(map(_ends_in_password, words))
    ):
        return PASSWORD
    if (
        ("mot", "passe") in pairs
        or ("mot", "de") in pairs
        or ("pass", "word") in pairs
        or ("palavra", "passe") in pairs
    ):
        return PASSWORD
    if is_sensitive_key(name):
        return TOKEN
    return (
        WEAK
        if not (_WEAK.isdisjoint(words) and _VENDORS.isdisjoint(words))
        or "token" in words
        or last.endswith(("key", "token", "secret"))
        else NONE
    )
