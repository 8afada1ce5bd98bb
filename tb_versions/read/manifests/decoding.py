"""Decodes what the table needs of a manifest: some microseconds each, for there are thousands.

The structs here are parts of the classes of `core.manifest`, as JSON has them. msgspec checks types and limits while it
parses, and skips all other fields. It is told of one form only, the one that this package writes. Whatever is not in
that form (snake_case names, null, a field of a later version) is refused at first, then brought into that form and
decoded again, so that no struct needs to spell any of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

import msgspec
import orjson
from msgspec import Meta, Raw, Struct

from tb_versions.core import codec, manifest, times
from tb_versions.core.fields import canonical, check_counts, fields_of
from tb_versions.core.manifest import MAX_ITEMS, MAX_METRICS, MAX_PATH, MAX_TEXT, SCHEMA_VERSION
from tb_versions.core.scalars import read_integer, read_time
from tb_versions.errors import InvalidManifestError

COUNTED_FROM = 256 * 1024
"""Bytes from which the lists that the table does not need are counted too; counting takes longer than decoding."""

Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Integer = int | float | str
"""As JSON may have it; `scalars.read_integer` says which texts and fractions are integers."""

Texts = Annotated[dict[Text, Text], Meta(max_length=MAX_ITEMS)] | None
Scalars = Annotated[dict[Text, Text | float | int | bool], Meta(max_length=MAX_ITEMS)] | None
Integers = Annotated[dict[Text, Integer], Meta(max_length=MAX_ITEMS)] | None


class Part(Struct, frozen=True, rename="camel", gc=False):
    """Some fields of a class of `core.manifest`; the garbage collector need not look at it, for it has no circles."""


_Part = TypeVar("_Part", bound=Part)
_Value = TypeVar("_Value")


def _part_of(cls: type) -> Callable[[type[_Part]], type[_Part]]:
    """Makes a struct skip the other fields of a class of `manifest`, and refuse names that are no field at all."""

    def complete(struct: type[_Part]) -> type[_Part]:
        rest = [(field.name, Raw, Raw()) for field in fields_of(cls) if field.name not in struct.__struct_fields__]
        return msgspec.defstruct(struct.__name__, rest, bases=(struct,), forbid_unknown_fields=True)  # type: ignore[return-value]

    return complete


class Metric(Part, frozen=True):
    """Part of `manifest.Metric`; a goal or source is a word or a number."""

    name: Text = ""
    value: float | Literal["NaN", "Infinity", "-Infinity"] = 0.0
    goal: Text | int = ""
    step: Integer | None = None
    dataset: Text = ""
    slice: Text = ""
    source: Text | int = ""
    run: Text = ""
    tag: Text = ""


@_part_of(manifest.Run)
class Run(Part, frozen=True):
    """Part of `manifest.Run`."""

    name: Text = ""
    step: Integer | None = None
    wall_time: str = ""
    identity: Text = ""


class Parent(Part, frozen=True):
    """Part of `manifest.Parent`; a relation is a word or a number."""

    model: Text = ""
    number: Integer = 0
    relation: Text | int = ""


class Dataset(Part, frozen=True):
    """Part of `manifest.Dataset`."""

    name: Text | None = None
    digest: Text | None = None
    split: Text | None = None


Datasets = Annotated[list[Dataset], Meta(max_length=MAX_ITEMS)] | None


class Code(Part, frozen=True):
    """Part of `manifest.Code`."""

    commit: Text | None = None
    dirty: bool | None = None
    diff: str | None = None
    arguments: Annotated[list[str], Meta(max_length=MAX_ITEMS)] | None = None


class Environment(Part, frozen=True):
    """Part of `manifest.Environment`."""

    tensorflow: Text = ""


@_part_of(manifest.MetaGraph)
class MetaGraph(Part, frozen=True):
    """Part of `manifest.MetaGraph`."""

    tensorflow_version: Text = ""


@_part_of(manifest.SavedModel)
class SavedModel(Part, frozen=True):
    """Part of `manifest.SavedModel`."""

    meta_graphs: Annotated[list[MetaGraph], Meta(max_length=MAX_ITEMS)] = []
    parameter_count: Integer | None = None


class Inference(Part, frozen=True):
    """Part of `manifest.Inference`."""

    field: Text | None = None


@_part_of(manifest.FilesElsewhere)
class FilesElsewhere(Part, frozen=True):
    """`manifest.FilesElsewhere`."""

    source: Text = ""
    path: Annotated[str, Meta(max_length=MAX_PATH)] = ""


@_part_of(manifest.VersionManifest)
class Manifest(Part, frozen=True):
    """Part of `manifest.VersionManifest`.

    What is `Raw` is JSON that many manifests have word for word, or that need not be sound. `part` decodes it, as it
    is: there may be null in it.
    """

    schema_version: Annotated[int, Meta(ge=1, le=SCHEMA_VERSION)]
    model: Text = ""
    number: Integer = 0
    semantic_version: Text = ""
    created: str = ""
    description: str = ""
    labels: Raw = Raw(b"{}")
    metrics: Annotated[list[Metric], Meta(max_length=MAX_METRICS)] = []
    hyperparameters: Raw = Raw(b"{}")
    runs: Annotated[list[Run], Meta(max_length=MAX_ITEMS)] = []
    parents: Annotated[list[Parent], Meta(max_length=MAX_ITEMS)] = []
    datasets: Raw = Raw(b"[]")
    code: Raw = Raw(b"{}")
    environment: Environment = Environment()
    seeds: Raw = Raw(b"{}")
    format: Text = ""
    saved_model: SavedModel = SavedModel()
    size_bytes: Integer | None = None
    digest: Text = ""
    lead_metric: Text = ""
    files: Raw = Raw(b"[]")
    file_list: Raw = Raw(b"null")
    files_elsewhere: FilesElsewhere | None = None
    inferred: Raw = Raw(b"[]")
    imported: Raw = Raw(b"null")


_manifests = msgspec.json.Decoder(Manifest)


def decode(data: bytes) -> tuple[Manifest, list[str]]:
    """Returns what the table needs of a manifest, and the names of fields that this version does not know.

    Raises:
        InvalidManifestError: It is no JSON object, has no schema, or too many entries.
        NewerSchemaError: Written by a newer version.
        msgspec.ValidationError: A field is of the wrong type, or too long; see `refusal`.
    """
    if len(data) >= COUNTED_FROM:
        check_counts(codec.load_json(data))
    try:
        data.decode("utf-8")  # msgspec does not look into texts that it skips
        return _manifests.decode(data), []
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        fields = codec.load_json(data)  # tells whether it is a manifest at all
    check_counts(fields)
    try:
        usual = orjson.dumps(canonical(fields))
    except orjson.JSONEncodeError as error:
        raise InvalidManifestError("The manifest is nested too deep.") from error
    return _manifests.decode(usual), codec.unknown_fields(fields)


def part(decoder: msgspec.json.Decoder[_Value], data: bytes, name: str) -> _Value:
    """Returns what was left as `Raw`; raises msgspec.ValidationError as if it had been decoded with the manifest."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(str(error).replace("`$", f"`$.{name}")) from None


