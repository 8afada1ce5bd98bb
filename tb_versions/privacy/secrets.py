"""Whether an option, a variable or a label holds a secret: by the words of its name, and by its value. Pure."""

from __future__ import annotations

import itertools
import re
import unicodedata

# fmt: off
_SECRETS = frozenset({
    "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "pw", "pass", "secret", "secrets", "token",
    "credential", "credentials", "creds", "cookie", "cookies", "auth", "authorization", "bearer", "jwt", "sig", "sas",
    "pat", "webhook", "otp", "totp", "mnemonic", "sid", "sessid", "sessionid", "passwort", "kennwort", "senha",
    "contrasena", "dsn", "connstr", "connectionstring", "seedphrase", "hmac", "ghpat", "githubpat", "gitlabpat",
    "azurepat", "motdepasse", "wachtwoord", "losenord", "passord", "cred", "pkey", "sharedaccesssignature",
})
# These are secrets only behind an owner: api_key, openaikey, auth_tokens; not sort_key, monkey, max_tokens.
_OWNED = frozenset({"key", "keys", "tokens", "string", "phrase"})
_OWNERS = frozenset({
    "connection", "conn", "seed", "recovery", "activation",
    "api", "access", "secret", "private", "priv", "account", "auth", "signing", "sign", "encryption", "crypt",
    "cipher",
    "service", "storage", "subscription", "license", "ssh", "gpg", "pgp", "rsa", "tls", "ssl", "hmac", "jwt", "aes",
    "deploy", "master", "shared", "consumer", "client", "server", "session", "refresh", "bearer", "admin", "app", "bot",
    "ingest", "integration", "org", "project", "team", "personal", "write", "webhook",
    "wandb", "openai", "anthropic", "claude", "hf", "huggingface", "hub", "github", "gitlab", "bitbucket", "azure",
    "aws", "gcp", "gcs", "google", "minio", "comet", "neptune", "mlflow", "clearml", "kaggle", "cohere", "mistral",
    "groq", "gemini", "replicate", "pinecone", "langsmith", "langchain", "slack", "discord", "telegram", "twilio",
    "sendgrid", "stripe", "datadog", "sentry", "grafana", "elastic", "redis", "vault", "npm", "pypi", "docker",
    "databricks", "snowflake", "fernet", "mongo", "mongodb", "postgres", "mysql", "supabase", "firebase", "heroku",
    "cloudflare", "digitalocean", "weaviate", "qdrant", "voyage", "together", "fireworks", "deepseek", "perplexity",
    "nvidia", "ngc", "runpod", "modal", "dagshub", "roboflow", "tavily", "serper", "elevenlabs", "deepgram",
    "mailgun", "unseal",
})
# Two words that are a secret together.
_PAIRS = frozenset({
    ("conn", "str"), ("access", "signature"), ("amz", "signature"), ("goog", "signature"), ("pass", "phrase"),
    ("recovery", "code"), ("sa", "key"),
})
# At the end these say that the value is about a secret and is not one: --token-limit, --password-file.
_HARMLESS_ENDINGS = frozenset({
    "file", "path", "dir", "folder", "env", "variable", "length", "len", "limit", "limits", "size", "dim", "dims",
    "count", "type", "policy", "name", "mode", "index", "ids", "budget", "ratio", "rate", "prob", "dropout", "weight",
    "embedding", "embeddings",
})
# In front of these a token is one of a text, not of a person: pad_token, num_token, eos_token_id.
_TEXT_TOKENS = frozenset({
    "pad", "padding", "bos", "eos", "sos", "eot", "unk", "unknown", "cls", "class", "sep", "mask", "special", "extra",
    "blank", "num", "n", "max", "min", "per", "start", "end", "begin", "stop", "first", "last", "next", "image",
    "audio",
    "video", "vision", "prefix", "suffix", "sub", "word", "char", "prompt",
})
# Words that end like a secret and are none, in one piece or in two: lowpass, low_pass.
_ONE_WORD = frozenset({
    "bypass", "compass", "encompass", "lowpass", "highpass", "bandpass", "allpass", "forwardpass", "backwardpass",
    "multipass", "singlepass", "onepass", "twopass", "firstpass", "secondpass", "surpass", "trespass", "overpass",
})
# With no other secret word in the name, these can hold something else: auth=none, pass=3, token=[PAD], pw_kernel=3.
_SOFT = frozenset({"pass", "pw", "token", "auth", "pat", "sig", "sas", "cookie", "cookies", "sid", "otp"})
# fmt: on
_SOFT_VALUE = re.compile(
    r"(?:[+-]?(?:[0-9]{1,5}(?:\.[0-9]{0,17})?|\.[0-9]{1,17})(?:e[+-]?[0-9]{1,3})?|[+-]?inf(?:inity)?|[a-z]{0,4}"
    r"|false|basic|digest|kerberos|oauth|oauth2|default|anonymous|disabled|enabled|required|optional|first|second|final"
    r"|forward|backward|train|words?|chars?|missing|today|yesterday"
    r"|<[/|]?(?:[a-z_]{1,20}[0-9]{0,3}[|]?>?)?|\[[a-z_]{1,20}[0-9]{0,3}\]?)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _alternatives(words: frozenset[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


# A word that is several: "pgpassword" = pg + password, "passwordfile" = password + file. Short words such as "sig" are
# no parts: "design" ends with one.
_PARTS = re.compile(
    rf"([a-z]*?)({_alternatives(frozenset(w for w in _SECRETS | _OWNED if len(w) > 3 or w in ('pwd', 'pw', 'key')))})"
    rf"({_alternatives(_HARMLESS_ENDINGS)}|id|value|string|str|text|hash|header|url|uri)?"
)


_OWNER = re.compile(rf"[a-z]{{0,30}}?(?:{_alternatives(_OWNERS)})")  # "wandbapi" ends with one


def names_secret(name: str) -> bool:
    """Whether an option or variable of this name holds a secret (`--api-key`, `PGPASSWORD`; not `--max-tokens`)."""
    return bool(_secret_words(name))


def holds_secret(name: str, value: str) -> bool:
    """Whether an option or variable of this name holds one in this value (not `pass=3`, `auth=none`, `token=[PAD]`)."""
    words = _secret_words(name)
    return bool(words) and not (words <= _SOFT and _SOFT_VALUE.fullmatch(value))


def is_soft(name: str) -> bool:
    """Whether what stands behind a name may well be something else: `token`, `pass`; not `password`, `api_key`."""
    return _secret_words(name) <= _SOFT


def _secret_words(name: str) -> frozenset[str]:
    """The words in a name that say that the value is a secret: {"auth", "token"} of "authToken"."""
    words = [part for word in _WORD.findall(_plain(name).removeprefix("-D")) for part in _parts_of(word.lower())]
    words = _without_text_tokens(_joined(words))
    if not words or words[-1] in _HARMLESS_ENDINGS:
        return frozenset()
    owned = {word for owner, word in itertools.pairwise(words) if word in _OWNED and _OWNER.fullmatch(owner)}
    paired = {f"{first} {second}" for first, second in itertools.pairwise(words) if (first, second) in _PAIRS}
    return _SECRETS.intersection(words) | owned | paired


def _plain(name: str) -> str:
    """A name without accents and wide letters, as the lists above have it: `contrasena` for `contraseña`."""
    if name.isascii():
        return name
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _parts_of(word: str) -> list[str]:
    parts = None if word in _ONE_WORD else _PARTS.fullmatch(word)
    return [part for part in parts.groups() if part] if parts else [word]


def _joined(words: list[str]) -> list[str]:
    """The words with `low` and `pass` as the one word that they are."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in _ONE_WORD:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _without_text_tokens(words: list[str]) -> list[str]:
    """The words without `pad_token`, `eos_token_id` and the like at the end."""
    while len(words) > 1:
        end = -2 if words[-1] == "id" else -1
        if words[end] != "token" or len(words) + end < 1 or words[end - 1] not in _TEXT_TOKENS:
            break
        words = words[: end - 1]
    return words
