"""Masks secrets, and the author's home folder, in texts before they become part of a manifest. Pure.

A secret is known by its place (user name, password and query of a URL; the value of `--api-key`) or by its shape
(`ghp_…`, `AKIA…`, a JWT). One without a telling place and without a shape looks like any other word, and stays.

`mask_…` functions mask secrets only, and exports use them too; `scrub_…` functions replace home folders by `~` as well.
Every pattern starts at a fixed word or behind a look-behind, so that no text costs more than its length.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from tb_versions.core.manifest import hidden_character
from tb_versions.privacy.assigned import mask_assigned
from tb_versions.privacy.markdown import mask_markdown
from tb_versions.privacy.pairs import mask_pairs
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.tokens import MASK, mask_tokens

HOME = "~"
"""What stands where a home folder was."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
_URL_IN_TEXT = re.compile(r"((?<![A-Za-z0-9+.-])(?:jdbc:|[A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s\"'<>`]*)", re.IGNORECASE)
# `user:password@` behind any `://` of a text, also in the middle: `x?next=s3://key:secret@bucket`.
_LOGIN_WITHIN = re.compile(r"(?<=://)[^\s/?#@:\[]{1,300}:[^\s/?#@]{1,300}@")
_CHAIN = re.compile(r"(?<=[^:\[])::(?=[A-Za-z][A-Za-z0-9+.-]{0,30}:[/:]|[/~.])")  # of fsspec: zip://a.csv::s3://b/a.zip
_MAX_LINKS = 15  # what is behind them is treated as prose
_JDBC = re.compile(r"jdbc:(?:[A-Za-z0-9-]{1,30}:){0,2}", re.IGNORECASE)
# `git@host:path` and `host:path`; no drive (`C:\x`), and nothing that goes on with a URL. The groups: host, path.
_SCP = re.compile(r"(?:[^@/:\s]+(?::[^@/\s]*)?@)?(\[[0-9A-Fa-f:.]+\]|[^@/:\s\[\]]{2,}):(?!.{0,400}://)(\S.*)")
_REMOTE_SCHEMES = frozenset({"http", "https", "ssh", "git", "ftp", "ftps", "git+ssh", "ssh+git", "git+https"})
_CONTAINER_SCHEMES = frozenset({"abfs", "abfss", "wasb", "wasbs"})  # the part before their @ names a container
_LOGIN_PATH = re.compile(r"((?:ssh|git\+ssh|ssh\+git|sftp|scp|rsync)://[^/]{0,300}/|[^@/:\s]{2,300}:/)(.*)", re.DOTALL)
_PART = r"(?:[A-Z]?[a-z]{1,20}(?:[A-Z][a-z]{1,20}){0,3}|[A-Z]{1,12})?[0-9]{0,12}"
# A place on a page, `#results-2`, and what closes the sentence around a link.
_PLAIN_END = re.compile(
    rf"(?=.{{0,80}}\Z)(?:#(?=[A-Za-z0-9]){_PART}(?:[._-]{{1,2}}{_PART}){{0,9}})?[).,;:!?*_\]]{{0,8}}", re.DOTALL
)

_OPTION = re.compile(r"(-{0,2}[+~]{0,2}[A-Za-z_][\w./@-]{0,120}=|--?[A-Za-z][\w.-]{0,120}:)(.*)", re.DOTALL)
_FLAG = re.compile(r"--?[A-Za-z][\w.-]{0,120}")
_FLAG_IN_TEXT = re.compile(
    r"(?<![\w-])(--?[A-Za-z][\w.-]{0,120})(\s{0,4}=\s{0,4}|\s{1,4}(?:\\\s{0,4}\n\s{0,40})?(?![-\\]))"
    r"(\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|\[[^\[\]\n]{0,500}\]|[^\s\"'`,;|&)\]]+(?:[,;&|][^\s\"'`,;|&)\]]+){0,50})"
)
_FLAG_IN_LINE = re.compile(rf"(?<!^){_FLAG_IN_TEXT.pattern}", re.MULTILINE)  # a diff's line begins with a `-` too
_SWITCHES = ("no", "use", "with", "without", "ask", "allow", "skip", "disable", "enable", "has", "is")
_LOGIN_FLAG = re.compile(r"-u|--user|--proxy-user|--login")
_LOGIN = re.compile(r"(?![0-9]{1,10}:[0-9]{1,10}\Z)[^\s:/@]{1,100}:\S{1,400}")
_PYTHON = re.compile(r"(?:.*[/\\])?python[0-9.]{0,6}(?:\.exe)?", re.DOTALL)
_UNBUFFERED = re.compile(r"(?<![\w-])python[0-9.]{0,6}(?:\.exe)?(?:\s{1,4}-[A-Za-z]{1,10}){0,4}\s{1,4}\Z")  # its -u

