"""Masks names and addresses of machines and people that have a telling shape. Pure but for `own_names`.

Exports leave out the fields that name machines and people; this is for free texts and names of runs, and knows only
shapes that hardly anything else has. Every pattern is bounded and guarded by what stands
before it, so that no text costs more than its length.
"""

from __future__ import annotations

import getpass
import ipaddress
import re
import socket

HOST, USER = "[host]", "[user]"

# Where a URL begins so, a bucket or a name follows; in the last four nothing is elsewhere.
_NO_HOSTS = "(?:s3a?|gs|gcs|abfss?|wasbs?|az|adl|hf|r2|oss|cos|obs|b2|data|file|memory|dbfs)"
_LOCAL = re.compile(r"(?i)localhost|127\.[0-9.]{5,11}|0\.0\.0\.0|\[::1\]")
_URL_HOST = re.compile(
    rf"(?i)(?<![a-z0-9+.-])((?!{_NO_HOSTS}://)[a-z][a-z0-9+.-]{{0,30}}://)"
    r"((?:[^/?#\s\"'<>@\[\]]{0,200}@)?\[[0-9a-f:.%]{2,80}\]|[^/?#\s\"'<>:\[\]]{1,300})"
)
_LABEL = "[A-Za-z0-9-]{1,63}"
_FULL_NAME = re.compile(
    rf"(?<![A-Za-z0-9@./-])(?:(?:{_LABEL}\.){{2,6}}(?:com|edu|gov|mil)|(?:{_LABEL}\.){{3,6}}(?:net|org))(?![\w-]|\.\w)"
)
_INNER_NAME = re.compile(
    rf"(?i)(?<![A-Za-z0-9@.-])(?:{_LABEL}\.){{1,6}}"
    r"(?:local(?![\w-]|\.\w)|(?:internal|intranet|corp|lan|localdomain)(?![A-Za-z0-9]|\.\w))"
)
_ADDRESS = re.compile(r"(?<![\w.-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|\.\w)", re.ASCII)
_PRIVATE_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?:10|172|192)(?:\.[0-9]{1,3}){3}|ip(?:-[0-9]{1,3}){4})(?![A-Za-z0-9]|\.[A-Za-z0-9])"
)
_LONG_ADDRESS = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])")
_OPTION = re.compile(
    r"(?i)(?<![a-z0-9])((?:[a-z]{1,30}[_.-]){0,4}(?:host|hosts|hostname|nodename)(?:\s{0,2}=\s{0,2}|:\s{1,2}))"
    r"(?!(?:true|false|none|null|localhost|unknown|[0-9]{1,9})\b)([a-z0-9\[][\w.:,-]{1,1000})",
    re.ASCII,
)
_LOGIN = r"(?<![\w.@/:+-])[A-Za-z_][\w.-]{0,31}@[A-Za-z0-9][\w.-]{0,253}"
_LOGIN_AND_PATH = re.compile(rf"{_LOGIN}(?=:(?:[~/]|\[path\]|[\w.-]{{1,255}}(?:/|\.git\b)))")
_LOGIN_COMMAND = re.compile(rf"(?<![\w-])((?:ssh|scp|sftp|rsync|mosh)\s[^\n;|&@]{{0,200}}?){_LOGIN}")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,63}(?![^\W_])")
_EVENT_FILE = re.compile(r"(events\.out\.tfevents\.[0-9]{1,20}\.)[^\s/\"']{1,200}")
_DATED_RUN = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]{2}[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}_)[A-Za-z0-9.-]{1,100}")
_HOST_WORDS = frozenset({"host", "hosts", "hostname", "hostnames", "nodename"})
_USER_WORDS = frozenset({"user", "username", "login", "email", "mail"})
# fmt: off
_COMMON_NAMES = frozenset({
    "root", "user", "users", "admin", "ubuntu", "debian", "test", "runner", "jovyan", "model", "models", "guest",
    "home", "data", "localhost",
})
# fmt: on


def without_hosts(text: str, *, is_version: bool = False) -> str:
    """Returns a text without names and addresses of machines, and without logins on them.

    Args:
        text: Any text.
        is_version: Whether it is the version of a package, which can look like an address.
    """
    if "://" in text:
        text = _URL_HOST.sub(_in_url, text)
    if "@" in text:
        text = _LOGIN_AND_PATH.sub(f"{USER}@{HOST}", _LOGIN_COMMAND.sub(rf"\1{USER}@{HOST}", text))
    if "ost" in text or "OST" in text or "ode" in text:
        text = _OPTION.sub(lambda match: match[1] + masked_hosts(match[2]), text)
    if "." in text:
        text = _INNER_NAME.sub(_unless_word, _FULL_NAME.sub(HOST, text))
        text = _EVENT_FILE.sub(rf"\1{HOST}", text)
    text = _DATED_RUN.sub(rf"\1{HOST}", text)
    if not is_version or " " in text:
        text = _PRIVATE_ADDRESS.sub(HOST, _ADDRESS.sub(_unless_local, text))
    return (
        _LONG_ADDRESS.sub(lambda match: HOST if _is_long_address(match[0]) else match[0], text) if ":" in text else text
    )


def without_mail(text: str) -> str:
    """Returns a text without mail addresses."""
    return _MAIL.sub(USER, text) if "@" in text else text


def masked_by_name(name: str) -> str:
    """Returns what stands for the value of a label or a hyperparameter that names machines or people by its own name.

    `[host]` for `hostname` and `worker_hosts`, `[user]` for `user`, "" for all others.
    """
    word = re.split(r"[._-]", name.lower())[-1]
    return HOST if word in _HOST_WORDS else USER if word in _USER_WORDS else ""


def masked_hosts(value: str) -> str:
    """Returns a list of machines with their ports only: `a:22,b:22` → `[host]:22,[host]:22`."""
    return ",".join(re.sub(r"^[^:,]+", HOST, part) for part in value.split(","))


def own_names() -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Returns what finds the names of this machine and of this user; None where they are words like any other."""
    host = socket.gethostname()
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = ""
    return _finder({host, host.partition(".")[0]}, "A-Za-z0-9"), _finder({user}, r"\w-")


def _finder(names: set[str], letters: str) -> re.Pattern[str] | None:
    telling = [name for name in names if len(name) > 3 and name.lower().partition(".")[0] not in _COMMON_NAMES]
    longest = sorted(map(re.escape, telling), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![{letters}])(?:{'|'.join(longest)})(?![{letters}])") if longest else None


def _in_url(match: re.Match[str]) -> str:
    return match[0] if _LOCAL.fullmatch(match[2]) else match[1] + HOST


def _unless_word(match: re.Match[str]) -> str:
    """What goes on behind `.corp` is a machine's only with a number: `gpu17.corp_v2`, but not `sub.corp_v2`."""
    goes_on = match.string[match.end() : match.end() + 1] in ("-", "_")
    return match[0] if goes_on and not re.search(r"[0-9]", match[0]) else HOST


def _unless_local(match: re.Match[str]) -> str:
    return match[0] if _LOCAL.fullmatch(match[0]) else HOST


def _is_long_address(text: str) -> bool:
    """Whether it is an IPv6 address, and no time and no `a::b` of a program."""
    groups = [group for group in text.split(":") if group]
    if len(groups) < 4 and not re.match(r"(?i)fe80:|f[cd][0-9a-f]{2}:", text):
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
