"""Takes secrets and the author's home out of texts before they become part of a manifest.

Pure functions of their argument and of the home folder. What can be known by its place (user name,
password and query of a URL; the value of `--api-key`) or by its shape (`ghp_…`, `AKIA…`, a JWT) is
removed. A secret without a name and without a shape can't be told from any other word and stays.

Every pattern starts at a fixed word or is guarded by a look-behind, so that no text costs more than
its length.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from tb_versions.core.manifest import hidden_character
from tb_versions.privacy.secrets import holds_secret, names_secret, words_of

MASK = "***"
"""What stands where a secret was."""

HOME = "~"
"""What stands where a home folder was."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
_URL_IN_TEXT = re.compile(r"((?<![A-Za-z0-9+.-])(?:jdbc:|[A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s\"'<>`]*)", re.IGNORECASE)
_LOGIN_WITHIN = re.compile(r"(?<=://)[^\s/?#@:\[]{1,300}:[^\s/?#@]{1,300}@")
_CHAIN = re.compile(r"(?<=[^:\[])::(?=[A-Za-z][A-Za-z0-9+.-]{0,30}:[/:]|[/~.])")
_MAX_LINKS = 15  # what is behind them is treated as prose
_JDBC = re.compile(r"jdbc:(?:[A-Za-z0-9-]{1,30}:){0,2}", re.IGNORECASE)
_SCP = re.compile(r"(?:[^@/:\s]+(?::[^@/\s]*)?@)?(\[[0-9A-Fa-f:.]+\]|[^@/:\s\[\]]{2,}):(?!.{0,400}://)(\S.*)")
_REMOTE_SCHEMES = frozenset({"http", "https", "ssh", "git", "ftp", "ftps", "git+ssh", "ssh+git", "git+https"})
_LOGIN_SCHEMES = frozenset({"ssh", "git+ssh", "ssh+git", "sftp", "scp", "rsync"})
# In these the part before the @ names a container, not a user.
_CONTAINER_SCHEMES = frozenset({"abfs", "abfss", "wasb", "wasbs"})

_TOKENS = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
    r"|(?<![A-Za-z0-9])(?:"
    r"gh[a-z]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}"  # GitHub
    r"|gl[a-z]{2,6}-[A-Za-z0-9_.-]{20,255}"  # GitLab
    r"|hf_[A-Za-z0-9]{20,255}|api_org_[A-Za-z0-9]{20,255}"  # Hugging Face
    r"|(?:AKIA|ASIA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"  # AWS
    r"|sk-(?=[A-Za-z0-9_-]{0,60}[0-9])[A-Za-z0-9_-]{16,400}|[rs]k_(?:live|test)_[A-Za-z0-9]{10,255}"  # OpenAI, Stripe
    r"|xox[a-z]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}"  # Slack
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,600}|GOCSPX-[A-Za-z0-9_-]{20,60}"  # Google
    r"|eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}(?:\.[A-Za-z0-9_-]{0,4000})?"  # JSON Web Token
    r"|npm_[A-Za-z0-9]{30,60}|pypi-[A-Za-z0-9_-]{16,400}|dapi[0-9a-f]{32}(?:-[0-9])?|nvapi-[A-Za-z0-9_-]{20,200}"
    r"|SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,80}|r8_[A-Za-z0-9]{30,60}|gsk_[A-Za-z0-9]{30,80}"
    r"|wandb_v[0-9]_[A-Za-z0-9_]{20,255}|dop_v[0-9]_[0-9a-f]{60,70}"
    r")"
)
# Whoever knows such an address may post there: all behind its fixed beginning is the secret.
_WEBHOOK = re.compile(
    r"(?i)((?<![a-z0-9.-])(?:hooks\.slack\.com/(?:services|workflows|triggers)|(?:[a-z]{1,10}\.)?discord(?:app)?\.com/api/"
    r"(?:v[0-9]{1,2}/)?webhooks|[a-z0-9-]{1,63}\.webhook\.office\.com/webhookb2)/)[^\s\"'<>`()\[\]]{1,500}"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s{1,4})(?=[A-Za-z0-9+/_.=-]{0,400}[0-9=+/_.])([A-Za-z0-9+/_.=-]{8,})")

