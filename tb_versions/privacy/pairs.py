"""Masks a secret that stands behind its name otherwise than by assignment. Pure.

`name: PASSWORD, value: x` of a container, `setdefault("TOKEN", "x")`, `<password>x</password>`, columns of
a table, sentences (`the password is x`), and commands such as `setenv TOKEN x` and `wandb login x`.
"""

from __future__ import annotations

import re

from tb_versions.privacy.assigned import CLOSING_MARKS, QUOTED, masked_value
from tb_versions.privacy.secrets import is_soft, names_secret
from tb_versions.privacy.tokens import MASK

_NAME = r"[A-Za-z_][\w.-]{0,120}"
_SPACED = rf"{_NAME}(?:[^\S\n](?i:keys?|phrase|string|url))?"  # `API key` too
_Q = r"\\{0,3}[\"']?"
_BARE = r"[^\s\"'\\,;&}\])<>]+"
_IS = rf"{_Q}\s{{0,4}}[:=]\s{{0,4}}"
_NAMED = rf"\b(?:name|key|field|variable|option|parameter){_IS}{_Q}"
_GAP = r"\s{0,40},?[\s+-]{0,40}"
_VALUED = rf"\b(?:value|default|content){_IS}"

# `- name: DB_PASSWORD` and `value: x`, in either order, in YAML, JSON, XML and calls.
_NAME_FIRST = re.compile(rf"(?i)({_NAMED})({_NAME})({_Q}{_GAP}{_Q}{_VALUED})({QUOTED}|{_BARE})")
_VALUE_FIRST = re.compile(rf"(?i)({_Q}{_VALUED})({QUOTED}|{_BARE})({_GAP}{_Q}{_NAMED})({_NAME})")
# `setdefault("HF_TOKEN", "x")`, `add_argument("--api-key", type=str, default="x")`, `["--password", "x"]`.
_CALL = re.compile(rf"(\(\s{{0,4}}([\"'])-{{0,2}}({_NAME})\2\s{{0,4}},\s{{0,4}}[rbfu]{{0,2}})({QUOTED})")
_DEFAULT = re.compile(
    rf"(([\"'])-{{0,2}}({_NAME})\2\s{{0,4}},[^()\n]{{0,200}}?\b(?:default|value)\s{{0,4}}=\s{{0,4}})({QUOTED})"
)
_LISTED = re.compile(rf"([\[,]\s{{0,40}}([\"'])--?({_NAME})\2\s{{0,4}},\s{{0,40}})({QUOTED})")
_ELEMENT = re.compile(rf"(<()({_NAME})(?:\s[^<>]{{0,200}})?>)([^<>]{{1,2000}})(?=</)")
# `setenv TOKEN x`, `ENV TOKEN x` of a Dockerfile, `aws configure set aws_secret_access_key x`.
_SET = re.compile(
    rf"(\b(?:setenv|setx|putenv|ENV|ARG|config(?:ure)?\s{{1,4}}set(?:\s{{1,4}}//\S{{1,200}}/:)?|secrets?\s{{1,4}}set)()(?:[^\S\n]{{1,8}}|(?<=/:))({_NAME})[^\S\n]{{1,8}})"
    r"([^\s=][^\s]{0,500})"
)
# A whole line of two columns.
_COLUMNS = re.compile(
    rf"(^[+ -]?[^\S\n]*()({_NAME})(?:\t[^\S\n]*|[^\S\n]{{2,40}}))((?=\S{{0,500}}[0-9])[^\s:=]\S{{0,500}})(?=[^\S\n]*$)",
    re.MULTILINE,
)
# `the API key is x`, and `password x`, `aws_secret_access_key x`, `creds me:x`; what has no digit may be a word of the
# sentence.
_SAID = re.compile(
    rf"((?<![\w.-])()(?:({_SPACED}){CLOSING_MARKS}[^\S\n]{{1,4}}(?:is|was):?"
    rf"|(?i:(?=passw|pwd|cred(?:ential)?s?\b|\w{{1,60}}_))(?P<bare>[A-Za-z]\w{{2,60}}){CLOSING_MARKS})[^\S\n]{{1,4}}(?:[*_]{{0,2}}[\"'`]?))"
    r"((?=[^\s\"'`,;]{0,200}[0-9])[^\s\"'`,;:=()\[\]{}<>|&*-][^\s\"'`,;()\[\]{}<>]{5,200})"
)
# `the password is `x``: what stands in quotes or as code is no word of the sentence.
_SAID_IN_QUOTES = re.compile(
    rf"((?<![\w.-])()({_SPACED}){CLOSING_MARKS}[^\S\n]{{1,4}}(?:is|was):?[^\S\n]{{1,4}}[*_]{{0,2}})(([\"'`])[^\s\"'`]{{4,200}}\5)"
)
# `token `x``: code right behind the name, if it has letters and a digit, and is no name like `bos_token`.
_NAMED_CODE = re.compile(
    rf"((?<![\w.-])()({_SPACED}){CLOSING_MARKS}[^\S\n]{{1,4}}[*_]{{0,2}})"
    r"(`(?=[^`0-9]{0,200}[0-9])(?=[^`A-Za-z]{0,200}[A-Za-z])[A-Za-z0-9+/=~!-]{8,200}`)"
)
# `creds admin:x`, with a word behind the colon.
_LOGIN_NAMED = re.compile(
    r"((?<![\w.-])()(?i:(cred(?:ential)?s?))[^\S\n]{1,4})([A-Za-z][\w.@+-]{1,60}:(?!//)[^\s\"'`,;:()\[\]{}<>|]{3,200})"
)
# `API key for prod: x`, `password (of the database): x`: a value with a digit, in quotes, or up to the end of the line.
_FOR = re.compile(
    rf"((?<![\w.-])()({_SPACED}){CLOSING_MARKS}[^\S\n]{{1,4}}(?:(?:for|of|to)(?:[^\S\n][\w.*_/'-]{{1,30}}){{1,5}}|\([^()\n]{{1,60}}\))"
    r"[*_`]{0,3}[^\S\n]{0,2}[:=\uff1a\uff1d][*_]{0,2}[^\S\n]{0,4})"
    rf"({QUOTED}|`[^`\n]{{1,200}}`|(?=\S{{0,200}}[0-9])[^\s\"'`,;&}}\])<>]{{4,200}}|[^\s\"'`,;&}}\])<>]{{4,200}}(?=[^\S\n]*$))",
    re.MULTILINE,
)
# A row of a table in Markdown, and in HTML.
_ROW = re.compile(
    rf"(\|[^\S\n]{{0,8}}([*_`]{{0,3}})({_SPACED})[*_`]{{0,3}}[^\S\n]{{0,40}}\|[^\S\n]{{0,8}})((?=[^\s|]{{0,500}}[0-9])[^\s|]{{1,500}})(?=[^\S\n]*\|)"
)
_CELL = re.compile(
    rf"((<(?:td|th|dt)>)({_SPACED})</(?:td|th|dt)>\s{{0,40}}<(?:td|dd)(?:\s[^<>]{{0,200}})?>)((?=[^<>]{{0,500}}[0-9])[^<>]{{1,500}})(?=</)"
)
_FOUR_PARTS = (_CALL, _DEFAULT, _LISTED, _ELEMENT, _SET, _COLUMNS, _LOGIN_NAMED, _NAMED_CODE, _FOR, _ROW, _CELL)

