"""The programs that the tests need and PyPI does not have: Chromium, Firefox, strace, and an OCI registry.

`python -m tests.system_tools` says what is there, installs what is missing on Debian as root (or with
passwordless sudo), and exits 1 if something is still missing in CI. Elsewhere the tests that need it skip.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLAYWRIGHT = (
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)

CHROMIUM_HELP = (
    "Chromium is missing. Any of these helps: `apt-get install chromium`, `playwright install chromium`, "
    "or the environment variable CHROMIUM with the path of a Chromium or Chrome."
)
FIREFOX_HELP = (
    "Firefox is missing; one test looks at the tab with it: `apt-get install firefox-esr`, or the environment "
    "variable FIREFOX with the path of a Firefox."
)
STRACE_HELP = "strace is missing; the tests of crashes and full disks need it: `apt-get install strace`."

REGISTRY_HELP = (
    "An OCI registry and skopeo are missing; the tests of OCI layouts need them: "
    "`apt-get install docker-registry skopeo`."
)


def find_chromium() -> str | None:
    """Returns the path of a Chromium: $CHROMIUM, PATH, Playwright's own download; None where there is none.

    Raises:
        FileNotFoundError: $CHROMIUM is set and is no program.
    """
    found = _chosen("CHROMIUM") or _first_of(_NAMES)
    if found:
        return found
    downloads = [path for pattern in _PLAYWRIGHT for path in glob.glob(os.path.expanduser(pattern))]
    return max(downloads, default=None)


def find_firefox() -> str | None:
    """Returns the path of a Firefox: $FIREFOX, PATH; None where there is none.

    Raises:
        FileNotFoundError: $FIREFOX is set and is no program.
    """
    return _chosen("FIREFOX") or _first_of(("firefox-esr", "firefox"))


def _chosen(variable: str) -> str | None:
    chosen = os.environ.get(variable)
    if not chosen:
        return None
    found = shutil.which(chosen)
    if found is None:
        raise FileNotFoundError(f"{variable} is set to {chosen!r}, which is no program.")
    return found


def _first_of(names: Iterable[str]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def find_strace() -> str | None:
    """Returns the path of strace, or None."""
    return shutil.which("strace")


def find_registry() -> str | None:
    """Returns the path of a program that is an OCI registry, or None."""
    return shutil.which("docker-registry")


def find_skopeo() -> str | None:
    """Returns the path of skopeo, which reads OCI layouts, or None."""
    return shutil.which("skopeo")


def in_ci() -> bool:
    """Whether a missing program is an error instead of a reason to skip."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def _apt() -> list[str] | None:
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", "apt-get"]
    return None


def _install(packages: list[str]) -> None:
    apt = _apt()
    if apt is None:
        return
    print(f"Installing Debian's {' and '.join(packages)} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]
    for command in ([*apt, "update", "-qq"], [*apt, "install", *options, *packages]):
        result = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            print(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}", flush=True)


def main() -> int:
    """Installs what is missing; returns the exit code."""
    wanted: list[tuple[str, Callable[[], str | None], str]] = [
        ("chromium", find_chromium, CHROMIUM_HELP),
        ("firefox-esr", find_firefox, FIREFOX_HELP),
        ("strace", find_strace, STRACE_HELP),
        ("docker-registry", find_registry, REGISTRY_HELP),
        ("skopeo", find_skopeo, REGISTRY_HELP),
    ]
    absent = [name for name, find, _ in wanted if find() is None]
    if absent and sys.platform == "linux":
        _install(absent)
    missing = [message for _, find, message in wanted if find() is None]
    for message in missing:
        print(message, flush=True)
    return 1 if missing and in_ci() else 0


if __name__ == "__main__":
    sys.exit(main())
