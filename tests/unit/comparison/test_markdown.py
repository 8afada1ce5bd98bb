"""Markdown for a pull request: complete, and hostile names are inert."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from tb_versions.comparison import compare_members
from tb_versions.comparison.markdown import escape, markdown
from tests.unit.comparison.making import member, metric

HOSTILE = [
    "a|b", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](http://evil.example)", "![x](y)", "`a`",
    "*a*", "_a_", "~~a~~", "@somebody", "#12", "GH-12", "http://evil.example", "www.evil.example", "a\nb", "- x",
    "1. x", "# x", "> x", "a\\|b", "&lt;b&gt;", "$x$", "a@b.example", "{{x}}", "===", "\u202eabc", "<!-- x",
    "--> x", "| - |",
]  # fmt: skip


def rendered(text):
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)


def compared(name):
    one = member(f"{name}:1", metric(name, 0.5), hyperparameters={name: name, "same": 1})
    two = member(f"{name}:2", metric(name, 0.6), hyperparameters={name: "b", "same": 1})
    return compare_members([one, two])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_render_as_themselves(name):
    page = rendered(markdown(compared(name)))
    for tag in ("<script", "<img", "<a ", "<em", "<h1", "<h2", "<li", "<blockquote", "<code", "<s>"):
        assert tag not in page
    lines = [line for line in markdown(compared(name)).splitlines() if line.startswith("|")]
    tables = page.count("<table>")
    assert tables == page.count("</table>") == sum(set(line) <= set("|-") for line in lines)
    assert page.count("<td>") + page.count("<th>") == 3 * (len(lines) - tables)


@pytest.mark.parametrize(
    "name", ["@somebody", "#12", "http://evil.example", "www.evil.example", "a@b.example", "GH-12"]
)
def test_nothing_becomes_a_mention_or_a_link(name):
    assert "<!-- -->" in escape(name)


def test_only_what_differs_unless_all_is_asked_for():
    comparison = compared("acc")
    assert "| same |" not in markdown(comparison)
    assert "rows that do not differ are left out" in markdown(comparison)
    assert "| same | 1 | 1 |" in markdown(comparison, with_equal=True)


def test_the_baseline_and_the_goal_are_marked():
    text = markdown(compared("acc"))
    assert "acc 1 (baseline)" in text
    assert "| acc ↑ | 0.5 | 0.6 · +0.1 (10 points) · better, noise not known |" in text


def test_an_apostrophe_renders_as_one():
    assert rendered(escape("it's #12")) == "<p>it's #<!-- -->12</p>\n"
