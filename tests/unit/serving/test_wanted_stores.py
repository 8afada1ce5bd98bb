"""Models in an object store are served from there."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tb_versions.actions.copying import copy
from tb_versions.serving.config import parse
from tests.support.world import World
from tests.unit.serving.conftest import Run


@pytest.mark.slow
def test_a_bucket_is_the_base_path_and_what_would_not_load_is_found_there_too(
    world: World, verb: Run, promote: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"memory://{uuid.uuid4().hex}/models"
    for number in (1, 2):
        copy(f"digits:{number}", world.models, to=url)
    world.version("files", 1)  # no SavedModel
    copy("files:1", world.models, to=url)
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", url)
    promote("digits:2")
    found = parse(verb("serving-config").stdout, "")["digits"]
    assert (found.base_path, found.versions) == (f"{url}/digits", (2,))
    promote("files:1")
    assert "files:1: it is no SavedModel" in verb("serving-config", code=1).stderr
