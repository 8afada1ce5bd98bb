"""A diff from a manifest is only tried where it changes plain files of the work tree."""

from __future__ import annotations

import pytest

from tb_versions.trust.reproducing.patches import why_not_applied


def diff(path: str = "train.py", *, mode: str = "100644", body: str = "@@ -1 +1 @@\n-a\n+b\n") -> str:
    return f"diff --git a/{path} b/{path}\nindex 123..456 {mode}\n--- a/{path}\n+++ b/{path}\n{body}"


def test_a_usual_diff_may_be_tried() -> None:
    assert why_not_applied(diff() + diff("a b/c d.py")) == ""
    new = "diff --git a/n.py b/n.py\nnew file mode 100644\nindex 000..456\n"
    new += "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    gone = (
        "diff --git a/o.py b/o.py\ndeleted file mode 100755\nindex 1..0\n--- a/o.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    )
    assert why_not_applied(new + gone) == ""


def test_what_stands_in_a_hunk_is_content() -> None:
    body = "@@ -1,3 +1,2 @@\n--- a/../../x\n-new mode 120000\n GIT binary patch\n+++ b/.git/config\n"
    body += "\\ No newline at end of file\n"
    assert why_not_applied(diff(body=body)) == ""


@pytest.mark.parametrize(
    "path",
    [
        "../x.py",
        "a/../../x.py",
        "/etc/passwd",
        ".git/config",
        "a/.GIT/hooks/post-checkout",
        ".git./config",
        "git~1/config",
        ".git::$INDEX_ALLOCATION/config",
        ".g\u200cit/config",
        "./x.py",
        "a//x.py",
    ],
)
def test_no_file_outside_of_the_work_tree_and_none_of_git(path: str) -> None:
    assert "outside of the work tree, or git's own" in why_not_applied(diff() + diff(path))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (diff(mode="120000"), "a link or a submodule"),
        (diff(mode="160000"), "a link or a submodule"),
        ("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n", "a link"),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 120000\n", "a link"),
        ("diff --git a/x b/../y\n--- a/x\n+++ b/../y\n@@ -1 +1 @@\n-a\n+b\n", "two files at once"),
        ("diff --git a/x b/y\nrename from x\nrename to y\n", "two files at once"),
        ("--- x.orig\n+++ x\n@@ -1 +1 @@\n-a\n+b\n", "not named as git names it"),
        ('diff --git "a/x\\ty" "b/x\\ty"\n', "git must quote"),
        ("diff --git a/x b/x\nGIT binary patch\n", "binary"),
        ("diff --git a/x.npy b/x.npy\nBinary files a/x.npy and b/x.npy differ\n", "binary"),
        (diff(body="@@ -1 +1 @@\n-a\n+\ufffd\n"), "no UTF-8"),
        ("\n", "names no file"),
        ("hello\n", "a line that git does not write"),
        *(
            (
                f"diff --git a/x b/x\nnew file mode {mode}\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n",
                "git does not write",
            )
            for mode in (" 120000", "\t120000", "+120000", "0120000", " 160000", "100644 ")
        ),
    ],
)
def test_what_else_is_no_change_of_plain_files_is_refused(text: str, why: str) -> None:
    assert why in why_not_applied(text)
