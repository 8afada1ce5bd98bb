"""The route /compare: what it refuses, and that one broken thing hides no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.world import Site, World


@pytest.fixture
def tab(world: World, site: Callable[..., Site]) -> Site:
    world.scalars("cnn/train", "epoch_loss", [(1, 1.0), (2, 0.5)])
    world.scalars("odd run/ü & = ?", "loss", [(1, 1.0)])
    for number in (1, 2):
        world.version("digits", number, run="cnn/train", step=number, semantic_version=f"1.{number}.0")
    world.version("twice", 1)
    world.version("twice", 1, folder=world.models / "again" / "twice" / "1", description="again")
    world.raw("bad/1", b"{")
    made = site()
    made.settle()
    return made


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "2 to 60"),
        ("?member=digits:1", 400, "2 to 60"),
        ("?member=digits:1&member=digits:1.1.0", 400, "2 to 60"),
        ("?member=digits:1&member=digits:9", 404, "has no version"),
        ("?member=digits:1&member=run:nope", 404, "no run"),
        ("?member=digits:1&member=twice:1", 409, "names 2 versions"),
        ("?member=digits:1&member=../../etc", 400, "not a reference"),
        ("?member=digits:1&member=%2Fetc%2Fpasswd", 400, "not a reference"),
        ("?member=digits:1&member=digits:2&baseline=digits:9", 404, "has no version"),
        ("?member=digits:1&member=digits:2&goal=loss", 400, "val_loss=min"),
        ("?member=digits:1&member=digits:2&goal=loss=up", 400, "val_loss=min"),
        ("?member=digits:1&member=digits:2&colour=red", 400, "not known"),
        ("?" + "&".join("member=digits:1" for _ in range(61)), 400, "at most 60"),
    ],
)
def test_what_is_refused(tab: Site, query: str, status: int, words: str) -> None:
    assert words in tab.json(f"/compare{query}", status)["error"]


def test_members_baseline_and_goals(tab: Site) -> None:
    told = tab.json("/compare?member=digits:1&member=digits&baseline=digits:2&goal=loss=max")
    assert [m["id"] for m in told["members"]] == ["digits:1", "digits:2"]
    assert told["baseline"] == 1
    (row,) = [row for row in told["rows"] if row["group"] == "metrics"]
    assert (row["key"], row["details"]) == ("loss", {"goal": "max", "goal_source": "caller"})
    assert [cell["value"] for cell in row["cells"]] == [1.0, 0.5]


def test_runs_by_their_own_name_and_by_the_training(tab: Site) -> None:
    told = tab.json("/compare?member=run:cnn&member=run:odd%20run/%C3%BC%20%26%20%3D%20%3F")
    assert [m["runs"][0]["name"] for m in told["members"]] == ["cnn/train", "odd run/ü & = ?"]
    (row,) = [row for row in told["rows"] if row["group"] == "metrics"]
    assert [cell["details"]["point"] for cell in row["cells"]] == ["last", "last"]


def test_a_damaged_version_is_a_member(tab: Site) -> None:
    told = tab.json("/compare?member=digits:1&member=bad:1")
    assert told["members"][1]["state"] == "damaged"
    assert told["problems"]


class Broken:
    """A provider whose curves can't be read after a while."""

    def __init__(self, provider: object) -> None:
        self._provider = provider
        self.is_broken = False

    def __getattr__(self, name: str) -> object:
        if self.is_broken and name in ("list_scalars", "read_scalars", "list_tensors"):
            raise RuntimeError("gone")
        return getattr(self._provider, name)


def test_curves_that_cannot_be_read_are_told(world: World, site: Callable[..., Site]) -> None:
    for number in (1, 2):
        world.version("digits", number, run=f"r{number}", step=1, hyperparameters={"lr": number})
        world.scalars(f"r{number}", "loss", [(1, 1.0)])
    made = site(wrap=Broken)
    made.settle()
    made.provider.is_broken = True
    told = made.json("/compare?member=digits:1&member=digits:2")
    assert any("curves" in problem for problem in told["problems"])
    assert [row["key"] for row in told["rows"] if row["group"] == "hyperparameters"] == ["lr"]


def test_one_comparison_at_a_time(tab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.plugin.plugin.COMPARING_WAITS", 0.01)
    with tab.plugin._comparing:
        assert "Another comparison" in tab.json("/compare?member=digits:1&member=digits:2", 503)["error"]
    assert tab.json("/compare?member=digits:1&member=digits:2")["members"]