_OPTION = re.compile(r"(-{0,2}[+~]{0,2}[A-Za-z_][\w./@-]{0,120})=(.*)", re.DOTALL)
_FLAG = re.compile(r"--?[A-Za-z][\w.-]{0,120}")
_ASSIGNMENT = re.compile(
    r"(?<![\w.-])((?:\\{1,3}(?=[\"']))?[\"']?)([A-Za-z_][\w.-]{0,120})(\1\s{0,4}(?:=>|:=|->|==|[=:])\s{0,4})"
    r"(\\{1,3}\"[^\"\n]*\"|\\{1,3}'[^'\n]*'|\"[^\"\n]*\"|'[^'\n]*'|\"[^\"]{0,500}\"|'[^']{0,500}'|[^\s\"',;&}\]]+)"
)
_OPENING = re.compile(r"\\{0,3}[\"']")
_FLAG_IN_TEXT = re.compile(
    r"(?<![\w-])(--?[A-Za-z][\w.-]{0,120})(\s{0,4}=\s{0,4}|\s{1,4}(?!-))"
    r"(\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|[^\s\"'`,;|&)\]]+)"
)
_SWITCHES = ("no", "use", "with", "without", "ask", "allow", "skip", "disable", "enable", "has", "is")
_LOGIN_FLAG = re.compile(r"-u|--user|--proxy-user")
_PYTHON = re.compile(r"(?:.*[/\\])?python[0-9.]{0,6}(?:\.exe)?", re.DOTALL)
_UNBUFFERED = re.compile(r"(?<![\w-])python[0-9.]{0,6}(?:\.exe)?(?:\s{1,4}-[A-Za-z]{1,10}){0,4}\s{1,4}\Z")  # its -u
_LOGIN = re.compile(r"(?![0-9]{1,10}:[0-9]{1,10}\Z)[^\s:/@]{1,100}:\S{1,400}")

_ANY_HOME = re.compile(
    r"(?<![\w.~/\\-])(?:(?:/[\w.-]+){0,3}/(?:home|homes|Users)/[^/\\\s\"'`:,;&|<>()]+|/root"
    r"|(?:/mnt)?/?[A-Za-z]:?[\\/]Users[\\/][^/\\\s\"'`:,;&|<>()]+)(?![\w.-])"
)
_PATH_BORDER = r"(?![\w.-])"

_PART = r"(?:[A-Z]?[a-z]{1,20}(?:[A-Z][a-z]{1,20}){0,3}|[A-Z]{1,12})?[0-9]{0,12}"
# A place on a page, `#results-2`, and what closes the sentence around a link.
_PLAIN_END = re.compile(
    rf"(?=.{{0,80}}\Z)(?:#(?=[A-Za-z0-9]){_PART}(?:[._-]{{1,2}}{_PART}){{0,9}})?[).,;:!?*_\]]{{0,8}}", re.DOTALL
)
_PLAIN_LINK = re.compile(
    r"((?!file:)[A-Za-z][A-Za-z0-9+.-]{0,30}://[A-Za-z0-9.-]{1,255}(?::[0-9]{1,5})?(?:/[^?#]*)?)([?#].*)", re.DOTALL
)
_LONG_VALUE = re.compile(r"(?=[A-Za-z_-]{0,400}[0-9])(?=[0-9_-]{0,400}[A-Za-z])[A-Za-z0-9+/_-]{20,}={0,2}")
_SIGNING = frozenset(
    {"signature", "sign", "hmac", "jwt", "session", "sessionid", "sid", "code", "key", "login", "user"}
)


def scrub_uri(uri: str) -> str:
    """Returns where data is, without who may fetch it.

    Removed: user name, password, query and fragment of a URL (a plain `#results` stays); of a JDBC
    address also everything behind the first `;`; the home folder of a local path (`~`); tokens of a well-known shape
    anywhere. Each link of an fsspec chain (`simplecache::s3://…`) is treated on its own. The container of an
    Azure address (`abfss://container@account`) stays.

    Args:
        uri: A URL, a chain of them, an scp-like address (`git@host:path`), or a local path.

    Returns:
        One line without control characters; "" for "". Scrubbing twice changes nothing more.
    """
    text = printable(uri.strip())
    scrubbed = "::".join(_scrub_link(link) for link in _CHAIN.split(text, _MAX_LINKS))
    return mask_tokens(_LOGIN_WITHIN.sub("", scrubbed))


def scrub_remote(url: str) -> str:
    """Returns the address of a git remote without user name, password and query.

    Args:
        url: What `git remote` shows: a URL, or scp-like `git@host:path`.

    Returns:
        For a URL the URL, for `git@host:path` `host:path`. "" for a local path (it would show whose home
        it is) and for helper programs (`ext::…`).
    """
    text = url.strip()
    scheme = _SCHEME.match(text)
    if scheme:
        return scrub_uri(text) if scheme[1].lower() in _REMOTE_SCHEMES else ""
    return scrub_uri(text) if _SCP.fullmatch(text) and "::" not in text else ""


