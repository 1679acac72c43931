"""The rules for keys that are known by the prefix that their vendor gives them.

To add a vendor, add one entry: what its keys begin with, and the fewest characters that follow. Lengths are lower
bounds, because vendors lengthen their keys; a prefix that also begins words needs `check`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from convqa_sdk.redaction import validators
from convqa_sdk.redaction.context import vocabulary, words_before
from convqa_sdk.redaction.entropy import is_generated
from convqa_sdk.redaction.rule import Check, Rule, Span

_TOKEN = re.compile("[A-Za-z0-9_\\-]*")
_TOKEN_DOTS = re.compile("[A-Za-z0-9_.+/=~\\-]*")
_WORD = "[A-Za-z0-9_\\-]"
_MASK = re.compile("[xX*]{6,}")
_REACH = 640


def generated_span(text: str, start: int, end: int) -> Span | None:
    """Accept a token that looks generated."""
    return (start, end) if is_generated(text[start:end]) else None


def unmasked_span(text: str, start: int, end: int) -> Span | None:
    """Accept a token that is not all but masked, and does not go on as an identifier."""
    return None if _MASK.search(text, start, end) else (start, end)


def _vendor(
    name: str,
    *prefixes: str,
    body: str = _WORD + "{16,}",
    check: Check | None = unmasked_span,
    alone: bool = True,
    tail: re.Pattern[str] = _TOKEN,
) -> Rule:
    """Make the rule for keys that are known by their prefix."""
    expression = f"(?:{'|'.join(map(re.escape, prefixes))}){body}"
    return Rule(
        name=name,
        label="SECRET",
        literals=prefixes,
        expression=expression,
        check=check,
        alone=alone,
        long=True,
        reach=_REACH,
        tail=tail,
    )


def _all(prefix: str, kinds: str, joint: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{kind}{joint}" for kind in kinds.split())


_ALNUM = "[A-Za-z0-9]{16,}"
_ALNUM_LONG = "[A-Za-z0-9]{28,}"
_HEX32 = "[0-9a-fA-F]{32,}"
_BASE64 = "[A-Za-z0-9+/_=\\-]"
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

VENDORS: Final = (
    _vendor("openai_anthropic", "sk-", body=_WORD + "{18,}", check=validators.mixed_token_span),
    _vendor(
        "stripe",
        *(f"{kind}_{mode}_" for kind in ("sk", "rk", "pk") for mode in ("live", "test", "prod")),
        body="[A-Za-z0-9]{8,}",
    ),
    _vendor("stripe_webhook", "whsec_", body=_BASE64 + "{16,}"),
    _vendor("github", *_all("gh", "p o u s r", "_"), body=_ALNUM),
    _vendor("github_fine_grained", "github_pat_"),
    _vendor(
        "gitlab",
        *_all("gl", "pat oas dt rt rtr cbt ptt ft imt agent soat ffct wt", "-"),
        body="[A-Za-z0-9_.\\-]{16,}",
    ),
    _vendor("gitlab_runner", "GR1348941", body=_WORD + "{16,}"),
    _vendor("gitlab_session", "_gitlab_session=", body="[0-9a-f]{32}"),
    _vendor(
        "aws_access_key",
        *"AKIA ASIA ABIA ACCA AGPA AIDA AIPA ANPA ANVA AROA APKA ASCA".split(),
        body="[A-Z0-9]{16,17}",
        check=lambda text, start, end: validators.mixed_token_span(text, start, end) or _same_letters(text, start, end),
    ),
    _vendor("aws_access_key_old", "A3T", body="[A-Z0-9]{17}"),
    _vendor("aws_bedrock", "ABSK", "bedrock-api-key-", body=_BASE64 + "{24,}"),
    _vendor("aws_marketplace", "amzn.mws.", "amzn1.oa2-cs.v1.", body="[0-9a-zA-Z\\-]{20,}"),
    _vendor("aws_appsync", "da2-", body="[a-z0-9]{20,}"),
    _vendor("slack", *_all("xox", "a b c d e o p r s", "-"), "xapp-", body="[A-Za-z0-9]*[0-9][A-Za-z0-9\\-]{7,}"),
    _vendor("slack_export", "xoxe.", body="xox[bp]-[A-Za-z0-9\\-]{8,}"),
    _vendor("google_api", "AIza", body=_WORD + "{30,}"),
    _vendor("google_oauth", "ya29.", body=_WORD + "{16,}"),
    _vendor("google_client_secret", "GOCSPX-"),
    _vendor("sendgrid", "SG.", body="[A-Za-z0-9_\\-]{16,}\\.[A-Za-z0-9_\\-]{16,}"),
    _vendor("hugging_face", "hf_", "api_org_", body="[A-Za-z0-9]{30,}"),
    _vendor("npm", "npm_", body="[A-Za-z0-9]{30,}"),
    _vendor("pypi", "pypi-", check=validators.mixed_token_span),
    _vendor("digitalocean", "dop_v1_", "doo_v1_", "dor_v1_", body="[0-9a-fA-F]{32,}"),
    _vendor("shopify", *_all("shp", "at ca pa ss tka", "_"), body=_ALNUM),
    _vendor("square", "sq0atp-", "sq0csp-", "sq0idp-", "sq0ids-"),
    _vendor("square_facebook", "EAAA", "EAAC", "EAAM", "EAAE", "EAAG", "EAAB", body=_WORD + "{22,}", check=generated_span),
    _vendor("instagram", "IGQV", "IGQW", "IGAA", body=_WORD + "{40,}"),
    _vendor("docker_hub", "dckr_pat_", "dckr_oat_"),
    _vendor("grafana", "glsa_", "glc_", body=_BASE64 + "{24,}"),
    _vendor("vault", "hvs.", "hvb.", "hvr.", body="[A-Za-z0-9_\\-]{20,}"),
    _vendor("onepassword", "ops_eyJ", body=_BASE64 + "{60,}"),
    _vendor("onepassword_secret_key", "A3-", body="[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){3,5}[A-Z0-9]{5}"),
    _vendor("adobe", "p8e-", body=_ALNUM_LONG),
    _vendor("age", "AGE-SECRET-KEY-", body="[A-Z0-9]{40,}"),
    _vendor("airtable", "pat", body="[A-Za-z0-9]{14}\\.[0-9a-f]{64}"),
    _vendor("alibaba", "LTAI", body="[A-Za-z0-9]{12,}", check=validators.mixed_token_span),
    _vendor("artifactory", "AKCp", "cmVmdGtu", body="[A-Za-z0-9]{40,}"),
    _vendor("artifactory_short", *_all("AP", "0 1 2 3 4 5 6 7 8 9 A B C D E F", ""), body="[a-zA-Z0-9]{8,}", check=generated_span),
    _vendor("artifactory_key", "AKC", body="[a-zA-Z0-9]{10,}", check=validators.mixed_token_span),
    _vendor("atlassian", "ATATT3", "ATCTT3", body="[A-Za-z0-9_=\\-]{40,}"),
    _vendor("bitbucket", "ATBB", "BBDC-", body="[A-Za-z0-9+/]{28,}"),
    _vendor("authress", "sc_", "ext_", "scauth_", "authress_", body="[a-zA-Z0-9]{5,30}\\.[a-zA-Z0-9]{4,6}\\.acc[_-][a-zA-Z0-9\\-]{10,32}\\.[a-zA-Z0-9+/_=\\-]{30,}"),
    _vendor("beamer", "b_", body="[A-Za-z0-9=_\\-]{44}", check=generated_span),
    _vendor("brevo", "xkeysib-", "xsmtpsib-"),
    _vendor("buildkite", "bkua_", "bkaj_", "bkat_", "bkct_", "bkpt_"),
    _vendor("cerebras", "csk-", body=_ALNUM),
    _vendor("circleci", "CCIPAT_", "CCIPRJ_"),
    _vendor("clojars", "CLOJARS_", body="[0-9a-zA-Z]{40,}"),
    _vendor("clickhouse", "4b1d", body="[A-Za-z0-9]{38}", check=generated_span),
    _vendor("cloudflare", "cfat_", "cfut_", "cfk_", body="[A-Za-z0-9]{40,}"),
    _vendor("cloudflare_origin", "v1.0-", body="[a-f0-9]{24}-[a-f0-9]{100,}"),
    _vendor("contentful", "CFPAT-"),
    _vendor("databricks", "dapi", "dose", "dkea", body="[0-9a-f]{32}(?:-[0-9])?"),
    _vendor("defined_networking", "dnkey-"),
    _vendor("discord_webhook", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", body="[0-9]{6,30}/[A-Za-z0-9_\\-]{16,}", alone=False),
    _vendor("doppler", *_all("dp.", "pt st ct sa scim audit said", "."), body="[A-Za-z0-9_.\\-]{20,}"),
    _vendor("dropbox", "sl.", body=_WORD + "{60,}"),
    _vendor("duffel", "duffel_test_", "duffel_live_"),
    _vendor("dynatrace", *_all("dt0", "c01 s01 s02 s03 s04 s06 s08 s16 a01 b01", "."), body="[A-Z0-9]{8,24}\\.[A-Z0-9]{40,}"),
    _vendor("easypost", "EZAK", "EZTK", body="[A-Za-z0-9]{54}"),
    _vendor("endor", "endr+", body="[A-Za-z0-9_\\-]{16,}"),
    _vendor("expo_fastlane", "fio-u-", body=_WORD + "{30,}"),
    _vendor("figma", "figd_", "figu_", "figdr_", "figoh_", "figor_"),
    _vendor("fireworks", "fw_", body="[A-Za-z0-9]{22,}", check=generated_span),
    _vendor("flutterwave", "FLWSECK_TEST-", "FLWPUBK_TEST-", "FLWSECK-", "FLWPUBK-", body="[A-Za-z0-9]{12,}"),
    _vendor("fly", "fo1_", "fm1r_", "fm1a_", "fm2_", "fm1_", body="[A-Za-z0-9+/=_,\\-]{30,}"),
    _vendor("gocardless", "live_", "test_", "sandbox_", body=_WORD + "{30,}", check=generated_span),
    _vendor("groq", "gsk_", body=_ALNUM_LONG),
    _vendor("harness", "pat.", "sat.", body="[A-Za-z0-9_\\-]{16,}\\.[A-Za-z0-9]{20,}\\.[A-Za-z0-9]{16,}"),
    _vendor("heroku", "HRKU-"),
    _vendor("hubspot", "pat-na1-", "pat-na2-", "pat-eu1-", "pat-ap1-", body=_UUID),
    _vendor("infracost", "ico-", body="[A-Za-z0-9]{32}"),
    _vendor("intra42", "s-s4t2ud-", "s-s4t2af-", body="[0-9a-f]{40,}"),
    _vendor("langchain", "lsv2_pt_", "lsv2_sk_", "ls__", body=_ALNUM_LONG.replace("9]", "9_]")),
    _vendor("langfuse", "pk-lf-", "sk-lf-", body=_UUID),
    _vendor("launchdarkly", "api-", "sdk-", "mob-", body=_UUID),
    _vendor("linear", "lin_api_", "lin_oauth_", "lin_wh_"),
    _vendor("lob", "live_pub_", "test_pub_", body="[A-Za-z0-9]{24,}"),
    _vendor("mailgun", "key-", "pubkey-", body="[0-9a-zA-Z]{32}"),
    _vendor("mapbox", "pk.eyJ", "sk.eyJ", "tk.eyJ", body="[A-Za-z0-9_\\-]{20,}\\.[A-Za-z0-9_\\-]{16,}"),
    _vendor("meta_llama", "LLM|", body="[0-9]{8,}\\|[A-Za-z0-9_\\-]{16,}"),
    _vendor("microsoft_teams", ".webhook.office.com/", body="webhookb2/[A-Za-z0-9@\\-]{36,}/IncomingWebhook/[A-Za-z0-9\\-/]{32,}", alone=False),
    _vendor("netlify", *_all("nf", "p c o u b", "_")),
    _vendor("new_relic", *_all("NR", "AK BR II JS AL AA SP IQ RA", "-"), body="[A-Za-z0-9_\\-]{16,}"),
    _vendor("notion", "ntn_", body="[A-Za-z0-9]{40,}"),
    _vendor("nuget", "oy2", body="[a-z0-9]{43}"),
    _vendor("nvidia", "nvapi-"),
    _vendor("octopus", "API-", body="[A-Z0-9]{25,32}", check=validators.mixed_token_span),
    _vendor("okta", "SSWS ", body="[A-Za-z0-9_\\-]{30,}"),
    _vendor("openshift", "sha256~", body=_WORD + "{30,}"),
    _vendor("paypal_braintree", "access_token$production$", "access_token$sandbox$", body="[0-9a-z]{10,}\\$[0-9a-f]{32}"),
    _vendor("perplexity", "pplx-", body=_ALNUM_LONG),
    _vendor("pinecone", "pcsk_", body="[A-Za-z0-9_]{30,}"),
    _vendor("plaid", "access-sandbox-", "access-development-", "access-production-", body=_UUID),
    _vendor("planetscale", "pscale_pw_", "pscale_tkn_", "pscale_oauth_", body="[A-Za-z0-9_.=\\-]{24,}"),
    _vendor("polar", *_all("polar_", "oat pat ort at rt ci cs whs", "_")),
    _vendor("postman", "PMAK-", body="[A-Za-z0-9]{20,}-[A-Za-z0-9]{30,}"),
    _vendor("posthog", *_all("ph", "c x s r a", "_"), body="[A-Za-z0-9]{30,}"),
    _vendor("prefect", "pnu_", "pnb_", body=_ALNUM),
    _vendor("pulumi", "pul-", body="[0-9a-f]{40}"),
    _vendor("rapyd_readme", "rdme_", body=_ALNUM_LONG),
    _vendor("replicate", "r8_", body=_ALNUM_LONG),
    _vendor("resend", "re_", body="[A-Za-z0-9]{6,10}_[A-Za-z0-9]{18,}", check=generated_span),
    _vendor("rootly_rubygems", "rubygems_", "rootly_", body=_HEX32),
    _vendor("scalingo", "tk-us-", body=_WORD + "{40,}"),
    _vendor("segment", "sgp_", body="[A-Za-z0-9_]{30,}"),
    _vendor("sourcegraph", "slk_", "sgd_", body="[0-9a-f]{64}"),
    _vendor("sentry", "sntrys_eyJ", "sntryu_", "sntrya_", "sntryi_", body="[A-Za-z0-9+/=_\\-]{40,}"),
    _vendor("settlemint", "sm_pat_", "sm_aat_", "sm_sat_", body="[A-Za-z0-9]{16,}"),
    _vendor("shippo", "shippo_live_", "shippo_test_", body="[0-9a-f]{32,}"),
    _vendor("sonar", "squ_", "sqp_", "sqa_", body="[0-9a-f]{40}"),
    _vendor("supabase", "sbp_", "sb_secret_", "sb_publishable_", body="[A-Za-z0-9_\\-]{20,}"),
    _vendor("tailscale", "tskey-", body="[A-Za-z0-9\\-]{16,}", check=validators.mixed_token_span),
    _vendor("tavily", "tvly-"),
    _vendor("terraform", ".atlasv1.", body=_WORD + "{50,}", alone=False),
    _vendor("together", "tgp_v1_", body=_WORD + "{30,}"),
    _vendor("trigger", *_all("tr_", "dev prod stg pat", "_"), body=_ALNUM),
    _vendor("twilio", "SK", body="[0-9a-z]{32}"),
    _vendor("twilio_account", "AC", body="[0-9a-f]{32}"),
    _vendor("twitter_app", "AAAAAAAAAAAAAAAAAAAAA", body="[A-Za-z0-9%]{40,}"),
    _vendor("typeform", "tfp_", body="[A-Za-z0-9_.=\\-]{30,}"),
    _vendor("vercel", *_all("vc", "p i a r k", "_"), "vercel_blob_rw_", body="[A-Za-z0-9_]{20,}"),
    _vendor("weights_and_biases", "wandb_v1_"),
    _vendor("workos", "sk_live_a2V5", body=_ALNUM),
    _vendor("wundergraph", "cosmo_", body=_HEX32),
    _vendor("xai", "xai-", body="[A-Za-z0-9]{40,}"),
    _vendor("yandex", "AQVN", "YCA", "YCM", "YCN", "YCO", body="[A-Za-z0-9_\\-]{35,}"),
    _vendor("yandex_iam", "t1.", "y0_", "y1_", "y2_", "y3_", body="[A-Za-z0-9_\\-]{20,}[=.A-Za-z0-9_\\-]*"),
    _vendor("zapier_webhook", "hooks.zapier.com/hooks/catch/", body="[0-9]+/[A-Za-z0-9]{5,}", alone=False),
    _vendor("ntlm", "TlRMTVNTUAA", body=_BASE64 + "{16,}"),
    _vendor("dotenv_dsn", "dotenv://:", body="[A-Za-z0-9_]{20,}"),
    _vendor("assorted", "apify_api_", "asst_", "pdl_live_", "pdl_sdbx_", "rpa_", "waka_", "dg_", "str_live_", "ubi_", "wkr_", "nango_",
            "lsk_", "prisma_", "tok_live_", "sess_", "patp_", "secret_", "key_live_", "key_test_", "pk_prod_", "npx_", "seam_", "unkey_",
            "mk_live_", "inngest_", "signkey-", "evtkey-", "rnd_", "rw_", "sgo_", "stytch_", "neon_", "napi_", "e2b_", "composio_", "lmnr_", "helicone_",
            "jina_", "voyage_", "pa-", "exa_", "fc-", "bb_live_", "bb_test_", "mg_", "dd_", "cs_live_", "sand_", "agp_", "gsa_", "at_", "tk_", "rk_", "ak_",
            body=_WORD + "{20,}", check=generated_span),
)  # fmt: skip


def _same_letters(text: str, start: int, end: int) -> Span | None:
    """Accept what no word is: the same letter sixteen times, as in test values."""
    return (start, end) if len(set(text[start + 4 : end])) == 1 else None


def _suffixed(text: str, start: int, floor: int, kind: str) -> int:
    """Return where the run of a kind of characters begins that ends at an offset."""
    head = text[max(0, start - floor) : start]
    return start - len(head) + len(head.rstrip(kind))


_HASH_WORDS = vocabulary(
    "hash txhash tx txid txn transaction block blockhash transfer receipt topic root digest signature"
)


def _not_a_hash_span(text: str, start: int, end: int) -> Span | None:
    """Accept a private key, unless the words before call it the hash of a transaction or block."""
    if text[end : end + 1].isalnum() or not _HASH_WORDS.isdisjoint(words_before(text, start)[:4]):
        return None
    return start, end


_LETTERS_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_HEX = "0123456789abcdefABCDEF"


def _begin_of(kind: str, floor: int) -> Callable[[str, int], int]:
    return lambda text, anchor: _suffixed(text, anchor, floor, kind)


SUFFIXED: Final = (
    Rule(
        name="azure_client_secret",
        label="SECRET",
        long=True,
        literals=("8Q~", "7Q~"),
        begin=_begin_of(_LETTERS_DIGITS + "_~.-", 4),
        expression="[A-Za-z0-9_~.\\-]{2,4}[78]Q~[A-Za-z0-9_~.\\-]{31,34}",
    ),
    Rule(
        name="azure_key",
        label="SECRET",
        long=True,
        literals=("JQQJ99", "AzCa", "AzSe", "AzFu", "APIM", "+ASt", "+AMC", "+ARm"),
        begin=_begin_of(_LETTERS_DIGITS + "+/", 84),
        expression="[A-Za-z0-9+/]{30,86}(?:JQQJ99[A-Za-z0-9]{20,32}|Az(?:Ca|Se|Fu)[A-Za-z0-9+/]{6,10}|APIM[A-Za-z0-9+/]{4,10}|\\+(?:ASt|AMC|ARm)[A-Za-z0-9+/]{6,10})={0,2}",
        check=generated_span,
    ),
    Rule(
        name="maxmind",
        label="SECRET",
        long=True,
        literals=("_mmk",),
        begin=_begin_of(_LETTERS_DIGITS + "_", 37),
        expression="[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
    ),
    Rule(
        name="mailchimp",
        label="SECRET",
        long=True,
        literals=("-us",),
        begin=_begin_of(_HEX, 32),
        expression="[0-9a-f]{32}-us[0-9]{1,2}",
    ),
    Rule(
        name="new_relic_licence",
        label="SECRET",
        long=True,
        literals=("NRAL", "FFFFNRAL"),
        begin=_begin_of(_LETTERS_DIGITS, 40),
        expression="[0-9a-z]{32,36}(?:FFFF)?NRAL",
    ),
    Rule(
        name="discord_bot",
        label="SECRET",
        long=True,
        literals=("MD", "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"),  # base64 of an id's first digits
        alone=True,
        expression="[MNO][A-Za-z0-9]{23,25}\\.[A-Za-z0-9_\\-]{6}\\.[A-Za-z0-9_\\-]{27,38}",
    ),
    Rule(
        name="telegram_bot",
        label="SECRET",
        long=True,
        literals=(":A",),
        begin=_begin_of("0123456789", 16),
        expression="[0-9]{5,16}:A[A-Za-z0-9_\\-]{33,34}",
    ),
    Rule(
        name="terraform_cloud",
        label="SECRET",
        long=True,
        literals=(".atlasv1.",),
        begin=_begin_of(_LETTERS_DIGITS, 14),
        expression="[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=\\-]{50,}",
    ),
    Rule(
        name="ethereum_private_key",
        label="SECRET",
        long=True,
        literals=("0x",),
        alone=True,
        expression="0x[0-9a-fA-F]{64}",
        check=_not_a_hash_span,
    ),
    Rule(
        name="grafana_key",
        label="SECRET",
        long=True,
        literals=("eyJrIjoi",),
        alone=True,
        expression="eyJrIjoi[A-Za-z0-9+/]{60,}={0,2}",
        tail=_TOKEN_DOTS,
    ),
    Rule(
        name="json_web_key",
        label="SECRET",
        long=True,
        literals=("Imt0eSI", "JrdHki", "ia3R5I"),  # base64 of "kty"
        begin=_begin_of(_LETTERS_DIGITS + "+/_-", 256),
        expression="(?:e|W)[A-Za-z0-9+/_=\\-]{80,}",
    ),
)
