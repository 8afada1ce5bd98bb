"""Names and addresses of machines and of people, by their shapes. Pure.

Every expression is bounded and guarded by what stands before it, so that no text costs more than its length.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

HOST, USER = "[host]", "[user]"

# fmt: off
PUBLIC_HOSTS = frozenset({
    "localhost", "127.0.0.1", "0.0.0.0", "[::1]",  # noqa: S104
    "github.com", "api.github.com", "docs.github.com", "gist.github.com", "raw.githubusercontent.com",
    "gist.githubusercontent.com", "gitlab.com", "registry.gitlab.com", "docs.gitlab.com", "bitbucket.org",
    "codeberg.org", "git.sr.ht", "sourceforge.net", "huggingface.co", "hf.co", "zenodo.org", "figshare.com",
    "openml.org", "kaggle.com", "tfhub.dev", "modelscope.cn", "onnx.ai", "wandb.ai", "tensorboard.dev",
    "paperswithcode.com", "pypi.org", "pypi.python.org", "test.pypi.org", "pypi.nvidia.com", "anaconda.org",
    "conda.anaconda.org", "repo.anaconda.com", "conda-forge.org", "npmjs.com", "registry.npmjs.org", "docker.io",
    "docker.com", "hub.docker.com", "docs.docker.com", "registry-1.docker.io", "index.docker.io", "ghcr.io", "quay.io",
    "gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io", "k8s.gcr.io", "registry.k8s.io", "nvcr.io", "public.ecr.aws",
    "mcr.microsoft.com", "learn.microsoft.com", "docs.microsoft.com", "docs.nvidia.com", "developer.nvidia.com",
    "catalog.ngc.nvidia.com", "developer.download.nvidia.com", "storage.googleapis.com", "colab.research.google.com",
    "drive.google.com", "docs.google.com", "ai.google.dev", "developers.google.com", "s3.amazonaws.com",
    "docs.aws.amazon.com", "arxiv.org", "doi.org", "dx.doi.org", "openreview.net", "aclanthology.org", "jmlr.org",
    "semanticscholar.org", "biorxiv.org", "medrxiv.org", "ieee.org", "ieeexplore.ieee.org", "dl.acm.org", "acm.org",
    "nature.com", "wikipedia.org", "wikimedia.org", "commons.wikimedia.org", "stackoverflow.com", "stackexchange.com",
    "medium.com", "keras.io", "pytorch.org", "tensorflow.org", "python.org", "pythonhosted.org", "readthedocs.io",
    "readthedocs.org", "numpy.org", "scipy.org", "docs.scipy.org", "pandas.pydata.org", "pydata.org", "matplotlib.org",
    "scikit-learn.org", "mlflow.org", "apache.org", "commoncrawl.org", "data.commoncrawl.org", "image-net.org",
    "cocodataset.org", "creativecommons.org", "opensource.org", "spdx.org", "w3.org", "json-schema.org", "schema.org",
    "archive.ics.uci.edu", "yann.lecun.com", "cs.toronto.edu", "ufldl.stanford.edu",
})
_PUBLIC_BELOW = (
    ".pytorch.org", ".tensorflow.org", ".python.org", ".pythonhosted.org", ".readthedocs.io", ".wikipedia.org",
    ".arxiv.org", ".apache.org", ".stackexchange.com",
)
# fmt: on
"""Hosts that say nothing of the author's machines, also behind `www.`."""

