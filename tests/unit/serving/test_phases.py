"""From any state to any other, by the rules of a server: nothing is refused, and no call to a label fails."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.errors import RefusedError
from tb_versions.serving.config import Config, ServedModel, dump
from tb_versions.serving.phases import merged, phases_of
from tests.support.effort import tries
from tests.support.tensorflow_serving import StandIn

NUMBERS = (1, 2, 3, 4)
LABELS = st.dictionaries(st.sampled_from(["production", "canary", "staging"]), st.sampled_from(NUMBERS), min_size=1)
MODELS = st.dictionaries(
    st.sampled_from(["digits", "faces"]), st.tuples(LABELS, st.sets(st.sampled_from(NUMBERS))), min_size=1
)


def served(base: Path, models: dict[str, tuple[dict[str, int], set[int]]]) -> Config:
    return {
        name: ServedModel(name, str(base / name), tuple(sorted({*labels.values(), *more})), labels)
        for name, (labels, more) in models.items()
    }


def apply(server: StandIn, config: Config, constant: set[tuple[str, str]]) -> None:
    """Writes a configuration and goes round until nothing more happens; calls labels that stay after each step."""
    server.config_file.write_text(dump(config))
    for _ in range(24):
        server.step()
        for name, label in constant:
            server.answer("POST", f"/v1/models/{name}/labels/{label}:predict")


@settings(max_examples=tries(40))
@given(st.lists(MODELS, min_size=2, max_size=3))
def test_no_phase_is_refused_and_labels_that_stay_always_answer(
    states: list[dict[str, tuple[dict[str, int], set[int]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        for name in ("digits", "faces"):
            for number in NUMBERS:
                (base / name / str(number)).mkdir(parents=True)
                (base / name / str(number) / "saved_model.pb").write_bytes(b"graph")
        file = base / "models.config"
        file.write_text("model_config_list {}\n")
        server = StandIn(file)
        now: Config = {}
        for state in states:
            then = served(base, state)
            stay = {(m, label) for m in now.keys() & then.keys() for label in now[m].labels.keys() & then[m].labels}
            for phase in phases_of(now, then):
                apply(server, phase.config, stay)
            assert server.refusals == []
            for name, model in then.items():
                for label, number in model.labels.items():
                    assert server.answer("POST", f"/v1/models/{name}/labels/{label}:predict") == {
                        "predictions": [number]
                    }
            now = then


def test_a_model_that_would_come_from_another_folder_is_refused() -> None:
    now = {"digits": ServedModel("digits", "/old/digits", (1,))}
    with pytest.raises(RefusedError, match="--base-path"):
        merged(now, {"digits": ServedModel("digits", "/new/digits", (1,))}, gone=set())
    assert merged(now, {"digits": ServedModel("digits", "/old/digits/", (2,))}, gone=set())["digits"].versions == (2,)


def test_what_else_the_file_says_of_a_model_stays() -> None:
    now = {"digits": ServedModel("digits", "/m/digits", (1,), platform="other", rest=b"\x32\x00")}
    found = merged(now, {"digits": ServedModel("digits", "/m/digits", (2,), {"production": 2})}, gone=set())["digits"]
    assert (found.platform, found.rest, found.versions) == ("other", b"\x32\x00", (2,))