def scrub_arguments(arguments: Iterable[str]) -> tuple[str, ...]:
    """Returns the arguments of a command with secrets masked and home folders as `~`.

    `--password x`, `--api-key=x`, `db.password=x`, tokens of a well-known shape, URLs with credentials.

    Args:
        arguments: As in `sys.argv[1:]`; not changed.

    Returns:
        As many arguments as were given.
    """
    return tuple(_scrub_arguments(arguments))


def scrub_text(text: str, *, bare_values: bool = True) -> str:
    """Returns a free text with secrets masked and home folders as `~`.

    Args:
        text: Any length; lines stay lines.
        bare_values: Whether `password=x` is masked without quotes too. False suits program text, where
            `password=args.password` is no secret and `password="x"` is one.
    """
    pieces = _URL_IN_TEXT.split(printable(text, newlines=True))
    scrubbed = (
        scrub_uri(piece) if position % 2 else _scrub_prose(piece, bare_values) for position, piece in enumerate(pieces)
    )
    return "".join(scrubbed)


def without_queries(text: str) -> str:
    """Returns a text whose links have neither query nor fragment, where nothing in these looks like a secret.

    What has a secret in it, or a user, is left to `scrub_text`; so a caller can tell one from the other.
    """
    if "://" not in text:
        return text
    pieces = _URL_IN_TEXT.split(text)
    return "".join(_without_query(piece) if position % 2 else piece for position, piece in enumerate(pieces))


def scrub_home(text: str) -> str:
    """Returns a text with every home folder replaced by `~`: the own one, `/home/<name>`, `/Users/<name>`, `/root`."""
    for home in _own_homes():
        text = re.sub(r"(?<![\w.-])" + re.escape(home) + _PATH_BORDER, HOME, text)
    return _ANY_HOME.sub(HOME, text)


def mask_tokens(text: str) -> str:
    """Returns a text with tokens of a well-known shape, private keys, bearer credentials and webhooks masked."""
    if "hook" in text.lower():
        text = _WEBHOOK.sub(rf"\1{MASK}", text)
    return _BEARER.sub(rf"\1\2{MASK}", _TOKENS.sub(MASK, text))


def printable(text: str, *, newlines: bool = False) -> str:
    r"""Returns a text whose control and bidirectional-override characters and lone surrogates are shown as `\uXXXX`."""
    if hidden_character(text, newlines=newlines) is None:
        return text
    return "".join(c if hidden_character(c, newlines=newlines) is None else f"\\u{ord(c):04x}" for c in text)


def _scrub_link(link: str) -> str:
    jdbc = _JDBC.match(link)
    if jdbc:
        return jdbc[0] + _scrub_jdbc(link[jdbc.end() :])
    scheme = _SCHEME.match(link)
    if scheme:
        return _scrub_url(scheme[1], link[scheme.end() :])
    if link.lower().startswith("file:"):
        return _scrub_file(link[len("file:") :])
    if link.lower().startswith("data:"):
        return "data:"
    scp = _SCP.fullmatch(link)
    if scp:
        return f"{scp[1]}:{_scrub_login_path(scp[2])}"
    return scrub_text(link)


def _scrub_url(scheme: str, rest: str) -> str:
    if scheme.lower() == "file":
        return _scrub_file("//" + rest)
    container = scheme.lower() in _CONTAINER_SCHEMES
    rest, mark, end = _parted(_without_user(rest, keep_name=container))
    host, slash, path = rest.partition("/")
    path = _scrub_login_path(slash + path) if scheme.lower() in _LOGIN_SCHEMES else slash + path
    return f"{scheme}://{host}{path}{_plain_end(scheme, mark + end)}"


def _parted(rest: str) -> tuple[str, str, str]:
    """What stands before the query or fragment, its mark, and what is behind the mark."""
    mark = re.search(r"[?#]", rest)
    return (rest[: mark.start()], mark[0], rest[mark.end() :]) if mark else (rest, "", "")


def _plain_end(scheme: str, end: str) -> str:
    """A place on a page, which stays; "" for all else that follows a path."""
    return end if scheme.lower() in ("http", "https") and _PLAIN_END.fullmatch(end) else ""


def _without_query(link: str) -> str:
    plain = _PLAIN_LINK.fullmatch(link)
    if not plain or "@" in plain[2] or "://" in plain[2] or mask_tokens(link) != link:
        return link
    for part in re.split(r"[?#&;]", plain[2]):
        name, _, value = part.rpartition("=")
        words = set(words_of(name))
        if names_secret(name) or not _SIGNING.isdisjoint(words) or _LONG_VALUE.fullmatch(value):
            return link
    return plain[1] + _plain_end(link.partition(":")[0], plain[2])