# `/home/me`, `/mnt/data/home/me`, `/Users/me`, `/root`, `C:\Users\me`, `/mnt/c/Users/me`.
_ANY_HOME = re.compile(
    r"(?<![\w.~/\\-])(?:(?:/[\w.-]+){0,3}/(?:home|homes|Users)/[^/\\\s\"'`:,;&|<>()]+|/root"
    r"|(?:/mnt)?/?[A-Za-z]:?[\\/]Users[\\/][^/\\\s\"'`:,;&|<>()]+)(?![\w.-])"
)


def scrub_uri(uri: str) -> str:
    """Returns where data is, without who may fetch it and whose home it is.

    Args:
        uri: A URL, a chain of them, an scp-like address (`git@host:path`), or a local path.

    Returns:
        As `mask_uri`, with `~` for home folders; one line without control characters. Scrubbing twice changes nothing
        more.
    """
    masked = mask_uri(printable(uri.strip()))
    return "::".join(_without_home(link) for link in _CHAIN.split(masked, _MAX_LINKS))


def scrub_remote(url: str) -> str:
    """Returns the address of a git remote without user name, password and query.

    Args:
        url: What `git remote` shows: a URL, or scp-like `git@host:path`.

    Returns:
        For a URL the URL, for `git@host:path` `host:path`. "" for a local path (it would show whose home it is) and for
        helper programs (`ext::…`).
    """
    text = url.strip()
    scheme = _SCHEME.match(text)
    if scheme:
        return scrub_uri(text) if scheme[1].lower() in _REMOTE_SCHEMES else ""
    return scrub_uri(text) if _SCP.fullmatch(text) and "::" not in text else ""


def scrub_arguments(arguments: Iterable[str]) -> tuple[str, ...]:
    """Returns the arguments of a command with secrets masked and home folders as `~`.

    Args:
        arguments: As in `sys.argv[1:]`; not changed.

    Returns:
        As many arguments as were given.
    """
    return tuple(map(_scrub_argument, mask_arguments(printable(one, newlines=True) for one in arguments)))


def scrub_text(text: str) -> str:
    """Returns a text of any length with secrets masked and home folders as `~`; lines stay lines."""
    return scrub_home(mask_secrets(printable(text, newlines=True)))


def scrub_home(text: str) -> str:
    """Returns a text with every home folder replaced by `~`: the own one, `/home/<name>`, `/Users/<name>`, `/root`."""
    for home in _own_homes():
        text = re.sub(rf"(?<![\w.-]){re.escape(home)}(?![\w.-])", HOME, text)
    return _ANY_HOME.sub(HOME, text)


def mask_uri(uri: str) -> str:
    """Returns an address without the user name, password, query and fragment of its URL (a plain `#results` stays).

    A JDBC address loses everything behind the first `;` too. Each link of an fsspec chain (`simplecache::s3://…`) is
    treated on its own. The container of an Azure address (`abfss://container@account`) stays. Tokens of a well-known
    shape are masked anywhere.
    """
    masked = "::".join(_mask_link(link) for link in _CHAIN.split(uri, _MAX_LINKS))
    address, mark, parameters = mask_tokens(_LOGIN_WITHIN.sub("", masked)).partition(";")
    return address + mark + mask_assigned(parameters, is_code=False)


def mask_arguments(arguments: Iterable[str]) -> list[str]:
    """Returns the arguments of a command with secrets masked: `--password x`, `--api-key=x`, `db.password=x`."""
    return list(_mask_arguments(arguments))


def mask_secrets(text: str, *, is_code: bool = False) -> str:
    """Returns a text with secrets masked.

    Args:
        text: Any length; lines stay lines.
        is_code: Whether `password=x` is masked in quotes only.
    """
    # First what may begin in front of a URL or in one, and go on behind it: a private key, a row of a table.
    pieces = _URL_IN_TEXT.split(mask_markdown(mask_tokens(text)))
    return "".join(
        mask_uri(piece) if position % 2 else _mask_prose(piece, is_code) for position, piece in enumerate(pieces)
    )


def printable(text: str, *, newlines: bool = False) -> str:
    r"""Returns a text whose control and bidirectional-override characters and lone surrogates are shown as `\uXXXX`."""
    if hidden_character(text, newlines=newlines) is None:
        return text
    return "".join(c if hidden_character(c, newlines=newlines) is None else f"\\u{ord(c):04x}" for c in text)


def _mask_link(link: str) -> str:
    jdbc, scheme = _JDBC.match(link), _SCHEME.match(link)
    if jdbc:
        rest = link[jdbc.end() :]
        slashes = "//" if rest.startswith("//") else ""
        return jdbc[0] + slashes + re.split(r"[?#;(]", rest.rpartition("@")[2].removeprefix("//"), maxsplit=1)[0]
    if scheme:
        return _mask_url(scheme[1].lower(), scheme[0], link[scheme.end() :])
    if link.lower().startswith("data:"):
        return "data:"
    scp = None if link.lower().startswith("file:") else _SCP.fullmatch(link)
    return f"{scp[1]}:{scp[2]}" if scp else mask_secrets(link)


