"""The software that made a version, from the metadata of installed packages; no package is imported for it."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import json
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tb_versions.core.manifest import Environment
from tb_versions.core.storage import is_inside
from tb_versions.privacy.scrub import printable, scrub_uri

# Distributions that provide the module, the most common one first.
_TENSORFLOW = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-macos",
    "tensorflow-intel",
    "tensorflow-rocm",
    "tensorflow-aarch64",
    "tensorflow-cpu-aws",
    "intel-tensorflow",
    "tf-nightly",
    "tf-nightly-cpu",
    "tf-nightly-gpu",
    "tf-nightly-macos",
)
_KERAS = ("keras", "keras-nightly", "tf-keras")
_NUMPY = ("numpy",)


def capture_environment() -> Environment:
    """Captures Python, the operating system, and every installed distribution.

    Packages are looked up once per process. The version of a loaded module is its own `__version__`. TensorFlow is
    never loaded for this; CUDA and cuDNN are known only if the program has loaded it. No environment variable, path
    or host name is read.

    Returns:
        The facts; "" for what is unknown. `packages` maps names as their authors write them, sorted case-insensitively,
        to versions; `1.2 (editable)` and `1.2 @ git+https://host/repo@commit` are used where the bare version would
        mislead.
    """
    packages, versions = _packages(), _versions()
    build = _tensorflow_build()
    return Environment(
        python=_python(),
        os=_operating_system(),
        tensorflow=_loaded_version("tensorflow") or _first(versions, _TENSORFLOW),
        keras=_loaded_version("keras") or _first(versions, _KERAS),
        numpy=_loaded_version("numpy") or _first(versions, _NUMPY),
        cuda=build.get("cuda_version", ""),
        cudnn=build.get("cudnn_version", ""),
        packages=dict(packages),
    )


def _first(versions: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((versions[name] for name in names if name in versions), "")


def _loaded_version(module: str) -> str:
    version = getattr(sys.modules.get(module), "__version__", "")
    return version if isinstance(version, str) else ""


def _tensorflow_build() -> dict[str, str]:
    """CUDA and cuDNN versions of a loaded TensorFlow; empty if none is loaded or it was built without CUDA."""
    try:
        info = sys.modules["tensorflow"].sysconfig.get_build_info()
        return {key: str(info[key]) for key in ("cuda_version", "cudnn_version") if info.get(key)}
    except Exception:  # noqa: BLE001 - not loaded, half loaded, or of another shape: the fact is absent
        return {}


@functools.cache
def _versions() -> Mapping[str, str]:
    """Bare versions of all distributions by normalised name."""
    return {_normal(name): version.partition(" ")[0] for name, version in _packages().items()}


@functools.cache
def _packages() -> Mapping[str, str]:
    """Versions of all distributions by name. Of two with one name, the first on `sys.path` counts.

    An editable project may be there twice: what pip recorded, and the `.egg-info` that setuptools left in the
    project, which is found too where the project's folder is on the path. Then pip's record counts.
    """
    found: dict[str, _Found] = {}
    for new in _distributions():
        first = found.setdefault(_normal(new.name), new)
        if _is_left_in(first.distribution, new.editable):
            found[_normal(new.name)] = new
    return MappingProxyType({each.name: each.version for _, each in sorted(found.items())})


class _Found(NamedTuple):
    """A distribution: `version` has its origin; `editable` is the folder of an editable project, or ""."""

    name: str
    version: str
    editable: str
    distribution: importlib.metadata.Distribution


def _distributions() -> Iterator[_Found]:
    for distribution in importlib.metadata.distributions():
        # A damaged distribution (no metadata, no name, wrong JSON) is left out.
        with contextlib.suppress(Exception):
            name, version = distribution.metadata["Name"], distribution.version
            text = distribution.read_text("direct_url.json")
            origin: Any = json.loads(text) if text else {}
            if name and version:
                shown = printable(f"{version}{_suffix(origin)}")
                yield _Found(printable(name), shown, _editable(origin), distribution)


def _is_left_in(distribution: importlib.metadata.Distribution, project: str) -> bool:
    """Whether a distribution's metadata are an `.egg-info` in a project's folder or below."""
    is_egg_info = project != "" and distribution.read_text("PKG-INFO") is not None
    return is_egg_info and is_inside(str(distribution.locate_file("")), project)


def _editable(origin: Any) -> str:
    """Folder of the project that `direct_url.json` (PEP 610) says is editable; "" for another installation."""
    is_editable = origin.get("dir_info", {}).get("editable")
    return url2pathname(urlsplit(str(origin.get("url", ""))).path) if is_editable else ""


def _suffix(origin: Any) -> str:
    """What `direct_url.json` adds to the version; never a path."""
    if origin.get("dir_info", {}).get("editable"):
        return " (editable)"
    vcs = origin.get("vcs_info")
    url = str(origin.get("url", ""))
    if not vcs or url.startswith("file:"):
        return ""
    return f" @ {vcs['vcs']}+{scrub_uri(url)}@{vcs['commit_id']}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _python() -> str:
    implementation, version = platform.python_implementation(), platform.python_version()
    return version if implementation == "CPython" else f"{implementation} {version}"


@functools.cache
def _operating_system() -> str:
    """The operating system: "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64"."""
    kernel = " ".join(part for part in (platform.system(), platform.release(), platform.machine()) if part)
    return ", ".join(part for part in (_distribution_name(), kernel) if part)


def _distribution_name() -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return printable(platform.freedesktop_os_release().get("PRETTY_NAME", ""))
    except OSError:
        return ""
