from __future__ import annotations

import os
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.mirror import Mirror, mirror_of
from tb_versions.core.object_store import open_store
from tests.support import logs
from tests.support.object_stores import Buckets, Fault
from tests.support.remote import MODELS, publish

from tb_versions.registry.registry import Registry  # isort: skip

pytestmark = pytest.mark.slow


def copied(mirror: Mirror) -> list[str]:
    """The files of the copy."""
    return sorted(str(path.relative_to(mirror.models)) for path in Path(mirror.models).rglob("*") if path.is_file())


@pytest.fixture
def mirror(s3: Buckets, tmp_path: Path) -> Mirror:
    return Mirror(MODELS, folder=str(tmp_path / "copy" / "of"))


def test_manifests_are_copied_and_models_are_not(mirror: Mirror, tmp_path: Path) -> None:
    for _ in range(3):
        publish(tmp_path)
    mirror.look()
    assert copied(mirror) == [f"digits/{number}/version_manifest.json" for number in (1, 2, 3)]


def test_a_look_costs_what_is_new_however_many_files_a_version_has(s3: Buckets, mirror: Mirror, tmp_path: Path) -> None:
    for model in ("digits", "faces"):
        for _ in range(3):
            publish(tmp_path, name=model)
    with s3.counting() as first:
        mirror.look()
    assert first == {"LIST": 1 + 2 * 3, "GET": 6, "HEAD": 6}  # all models; each model, its numbers and its registry
    publish(tmp_path)
    with s3.counting() as second:
        mirror.look()
    assert second == {"LIST": 7, "GET": 1, "HEAD": 7}


def test_one_model_is_looked_at_alone(s3: Buckets, mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path, name="faces")
    with s3.counting() as asked:
        mirror.look(model="faces", registry=False)
    assert asked == {"LIST": 2, "GET": 1}
    assert copied(mirror) == ["faces/1/version_manifest.json"]


def test_what_is_gone_goes(mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path)
    publish(tmp_path, name="faces")
    mirror.look()
    store = open_store(MODELS)
    store.delete_all([e.key for e in store.entries() if e.key.startswith(("faces/", "digits/1/"))])
    mirror.look()
    assert copied(mirror) == ["digits/2/version_manifest.json"]


