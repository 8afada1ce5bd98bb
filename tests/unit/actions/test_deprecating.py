from __future__ import annotations

from pathlib import Path

import tb_versions as tbv


def test_a_deprecated_version_says_what_it_still_is_and_loads_as_before(models: Path) -> None:
    tbv.promote("digits:1", models, alias="production")
    change = tbv.deprecate("digits:1", models, reason="refuses batch size 1")
    assert str(change) == "digits:1: deprecated. It is production."
    assert tbv.path("digits@production", models_dir=models) == models / "digits" / "1"
    again = tbv.deprecate("digits:1", models)
    assert (again.event, "by anna" in str(again)) == (None, True)


def test_promoting_a_deprecated_version_says_so(models: Path) -> None:
    tbv.deprecate("digits:1", models, reason="old", actor="ben")
    assert "digits:1 is deprecated by ben: old." in str(tbv.promote("digits:1", models, alias="production"))


def test_restore_takes_it_back(models: Path) -> None:
    tbv.deprecate("digits:1", models)
    assert tbv.restore("digits:1", models).before == "deprecated"
    assert tbv.restore("digits:1", models).event is None