def integer(value: Integer | None) -> int | None:
    """Returns a 64-bit integer, None for None; raises WrongValueError where it is none."""
    if type(value) is str and len(value) < 19 and value.isascii() and value.isdigit():  # as this package writes it
        return _number(value)
    return None if value is None else read_integer(value)


_number = lru_cache(maxsize=4_096)(int)  # one object for versions of one size, and of as many parameters


@lru_cache(maxsize=256)  # a version and its run nearly always have one time
def milliseconds(text: str) -> int | None:
    """Returns a time in milliseconds since the epoch, None for ""; raises WrongValueError where it is no time."""
    time = read_time(text)
    return None if time is None else times.milliseconds(time)


def refusal(data: bytes, error: Exception) -> InvalidManifestError:
    """Returns why a manifest can't be listed.

    `codec` reads it once more, for it knows the way to every value: "hyperparameters["lr"]" where msgspec says
    "hyperparameters[...]". It has no limit for short texts; what it reads is refused for one of those.

    Args:
        data: The manifest.
        error: What msgspec or `scalars` said of it.
    """
    try:
        codec.decode(data)
    except InvalidManifestError as known:
        return known
    found = _TOO_LONG.fullmatch(str(error))
    if found is None:
        return InvalidManifestError(f"The manifest breaks the schema: {error}.")
    where = f"A key of {found[3]}" if found[2] else f"The field {found[3]}"
    return InvalidManifestError(f"{where} has more than {int(found[1]):,} characters, the most that are read.")


_TOO_LONG = re.compile(r"Expected `str` of length <= (\d+) - at (`key` in )?`\$\.?([^`]*)`")
