"""Whether an option, variable or label holds a secret, by its name and by what can be none. Pure."""

from __future__ import annotations

import itertools
import re

# fmt: off
_SECRET_WORDS = frozenset({
    "password", "passwd", "passphrase", "pwd", "pw", "pass", "secret", "secrets", "token", "credential",
    "credentials", "creds", "apikey", "accesskey", "secretkey", "privatekey", "accountkey", "authkey", "auth",
    "authorization", "bearer", "sig", "sas", "pat", "cookie",
})
_KEY_OWNERS = frozenset({
    "api", "access", "secret", "private", "account", "auth", "signing", "encryption", "service", "storage",
    "subscription", "license", "ssh", "deploy", "wandb", "openai", "anthropic", "hf", "huggingface", "github",
    "gitlab", "azure", "aws", "gcp", "comet", "neptune", "mlflow", "client",
})
# Words at the end which say that the value is about a secret, not the secret: --token-limit, --password-file.
_HARMLESS_ENDINGS = frozenset({
    "file", "path", "dir", "folder", "env", "variable", "length", "len", "limit", "limits", "size", "dim", "dims",
    "count", "type", "policy", "name", "mode", "index", "ids", "budget", "ratio", "rate", "prob", "dropout", "weight",
    "embedding", "embeddings",
})
# A token of a text, not of a person: pad_token, num_token, eos_token_id.
_TEXT_TOKENS = frozenset({
    "pad", "padding", "bos", "eos", "sos", "unk", "unknown", "cls", "class", "sep", "mask", "special", "extra", "blank",
    "num", "n", "max", "min", "per", "start", "end", "begin", "stop", "first", "last", "image", "audio", "video",
    "prefix", "suffix",
})
# Behind these, and no other secret words, a value can be none: auth=none, pass=3, token=[PAD].
_SOFT_WORDS = frozenset({"pass", "token", "auth", "pat", "sig", "sas", "cookie"})
# fmt: on
_SOFT_VALUE = re.compile(
    r"(?:[+-]?(?:[0-9]{1,5}(?:\.[0-9]{0,17})?|\.[0-9]{1,17})(?:e[+-]?[0-9]{1,3})?|[+-]?inf(?:inity)?|[a-z]{0,4}"
    r"|false|basic|digest|kerberos|oauth|oauth2|default|anonymous|disabled|enabled|required|optional|first|second|final"
    r"|forward|backward|train|words?|chars?|missing|today|yesterday"
    r"|<[/|]?(?:[a-z_]{1,20}[0-9]{0,3}[|]?>?)?|\[[a-z_]{1,20}[0-9]{0,3}\]?)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def names_secret(name: str) -> bool:
    """Whether an option or variable of this name holds a secret (`--api-key`, `DB_PASSWORD`; not `--max-tokens`)."""
    return bool(_secret_words(name))


def holds_secret(name: str, value: str) -> bool:
    """Whether an option or variable of this name holds one in this value (not `pass=3`, `auth=none`, `token=[PAD]`)."""
    words = _secret_words(name)
    return bool(words) and not (words <= _SOFT_WORDS and _SOFT_VALUE.fullmatch(value))


def words_of(name: str) -> list[str]:
    """Returns the words of a name in lower case: "eosTokenID" has three."""
    return [word.lower() for word in _WORD.findall(name)]


def _secret_words(name: str) -> set[str]:
    """The words in a name that say that the value is a secret."""
    words = words_of(name)
    while len(words) > 1 and words[-1] in ("id", "token") and "token" in words[-2:]:
        end = -2 if words[-1] == "id" else -1
        if len(words) + end < 1 or words[end - 1] not in _TEXT_TOKENS:
            break
        words = words[: end - 1]
    if not words or words[-1] in _HARMLESS_ENDINGS:
        return set()
    keys = {b for a, b in itertools.pairwise(words) if b in ("key", "keys") and a in _KEY_OWNERS}
    return {word for word in words if word in _SECRET_WORDS} | keys