_BUCKETS = "(?:s3a?|gs|gcs|abfss?|wasbs?|az|adl|hf|file|memory|data|r2|oss|cos|obs|b2)"
_URL_HOST = re.compile(
    rf"(?i)(?<![a-z0-9+.-])((?!{_BUCKETS}://)[a-z][a-z0-9+.-]{{0,30}}://)"
    r"((?:[^/?#\s\"'<>@\[\]]{0,200}@)?\[[0-9a-f:.%]{2,80}\]|[^/?#\s\"'<>:\[\]]{1,300})"
)
_NO_MACHINES = frozenset({"file", "zip", "tar", "dbfs", "memory", "local", "jdbc", "simplecache", "filecache"})
_LABEL = "[A-Za-z0-9-]{1,63}"
_LOGIN = rf"([A-Za-z_][\w.-]{{0,31}})@([A-Za-z0-9]{_LABEL}(?:\.{_LABEL}){{0,6}})"
_LOGIN_AND_PATH = re.compile(rf"(?<![\w.@/:+-]){_LOGIN}(?=:(?:[~/]|\[path\]|[\w.-]{{1,255}}(?:/|\.git\b)))")
_LOGIN_COMMAND = re.compile(
    rf"(?<![\w-])((?:ssh|scp|sftp|rsync|mosh)\s[^\n;|&@]{{0,200}}?)(?<![\w.@/:+-]){_LOGIN}(?![\w.-])"
)
_SCP_HOST = re.compile(rf"(?<![\w/:.@-])({_LABEL}(?:\.{_LABEL}){{1,6}})(?=:[~\w][\w./~-]{{0,200}}/)")
_INNER_HOST = re.compile(
    rf"(?i)(?<![A-Za-z0-9@.-]){_LABEL}(?:\.{_LABEL}){{0,5}}\."
    r"(?:local(?![\w-]|\.\w)|(?:internal|intranet|corp|lan|localdomain)(?![A-Za-z0-9]|-?[A-Za-z0-9-]{0,62}\.[A-Za-z0-9]))"
)
_BEFORE_PATH = re.compile(r"(?:[^@/\s]{1,300}@)?([A-Za-z0-9][A-Za-z0-9.-]{1,252}):(?!//)(?=\S)(.{0,4000})", re.DOTALL)
_FULL_NAME = re.compile(
    rf"(?<![A-Za-z0-9@.-])(?<!//){_LABEL}(?:\.{_LABEL}){{1,6}}\.(com|net|org|edu|gov|mil)(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
)
# Endings of files that are countries too.
_FILES = (
    "(?:py|sh|js|ts|cc|rs|md|pb|so|pl|rb|cs|tf|np|ps|st|id|go|cu|kt|jl|ml|hs|vb|fs|mm|nu|gz|xz|bz|pt|tm|cl|lu|ar|in|to|no"
    "|is|at|it|be|me|my|as|us|am|an|do|by)"
)
_NAME_AND_PORT = re.compile(
    rf"(?<![A-Za-z0-9@.-])(?<!//)({_LABEL}(?:\.{_LABEL}){{1,6}}\.(?:(?!{_FILES}:)[a-z]{{2}}|com|net|org|edu|gov|mil"
    r"|int|info|dev|cloud))(?=:((?:22|80|[1-9][0-9]{2,4}))(?![\w.]))"
)
# What makes `a.b.net` a machine's name and not a part of a model's.
_MACHINE = re.compile(
    r"(?i)(?:[a-z0-9-]{0,40}-)?(?:[a-z]{0,12}(?:gpu|node|host|server|srv|box)|www|login|compute|cluster|hpc|slurm|git|gitlab"
    r"|nas|nfs|mail|smtp|vpn|vm|kube|k8s|jenkins|proxy|gateway|workstation|desktop|laptop|build|artifactory|registry"
    r"|machine|worker|master|db|dgx)s?(?:[0-9-][a-z0-9-]{0,40})?|[a-z]{1,40}-[a-z0-9-]{0,40}[0-9]"
)
# fmt: off
_PORTS = frozenset({
    "22", "80", "443", "873", "1883", "2022", "2049", "2181", "2222", "2379", "3000", "3128", "3306", "4040", "4317",
    "5000", "5001", "5432", "5672", "6006", "6007", "6379", "7077", "8000", "8080", "8081", "8443", "8500", "8501",
    "8786", "8787", "8888", "8889", "9000", "9090", "9092", "9200", "9999", "10000", "11211", "11434", "15672", "27017",
    "29500", "50051", "50070",
})
# fmt: on
_HOST_OPTION = re.compile(
    r"(?i)(?<![a-z0-9])((?:[a-z]{1,30}[_.-]){0,4}(?:(?:hosts?|hostnames?)\s{0,2}=\s{0,2}|hostname:\s{1,2}))([a-z0-9][\w.:,-]{1,1000})",
    re.ASCII,
)
_PLACE_OPTION = re.compile(
    r"(?i)(?<![a-z0-9])((?:[a-z]{1,30}[_.-]){0,4}(?:addr|address(?:es)?|master|coordinator|servers?|nodes?|workers?)=)"
    r"((?:[a-z0-9][a-z0-9.-]{0,100}:[0-9]{2,5},?){1,100})(?![\w.-])",
    re.ASCII,
)
_QUOTED_PORT = re.compile(r"(?<=[\"'])([A-Za-z][A-Za-z0-9.-]{1,100})(?=:[1-9][0-9]{3,4}\\?[\"'])")
_ADDRESS = re.compile(r"(?<![\w.-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|\.\w)", re.ASCII)
_PRIVATE_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?:10|172|192)(?:\.[0-9]{1,3}){3}|ip(?:-[0-9]{1,3}){4})(?![A-Za-z0-9]|\.[A-Za-z0-9])"
)
_LONG_ADDRESS = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])")
_EVENT_FILE = re.compile(r"(events\.out\.tfevents\.[0-9]{1,20}\.)[^\s/\"']{1,200}")
_DATED_RUN = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]{2}[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}_)[A-Za-z0-9.-]{1,100}")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,63}(?![^\W_])")
_HOST_NAMES = frozenset({"host", "hosts", "hostname", "hostnames", "nodename"})
_HOST_WORD = re.compile(r"[\w.-]{1,253}")
_PORT = re.compile(r"[0-9]{0,5}", re.ASCII)
_NETS = ("net", "org")
_NO_HOST = re.compile(
    r"(?i)true|false|none|null|nil|nan|na|yes|no|on|off|local|localhost|unknown|unset|default|auto|all|any|each|both|other"
    r"|self|host|hosts|hostname|cpus?|gpus?|tpus?|cuda|device|driver|single|multi|[0-9]{1,10}"
)


