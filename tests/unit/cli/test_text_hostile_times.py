"""Times that others wrote and that no calendar has: every command that shows one answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import tb_versions as tbv
from tests.support.world import World

Run = Callable[..., Result]

TIMES = (
    "9999-12-31T23:59:59.999999-12:00",  # the year 10000 in UTC
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+23:59",  # before the year 1
)
RULES = 'name="g"\n[[rules]]\nmetric="acc"\nsource="monitoring"\nat_least=0.1\nmax_age="7d"\n'


@pytest.fixture(params=TIMES, autouse=True)
def odd(request: pytest.FixtureRequest, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version, an event of a log and a measurement that claim one of these times."""
    tbv.approve("digits:1", world.models, reason="r")
    tbv.record("digits:1", world.models, {"acc": 0.5}, source="monitoring")
    monkeypatch.setenv("TB_VERSIONS_STATE_DIR", str(tmp_path / "state of another reader"))
    for file in world.models.glob("digits/.versions/*/*.json"):
        claimed = re.sub(r'"(time|recorded)": "[^"]*"', rf'"\1": "{request.param}"', file.read_text())
        file.write_text(claimed)
    world.raw("odd/1", b'{"schemaVersion":1,"model":"odd","number":"1","created":"9999-12-31T23:59:59.999999Z"}')


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["list"],
            ["list", "--json"],
            ["list", "--columns", "version,approved"],
            ["show", "digits:1"],
            ["show", "odd:1"],
        ),
        *(["export", "--format", name, "--out", "-"] for name in ("csv", "markdown", "json")),
        *(["history", "digits"], ["history", "digits", "--json"], ["dossier", "digits:1"], ["card", "digits:1"]),
        *(["compare", "digits:1", "odd:1"], ["index"]),
    ],
    ids=" ".join,
)
def test_every_command_answers(run: Run, arguments: list[str], world: World) -> None:
    where = ["--models-dir", str(world.models)]
    result = run(*arguments, *where, where=False)
    assert "There is no answer" not in result.output + result.stderr
    assert result.exit_code == 0, result.output


def test_a_result_over_such_a_measurement_can_be_recorded(run: Run, world: World, tmp_path: Path) -> None:
    rules = tmp_path / "g.toml"
    rules.write_text(RULES)
    where = ["--models-dir", str(world.models)]
    result = run("gate", "check", "digits:1", "--rules", str(rules), "--record", *where, where=False)
    assert result.exit_code == 1
    assert "Recorded as event" in result.output + result.stderr
    assert run("gate", "status", "digits:1", *where, where=False).exit_code in (0, 1)