def _mask_url(scheme: str, beginning: str, rest: str) -> str:
    if scheme == "file":
        return beginning + rest
    rest = _without_user(rest, keep_name=scheme in _CONTAINER_SCHEMES)
    mark = re.search(r"[?#]|\Z", rest)
    assert mark
    end = rest[mark.start() :]
    return beginning + rest[: mark.start()] + (end if scheme in ("http", "https") and _PLAIN_END.fullmatch(end) else "")


def _without_user(rest: str, *, keep_name: bool) -> str:
    """What follows `://`, from the host on. People paste secrets with `/ ? # @` unquoted; those go too."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        user, _, _ = authority.rpartition("@")
        return rest if keep_name and ":" not in user else rest[len(user) + 1 :]
    if re.search(r":(?![0-9]*$)", authority) and not authority.startswith("["):
        return rest.rpartition("@")[2] if "@" in rest else authority.partition(":")[0]
    return rest


def _without_home(link: str) -> str:
    """A masked link with `~` for a home folder: `file:///home/me/x` → `~/x`, `ssh://host/home/me/x` → `ssh://host/~/x`."""
    if link.lower().startswith("file:"):
        path = re.sub(r"^//[^/]*", "", link[len("file:") :])
        path = scrub_home(re.sub(r"^/(?=[A-Za-z]:[\\/])", "", path))
        return path if path.startswith(HOME) else f"file://{path}"
    login = _LOGIN_PATH.fullmatch(link)
    return login[1] + scrub_home("/" + login[2]).removeprefix("/") if login else scrub_home(link)


def _mask_arguments(arguments: Iterable[str]) -> Iterator[str]:
    flag, is_python = "", False
    for argument in arguments:
        is_login = _LOGIN_FLAG.fullmatch(flag) is not None and _LOGIN.fullmatch(argument) is not None
        if flag and argument == "=":
            yield argument
            continue
        if (is_login or holds_secret(flag, argument)) and not argument.startswith("--"):
            flag = flag if flag.lower().endswith("s") else ""  # `--api-keys x y`
            yield MASK
            continue
        flag = argument if _FLAG.fullmatch(argument) and not (is_python and argument == "-u") else ""
        is_python = _PYTHON.fullmatch(argument) is not None or (is_python and argument.startswith("-"))
        yield _mask_argument(argument)


def _mask_argument(argument: str) -> str:
    option = _OPTION.fullmatch(argument)
    if option and holds_secret(option[1], option[2]):
        return option[1] + MASK
    prefix, value = (option[1], option[2]) if option else ("", argument)
    return prefix + (mask_uri(value) if _is_address(value) else mask_secrets(value))


def _scrub_argument(argument: str) -> str:
    option = _OPTION.fullmatch(argument)
    prefix, value = (option[1], option[2]) if option else ("", argument)
    return prefix + (scrub_uri(value) if _is_address(value) else scrub_home(value))


def _is_address(value: str) -> bool:
    """Whether a whole value is a URL, JDBC address or `user@host:path`."""
    scp = _SCP.fullmatch(value)
    return bool(_SCHEME.match(value) or _JDBC.match(value) or (scp and "@" in value[: scp.start(1)]))


def _mask_prose(text: str, is_code: bool) -> str:
    text = mask_assigned(mask_pairs(text), is_code=is_code)
    flag = _FLAG_IN_LINE if is_code else _FLAG_IN_TEXT
    return flag.sub(_mask_flag, text)


def _mask_flag(match: re.Match[str]) -> str:
    """Masks the value in `--password x` and `-u name:x`; a switch such as `--use-auth` has none."""
    flag, between, value = match.groups()
    is_switch = "=" not in between and flag.lstrip("-").lower().split("-")[0] in _SWITCHES
    is_secret = holds_secret(flag, value.strip("\"'")) and not is_switch
    is_login = bool(_LOGIN_FLAG.fullmatch(flag) and _LOGIN.fullmatch(value))
    if is_login and flag == "-u":
        is_login = not _UNBUFFERED.search(match.string[max(match.start() - 80, 0) : match.start()])
    return f"{flag}{between}{MASK}" if is_secret or is_login else match[0]


def _own_homes() -> list[str]:
    """The home folders of this user, longest first; a home of `/` (containers) names nobody and is skipped."""
    candidates = {os.environ.get("HOME", ""), os.environ.get("USERPROFILE", ""), os.path.expanduser("~")}
    homes = {home.rstrip("/\\") for home in candidates}
    return sorted((home for home in homes if len(home) > 1 and os.path.isabs(home)), key=len, reverse=True)