def without_hosts(text: str, *, is_version: bool = False) -> str:
    """Returns a text without names and addresses of machines, and without logins on them.

    Args:
        text: Any text.
        is_version: Whether it is the version of a package, which can look like an address.
    """
    if ":" in text:
        text = _QUOTED_PORT.sub(_unless_public, _URL_HOST.sub(_in_url, text))
    if "@" in text:
        text = _LOGIN_COMMAND.sub(lambda m: m[0] if _is_public(m[3]) else f"{m[1]}{USER}@{HOST}", text)
        text = _LOGIN_AND_PATH.sub(lambda m: m[0] if _is_public(m[2]) else f"{USER}@{HOST}", text)
    if ":" in text:
        text = _SCP_HOST.sub(_unless_public, text)
    if "=" in text or "ostname:" in text:
        for option in (_HOST_OPTION, _PLACE_OPTION):
            text = option.sub(lambda m: m[1] + masked_hosts(m[2]), text)
    text = without_full_names(text)
    return text if is_version and " " not in text else _without_addresses(text)


def without_host_before_path(address: str, *, is_remote: bool) -> str:
    """Returns `user@host:path`, the whole of an address, as `[host]:path`; any other address as it is.

    Args:
        address: Where data or code is.
        is_remote: Whether it is of a git remote, where `name:path` can only be a host's.
    """
    found = _BEFORE_PATH.fullmatch(address)
    if not found or _is_public(found[1]):
        return address
    at_home = found[2].startswith(("/", "~")) and found[1].lower() not in _NO_MACHINES
    return f"{HOST}:{found[2]}" if is_remote or at_home or "@" in address[: found.start(1)] else address


