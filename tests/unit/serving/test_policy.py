"""Which folders the server takes, and a rollout that begins with a file which names no versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.serving.config import ServedModel, parse
from tb_versions.serving.policy import number_of, resolved
from tests.support.tensorflow_serving import StandIn, running
from tests.support.world import World
from tests.unit.serving.conftest import Run

NONE = ("v7", "7-old", "٧", ".versions", "9" * 19, "9" * 5_000, "", " 7", "-7")
POLICIES = [("latest", 0, (10,)), ("latest", 2, (9, 10)), ("latest", 9, (2, 9, 10)), ("all", 0, (2, 9, 10))]


@pytest.mark.parametrize(
    ("name", "number"), [("7", 7), ("007", 7), ("0", 0), (str(2**63 - 1), 2**63 - 1), *((name, None) for name in NONE)]
)
def test_a_folder_is_a_version_by_its_name(name: str, number: int | None) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize(("policy", "latest", "versions"), [*POLICIES, ("specific", 0, (5,))])
def test_a_policy_means_numbers_and_not_names(policy: str, latest: int, versions: tuple[int, ...]) -> None:
    model = ServedModel("digits", "/m", (5,) if policy == "specific" else (), policy=policy, latest=latest)  # type: ignore[arg-type]
    assert resolved(model, ["10", "9", "2", "best", "009"]).versions == versions


@pytest.mark.parametrize("with_status", [True, False])
def test_a_file_that_serves_the_latest_becomes_one_that_names_versions(
    world: World, verb: Run, promote: Callable[..., None], config: Path, *, with_status: bool
) -> None:
    base = world.models / "digits"
    config.write_text(
        f'model_config_list {{ config {{ name: "digits" base_path: "{base}/" model_platform: "tensorflow" }} }}\n'
    )
    promote("digits:2")
    if not with_status:
        verb("rollout", "--config", str(config))
        found = [config.with_name(f"models.config.{name}").read_text() for name in ("1-load", "2-move", "3-unload")]
        assert [parse(text, "")["digits"].versions for text in found] == [(2, 4), (2, 4), (2,)]
        return
    with running(StandIn(config)) as server:
        for _ in range(5):  # load it
            server.server.step()
        verb("rollout", "--config", str(config), "--status", server.url)
        verb("drift", "--config", str(config), "--status", server.url)
        assert server.server.refusals == []
        assert parse(config.read_text(), "")["digits"].base_path == f"{base}/"
