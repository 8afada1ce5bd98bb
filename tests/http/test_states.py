"""Where a version is known from, what is wrong with it, and that it says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tensorboard.compat.proto import summary_pb2, types_pb2

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Metric, Parent, VersionManifest
from tb_versions.core.metadata import announcement_pb, summary_metadata, tag_of
from tb_versions.read.catalog import Catalog
from tests.support.effort import HANGS
from tests.support.object_stores import Buckets, Fault
from tests.support.remote import MODELS, publish
from tests.support.world import Site, World


def test_files_are_compared_by_names_and_sizes(world: World, site: Callable[..., Site]) -> None:
    world.version("m", 1)
    (world.version("m", 2) / "saved_model.pb").unlink()
    (world.version("m", 3) / "extra.txt").write_text("x")
    (world.version("m", 4) / "saved_model.pb").write_bytes(b"longer than before")
    (world.version("m", 5) / "saved_model.pb").write_bytes(b"M 5")  # same size, other content
    (world.version("m", 6) / "out").symlink_to("/etc/passwd")
    tab = site()
    tab.settle()
    assert [tab.row(f"m:{n}")["state"] for n in range(1, 7)] == [
        "present", "changed", "changed", "changed", "present", "changed",
    ]  # fmt: skip
    assert tab.row("m:2")["notice"] == "1 file is missing: saved_model.pb."
    detail = tab.json("/version?ref=m:3")
    assert detail["files_changed"] == [{"path": "extra.txt", "what": "extra"}]
    assert detail["checked"] == "names and sizes of 2 files; contents were not read"
    assert tab.json("/version?ref=m:4")["files_changed"] == [{"path": "saved_model.pb", "what": "size"}]
    assert tab.json("/version?ref=m:6")["files_changed"] == [{"path": "out (a symlink)", "what": "extra"}]
    assert tab.json("/version?ref=m:1")["folder"] == str(world.models / "m/1")


def test_details_see_a_change_at_once(world: World, site: Callable[..., Site]) -> None:
    folder = world.version("m", 1)
    tab = site()
    tab.settle()
    (folder / "saved_model.pb").unlink()
    detail = tab.json("/version?ref=m:1")
    assert detail["state"] == "changed"
    assert detail["notice"] == "1 file is missing: saved_model.pb."


def test_announced_only_versions_say_where_their_folder_is(world: World, site: Callable[..., Site]) -> None:
    gone = world.version("m", 1)
    outside = world.version("m", 2, folder=world.base / "elsewhere" / "m" / "2")
    nowhere = world.version("m", 3)
    for folder in (gone, outside):
        world.announce("cnn", folder)
    world.announce("cnn", nowhere, location="")
    shutil.rmtree(gone)
    shutil.rmtree(nowhere)
    tab = site()
    tab.settle()
    for number, state, words in (
        (1, "missing", "Its folder is gone."),
        (2, "outside", "add it with --versions_models_dir"),
        (3, "missing", "No folder that was looked into holds its manifest."),
    ):
        row = tab.row(f"m:{number}")
        assert row["state"] == state
        assert words in row["notice"]
        assert "the copy in the event file" in row["notice"]
        assert row["run"] == "cnn"
        detail = tab.json(f"/version?ref=m:{number}")
        assert detail["from_event"] is True
        assert detail["folder"] is None
        assert detail["manifest"]["model"] == "m"
        assert codec.decode(detail["manifest_text"].encode()).number == number


def test_a_folder_that_cannot_be_entered_is_unreachable(world: World, site: Callable[..., Site]) -> None:
    if os.geteuid() == 0:
        pytest.skip("root enters every folder")
    folder = world.version("m", 1)
    world.announce("cnn", folder)
    (world.models / "m").chmod(0)
    try:
        tab = site()
        tab.settle()
        assert tab.row("m:1")["state"] == "unreachable"
        assert any("can't be read" in problem["reason"] for problem in tab.json("/versions")["problems"])
    finally:
        (world.models / "m").chmod(0o755)


def test_announcements_in_a_folder_of_their_own_belong_to_the_run_above(
    world: World, site: Callable[..., Site]
) -> None:
    """Such a run is `<run>/versions`; the location is told from `<run>`."""
    world.scalars("cnn", "loss", [(1, 0.5)])
    outside = world.version("m", 1, folder=world.base / "elsewhere" / "m" / "1")
    world.announce("cnn/versions", outside, location=os.path.relpath(outside, world.logs / "cnn"))
    tab = site()
    tab.settle()
    row = tab.row("m:1")
    assert (row["run"], row["run_known"], row["state"]) == ("cnn", True, "outside")


def test_the_manifest_on_disk_wins_over_the_announcement(world: World, site: Callable[..., Site]) -> None:
    folder = world.version("m", 1, metrics=(Metric(name="loss", value=1.0),))
    world.announce("cnn", folder)
    world.version("m", 1, metrics=(Metric(name="loss", value=2.0),))
    tab = site()
    tab.settle()
    winner = tab.json("/version?ref=m:1")
    assert (winner["state"], winner["from_event"], winner["metrics"][0]["at_export"]) == ("present", False, 2.0)
    ids = tab.json("/versions")["columns"]["id"]
    (other,) = [i for i in ids if i != "m:1"]
    assert other.startswith("m:1~")
    copy = tab.json(f"/version?ref={other}")
    assert (copy["from_event"], copy["metrics"][0]["at_export"]) == (True, 1.0)
    assert "2 different manifests claim m:1." in copy["notice"]
    assert "2 different manifests claim m:1." in winner["notice"]


def test_a_damaged_manifest_is_shown_from_its_announcement(world: World, site: Callable[..., Site]) -> None:
    folder = world.version("m", 1, metrics=(Metric(name="loss", value=1.0),))
    world.announce("cnn", folder)
    (folder / MANIFEST_NAME).write_bytes(b'{"schemaVersion": 1, "model": "m", "num')
    world.version("m", 2)
    tab = site()
    tab.settle()
    assert tab.json("/versions")["columns"]["id"] == ["m:1", "m:2"]
    detail = tab.json("/version?ref=m:1")
    assert (detail["state"], detail["from_event"]) == ("damaged", True)
    assert detail["metrics"][0]["at_export"] == 1.0
    assert detail["manifest"]["number"] == "1"
    assert "not JSON" in detail["notice"]
    assert "This is the copy in the event file." in detail["notice"]


def test_a_damaged_manifest_alone_is_listed_with_the_reason(world: World, site: Callable[..., Site]) -> None:
    world.raw("m/7", b"not json \xff")
    world.version("m", 8)
    tab = site()
    tab.settle()
    row = tab.row("m:7")
    assert row["state"] == "damaged"
    assert "The manifest is not JSON" in row["notice"]
    detail = tab.json("/version?ref=m:7")
    assert detail["manifest"] is None
    assert detail["manifest_text"] == "not json \ufffd"
    assert [p["where"] for p in tab.json("/versions")["problems"]] == [str(world.models / "m/7")]
    assert tab.row("m:8")["state"] == "present"
    assert tab.json("/version?ref=m")["id"] == "m:8"


def test_a_repaired_manifest_is_seen_without_a_restart(world: World, site: Callable[..., Site]) -> None:
    folder = world.raw("m/1", b"{")
    tab = site()
    tab.settle()
    assert tab.row("m:1")["state"] == "damaged"
    world.version("m", 1, folder=folder)
    tab.settle(lambda catalog: catalog.by_id["m:1"].state == "present")
    assert tab.row("m:1")["notice"] is None


def test_a_replaced_manifest_is_seen_without_a_restart(world: World, site: Callable[..., Site]) -> None:
    world.version("m", 1, description="before")
    tab = site()
    tab.settle()
    world.version("m", 1, description="after")
    tab.settle(lambda catalog: catalog.by_id["m:1"].listing.summary == "after")  # type: ignore[union-attr]


def test_a_new_version_is_visible_at_the_next_request(world: World, site: Callable[..., Site]) -> None:
    tab = site()
    tab.settle()
    for number in (1, 2, 3):
        world.version("m", number)
        tab.plugin.live.current(patience=HANGS, fresh=0)
        assert tab.json("/versions")["columns"]["id"][-1] == f"m:{number}"


def test_a_deleted_folder_is_missing_when_announced_and_gone_when_not(world: World, site: Callable[..., Site]) -> None:
    announced, silent = world.version("m", 1), world.version("m", 2)
    world.announce("cnn", announced)
    tab = site()
    tab.settle()
    assert [tab.row(f"m:{n}")["state"] for n in (1, 2)] == ["present", "present"]
    shutil.rmtree(announced)
    shutil.rmtree(silent)
    tab.settle(lambda catalog: "m:2" not in catalog.by_id)
    assert tab.row("m:1")["state"] == "missing"
    assert tab.json("/version?ref=m:2", status=404)["error"] == 'm has no version "2"; it has 1.'


def test_a_renamed_models_folder_keeps_its_versions(world: World, site: Callable[..., Site]) -> None:
    world.announce("cnn", world.version("m", 1))
    tab = site()
    tab.settle()
    (world.models / "m").rename(world.models / "renamed")
    tab.settle(lambda catalog: [p.relative for p in catalog.by_id["m:1"].places] == ["renamed/1"])
    assert tab.row("m:1")["state"] == "present"


def test_a_moved_version_says_that_its_folder_has_another_number(world: World, site: Callable[..., Site]) -> None:
    world.version("m", 1).rename(world.models / "m" / "9")
    tab = site()
    tab.settle()
    assert tab.row("m:1")["state"] == "present"
    assert tab.row("m:1")["notice"] == "The folder is called 9, but the manifest says 1."


def test_one_manifest_in_two_folders_is_one_version(world: World, site: Callable[..., Site]) -> None:
    folder = world.version("m", 1)
    shutil.copytree(folder, world.models / "backup" / "m" / "1")
    tab = site()
    tab.settle()
    assert tab.json("/versions")["columns"]["id"] == ["m:1"]


def test_two_folders_that_claim_one_number_are_both_listed_and_ambiguous(
    world: World, site: Callable[..., Site]
) -> None:
    world.version("m", 1, description="one")
    world.version("m", 1, folder=world.models / "copy" / "m" / "1", description="two")
    tab = site()
    tab.settle()
    ids = tab.json("/versions")["columns"]["id"]
    assert len(ids) == 2
    assert all(i.startswith("m:1~") for i in ids)
    for ref in ("m:1", "m"):
        error = tab.json(f"/version?ref={ref}", status=409)["error"]
        assert all(i in error for i in ids)
    texts = {tab.json(f"/version?ref={i}")["manifest"]["description"] for i in ids}
    assert texts == {"one", "two"}
    assert all("2 different manifests claim m:1." in tab.row(i)["notice"] for i in ids)


def test_saved_models_without_a_manifest_are_counted_and_listed(world: World, site: Callable[..., Site]) -> None:
    world.version("m", 1)
    for number in (2, 3):
        (world.models / "m" / str(number)).mkdir()
        (world.models / "m" / str(number) / "saved_model.pb").write_bytes(b"x")
    tab = site()
    tab.settle()
    table = tab.json("/versions")
    assert (table["unregistered"], table["columns"]["id"]) == (2, ["m:1"])
    assert table["unregistered_in"] == [str(world.models / "m" / "2"), str(world.models / "m" / "3")]


def test_symlinks_out_of_the_folders_are_counted_and_not_followed(world: World, site: Callable[..., Site]) -> None:
    world.version("secret", 1, folder=world.base / "elsewhere" / "secret" / "1")
    (world.models / "link").symlink_to(world.base / "elsewhere")
    (world.models / "link2").symlink_to(world.base / "elsewhere" / "secret")
    (world.models / "loop").symlink_to(world.models)
    world.version("m", 1)
    tab = site()
    tab.settle()
    table = tab.json("/versions")
    assert table["columns"]["id"] == ["m:1"]
    assert [problem["where"] for problem in table["problems"]] == [
        str(world.models / "link"),
        str(world.models / "link2"),
    ]
    first = table["problems"][0]["reason"]
    assert f"is a symlink to {world.base / 'elsewhere'}, outside of the folders that are read" in first


def test_a_run_that_tensorboard_does_not_know_is_said_so(world: World, site: Callable[..., Site]) -> None:
    world.version("m", 1, run="gone/train", step=3)
    tab = site()
    tab.settle()
    row = tab.row("m:1")
    assert (row["run"], row["run_known"], row["step"]) == ("gone/train", False, 3)


def test_runs_are_found_when_the_log_directory_is_another(world: World, site: Callable[..., Site]) -> None:
    world.scalars("2026/cnn", "loss", [(1, 0.5)])
    world.version("m", 1, run="cnn", step=1)
    world.version("m", 2, run="before/2026/cnn", step=1)
    tab = site()
    tab.settle()
    assert [tab.row(f"m:{n}")["run"] for n in (1, 2)] == ["2026/cnn", "2026/cnn"]


def test_lineage_is_told_from_both_sides(world: World, site: Callable[..., Site]) -> None:
    parents = (Parent(model="m", number=1, relation="fine_tuned_from"), Parent(model="gone", number=4))
    world.version("m", 1, run="r", files={"a": b"1"})
    world.version("m", 2, run="r", files={"a": b"1"}, parents=parents)
    tab = site()
    tab.settle()
    assert tab.row("m:2")["parents"] == ["m:1", "gone:4"]
    child = tab.json("/version?ref=m:2")["lineage"]
    assert child["parents"] == [
        {"ref": "m:1", "relation": "fine-tuned from", "known": True},
        {"ref": "gone:4", "relation": "made from", "known": False},
    ]
    assert (child["same_run"], child["same_content"]) == (["m:1"], ["m:1"])
    assert tab.json("/version?ref=m:1")["lineage"]["children"] == [{"ref": "m:2", "relation": "fine-tuned from"}]


def test_logdir_spec_names_the_runs(world: World) -> None:
    world.scalars("one/cnn", "loss", [(1, 0.5)])
    world.version("m", 1, folder=world.logs / "one" / "models" / "m" / "1", run="first/cnn", step=1)
    outside = world.version("m", 2, folder=world.base / "elsewhere" / "2")
    world.announce("one/cnn", outside)
    inside = world.version("m", 3, folder=world.logs / "one" / "models" / "m" / "3")
    world.announce("one/cnn", inside)
    shutil.rmtree(inside)
    tab = Site("--logdir_spec", f"first:{world.logs / 'one'},second:{world.logs / 'two'}")
    tab.settle()
    table = tab.json("/versions")
    assert [(p["path"], p["exists"]) for p in table["looked_in"]] == [
        (str(world.logs / "one"), True),
        (str(world.logs / "two"), False),
    ]
    assert {n: tab.row(f"m:{n}")["state"] for n in (1, 2, 3)} == {1: "present", 2: "outside", 3: "missing"}
    assert {tab.row(f"m:{n}")["run"] for n in (1, 2, 3)} == {"first/cnn"}


def test_a_url_of_no_store_is_a_problem(world: World, site: Callable[..., Site]) -> None:
    tab = site("--versions_models_dir", "ftp://bucket/models")
    tab.settle()
    (problem,) = tab.json("/versions")["problems"]
    assert problem["where"] == "ftp://bucket/models"
    assert "known are s3://, gs:// and memory://" in problem["reason"]


def test_models_in_a_store_are_shown_and_an_unreachable_store_blocks_no_page(
    s3: Buckets, site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, metrics={"accuracy": 0.9})
    tab = site("--versions_models_dir", MODELS)
    _look_until(tab, lambda catalog: bool(catalog.versions) and not catalog.problems)
    assert tab.row("digits:1")["state"] == "unchecked"
    assert tab.json("/version?ref=digits:1")["folder"] == f"{MODELS}/digits/1"
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    s3.faults.append(Fault("503", lambda _: True, times=10**6))
    other = site("--versions_models_dir", MODELS)
    _look_until(other, lambda catalog: any("could not be read" in reason for _, reason in catalog.problems))
    (problem,) = other.json("/versions")["problems"]
    assert "what is shown was read at 20" in problem["reason"]
    assert other.row("digits:1")["state"] == "unchecked"


def _look_until(tab: Site, holds: Callable[[Catalog], bool]) -> None:
    while not holds(tab.plugin.live.current(patience=HANGS, fresh=0)):
        pass
    while tab.json("/versions")["status"] == "loading":  # until it is known that there are no tables beside the models
        pass


class Failing:
    """TensorBoard's own provider, some of whose calls fail as RustBoard's do."""

    def __init__(self, provider: Any, *methods: str) -> None:
        self.provider, self.methods = provider, set(methods)

    def __getattr__(self, name: str) -> Any:
        def fail(*arguments: Any, **options: Any) -> Any:
            raise RuntimeError("RESOURCE_EXHAUSTED: 300002761 vs. 268435456\nand a stack")

        return fail if name in self.methods else getattr(self.provider, name)


@pytest.mark.parametrize("method", ["list_tensors", "read_tensors", "list_runs", "list_scalars", "read_scalars"])
def test_a_failing_provider_is_a_sentence_and_passes(world: World, site: Callable[..., Site], method: str) -> None:
    world.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    world.version("m", 1, run="cnn", step=1)
    gone = world.version("m", 2, run="cnn", step=1)
    world.announce("cnn", gone)
    shutil.rmtree(gone)
    if method.endswith("scalars"):  # outside of the log directory curves are read through the provider alone
        (world.logs / "cnn").rename(world.base / "outside")
        (world.logs / "cnn").symlink_to(world.base / "outside")
    tab = site(wrap=lambda provider: Failing(provider, method))
    reason = "RESOURCE_EXHAUSTED: 300002761 vs. 268435456"
    catalog = tab.plugin.live.current(patience=HANGS, fresh=0)
    for _ in range(1_000):
        if any(reason in problem[1] for problem in catalog.problems) and catalog.versions[0].state == "present":
            break
        catalog = tab.plugin.live.current(patience=HANGS, fresh=0)
    table = tab.json("/versions")
    assert "m:1" in table["columns"]["id"]
    assert [p for p in table["problems"] if reason in p["reason"] and "stack" not in p["reason"]]
    for path in ("/models", "/version?ref=m:1"):
        tab.json(path)
    assert tab.get("/version?ref=m:2").status_code in (200, 404)
    scalars = tab.get("/scalars?run=cnn&tag=loss")
    if method == "read_scalars":
        assert scalars.status_code == 503
        assert reason in scalars.get_json()["error"]
    tab.provider.methods.clear()
    tab.plugin.live._reader._announcements.retry_at = 0.0  # half a minute is over
    tab.settle(
        lambda catalog: (
            not any(reason in why for _, why in catalog.problems)
            and len(catalog.versions) == 2
            and bool(catalog.curves["cnn"]["loss"])
        )
    )
    assert tab.row("m:2")["metrics"]["loss"]["at_export"] == 0.5


def test_one_announcement_that_cannot_be_read_hides_no_other(world: World, site: Callable[..., Site]) -> None:
    for number in (1, 2, 3):
        folder = world.version("m", number)
        world.announce(f"run{number}", folder)
        shutil.rmtree(folder)
    for run, tensor in (("run1", {"dtype": types_pb2.DT_INVALID}), ("hostile", {"dtype": types_pb2.DT_FLOAT})):
        value = summary_pb2.Summary.Value(tag=tag_of("bad", 1), metadata=summary_metadata(b"x"))
        value.tensor.dtype = tensor["dtype"]
        value.tensor.tensor_shape.dim.add().size = 5
        world.event(run, summary_pb2.Summary(value=[value]))
    no_tensor = summary_pb2.Summary.Value(tag=tag_of("worse", 1), metadata=summary_metadata(b"y"))
    world.event("worst", summary_pb2.Summary(value=[no_tensor]))
    tab = site()
    tab.settle()
    ids = tab.json("/versions")["columns"]["id"]
    assert {"m:1", "m:2", "m:3"} <= set(ids)
    assert tab.row("m:1")["state"] == "missing"
    assert all(tab.row(i)["state"] == "damaged" for i in ids if i.startswith("bad:"))
    assert tab.json("/versions")["problems"]


def test_a_false_copy_of_an_announcement_does_not_hide_the_true_one(world: World, site: Callable[..., Site]) -> None:
    folder = world.version("m", 1)
    data = (folder / MANIFEST_NAME).read_bytes()
    world.announce("run", folder)
    forged = announcement_pb("m", 1, b"{}", location="")
    forged.value[0].metadata.CopyFrom(summary_metadata(data))
    world.event("a-forger", forged)
    world.event("another", announcement_pb("other", 7, data))
    shutil.rmtree(folder)
    tab = site()
    tab.settle()
    row = tab.row("m:1")
    assert row["state"] == "missing"
    assert tab.json("/version?ref=m:1")["manifest"]["number"] == "1"


@pytest.mark.parametrize(
    ("tag", "content", "words"),
    [
        ("versions/m/x", None, "does not name a version"),
        ("versions/m/99999999999999999999", None, "does not name a version"),
        ("loss", None, "does not name a version"),
        ("versions/m/1", b"\xff\xff\xff", "can't be parsed"),
        ("versions/m/1", b"\x12" + b"\xff\xff\x01" + b"a" * 32_767, "longer than 16 KiB"),
    ],
)
def test_an_announcement_that_is_none_is_a_problem(
    world: World, site: Callable[..., Site], tag: str, content: bytes | None, words: str
) -> None:
    summary = announcement_pb("m", 1, b"{}")
    summary.value[0].tag = tag
    if content is not None:
        summary.value[0].metadata.plugin_data.content = content
    world.event("cnn", summary)
    world.version("ok", 1)
    tab = site()
    tab.settle()
    table = tab.json("/versions")
    assert table["columns"]["id"] == ["ok:1"]
    assert any(words in problem["reason"] for problem in table["problems"])


def test_an_announcement_whose_tensor_is_another_says_so(world: World, site: Callable[..., Site]) -> None:
    world.event("a", announcement_pb("m", 1, b"{}"))
    world.event("b", announcement_pb("m", 2, codec.encode(VersionManifest(model="m", number=3))))
    wrong = announcement_pb("m", 4, b"one")
    wrong.value[0].tensor.string_val[0] = b"other"
    world.event("c", wrong)
    tab = site()
    tab.settle()
    notices = {n: tab.row(f"m:{n}")["notice"] for n in (1, 2, 4)}
    assert "no schemaVersion" in notices[1]
    assert "names another version than its manifest (m:3)" in notices[2]
    assert "does not have the announced digest" in notices[4]
    assert {tab.row(f"m:{n}")["state"] for n in notices} == {"damaged"}


def test_folders_with_names_that_are_no_text_cause_no_error(world: World, site: Callable[..., Site]) -> None:
    world.version("ok", 1)
    odd = Path(os.fsdecode(os.fsencode(world.models) + b"/\xff\x1b[31m/3"))
    try:
        odd.mkdir(parents=True)
    except OSError:
        pytest.skip("this file system refuses such names")
    (odd / MANIFEST_NAME).write_bytes(b"{")
    world.version("fine", 1, folder=odd.parent / "4")
    tab = site()
    tab.settle()
    table = tab.json("/versions")
    assert set(table["columns"]["id"]) >= {"ok:1", "fine:1"}
    (strange,) = [i for i in table["columns"]["id"] if i not in ("ok:1", "fine:1")]
    assert "\x1b" not in strange
    assert tab.get("/version", query_string={"ref": strange}).status_code == 200
    assert "\\u{dcff}" in tab.json("/version?ref=fine:1")["folder"]