# `wandb login x`, `wandb.login(key="x")`, and the flags of common commands that have no telling name.
_LOGIN = re.compile(
    r"(\blogin(?:[^\S\n]{1,4}--?[\w-]{1,40}){0,3}[^\S\n]{1,4})(?=[^\s./:]{0,80}[0-9])([A-Za-z0-9_-]{20,200})(?![\w./:-])"
)
_LOGIN_CALL = re.compile(rf"(\blogin\s?\([^()\"'\n]{{0,100}}?\bkey\s{{0,4}}=\s{{0,4}})({QUOTED})")
_COMMAND = re.compile(
    r"(\b(?:sshpass[^\S\n]{1,4}-p[^\S\n]{0,4}|(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;&]{0,200}?\s-p(?=\S)"
    r"|(?:docker|podman|az|oras|helm|oc|skopeo|buildah)[^\S\n]{1,4}(?:registry[^\S\n]{1,4})?login\b[^\n|;&]{0,200}?\s-p[^\S\n]{1,4}"
    r"|create[^\S\n]{1,4}secret\b[^\n|;&]{0,200}?--from-literal[=\s][\w.-]{1,100}=|redis-cli\b[^\n|;&]{0,200}?\s-a[^\S\n]{1,4}"
    r"|curl\b[^\n|;&]{0,400}?\s(?:-b|--cookie)[^\S\n]{1,4}))(\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|[^\s\"'|;&]{1,500})"
)


def mask_pairs(text: str) -> str:
    """Returns a text with secrets masked that stand behind a telling name, but are not assigned to it."""
    lower = text.lower()
    if "value" in lower or "default" in lower or "content" in lower:
        text = _NAME_FIRST.sub(lambda m: m[1] + m[2] + m[3] + masked_value(m[2], m[4]), text)
        text = _VALUE_FIRST.sub(lambda m: m[1] + masked_value(m[4], m[2]) + m[3] + m[4], text)
    for form in _FOUR_PARTS:
        text = form.sub(_masked, text)
    text = _SAID_IN_QUOTES.sub(lambda m: m[0] if is_soft(m[3]) else _masked(m), text)
    text = _SAID.sub(_masked_saying, text)
    if "login" in lower:
        text = _LOGIN_CALL.sub(lambda m: m[1] + masked_value("login_key_secret", m[2]), _LOGIN.sub(rf"\1{MASK}", text))
    return _COMMAND.sub(rf"\1{MASK}", text)


def _masked_saying(match: re.Match[str]) -> str:
    name = match[3] or match["bare"]
    return match[1] + masked_value(name, match[5]) if names_secret(name) else match[0]


def _masked(match: re.Match[str]) -> str:
    return match[1] + masked_value(match[3], match[4]) if names_secret(match[3]) else match[0]
