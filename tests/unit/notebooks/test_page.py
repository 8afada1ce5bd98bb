"""The page in a cell is an export of what was asked for; the browser's tests open it."""

from __future__ import annotations

import html
import re

import pytest

import tb_versions as tbv
from tb_versions.exports.page.html import parse_html
from tests.support.world import World

pytestmark = pytest.mark.slow


def head_of(page: tbv.Page) -> dict[str, object]:
    """The head of the export in the frame, as a browser reads the attribute."""
    (frame,) = re.findall(r"""<iframe [^>]*? srcdoc=("[^"]*"|'[^']*')></iframe>""", page._repr_html_())
    inner = html.unescape(frame[1:-1])
    assert inner == page.html
    return dict(parse_html(inner.encode(), "page").head)


def test_all_versions_are_shown_with_those_that_the_page_hides(versions: tbv.Versions) -> None:
    page = tbv.show(versions)
    assert head_of(page)["versions"] == 4
    assert "4 versions" in repr(page)


def test_a_filter_and_one_version_are_shown_alone(versions: tbv.Versions) -> None:
    assert head_of(tbv.show(versions.filter("model = faces")))["versions"] == 1
    assert "v=digits%3A2" in str(head_of(tbv.show(versions["digits@production"]))["view"])


def test_a_comparison_opens_as_such(versions: tbv.Versions, world: World) -> None:
    made = tbv.compare(["digits:1", "digits:2"], models_dir=world.models, logdir=world.logs)
    for comparison in (made, versions.compare(["digits:1", "digits:2"])):
        view = str(head_of(tbv.show(comparison))["view"])
        assert "cmp=digits%3A1%2Cdigits%3A2" in view or "cmp=digits%253A1" in view
        assert "base=digits%3A2" in view


def test_a_reference_needs_a_folder(world: World) -> None:
    assert head_of(tbv.show("digits@production", models_dir=world.models))["versions"] == 1
    with pytest.raises(tbv.InvalidQueryError, match="models_dir"):
        tbv.show("digits@production")


def test_what_can_not_be_shown_is_an_error(versions: tbv.Versions, world: World) -> None:
    with pytest.raises(tbv.VersionNotFoundError, match="no versions to show"):
        tbv.show(versions.filter("number > 99"))
    with pytest.raises(tbv.InvalidQueryError, match="show takes"):
        tbv.show(3)  # type: ignore[arg-type]
    folders = tbv.compare([world.models / "digits/1", world.models / "digits/2"])
    with pytest.raises(tbv.InvalidQueryError, match="is a folder"):
        tbv.show(folders)
    with pytest.raises(tbv.ExportTooLargeError):
        tbv.show(versions, max_size="1MB")


def test_the_frame_may_run_its_script_and_reach_nothing(versions: tbv.Versions) -> None:
    shown = tbv.show(versions, height=500)._repr_html_()
    (sandbox,) = re.findall(r'<iframe sandbox="([^"]*)"', shown)
    assert "allow-scripts" in sandbox
    assert "allow-same-origin" not in sandbox
    assert 'height="500"' in shown
