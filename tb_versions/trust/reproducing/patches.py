"""Whether a recorded diff may be applied: it touches plain files inside of the work tree, and nothing of git's. Pure.

`git apply` refuses the worst of it by itself. This is read before git sees the diff, so that neither has to be perfect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tb_versions.core.manifest import visible

_MODE = re.compile(
    r"(?:new file mode|new mode|deleted file mode|old mode) ([0-7]{6})|index [0-9a-f]+\.\.[0-9a-f]+(?: ([0-7]{6}))?"
)
_HUNK = re.compile(r"@@ -[0-9]+(?:,([0-9]+))? \+[0-9]+(?:,([0-9]+))? @@")
_GITS_OWN = re.compile(r"\.git|git~[0-9]+", re.IGNORECASE)
_PLAIN = frozenset({"100644", "100755"})
_IGNORED = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")  # of names by the file system of macOS


def why_not_applied(diff: str) -> str:
    """Returns why a diff must not be applied, the rest of a sentence; "" if it may be tried.

    Args:
        diff: As `git diff` writes it, from a manifest that anybody may have written.
    """
    if "\ufffd" in diff:
        return "bytes of it were no UTF-8 and are lost"
    names = 0
    for line in _headers(diff):
        if line.startswith(("GIT binary patch", "Binary files ")):
            return "it has binary files, whose content a diff does not keep"
        mode = _MODE.fullmatch(line)
        if mode and (mode[1] or mode[2] or "100644") not in _PLAIN:
            return f"it makes a link or a submodule ({visible(line)[:80]})"
        if line.startswith(("rename ", "copy ")):
            return "it renames files, which the diffs that are recorded never do"
        if line.startswith(("--- ", "+++ ", "diff --git ")):
            names += 1
            why = _why_not_named(line)
            if why:
                return why
        elif not mode and line not in ("", "\\ No newline at end of file"):
            # git reads more than it writes: "new file mode  120000", with two spaces, makes a link.
            return f"it has a line that git does not write ({visible(line)[:80]})"
    return "" if names else "it names no file"


def _headers(diff: str) -> Iterator[str]:
    """The lines between the hunks: whatever stands in a hunk is content of a file."""
    removed = kept = 0
    for line in diff.split("\n"):
        if removed > 0 or kept > 0:
            removed -= line[:1] != "+" and line[:1] != "\\"
            kept -= line[:1] != "-" and line[:1] != "\\"
            continue
        hunk = _HUNK.match(line)
        if hunk:
            removed, kept = int(hunk[1] or 1), int(hunk[2] or 1)
        else:
            yield line


def _why_not_named(line: str) -> str:
    """Why the file of a header must not be touched; "" if it may be."""
    said = visible(line)[:120]
    if '"' in line or "\\" in line:
        return f"a file has a name that git must quote ({said})"
    if line.startswith("diff --git "):
        rest = line.removeprefix("diff --git ")
        half = len(rest) // 2
        first, second = rest[:half], rest[half + 1 :]
        if not (first.startswith("a/") and second.startswith("b/") and first[2:] == second[2:]):
            return f"it names two files at once ({said})"
        path = first[2:]
    else:
        path = line[4:].partition("\t")[0].rstrip("\r")
        if path == "/dev/null":
            return ""
        if not path.startswith(("a/", "b/")):
            return f"a file is not named as git names it ({said})"
        path = path[2:]
    parts = [_IGNORED.sub("", part).rstrip(" .") if part not in (".", "..") else part for part in path.split("/")]
    if any(part in ("", ".", "..") or _GITS_OWN.fullmatch(part.partition(":")[0]) for part in parts):
        return f"it touches what is outside of the work tree, or git's own files ({said})"
    return ""