def test_a_manifest_that_was_replaced_is_fetched_again(mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    mirror.look()
    open_store(MODELS).write("digits/1/version_manifest.json", b"{}")
    mirror.look()
    mirror.look()
    assert (Path(mirror.models) / "digits/1/version_manifest.json").read_bytes() == b"{}"


def _empty() -> None:
    store = open_store(MODELS)
    store.delete_all([entry.key for entry in store.entries()])


def test_numbers_that_were_given_anew_are_fetched_again(s3: Buckets, mirror: Mirror, tmp_path: Path) -> None:
    """More than a look asks about again."""
    for _ in range(20):
        publish(tmp_path, metrics={"accuracy": 0.1})
    mirror.look()
    _empty()
    for _ in range(21):
        publish(tmp_path, metrics={"accuracy": 0.9})
    with s3.counting() as asked:
        mirror.look()
    assert asked["GET"] == 21
    for path in Path(mirror.models).glob("digits/*/version_manifest.json"):
        assert b"0.9" in path.read_bytes()
    with s3.counting() as asked:
        mirror.look()
    assert "GET" not in asked


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{", b'{"1": 2}'])
def test_a_damaged_memory_of_numbers_costs_a_fetch_and_nothing_else(
    s3: Buckets, mirror: Mirror, tmp_path: Path, damaged: bytes
) -> None:
    publish(tmp_path)
    mirror.look()
    (known,) = tmp_path.glob("copy/of/etags/digits/.numbers")
    known.write_bytes(damaged)
    with s3.counting() as asked:
        mirror.look()
    assert asked["GET"] == 1
    assert copied(mirror) == ["digits/1/version_manifest.json"]


def test_a_number_without_a_reservation_is_the_one_that_is_known(mirror: Mirror, tmp_path: Path) -> None:
    """As where only the versions were uploaded: nothing but asking tells."""
    publish(tmp_path)
    store = open_store(MODELS)
    store.delete("digits/.versions/numbers/1")
    mirror.look()
    assert copied(mirror) == ["digits/1/version_manifest.json"]
    store.write("digits/.versions/numbers/1", b"{}")
    store.write("digits/1/version_manifest.json", b"{}")
    mirror.look()
    assert (Path(mirror.models) / "digits/1/version_manifest.json").read_bytes() == b"{}"


@pytest.mark.parametrize("more", [0, 1, 2])
def test_another_log_of_the_same_sizes_is_copied_anew(mirror: Mirror, tmp_path: Path, more: int) -> None:
    def promoted(*numbers: int) -> Registry:
        publish(tmp_path)
        registry = Registry(open_store(f"{MODELS}/digits/.versions"))
        logs.promote(registry, *numbers)
        return registry

    promoted(1, 2)
    mirror.look()
    _empty()
    registry = promoted(3, 4, *(5,) * more)
    mirror.look()
    copy = Registry(logs.store_of(Path(mirror.models)))
    assert copy.known().head == registry.known().head


def test_two_servers_with_buckets_of_one_name_are_two(s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    here = mirror_of(MODELS).identity
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere:9000")
    there = mirror_of(MODELS).identity
    assert here != there
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert mirror_of(MODELS).identity == MODELS


def test_a_log_is_copied_once_and_then_what_was_appended(s3: Buckets, mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    registry = Registry(open_store(f"{MODELS}/digits/.versions"))
    logs.promote(registry, 1, 2, 1)
    mirror.look()
    logs.promote(registry, 3)
    with s3.counting() as asked:
        mirror.look()
    assert asked["GET"] == 1
    copy = Registry(logs.store_of(Path(mirror.models)))
    assert copy.known().head == registry.known().head
    assert copy.state.aliases["production"].version == 3


def test_a_log_that_was_cut_or_rewritten_is_copied_anew(mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    store = open_store(f"{MODELS}/digits/.versions")
    logs.promote(Registry(store), 1, 2, 3)
    mirror.look()
    store.delete(f"log/{3:020}.json")
    mirror.look()
    assert [os.path.basename(name) for name in copied(mirror) if "/log/" in name] == [
        f"{number:020}.json" for number in (1, 2)
    ]


def test_half_a_log_is_never_seen(s3: Buckets, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path)
    logs.promote(Registry(open_store(f"{MODELS}/digits/.versions")), *range(1, 40))
    s3.faults.append(Fault("503", lambda asked: asked.kind == "GET" and asked.key.endswith("30.json"), times=999))
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    half = Mirror(MODELS, folder=str(tmp_path / "another" / "one"))
    with pytest.raises(tbv.StorageError):
        half.look()
    assert [name for name in copied(half) if "/log/" in name] == []
    assert half.looked_at is None


def test_what_else_a_registry_holds_is_copied(mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    store = open_store(f"{MODELS}/digits/.versions")
    for key in ("policy.toml", "measured/1.json", "removed/7.json", "numbers/9"):
        store.write(key, b"one")
    mirror.look()
    assert [name for name in copied(mirror) if ".versions" in name] == [
        f"digits/.versions/{name}" for name in ("measured/1.json", "policy.toml", "removed/7.json")
    ]
    store.write("policy.toml", b"two")
    store.delete("measured/1.json")
    mirror.look()
    assert (Path(mirror.models) / "digits/.versions/policy.toml").read_bytes() == b"two"
    assert "digits/.versions/measured/1.json" not in copied(mirror)


def test_a_manifest_that_is_too_large_is_told_and_hides_no_other(mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    open_store(MODELS).write("digits/2/version_manifest.json", b"x" * (2 << 20))
    mirror.look()
    ((where, why),) = mirror.problems
    assert where == f"{MODELS}/digits/2"
    assert "at most 1,048,576 are read" in why
    assert copied(mirror) == ["digits/1/version_manifest.json"]


@pytest.mark.parametrize("name", ["..%2f..", ".hidden", "a\\b", "\u202eevil", "x" * 300])
def test_no_name_of_a_store_leads_out_of_the_copy(mirror: Mirror, tmp_path: Path, name: str) -> None:
    publish(tmp_path)
    store = open_store(MODELS)
    store.write(f"{name}/1/version_manifest.json", b"{}")
    store.write(f"digits/{name}/version_manifest.json", b"{}")
    store.write(f"digits/.versions/measured/{name}", b"{}")
    mirror.look()
    files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert all(path.is_relative_to(tmp_path / "copy" / "of") for path in files)
    assert tbv.open_catalog(models_dir=mirror.models).find("digits:1")


@pytest.mark.parametrize("name", ["..", ".versions", "a\\b", "x" * 300])
def test_a_model_that_can_not_be_there_is_not_asked_for(s3: Buckets, mirror: Mirror, name: str) -> None:
    with s3.counting() as asked:
        mirror.bring(name, [1])
        mirror.look(model=name)
    assert asked == {}


def test_only_this_user_reads_the_copy(mirror: Mirror, tmp_path: Path) -> None:
    publish(tmp_path)
    mirror.look()
    assert (tmp_path / "copy" / "of").stat().st_mode & 0o777 == 0o700
    os.chmod(tmp_path / "copy" / "of", 0o777)
    with pytest.raises(tbv.StorageError, match="others may write there"):
        mirror.look()


def test_one_url_has_one_copy_whatever_its_spelling(s3: Buckets) -> None:
    assert mirror_of(MODELS) is mirror_of(MODELS + "/")
