"""Secrets to plant: tokens as their makers shape them, and names that tell that a secret stands behind them.

The tokens are made here and belong to nobody.
"""

from __future__ import annotations

import base64
import json
import random
import string

ALNUM = string.ascii_letters + string.digits
URLSAFE = ALNUM + "_-"
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
DIGITS = string.digits

_MADE = random.Random(11)


def _some(count: int, letters: str = ALNUM) -> str:
    return "".join(_MADE.choice(letters) for _ in range(count))


def _pem(kind: str, width: int = 64) -> str:
    body = "\n".join(_some(width, ALNUM + "+/") for _ in range(8))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


TOKENS: dict[str, str] = {
    "GitHub": "ghp_" + _some(36),
    "GitHub app": "ghs_" + _some(36),
    "GitHub fine": f"github_pat_{_some(22)}_{_some(59)}",
    "GitLab": "glpat-" + _some(20, URLSAFE),
    "GitLab job": "glcbt-64_" + _some(20, URLSAFE),
    "Bitbucket": "ATBB" + _some(32),
    "Atlassian": "ATATT3xFfGF0" + _some(170, URLSAFE) + "=" + _some(8, UPPER),
    "Hugging Face": "hf_" + _some(34),
    "Hugging Face organisation": "api_org_" + _some(34),
    "AWS": "AKIA" + _some(16, UPPER),
    "AWS session": "ASIA" + _some(16, UPPER),
    "OpenAI": "sk-" + _some(20) + "T3BlbkFJ" + _some(20),
    "OpenAI project": "sk-proj-" + _some(60, URLSAFE),
    "Anthropic": "sk-ant-api03-" + _some(90, URLSAFE),
    "OpenRouter": "sk-or-v1-" + _some(64, HEX),
    "Groq": "gsk_" + _some(52),
    "Perplexity": "pplx-" + _some(48),
    "xAI": "xai-" + _some(80),
    "Replicate": "r8_" + _some(37),
    "NVIDIA": "nvapi-" + _some(64, URLSAFE),
    "Databricks": "dapi" + _some(32, HEX),
    "Weights & Biases": f"wandb_v1_{_some(27)}_{_some(40)}",
    "Kaggle": "KGAT_" + _some(32, HEX),
    "Neptune": base64.b64encode(
        json.dumps({"api_address": "https://app.example", "api_key": _some(36)}).encode()
    ).decode(),
    "LangSmith": f"lsv2_pt_{_some(32, HEX)}_{_some(10, HEX)}",
    "Pinecone": "pcsk_" + _some(70, ALNUM + "_"),
    "Stripe": "sk_live_" + _some(24),
    "Stripe test": "sk_test_" + _some(24),
    "Stripe restricted": "rk_live_" + _some(24),
    "Stripe webhook": "whsec_" + _some(32),
    "Slack": f"xoxb-{_some(12, DIGITS)}-{_some(12, DIGITS)}-{_some(24)}",
    "Slack app": f"xapp-1-A{_some(10, UPPER)}-{_some(13, DIGITS)}-{_some(64, HEX)}",
    "Slack webhook": f"https://hooks.slack.com/services/T{_some(8, UPPER)}/B{_some(8, UPPER)}/{_some(24)}",
    "Discord bot": f"MTI{_some(21)}.{_some(6, URLSAFE)}.{_some(27, URLSAFE)}",
    "Discord webhook": f"https://discord.com/api/webhooks/{_some(18, DIGITS)}/{_some(68, URLSAFE)}",
    "Telegram": f"{_some(10, '123456789')}:AA{_some(33, URLSAFE)}",
    "Google key": "AIza" + _some(35, URLSAFE),
    "Google access": "ya29." + _some(80, URLSAFE),
    "Google refresh": "1//0" + _some(50, URLSAFE),
    "Google client": "GOCSPX-" + _some(28, URLSAFE),
    "Vault": "hvs." + _some(90, URLSAFE),
    "Vault batch": "hvb." + _some(140, URLSAFE),
    "Vault old": "s." + _some(24),
    "age": "AGE-SECRET-KEY-1" + _some(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "Terraform": f"{_some(14)}.atlasv1.{_some(67, URLSAFE)}",
    "DigitalOcean": "dop_v1_" + _some(64, HEX),
    "Docker": "dckr_pat_" + _some(27, URLSAFE),
    "npm": "npm_" + _some(36),
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + _some(70, URLSAFE),
    "RubyGems": "rubygems_" + _some(48, HEX),
    "Supabase": "sbp_" + _some(40, HEX),
    "PlanetScale": "pscale_tkn_" + _some(43, URLSAFE),
    "SendGrid": f"SG.{_some(22, URLSAFE)}.{_some(43, URLSAFE)}",
    "Twilio": "SK" + _some(32, HEX),
    "Mailchimp": _some(32, HEX) + "-us12",
    "Square": "sq0csp-" + _some(43, URLSAFE),
    "Shopify": "shpat_" + _some(32, HEX),
    "Linear": "lin_api_" + _some(40),
    "Notion": "ntn_" + _some(46),
    "Figma": "figd_" + _some(40, URLSAFE),
    "Postman": f"PMAK-{_some(24, HEX)}-{_some(34, HEX)}",
    "New Relic": "NRAK-" + _some(27, UPPER),
    "Grafana": f"glsa_{_some(32)}_{_some(8, HEX)}",
    "Sentry": "sntrys_eyJ" + _some(80),
    "Doppler": "dp.pt." + _some(43),
    "Tailscale": f"tskey-auth-{_some(12)}-{_some(32)}",
    "JWT": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{_some(43, URLSAFE)}",
    "RSA key": _pem("RSA "),
    "OpenSSH key": _pem("OPENSSH ", 70),
    "PKCS#8 key": _pem(""),
    "encrypted key": _pem("ENCRYPTED "),
    "bearer": "Authorization: Bearer " + _some(40),
    "token header": "Authorization: Token " + _some(40, HEX),
    "basic header": "Authorization: Basic " + base64.b64encode(b"me:s3cr3tpassw0rd").decode(),
    "JSON header": '"Authorization": "Token ' + _some(40, HEX) + '"',
    "netrc": f"machine example.org login me password {_some(16)}",
    "netrc lines": f"machine h\n  login me\n  password {_some(16)}",
    "Azure": f"AccountName=a;AccountKey={base64.b64encode(_MADE.randbytes(64)).decode()};",
    "Together": "tgp_v1_" + _some(43, URLSAFE),
    "Pulumi": "pul-" + _some(40, HEX),
    "Mailgun": "key-" + _some(32, HEX),
    "kaggle.json": f'{{"username": "me", "key": "{_some(32, HEX)}"}}',
}
"""Maker to a token; no part of one should be left."""

_NAMES = """
PGPASSWORD MYSQL_PWD dbpassword dbpass mysqlpwd redispass sshpass smtppass ftppasswd rootpw bindpw
sudopassword keystorepass requirepass passcode userpassword loginpassword authtoken accesstoken refreshtoken
sessiontoken bottoken hubtoken hftoken githubtoken gitlabtoken npmtoken vaulttoken slacktoken idtoken apitoken
apitokens clientsecret appsecret apisecret awssecret jwtsecret cookiesecret sharedsecret webhooksecret
consumersecret consumerkey wandbkey wandbapikey openaikey anthropickey azurekey awskey gcpkey apikey apikeys
accesskey secretkey privatekey signingkey encryptionkey masterkey sshkey licensekey dbcredentials AUTHTOKEN
sessionid JSESSIONID totp_seed fernet_key tavily_key db_passwort kennwort
connstr connection_string DATABASE_DSN webhookurl seed_phrase seedphrase activation_key session_string githubpat jwt pat
dsn SENTRY_DSN connectionString SharedAccessSignature x-amz-signature X-Goog-Signature apikey2 mysql_pwd unseal_key
mailgunkey ldap_cred webhook_url wachtwoord
clientSecret Authtoken hf-token x-api-key AWS_SECRET_ACCESS_KEY trainer.wandbkey
"""
_HARMLESS_NAMES = """
keyboard monkey tokenizer passes turkey hockey sort_key sortkey primarykey publickey passenger passive compass
bypass lowpass author authority secretary tokenization max_tokens maxtokens n_tokens numtoken padtoken
eostoken eos_token_id tokens token_limit tokenlimit passwordfile password_file design sigma patience path
pattern patch key_dim num_key_value_heads monitor_key rng_key rngkey keypoints cookiecutter passthrough
n_passes forward_pass low_pass second_pass format_string string phrase signature signature_name model_signature
connection conv_str pw_loss_ratio
"""

NAMES = tuple(_NAMES.split())
"""Behind each stands a secret."""

HARMLESS_NAMES = tuple(_HARMLESS_NAMES.split())
"""These only sound so."""


def core_of(token: str) -> str:
    """Returns a part of a token that no harmless text has: of a key of several lines one line, else the end."""
    lines = token.splitlines()
    return lines[len(lines) // 2][:40] if "PRIVATE KEY" in token else token.rstrip(';"')[-12:]
