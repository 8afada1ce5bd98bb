"""Secrets that are known by their shape alone: keys and tokens of well-known makers, private keys, webhooks. Pure.

docs/decisions/0011-redaction-by-field.md says why these patterns are our own. Each starts at a fixed word behind a
look-behind and is bounded, so that no text costs more than its length.
"""

from __future__ import annotations

import re

MASK = "***"
"""What stands where a secret was."""

_A, _B, _X = "[A-Za-z0-9]", "[A-Za-z0-9_-]", "[0-9a-f]"  # letters and digits, URL-safe Base64, hexadecimal digits

_SHAPES = (
    rf"(?:gh[a-z]|hf|api_org|npm|r8|gsk|sbp|whsec|[rs]k_(?:live|test|prod))_{_A}{{16,255}}",  # GitHub, Stripe …
    rf"(?:ntn|lin_(?:api|oauth)|dop_v[0-9]|KGAT)_{_A}{{16,255}}",  # Notion, Linear, DigitalOcean, Kaggle
    r"(?:github_pat|wandb_v[0-9]|lsv2_(?:pt|sk)|pcsk|pscale_(?:tkn|pw|oauth)|dckr_(?:pat|oat))_[A-Za-z0-9_=-]{20,600}",
    r"(?:gl(?:sa|c)|sntry[su]|rubygems|figd|shp(?:at|ca|pa|ss))_[A-Za-z0-9_=-]{20,600}",  # Grafana, Sentry …
    rf"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-{_B}{{10,600}}",  # GitLab
    rf"(?:pypi|nvapi|GOCSPX|sq0[a-z]{{3}}|tskey-[a-z]{{2,10}}|PMAK|NRAK|pplx|xai|xapp|xox[a-z])-{_B}{{10,600}}",
    rf"sk-(?:proj|svcacct|admin|ant|or|lf)-{_B}{{16,400}}",  # OpenAI, Anthropic, OpenRouter
    rf"sk-(?=[A-Za-z]{{0,60}}[0-9]){_A}{{16,400}}",
    r"(?:AKIA|ASIA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])",  # AWS
    rf"AIza{_B}{{35}}|ya29\.{_B}{{20,600}}|1//0{_B}{{30,300}}",  # Google
    rf"hv[sbr]\.{_B}{{20,600}}|s\.(?=[A-Za-z]{{0,23}}[0-9])(?=[a-z0-9]{{0,23}}[A-Z]){_A}{{24}}(?!{_A})",  # Vault
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,70}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{30,80}",  # Doppler
    rf"eyJ{_B}{{8,4000}}\.{_B}{{8,8000}}(?:\.{_B}{{0,4000}})?",  # JSON Web Token
    r"eyJ[A-Za-z0-9+/]{60,4000}={0,2}",  # a JSON object in Base64: Neptune
    rf"[0-9]{{8,10}}:AA{_B}{{33}}",  # Telegram
    rf"[MNO]{_B}{{23,27}}\.{_B}{{6}}\.{_B}{{27,40}}",  # Discord
    rf"SG\.{_B}{{16,40}}\.{_B}{{16,80}}",  # SendGrid
    rf"dapi{_X}{{32}}(?:-[0-9])?|(?:SK|AC){_X}{{32}}(?!{_A})|{_X}{{32}}-us[0-9]{{1,2}}(?!{_A})",  # Databricks, Twilio …
    rf"{_A}{{14}}\.atlasv1\.{_B}{{40,100}}",  # Terraform
    rf"[A-Za-z0-9_~.]{{3}}[0-9]Q~[A-Za-z0-9_~.-]{{31,40}}|LTAI{_A}{{12,24}}(?!{_A})",  # Azure, Alibaba Cloud
    rf"(?:tvly-(?:dev-|prod-)?|jina_){_A}{{20,100}}|pat{_A}{{14}}\.{_X}{{64}}",  # Tavily, Jina, Airtable
    rf"AT(?:ATT3|BB|CTT3){_B}{{20,400}}(?:={_A}{{8}})?",  # Atlassian
    rf"tgp_v[0-9]_{_B}{{20,200}}|(?:pul|key)-{_X}{{32,40}}(?!{_A})",  # Together, Pulumi, Mailgun
    rf"(?:(?<=\"key\":\")|(?<=\"key\": \")){_X}{{32}}(?=\")",  # kaggle.json
)
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_SHAPES)})")
# What stands between the two lines: a diff's `+` and `-` at the beginnings of lines, and `\u{a}` for their ends, too.
_BETWEEN = r"[A-Za-z0-9+/=\s\\:;,.(){}-]"
_PRIVATE_KEY = re.compile(
    rf"-----BEGIN [A-Z0-9 ]{{0,40}}PRIVATE KEY[A-Z ]{{0,10}}-----"
    rf"(?:{_BETWEEN}{{0,16000}}?-----END [A-Z0-9 ]{{0,40}}PRIVATE KEY[A-Z ]{{0,10}}-----|{_BETWEEN}{{0,16000}})"
    r"|PuTTY-User-Key-File-[0-9]:.{0,8000}Private-MAC:\s?[0-9a-f]{1,64}",
    re.DOTALL,
)
# Whoever knows such an address may post there: all behind its fixed beginning is the secret.
_WEBHOOK = re.compile(
    r"(?i)((?<![a-z0-9.-])(?:hooks\.slack\.com/(?:services|workflows|triggers)"
    r"|(?:[a-z]{1,10}\.)?discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks"
    r"|[a-z0-9-]{1,63}\.webhook\.office\.com/webhookb2)/"
    # `WEBHOOK_URL=https://…`, `webhook url: "https://…"`, `--webhook https://…`.
    r"|(?<![a-z0-9])webhook(?:[ _.-]?[a-z]{1,10})?\\{0,3}[\"']?"
    r"(?:\s{0,4}[:=]\s{0,4}|(?<=-webhook)\s{1,4}|(?<=-url)\s{1,4})"
    r"\\{0,3}[\"']?https?://[^\s\"'<>`()\[\]/?#]{1,255}[/?#])[^\s\"'<>`()\[\]]{1,500}"
)
# `Authorization: Token x`, `"Authorization": "Basic x"`; and `Bearer x` without a header's name.
_HEADER = re.compile(
    r"(?i)(authorization\\{0,3}[\"']?\s{0,4}[:=]\s{0,4}\\{0,3}[\"']?)"
    r"(?:[a-z][a-z0-9-]{1,30}\s{1,4}[^\s\"'\\,;]{4,4000}|(?=[^\s\"'\\,;]{0,200}[0-9])[^\s\"'\\,;]{8,4000})"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s{1,4})(?=[A-Za-z0-9+/_.=-]{0,400}[0-9=+/_.])([A-Za-z0-9+/_.=-]{8,})")
