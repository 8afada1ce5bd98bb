from __future__ import annotations

from pathlib import Path

from tb_versions.core.store import LocalStore
from tb_versions.registry import checkpoints
from tb_versions.registry.log import Log
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import EMPTY
from tests.support.logs import append, promote, store_of


def full(models: Path) -> tuple[LocalStore, Registry]:
    """A log in which everything occurs that a state remembers."""
    registry = Registry(store_of(models))
    promote(registry, 1, 2, actor="anna", reason="better\nby far")
    append(registry, "approved", 2)
    append(registry, "deprecated", 1)
    append(registry, "removed", 1, by="keep=3")
    append(registry, "label_set", 2, key="team", value="vision")
    append(registry, "label_removed", 2, key="stage")
    append(registry, "described", 2, text="*Two*")
    append(registry, "semantic_version_given", 2, semantic_version="1.0.0")
    append(registry, "verified", 2, ok=True)
    append(registry, "policy_changed", None, rules="[aliases.production]\n")
    append(registry, "approved", 2, actor="ben", time_ms=0)
    return registry.store, registry  # type: ignore[return-value]


def test_a_checkpoint_holds_the_whole_state(tmp_path: Path) -> None:
    store, registry = full(tmp_path / "models")
    checkpoints.write(store, registry.state)
    assert registry.state.skewed == (12,)
    assert checkpoints.newest(store, Log(store)) == (registry.state, "")
    promote(registry, 3)
    assert Registry(store).refresh() == registry.state


def test_the_name_says_number_and_who_folds_alike(tmp_path: Path) -> None:
    store, registry = full(tmp_path / "models")
    checkpoints.write(store, registry.state)
    name = f"{12:020}-{checkpoints.MARK}.json"
    assert store.names("checkpoints") == [name]
    assert list(checkpoints.names(store)) == [(12, checkpoints.MARK, name)]


def test_other_names_are_no_checkpoints(tmp_path: Path) -> None:
    store = store_of(tmp_path / "models")
    for name in ("1.json", f"{1:020}.json", f"{1:020}-xyz.json", f"{1:020}-00000000.json.part"):
        store.create(f"checkpoints/{name}", b"{}")
    assert list(checkpoints.names(store)) == []
    assert checkpoints.newest(store, Log(store)) == (EMPTY, "")
