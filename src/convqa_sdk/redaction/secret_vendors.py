"""The rules for keys that are known by the prefix that their vendor gives them.

To add a vendor, add one entry: what its keys begin with, and the fewest characters that follow. Lengths are lower
bounds, because vendors lengthen their keys; a prefix that also begins words needs `check`.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction import validators
from convqa_sdk.redaction.entropy import is_generated
from convqa_sdk.redaction.rule import Check, Rule, Span

_TOKEN = re.compile("[A-Za-z0-9_\\-]*")
_WORD = "[A-Za-z0-9_\\-]"
_MASK = re.compile("[xX*]{8,}")
_FEWEST_DIGITS = 8
_REACH = 640


def generated_span(text: str, start: int, end: int) -> Span | None:
    """Accept a token that looks generated."""
    return (start, end) if is_generated(text[start:end]) else None


def separate_span(text: str, start: int, end: int) -> Span | None:
    """Accept a generated token that does not stand in a longer identifier."""
    return None if text[start - 1 : start] in ("_", "-", "/", "+") else generated_span(text, start, end)


def slack_span(text: str, start: int, end: int) -> Span | None:
    """Accept a token of Slack: numbers of the workspace and the user, or a generated part."""
    digits = sum("0" <= character <= "9" for character in text[start:end][:64])
    plausible = digits >= _FEWEST_DIGITS or is_generated(text[start:end])
    return unmasked_span(text, start, end) if plausible else None


def _aws_span(text: str, start: int, end: int) -> Span | None:
    """Accept what no word is: a key with a digit, or one letter repeated, as in test values."""
    repeated = len(set(text[start + 4 : end])) == 1
    return (start, end) if repeated else validators.mixed_token_span(text, start, end)


def unmasked_span(text: str, start: int, end: int) -> Span | None:
    """Accept a token that is not masked, and not the middle of a text in base64."""
    masked = _MASK.search(text, start, end) or text[start - 1 : start] == "+"
    return None if masked else (start, end)


def _vendor(
    name: str,
    prefixes: str,
    *,
    body: str = _WORD + "{16,}",
    check: Check | None = unmasked_span,
    alone: bool = True,
) -> Rule:
    """Make the rule for keys that are known by their prefixes; whatever continues a key belongs to it."""
    literals = tuple(prefixes.split())
    return Rule(
        name=name,
        label="SECRET",
        literals=literals,
        expression=f"(?:{'|'.join(map(re.escape, literals))}){body}{_WORD}*",
        check=check,
        alone=alone,
        long=True,
        reach=_REACH,
        tail=_TOKEN,
    )


_ALNUM = "[A-Za-z0-9]{16,}"
_ALNUM_LONG = "[A-Za-z0-9]{28,}"
_HEX32 = "[0-9a-fA-F]{32,}"
_BASE64 = "[A-Za-z0-9+/_=\\-]"
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

VENDORS: Final = (
    _vendor("openai_anthropic", "sk-", body=_WORD + "{18,}", check=validators.mixed_token_span),
    _vendor("stripe", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", body="[A-Za-z0-9]{8,}"),
    _vendor("stripe_webhook", "whsec_", body=_BASE64 + "{16,}"),
    _vendor("github", "ghp_ gho_ ghu_ ghs_ ghr_", body=_ALNUM),
    _vendor("github_fine_grained", "github_pat_"),
    _vendor(
        "gitlab",
        "glpat- gloas- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- glsoat- glffct- glwt-",
        body="[A-Za-z0-9_.\\-]{16,}",
    ),
    _vendor("gitlab_runner", "GR1348941", body=_WORD + "{16,}"),
    _vendor("gitlab_session", "_gitlab_session=", body="[0-9a-f]{32}"),
    _vendor(
        "aws_access_key",
        "AKIA ASIA ABIA ACCA AGPA AIDA AIPA ANPA ANVA AROA APKA ASCA",
        body="[A-Z0-9]{16,17}",
        check=_aws_span,
    ),
    _vendor("aws_access_key_old", "A3T", body="[A-Z0-9]{17}"),
    _vendor("aws_bedrock", "ABSK", body=_BASE64 + "{80,}"),
    _vendor("aws_bedrock_short", "bedrock-api-key-", body=_BASE64 + "{24,}"),
    _vendor("aws_marketplace", "amzn.mws. amzn1.oa2-cs.v1.", body="[0-9a-zA-Z\\-]{20,}"),
    _vendor("aws_appsync", "da2-", body="[a-z0-9]{20,}"),
    _vendor(
        "slack",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-",
        body="[A-Za-z0-9\\-]{8,}",
        check=slack_span,
    ),
    _vendor("slack_export", "xoxe.", body="xox[bp]-[A-Za-z0-9\\-]{8,}", check=generated_span),
    _vendor("google_api", "AIza", body=_WORD + "{30,}"),
    _vendor("google_oauth", "ya29.", body=_WORD + "{16,}"),
    _vendor("google_client_secret", "GOCSPX-"),
    _vendor("sendgrid", "SG.", body="[A-Za-z0-9_\\-]{16,}\\.[A-Za-z0-9_\\-]{16,}"),
    _vendor("hugging_face", "hf_ api_org_", body="[A-Za-z0-9]{30,}"),
    _vendor("npm", "npm_", body="[A-Za-z0-9]{30,}"),
    _vendor("pypi", "pypi-", check=validators.mixed_token_span),
    _vendor("digitalocean", "dop_v1_ doo_v1_ dor_v1_", body="[0-9a-zA-Z]{32,}"),
    _vendor("shopify", "shpat_ shpca_ shppa_ shpss_ shptka_", body=_ALNUM),
    _vendor("square", "sq0atp- sq0csp- sq0idp- sq0ids-"),
    _vendor("square_facebook", "EAAA EAAC EAAM EAAE EAAG EAAB", body=_WORD + "{22,}", check=generated_span),
    _vendor("instagram", "IGQV IGQW IGAA", body=_WORD + "{40,}"),
    _vendor("docker_hub", "dckr_pat_ dckr_oat_"),
    _vendor("grafana", "glsa_ glc_", body=_BASE64 + "{24,}"),
    _vendor("vault", "hvs. hvb. hvr.", body="[A-Za-z0-9_\\-]{20,}"),
    _vendor("onepassword", "ops_eyJ", body=_BASE64 + "{80,}"),
    _vendor("onepassword_secret_key", "A3-", body="[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){3,5}[A-Z0-9]{5}"),
    _vendor("akamai", "akab-", body="[a-z0-9\\-]{16,}"),
    _vendor("adobe", "p8e-", body=_ALNUM_LONG),
    _vendor("age", "AGE-SECRET-KEY-", body="[A-Z0-9]{40,}"),
    _vendor("airtable", "pat", body="[A-Za-z0-9]{14}\\.[0-9a-f]{64}"),
    _vendor("alibaba", "LTAI", body="[A-Za-z0-9]{12,}", check=validators.mixed_token_span),
    _vendor("artifactory", "AKCp cmVmdGtu", body="[A-Za-z0-9]{40,}"),
    _vendor(
        "artifactory_short",
        "AP0 AP1 AP2 AP3 AP4 AP5 AP6 AP7 AP8 AP9 APA APB APC APD APE APF",
        body="[a-zA-Z0-9]{10,}",
        check=separate_span,
    ),
    _vendor("artifactory_key", "AKC", body="[a-zA-Z0-9]{10,}", check=validators.mixed_token_span),
    _vendor("atlassian", "ATATT3 ATCTT3", body="[A-Za-z0-9_=\\-]{40,}"),
    _vendor("bitbucket", "ATBB BBDC-", body="[A-Za-z0-9+/]{28,}"),
    _vendor(
        "authress",
        "sc_ ext_ scauth_ authress_",
        body="[a-zA-Z0-9]{5,30}\\.[a-zA-Z0-9]{4,6}\\.acc[_-][a-zA-Z0-9\\-]{10,32}\\.[a-zA-Z0-9+/_=\\-]{30,}",
    ),
    _vendor("beamer", "b_", body="[A-Za-z0-9=_\\-]{44}", check=generated_span),
    _vendor("brevo", "xkeysib- xsmtpsib-"),
    _vendor("buildkite", "bkua_ bkaj_ bkat_ bkct_ bkpt_"),
    _vendor("cerebras", "csk-", body=_ALNUM),
    _vendor("circleci", "CCIPAT_ CCIPRJ_"),
    _vendor("clojars", "CLOJARS_", body="[0-9a-zA-Z]{40,}"),
    _vendor("clickhouse", "4b1d", body="[A-Za-z0-9]{38}", check=generated_span),
    _vendor("cloudflare", "cfat_ cfut_ cfk_", body="[A-Za-z0-9]{40,}"),
    _vendor("cloudflare_origin", "v1.0-", body="[a-f0-9]{24}-[a-f0-9]{100,}"),
    _vendor("contentful", "CFPAT-"),
    _vendor("databricks", "dapi dose dkea", body="[0-9a-f]{32}(?:-[0-9])?"),
    _vendor("defined_networking", "dnkey-"),
    _vendor(
        "discord_webhook",
        "discord.com/api/webhooks/ discordapp.com/api/webhooks/",
        body="[0-9]{6,30}/[A-Za-z0-9_\\-]{16,}",
        alone=False,
    ),
    _vendor("docker_swarm", "SWMTKN-1- SWMKEY-1-", body=_BASE64 + "{25,}"),
    _vendor("doppler", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. dp.said.", body="[A-Za-z0-9_.\\-]{20,}"),
    _vendor("dropbox", "sl.", body=_WORD + "{60,}"),
    _vendor("duffel", "duffel_test_ duffel_live_"),
    _vendor(
        "dynatrace",
        "dt0c01. dt0s01. dt0s02. dt0s03. dt0s04. dt0s06. dt0s08. dt0s16. dt0a01. dt0b01.",
        body="[A-Z0-9]{8,24}\\.[A-Z0-9]{40,}",
    ),
    _vendor("easypost", "EZAK EZTK", body="[A-Za-z0-9]{54}"),
    _vendor("endor", "endr+", body="[A-Za-z0-9_\\-]{16,}"),
    _vendor("frameio", "fio-u-", body=_WORD + "{30,}"),
    _vendor("figma", "figd_ figu_ figdr_ figoh_ figor_"),
    _vendor("fireworks", "fw_", body="[A-Za-z0-9]{22,}", check=generated_span),
    _vendor("flutterwave", "FLWSECK_TEST- FLWPUBK_TEST- FLWSECK- FLWPUBK-", body="[A-Za-z0-9]{12,}"),
    _vendor("fly", "fo1_ fm1r_ fm1a_ fm2_ fm1_", body="[A-Za-z0-9+/=_\\-]{12}[A-Za-z0-9+/=_,\\-]{18,}"),
    _vendor("gocardless", "live_ test_ sandbox_", body=_WORD + "{30,}", check=generated_span),
    _vendor("groq", "gsk_", body=_ALNUM_LONG),
    _vendor("harness", "pat. sat.", body="[A-Za-z0-9_\\-]{16,}\\.[A-Za-z0-9]{20,}\\.[A-Za-z0-9]{16,}"),
    _vendor("heroku", "HRKU-"),
    _vendor("hubspot", "pat-na1- pat-na2- pat-eu1- pat-ap1-", body=_UUID),
    _vendor("infracost", "ico-", body="[A-Za-z0-9]{32}"),
    _vendor("intra42", "s-s4t2ud- s-s4t2af-", body="[0-9a-f]{40,}"),
    _vendor("langchain", "lsv2_pt_ lsv2_sk_ ls__", body=_ALNUM_LONG.replace("9]", "9_]")),
    _vendor("langfuse", "pk-lf- sk-lf-", body=_UUID),
    _vendor("launchdarkly", "api- sdk- mob-", body=_UUID),
    _vendor("linear", "lin_api_ lin_oauth_ lin_wh_"),
    _vendor("lob", "live_pub_ test_pub_", body="[A-Za-z0-9]{24,}"),
    _vendor("mailgun", "key- pubkey-", body="[0-9a-zA-Z]{32}"),
    _vendor("mapbox", "pk.eyJ sk.eyJ tk.eyJ", body="[A-Za-z0-9_\\-]{20,}\\.[A-Za-z0-9_\\-]{16,}"),
    _vendor("meta_llama", "LLM|", body="[0-9]{8,}\\|[A-Za-z0-9_\\-]{16,}"),
    _vendor(
        "microsoft_teams",
        ".webhook.office.com/",
        body="webhookb2/[A-Za-z0-9@\\-]{36,}/IncomingWebhook/[A-Za-z0-9\\-/]{32,}",
        alone=False,
    ),
    _vendor("netlify", "nfp_ nfc_ nfo_ nfu_ nfb_"),
    _vendor("new_relic", "NRAK- NRBR- NRII- NRJS- NRAL- NRAA- NRSP- NRIQ- NRRA-", body="[A-Za-z0-9_\\-]{16,}"),
    _vendor("notion", "ntn_", body="[A-Za-z0-9]{40,}"),
    _vendor("nuget", "oy2", body="[a-z0-9]{43}"),
    _vendor("nvidia", "nvapi-"),
    _vendor("octopus", "API-", body="[A-Z0-9]{25,32}", check=validators.mixed_token_span),
    _vendor("okta", "SSWS", body=" [A-Za-z0-9_\\-]{30,}"),
    _vendor("openshift", "sha256~", body=_WORD + "{30,}"),
    _vendor("paypal_braintree", "access_token$production$ access_token$sandbox$", body="[0-9a-z]{10,}\\$[0-9a-f]{32}"),
    _vendor("perplexity", "pplx-", body=_ALNUM_LONG),
    _vendor("pinecone", "pcsk_", body="[A-Za-z0-9_]{30,}"),
    _vendor("plaid", "access-sandbox- access-development- access-production-", body=_UUID),
    _vendor("planetscale", "pscale_pw_ pscale_tkn_ pscale_oauth_", body="[A-Za-z0-9_.=\\-]{24,}"),
    _vendor("polar", "polar_oat_ polar_pat_ polar_ort_ polar_at_ polar_rt_ polar_ci_ polar_cs_ polar_whs_"),
    _vendor("postman", "PMAK-", body="[A-Za-z0-9]{20,}-[A-Za-z0-9]{30,}"),
    _vendor("posthog", "phc_ phx_ phs_ phr_ pha_", body="[A-Za-z0-9]{30,}"),
    _vendor("prefect", "pnu_ pnb_", body=_ALNUM),
    _vendor("pulumi", "pul-", body="[0-9a-f]{40}"),
    _vendor("readme", "rdme_", body=_ALNUM_LONG),
    _vendor("replicate", "r8_", body=_ALNUM_LONG),
    _vendor("resend", "re_", body="[A-Za-z0-9]{6,10}_[A-Za-z0-9]{18,}", check=generated_span),
    _vendor("rubygems_rootly", "rubygems_ rootly_", body=_HEX32),
    _vendor("salesforce", "00D", body="[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,}"),
    _vendor("scalingo", "tk-us-", body=_WORD + "{40,}"),
    _vendor("segment_sourcegraph", "sgp_", body="[A-Za-z0-9_]{30,}"),
    _vendor("sourcegraph", "slk_ sgd_", body="[0-9a-f]{64}"),
    _vendor("sentry", "sntrys_eyJ sntryu_ sntrya_ sntryi_", body="[A-Za-z0-9+/=_\\-]{40,}"),
    _vendor("settlemint", "sm_pat_ sm_aat_ sm_sat_", body="[A-Za-z0-9]{16,}"),
    _vendor("shippo", "shippo_live_ shippo_test_", body="[0-9a-f]{32,}"),
    _vendor("sonar", "squ_ sqp_ sqa_", body="[0-9a-f]{40}"),
    _vendor("softlayer", "softlayer.com/soap/v3/ softlayer.com/rest/v3/", body="[a-z0-9]{40,64}", alone=False),
    _vendor("supabase", "sbp_ sb_secret_ sb_publishable_", body="[A-Za-z0-9_\\-]{20,}"),
    _vendor("tailscale", "tskey-", body="[A-Za-z0-9\\-]{16,}", check=validators.mixed_token_span),
    _vendor("tavily", "tvly-"),
    _vendor("tencent", "AKID", body="[A-Za-z0-9]{30,}", check=generated_span),
    _vendor("terraform", ".atlasv1.", body=_WORD + "{50,}", alone=False),
    _vendor("together", "tgp_v1_", body=_WORD + "{30,}"),
    _vendor("trigger", "tr_dev_ tr_prod_ tr_stg_ tr_pat_", body=_ALNUM),
    _vendor("twilio", "SK", body="[0-9a-z]{32}", check=None),
    _vendor("twilio_account", "AC", body="[0-9a-f]{32}"),
    _vendor("twitter_app", "AAAAAAAAAAAAAAAAAAAAA", body="[A-Za-z0-9%]{40,}"),
    _vendor("typeform", "tfp_", body="[A-Za-z0-9_.=\\-]{30,}"),
    _vendor("vercel", "vcp_ vci_ vca_ vcr_ vck_ vercel_blob_rw_", body="[A-Za-z0-9_]{20,}"),
    _vendor("weights_and_biases", "wandb_v1_"),
    _vendor("wundergraph", "cosmo_", body=_HEX32),
    _vendor("xai", "xai-", body="[A-Za-z0-9]{40,}"),
    _vendor("yandex", "AQVN YCA YCM YCN YCO", body="[A-Za-z0-9_\\-]{35,}"),
    _vendor("yandex_iam", "t1. y0_ y1_ y2_ y3_", body="[A-Za-z0-9_\\-]{20,}[=.A-Za-z0-9_\\-]*"),
    _vendor("zapier_webhook", "hooks.zapier.com/hooks/catch/", body="[0-9]+/[A-Za-z0-9]{5,}", alone=False),
    _vendor("ntlm", "TlRMTVNTUAA", body=_BASE64 + "{16,}"),
    _vendor(
        "assorted",
        "apify_api_ bb_live_ bb_test_ e2b_ fc- jina_ key_live_ key_test_ napi_ pa- pdl_live_ pdl_sdbx_ rnd_ rpa_ seam_"
        " secret_ signkey- unkey_ waka_",
        body=_WORD + "{20,}",
        check=generated_span,
    ),
)
