"""What the registry wants: from aliases, deterministic, and nothing where the state is not known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tb_versions.serving.config import parse
from tests.support.servables import servable
from tests.support.world import World
from tests.unit.serving.conftest import Run


def test_the_same_state_gives_the_same_bytes_which_say_the_state(
    world: World, verb: Run, promote: Callable[..., None]
) -> None:
    promote("digits:2")
    promote("digits:3", "canary")
    promote("faces:7")
    first = verb("serving-config", "--aliases-as-labels").stdout
    assert verb("serving-config", "--aliases-as-labels").stdout == first
    comments = [line for line in first.splitlines() if line.startswith("#")]
    assert [line.split(",")[0] for line in comments[1:]] == ["# digits: event 2", "# faces: event 1"]
    found = parse(first, "")
    assert found["digits"].versions == (2, 3)
    assert found["digits"].labels == {"canary": 3, "production": 2}
    assert found["digits"].base_path == str(world.models / "digits")
    verb("note", "digits:1", "no matter")
    assert verb("serving-config", "--aliases-as-labels").stdout != first  # another event, so another state


def test_labels_are_written_only_where_asked_for_and_earlier_holders_stay_with_keep(
    verb: Run, promote: Callable[..., None]
) -> None:
    for number in (1, 2, 4):
        promote(f"digits:{number}")
    found = parse(verb("serving-config", "--keep", "1").stdout, "")["digits"]
    assert (found.versions, found.labels) == ((2, 4), {})
    assert parse(verb("serving-config", "--keep", "9").stdout, "")["digits"].versions == (1, 2, 4)
    verb("serving-config", "--keep", "-1", code=2)


def test_models_are_chosen_and_left_out(verb: Run, promote: Callable[..., None]) -> None:
    promote("digits:1")
    result = verb("serving-config")
    assert set(parse(result.stdout, "")) == {"digits"}
    assert "faces has no alias, so it is not served." in result.stderr
    promote("faces:7")
    assert set(parse(verb("serving-config", "--model", "faces").stdout, "")) == {"faces"}
    assert set(parse(verb("serving-config", "--without", "faces").stdout, "")) == {"digits"}
    assert 'base_path: "/srv/models/digits"' in verb("serving-config", "--base-path", "/srv/models").stdout
    assert "There is no model" in verb("serving-config", "--model", "nobody", code=1).stderr


def test_nothing_is_written_where_no_model_has_an_alias(verb: Run, tmp_path: Path) -> None:
    assert "has an alias" in verb("serving-config", "--out", str(tmp_path / "c"), code=1).stderr
    assert not (tmp_path / "c").exists()


def test_a_damaged_log_writes_nothing(world: World, verb: Run, promote: Callable[..., None]) -> None:
    promote("digits:1")
    promote("digits:2")
    (world.models / "digits/.versions/log/00000000000000000001.json").write_text("{}")
    result = verb("serving-config", code=4)
    assert result.stdout == ""
    assert "damaged" in result.stderr


def test_links_and_other_folders_are_no_models(world: World, verb: Run, promote: Callable[..., None]) -> None:
    promote("digits:1")
    (world.models / "linked").symlink_to(world.models / "digits")
    (world.models / "notes").mkdir()
    (world.models / "notes/a.txt").write_text("x")
    servable(world, "raw", 1).joinpath("version_manifest.json").unlink()
    result = verb("serving-config")
    assert set(parse(result.stdout, "")) == {"digits"}
    assert "raw has no alias" in result.stderr
    assert "linked" not in result.stderr
    assert "notes" not in result.stderr
