"""Commits, uncommitted changes and how the training was started, side by side. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import ABSENT, UNKNOWN, Cell, Row, cell, row, some
from tb_versions.core.manifest import Code, visible
from tb_versions.core.showing import counted

_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^/@\s]*@)?|(?:[A-Za-z0-9._-]+@)?)(?P<host>[A-Za-z0-9.-]+)(?::\d+(?=/)|)[/:]"
    r"(?P<path>[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+?)(?:\.git)?/?",
    re.ASCII,
)
_ANY = "0" * 64
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.ASCII)

# Host to the addresses of a commit and of a range, below https://host/path.
_HOSTS = {
    "github.com": ("commit/{new}", "compare/{old}...{new}"),
    "gitlab.com": ("-/commit/{new}", "-/compare/{old}...{new}"),
    "bitbucket.org": ("commits/{new}", "branches/compare/{new}%0D{old}"),
    "codeberg.org": ("commit/{new}", "compare/{old}...{new}"),
}


def code_rows(members: Sequence[Member], baseline: int) -> Iterator[Row]:
    """Yields commits, uncommitted changes, and how the training was started."""
    codes = [m.manifest.code if m.manifest else None for m in members]
    base = codes[baseline]
    yield row("code", "commit", "commit", cells=[_commit_cell(c, None if c is base else base) for c in codes])
    yield row("code", "dirty", "uncommitted changes", cells=[_dirty_cell(c) for c in codes])
    yield row("code", "diff", "diff to the commit", cells=[_diff_cell(c) for c in codes])
    for name, label in (("branch", "branch"), ("remote", "repository"), ("entry_point", "script")):
        cells = [UNKNOWN if c is None or not getattr(c, name) else cell(getattr(c, name)) for c in codes]
        yield row("code", name, label, cells=cells)
    arguments = [UNKNOWN if c is None or not c.entry_point else cell(" ".join(c.arguments)) for c in codes]
    yield row("code", "arguments", "arguments", cells=arguments)


def commit_link(code: Code) -> str | None:
    """Returns the web page of a commit, or None where the host is not a known one."""
    return _link(code.remote, 0, new=code.commit)


def compare_link(old: Code, new: Code) -> str | None:
    """Returns the web page of what lies between two commits of one repository, or None."""
    if _repository(old.remote) != _repository(new.remote) or old.commit == new.commit:
        return None
    return _link(new.remote, 1, new=new.commit, old=old.commit)


def range_link(code: Code) -> str | None:
    """Returns `compare_link` for any other commit of the repository, with "{old}" in that one's place; or None."""
    link = _link(code.remote, 1, new=code.commit, old=_ANY)
    return None if link is None else link.replace(_ANY, "{old}")


def _link(remote: str, kind: int, *, new: str, old: str = "0000000") -> str | None:
    found = _repository(remote)
    if found is None or not _COMMIT.fullmatch(new) or not _COMMIT.fullmatch(old):
        return None
    host, path = found
    return f"https://{host}/{path}/{_HOSTS[host][kind].format(old=old, new=new)}"


def _repository(remote: str) -> tuple[str, str] | None:
    """Returns host and path of a remote on a known host; both have characters only that are harmless in a link."""
    match = _REMOTE.fullmatch(remote) if len(remote) <= 1_024 else None
    if match is None or match["host"].lower() not in _HOSTS:
        return None
    path = match["path"].removesuffix(".git")
    return None if any(not part.strip(".") for part in path.split("/")) else (match["host"].lower(), path)


def _commit_cell(code: Code | None, base: Code | None) -> Cell:
    if code is None or not code.commit:
        return UNKNOWN
    details: dict[str, object] = {"link": commit_link(code), "compare": None}
    if base is None or not base.commit:
        return cell(code.commit, code.commit[:10], details=details)
    details["compare"] = compare_link(base, code)
    verdict = "same commit" if base.commit == code.commit else "other commit"
    return cell(code.commit, code.commit[:10], verdict=verdict, details=details)


def _dirty_cell(code: Code | None) -> Cell:
    if code is None or code.dirty is None:
        return UNKNOWN
    if not code.dirty:
        return cell(False, "none")
    named = some(code.dirty_files, 3)
    text = f"{counted(len(code.dirty_files), 'file')}: {named}" if named else "yes"
    files = [visible(path) for path in code.dirty_files]
    return cell(", ".join(files) or True, text, details={"files": files})


def _diff_cell(code: Code | None) -> Cell:
    if code is None or (code.dirty and not code.diff):
        return UNKNOWN
    if not code.diff:
        return ABSENT
    cut = " (cut)" if code.diff_truncated else ""
    lines = [visible(line) for line in code.diff.splitlines()]
    return Cell(f"{counted(len(lines), 'line')}{cut}", "\n".join(lines))