def _without_user(rest: str, *, keep_name: bool) -> str:
    """What follows `://`, from the host on. People paste secrets with `/ ? # @` unquoted; those go too."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        user, _, _ = authority.rpartition("@")
        return rest if keep_name and ":" not in user else rest[len(user) + 1 :]
    if re.search(r":(?![0-9]*$)", authority) and not authority.startswith("["):
        return rest.rpartition("@")[2] if "@" in rest else authority.partition(":")[0]
    return rest


def _scrub_file(rest: str) -> str:
    """What follows `file:`; the host, if any, is dropped."""
    path = re.sub(r"^//[^/]*", "", rest)
    path = re.sub(r"^/(?=[A-Za-z]:[\\/])", "", path)
    scrubbed = scrub_home(path)
    return scrubbed if scrubbed.startswith(HOME) else f"file://{scrubbed}"


def _scrub_jdbc(rest: str) -> str:
    slashes = "//" if rest.startswith("//") else ""
    address = rest.rpartition("@")[2].removeprefix("//")
    return slashes + scrub_home(re.split(r"[?#;(]", address, maxsplit=1)[0])


def _scrub_login_path(path: str) -> str:
    """Path on a machine where people have homes: `/home/me/x` → `/~/x` behind a host."""
    scrubbed = scrub_home(path)
    return "/" + scrubbed if path.startswith("/") and scrubbed.startswith(HOME) else scrubbed


def _scrub_arguments(arguments: Iterable[str]) -> Iterator[str]:
    flag, is_python = "", False
    for argument in arguments:
        is_secret = holds_secret(flag, argument) or (
            _LOGIN_FLAG.fullmatch(flag) is not None and _LOGIN.fullmatch(argument) is not None
        )
        if is_secret and not argument.startswith("--"):
            flag = ""
            yield MASK
            continue
        flag = argument if _FLAG.fullmatch(argument) and not (is_python and argument == "-u") else ""
        is_python = _PYTHON.fullmatch(argument) is not None or (is_python and argument.startswith("-"))
        yield _scrub_argument(argument)


def _scrub_argument(argument: str) -> str:
    option = _OPTION.fullmatch(argument)
    if option and holds_secret(option[1], option[2]):
        return f"{option[1]}={MASK}"
    prefix, value = (option[1] + "=", option[2]) if option else ("", argument)
    return prefix + (scrub_uri(value) if _is_address(value) else scrub_text(value))


def _is_address(value: str) -> bool:
    """Whether a whole value is a URL, JDBC address or `user@host:path`."""
    scp = _SCP.fullmatch(value)
    return bool(_SCHEME.match(value) or _JDBC.match(value) or (scp and "@" in value[: scp.start(1)]))


def _scrub_prose(text: str, bare_values: bool) -> str:
    text = _scrub_pairs(mask_tokens(text), bare_values)
    return scrub_home(_FLAG_IN_TEXT.sub(_scrub_flag, text) if bare_values else text)


def _scrub_flag(match: re.Match[str]) -> str:
    """Masks the value in `--password x` and `-u name:x`; a switch such as `--use-auth` has none."""
    flag, between, value = match.groups()
    is_switch = "=" not in between and flag.lstrip("-").lower().split("-")[0] in _SWITCHES
    is_secret = holds_secret(flag, value.strip("\"'")) and not is_switch
    is_login = bool(_LOGIN_FLAG.fullmatch(flag) and _LOGIN.fullmatch(value))
    if is_login and flag == "-u":
        is_login = not _UNBUFFERED.search(match.string[max(match.start() - 80, 0) : match.start()])
    return f"{flag}{between}{MASK}" if is_secret or is_login else match[0]


def _scrub_pairs(text: str, bare_values: bool = True) -> str:
    """Masks the value in `password=x`, `"token": "x"`, `AccountKey=x;`, `key => x`, and in JSON inside JSON."""

    def masked(match: re.Match[str]) -> str:
        quote, name, between, value = match.groups()
        opening = _OPENING.match(value)
        around = opening[0] if opening else ""
        if not (opening or bare_values) or not holds_secret(name, value.removeprefix(around).removesuffix(around)):
            return match[0]
        return f"{quote}{name}{between}{around}{MASK}{around}"

    return _ASSIGNMENT.sub(masked, text)


def _own_homes() -> list[str]:
    """The home folders of this user, longest first; a home of `/` (containers) names nobody and is skipped."""
    candidates = {os.environ.get("HOME", ""), os.environ.get("USERPROFILE", ""), os.path.expanduser("~")}
    homes = {home.rstrip("/\\") for home in candidates}
    return sorted((home for home in homes if len(home) > 1 and os.path.isabs(home)), key=len, reverse=True)
