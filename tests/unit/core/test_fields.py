from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tb_versions.core import codec, manifest
from tb_versions.core.fields import MAX_ENTRIES, Field, canonical, check_counts, fields_of, from_json
from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import InvalidManifestError
from tb_versions.read.manifests.listing import read_listing
from tests.contract.test_goldens import FULL

CLASSES = [
    cls for cls in vars(manifest).values() if dataclasses.is_dataclass(cls) and cls.__module__ == manifest.__name__
]


@pytest.mark.parametrize("cls", CLASSES)
def test_a_class_has_the_fields_of_its_message(cls: Any) -> None:
    assert [field.name for field in fields_of(cls)] == [field.name for field in dataclasses.fields(cls)]


@pytest.mark.parametrize("cls", CLASSES)
def test_an_object_that_was_given_nothing_says_what_an_empty_one_on_disk_says(cls: Any) -> None:
    """A default that is another value than absence would be written, or read where nothing was known."""
    given = {"format": "", "schema_version": 0} if cls is VersionManifest else {}
    assert cls(**given) == from_json({}, cls)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_manifest_is_made_by_names_and_never_changed(cls: Any) -> None:
    (name, *_) = [field.name for field in fields_of(cls)]
    with pytest.raises(TypeError, match="positional argument"):
        cls("")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(cls(), name, "")


def containers(cls: type = VersionManifest, path: tuple[Field, ...] = ()) -> Iterator[tuple[Field, ...]]:
    """The way to every list and map of a manifest."""
    for field in fields_of(cls):
        if field.most is not None:
            yield (*path, field)
        if field.inner is not None:
            yield from containers(field.inner, (*path, field))


def holding(way: tuple[Field, ...], count: int) -> dict[str, Any]:
    """A manifest with so many entries in the last field of a way, by the names that are not on disk."""
    last = way[-1]
    value: Any = {str(n): "1" for n in range(count)} if last.absent == {} else [{} if last.inner else "1"] * count
    for field in reversed(way):
        value = {field.name: value if field is last else [value] if field.most else value}
    return {"schemaVersion": 1, "model": "m", "number": "1", **value}


@pytest.mark.parametrize("way", list(containers()), ids=lambda way: ".".join(field.name for field in way))
def test_every_list_and_map_has_a_limit(way: tuple[Field, ...]) -> None:
    most = way[-1].most
    assert most is not None
    check_counts(holding(way, most))
    name = ".".join(field.json_name for field in way)
    with pytest.raises(
        InvalidManifestError, match=f"The field {name} holds {most + 1:,} entries; at most {most:,} are read"
    ):
        codec.decode(orjson.dumps(holding(way, most + 1)))