def without_hosts_in_name(name: str) -> str:
    """Returns the name of a run or of a series without names of machines; less is certain in it than in a text."""
    name = _URL_HOST.sub(_in_url, name)
    if "." in name:
        name = _INNER_HOST.sub(
            _unless_word, _FULL_NAME.sub(lambda m: m[0] if m[1] in _NETS else _unless_public(m), name)
        )
    return _without_addresses(name)


def without_full_names(text: str) -> str:
    """Returns a text without names that only machines have: `gpu7.corp`, `a.b.example.com`, `a.b.example.io:22`."""
    if "." not in text:
        return text
    text = _NAME_AND_PORT.sub(lambda m: _unless_public(m) if _is_machine(m[1]) or m[2] in _PORTS else m[0], text)
    text = _FULL_NAME.sub(lambda m: m[0] if m[1] in _NETS and not _is_machine(m[0]) else _unless_public(m), text)
    return _INNER_HOST.sub(_unless_word, text)


def without_host_in_run(text: str) -> str:
    """Returns a text without the host that TensorBoard and PyTorch put into names of event files and of runs."""
    return _DATED_RUN.sub(rf"\1{HOST}", _EVENT_FILE.sub(rf"\1{HOST}", text))


def without_mail(text: str) -> str:
    """Returns a text without mail addresses."""
    return _MAIL.sub(USER, text) if "@" in text else text


def names_host(name: str) -> bool:
    """Whether an option or a label of this name holds names of machines: `--worker_hosts`, `hostname`."""
    return re.split(r"[._-]", name.lower())[-1] in _HOST_NAMES


def masked_hosts(value: str) -> str:
    """Returns the value of an option that names machines, ports kept: `a:22,b:22` → `[host]:22,[host]:22`."""
    return ",".join(_masked_host(part) for part in value.split(","))


def without_hosts_of_options(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments of a command without the machines behind options such as `--host`."""
    options = ["", *arguments]
    return [
        masked_hosts(one) if option[:1] == "-" and one[:1] != "-" and names_host(option) else one
        for option, one in zip(options, arguments, strict=False)
    ]


def _masked_host(part: str) -> str:
    host, colon, port = part.partition(":")
    is_host = _HOST_WORD.fullmatch(host.strip()) and not _NO_HOST.fullmatch(host.strip()) and not _is_public(host)
    return HOST + colon + port if is_host and _PORT.fullmatch(port) else part


def _without_addresses(text: str) -> str:
    text = _PRIVATE_ADDRESS.sub(HOST, _ADDRESS.sub(_unless_public, text))
    if ":" not in text:
        return text
    return _LONG_ADDRESS.sub(lambda m: HOST if _is_long_address(m[0]) else m[0], text)


def _is_long_address(text: str) -> bool:
    """Whether it is an IPv6 address that is told apart from times, and from `a::b` of a program."""
    groups = [group for group in text.split(":") if group]
    if len(groups) < 4 and not re.match(r"(?i)fe80:|f[cd][0-9a-f]{2}:", text):
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _in_url(match: re.Match[str]) -> str:
    return match[0] if _is_public(match[2].rpartition("@")[2]) else match[1] + HOST


def _unless_public(match: re.Match[str]) -> str:
    return match[0] if _is_public(match[0]) else HOST


def _unless_word(match: re.Match[str]) -> str:
    """What goes on behind `.corp` is a machine's only with a number: `gpu17.corp-2`, but not `sub.corp_v2`."""
    is_whole = match.string[match.end() : match.end() + 1] not in ("-", "_")
    return HOST if is_whole or re.search(r"[0-9]", match[0]) else match[0]


def _is_machine(name: str) -> bool:
    return _MACHINE.fullmatch(name.partition(".")[0]) is not None


def _is_public(host: str) -> bool:
    host = host.lower().removeprefix("www.")
    return host in PUBLIC_HOSTS or host.endswith(_PUBLIC_BELOW)