# `AccountName=a;AccountKey=x;` of a connection string, in program text too.
_CONNECTION = re.compile(
    r"(?i)(\b(?:account|sharedaccess|accesskey|password|pwd)(?:key|signature|secret)?=)(?=[^\s;\"'(){}]{4})[^;\"'\s(]+(?=[;\"'])"
)
# `machine host login me password x` of a .netrc file, on one line or on several, in a diff too.
_GAP = r"(?:[\s+-]|\\n|\\u\{a\}){1,20}"
_NETRC = re.compile(
    rf"(?i)(\b(?:machine{_GAP}[\w.:-]{{1,255}}|default){_GAP}(?:(?:login|account){_GAP}[^\s\\]{{1,255}}{_GAP}){{0,2}}"
    rf"password{_GAP})[^\s\\]{{1,500}}"
)


def mask_tokens(text: str) -> str:
    """Returns a text with tokens of a well-known shape, private keys, credentials of headers and webhooks masked."""
    lower = text.lower()
    if "hook" in lower:
        text = _WEBHOOK.sub(rf"\1{MASK}", text)
    if "password" in lower:
        text = _NETRC.sub(rf"\1{MASK}", text)
    if "-key-" in lower or "private key" in lower:
        text = _PRIVATE_KEY.sub(MASK, text)
    if "authorization" in lower:
        text = _HEADER.sub(rf"\1{MASK}", text)
    if "=" in text and (";" in text or '"' in text or "'" in text):
        text = _CONNECTION.sub(rf"\1{MASK}", text)
    return _BEARER.sub(rf"\1\2{MASK}", _TOKEN.sub(MASK, text))