def test_all_lists_and_maps_together_have_a_limit() -> None:
    inputs = [{"inputs": [{}] * 1_000}] * (MAX_ENTRIES // 1_000)
    with pytest.raises(InvalidManifestError, match=r"The manifest holds 50,\d\d\d entries; at most 50,000 are read"):
        check_counts({"savedModel": {"metaGraphs": [{"signatures": inputs}]}})


def test_the_limit_of_all_together_is_the_last_count_that_is_read() -> None:
    inputs = [{"inputs": [{}] * 1_000}] * 49 + [{"inputs": [{}] * 949}]
    check_counts({"savedModel": {"metaGraphs": [{"signatures": inputs}]}})  # 1 + 50 + 49,949
    with pytest.raises(InvalidManifestError, match="The manifest holds 50,001 entries"):
        check_counts({"savedModel": {"metaGraphs": [{"signatures": inputs}]}, "tags": [], "labels": {"a": "b"}})


@pytest.mark.parametrize("name", ["files", "savedModel", "hardware"])
def test_a_mebibyte_of_empty_objects_is_refused_by_both_readers(name: str) -> None:
    empty = [{}] * 340_000
    inner = {"files": empty, "savedModel": {"variables": empty}, "hardware": {"gpus": empty}}[name]
    data = orjson.dumps({"schemaVersion": 1, "model": "bomb", "number": "1", name: inner})
    for read in (codec.decode, read_listing):
        with pytest.raises(InvalidManifestError, match="holds 340,000 entries"):
            read(data)


def test_what_could_not_be_read_is_not_written() -> None:
    file = manifest.File(path="a")
    with pytest.raises(InvalidManifestError, match=r"m:1 can't be written: The field files holds 20,001 entries"):
        codec.encode(VersionManifest(model="m", number=1, files=(file,) * 20_001))


def test_the_form_on_disk_is_canonical() -> None:
    fields = orjson.loads(codec.encode(VersionManifest(model="m", number=1, **FULL)))
    assert canonical(fields) == fields


def test_other_spellings_null_and_unknown_fields_are_not_canonical() -> None:
    fields = {
        "model": "m", "created": None, "votes": 3, "labels": {"snake_case": "kept"},
        "saved_model": {"meta_graphs": [{"tensorflow_version": "2", "carbon": 1}, 5], "parameter_count": None},
        "sizeBytes": None, "size_bytes": "7",
    }  # fmt: skip
    assert canonical(fields) == {
        "model": "m", "labels": {"snake_case": "kept"}, "sizeBytes": "7",
        "savedModel": {"metaGraphs": [{"tensorflowVersion": "2"}, 5]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"metrics": [{}, {"step": "x"}]}, 'The field metrics[1].step must be a 64-bit integer, not "x".'),
        ({"metrics": [3]}, "The field metrics[0] must be an object, not a number."),
        ({"metrics": [None]}, "The field metrics[0] must be an object, not null."),
        ({"hyperparameters": {"lr": None}}, 'The field hyperparameters["lr"] must be a number, string or bool.'),
        ({"environment": {"packages": {"a": 1}}}, 'The field environment.packages["a"] must be text, not a number.'),
        ({"hardware": {"cores": 2**31}}, 'The field hardware.cores must be a 32-bit integer, not "2147483648".'),
        ({"code": {"dirty_files": "a"}}, "The field code.dirtyFiles must be a list, not text."),
        ({"code": {"dirty": 1}}, "The field code.dirty must be true or false, not a number."),
        ({"savedModel": {"variables": [{"shape": {"dimensions": [0.5]}}]}},
         'The field savedModel.variables[0].shape.dimensions[0] must be a 64-bit integer, not "0.5".'),
        ({"metrics": [{"goal": []}]}, "The field metrics[0].goal must be a word, not a list."),
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_named_with_its_path(fields: dict[str, Any], words: str) -> None:
    data = orjson.dumps({"schemaVersion": 1, "model": "m", "number": 1, **fields})
    with pytest.raises(InvalidManifestError) as caught:
        codec.decode(data)
    assert str(caught.value) == f"The manifest breaks the schema: {words}"


def test_words_of_enums_are_read_by_name_and_number_and_unknown_ones_are_nothing() -> None:
    goals = ["MAX", 2, "GOAL_UNSPECIFIED", 0, "DREAMT", 9]
    data = orjson.dumps({"schemaVersion": 1, "model": "m", "number": 1, "metrics": [{"goal": goal} for goal in goals]})
    assert [metric.goal for metric in codec.decode(data).metrics] == ["max", "min", "", "", "", ""]


@pytest.mark.parametrize(
    "inside",
    [[{}] * 60_000, [[[[]]]] * 20_001, {str(n): n for n in range(60_000)}, [{"a": [{}] * 300}] * 200],
)
@pytest.mark.parametrize("place", ["future", "savedModel", "metrics"])
def test_fields_that_are_not_known_are_counted_with_all_that_is_in_them(inside: Any, place: str) -> None:
    unknown = {"future": {"a": inside}, "savedModel": {"future": inside}, "metrics": [{"future": inside}]}[place]
    fields = {"schemaVersion": 1, "model": "m", "number": "1", place: unknown}
    with pytest.raises(InvalidManifestError, match="entries; at most 50,000 are read"):
        codec.decode(orjson.dumps(fields))
    if place != "metrics":  # of what the table skips, only a large manifest's entries are counted
        with pytest.raises(InvalidManifestError, match="entries; at most 50,000 are read"):
            read_listing(orjson.dumps(fields))


def test_few_unknown_fields_are_no_fault() -> None:
    fields = {"schemaVersion": 1, "model": "m", "number": "1", "future": {"a": [[1, {"b": None}]] * 1_000}}
    assert check_counts(fields) == 1 + 1_000 + 2_000 + 1_000
    assert codec.decode(orjson.dumps(fields)).model == "m"
