"""A bill of materials of one version as CycloneDX 1.7, JSON. Pure.

It has no time of its own: the same version in the same state gives the same bytes.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import orjson

from tb_versions._version import __version__
from tb_versions.comparison.rows.signatures import in_words, signatures_of
from tb_versions.core.manifest import Dataset, File, Signature, visible
from tb_versions.documents import facts
from tb_versions.documents.subject import Number, Subject
from tb_versions.payload.wire import wire_number

SPEC = "1.7"
"""Version of CycloneDX."""

_MODEL = "model"
_PREFIX = "tb-versions:"
_URL = re.compile(  # what is masked is no URL any more
    r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/(?:[A-Za-z0-9._~:/-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_FORM = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def bom_of(subject: Subject) -> bytes:
    """Returns the bill of materials."""
    made = _without_serial(subject)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, orjson.dumps(made, option=orjson.OPT_SORT_KEYS).decode())
    head = {name: made.pop(name) for name in ("$schema", "bomFormat", "specVersion")}
    return orjson.dumps({**head, "serialNumber": f"urn:uuid:{serial}", "version": 1, **made}, option=_FORM)


def _without_serial(subject: Subject) -> dict[str, Any]:
    created = subject.manifest.created
    tool = {"type": "application", "name": "tb_versions", "version": __version__}
    metadata: dict[str, Any] = {"tools": {"components": [tool]}, "component": _model(subject)}
    if created:
        metadata = {"timestamp": _time(created), **metadata}
    data = list(_datasets(subject.manifest.datasets))
    packages = list(_packages(subject))
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "metadata": metadata,
        "components": [*data, *packages],
        "dependencies": [
            {"ref": _MODEL, "dependsOn": [each["bom-ref"] for each in data]},
            *({"ref": each["bom-ref"]} for each in (*data, *packages)),
        ],
        "compositions": [{"aggregate": "complete" if subject.files else "unknown", "assemblies": [_MODEL]}],
        "properties": _properties(_of_document(subject)),
    }


def _model(subject: Subject) -> dict[str, Any]:
    manifest = subject.manifest
    license_ = subject.labels.get(facts.LICENSE, "")
    told: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": _MODEL,
        "name": manifest.model,
        "version": subject.semantic_version or str(manifest.number),
        "description": subject.description,
        "licenses": [{"license": {"name": license_}}] if license_ else [],
        "components": [_file(place, file) for place, file in enumerate(subject.files or ())],
        "pedigree": _pedigree(subject),
        "modelCard": _card(subject),
        "properties": _properties(_of_model(subject)),
    }
    return {name: value for name, value in told.items() if value}


def _file(place: int, file: File) -> dict[str, Any]:
    hashes = {"hashes": [_hash(file.digest)]} if file.digest else {}
    told = _properties([("size", str(file.size))])
    return {"type": "file", "bom-ref": f"file:{place}:{file.path}", "name": file.path, **hashes, "properties": told}


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest.removeprefix("sha256:")}


def _pedigree(subject: Subject) -> dict[str, Any]:
    code = subject.manifest.code
    ancestors = [
        {"type": "machine-learning-model", "name": parent.model, "version": str(parent.number)}
        for parent in subject.manifest.parents
    ]
    commits = [{"uid": code.commit}] if code and code.commit else []
    found = {"ancestors": ancestors, "commits": commits}
    return {name: value for name, value in found.items() if value}


def _card(subject: Subject) -> dict[str, Any]:
    task = subject.labels.get(facts.TASK, "")
    signatures = signatures_of(subject.manifest.saved_model) if subject.manifest.saved_model else {}
    parameters: dict[str, Any] = {
        "task": task,
        "datasets": [{"ref": _data_ref(place, each)} for place, each in enumerate(subject.manifest.datasets)],
        "inputs": [{"format": text} for text in _sides(signatures.items(), 0)],
        "outputs": [{"format": text} for text in _sides(signatures.items(), 1)],
    }
    metrics = [_metric(number) for number in (*subject.numbers, *subject.slices)]
    found: dict[str, Any] = {
        "modelParameters": {name: value for name, value in parameters.items() if value},
        "quantitativeAnalysis": {"performanceMetrics": metrics} if metrics else {},
        "considerations": {"technicalLimitations": [f"Not known: {words}." for words in facts.not_known(subject)]},
        "properties": _properties(_of_card(subject)),
    }
    return {name: value for name, value in found.items() if value}


def _sides(signatures: Iterable[tuple[str, Signature]], side: int) -> Iterator[str]:
    for key, signature in sorted(signatures):
        yield f"{visible(key)}: {in_words(signature).split(' → ')[side]}"


def _metric(number: Number) -> dict[str, Any]:
    """A metric; the format has no place for its source, which is in the card's properties."""
    later = f" (measured later{number.detail and ': '}{number.detail})" if number.source == "measured" else ""
    where = "/".join(filter(None, (number.dataset, number.slice))) + later
    ends = {"lowerBound": number.lower, "upperBound": number.upper}
    interval = {name: str(wire_number(end)) for name, end in ends.items() if end is not None}
    return {
        "type": number.name,
        "value": str(wire_number(number.value)),
        **({"slice": where.strip()} if where else {}),
        **({"confidenceInterval": interval} if interval else {}),
    }


def _datasets(datasets: Iterable[Dataset]) -> Iterator[dict[str, Any]]:
    """Data sets; a digest that was taken over an array or a sample is no hash of a file, and so a property."""
    for place, each in enumerate(datasets):
        is_of_file = bool(each.digest) and each.digest_of == "file"
        rows = "" if each.rows is None else str(each.rows)
        told = [("split", each.split), ("rows", rows)]
        told += [] if is_of_file else [("digest", each.digest), ("digest of", each.digest and each.digest_of)]
        is_url = _URL.fullmatch(each.uri) is not None
        told += [] if is_url else [("address", each.uri)]
        contents = {"contents": {"url": each.uri}} if is_url else {}
        yield {
            "type": "data",
            "bom-ref": _data_ref(place, each),
            "name": each.name or f"data {place + 1}",
            **({"hashes": [_hash(each.digest)]} if is_of_file else {}),
            "data": [{"type": "dataset", "name": each.name or f"data {place + 1}", **contents}],
            "properties": _properties(told),
        }


def _data_ref(place: int, each: Dataset) -> str:
    return f"data:{place}:{each.name}"


def _packages(subject: Subject) -> Iterator[dict[str, Any]]:
    """What was installed where the version was made. Whether the model needs it is not known, so it is optional."""
    environment = subject.manifest.environment
    for name, version in sorted(environment.packages.items()) if environment else ():
        plain = name.lower().replace("_", "-")
        yield {
            "type": "library",
            "bom-ref": f"package:{name}",
            "name": name,
            **({"version": version} if version else {}),
            "scope": "optional",
            "purl": f"pkg:pypi/{quote(plain, safe='')}" + (f"@{quote(version, safe='')}" if version else ""),
            "properties": _properties([("role", "installed where the version was made")]),
        }


def _of_model(subject: Subject) -> Iterator[tuple[str, str]]:
    manifest = subject.manifest
    yield "reference", subject.id
    yield "digest", manifest.digest
    yield "format", manifest.format
    yield "state of the files", subject.state
    yield "aliases", ", ".join(subject.aliases)
    yield "parameters", str(manifest.saved_model.parameter_count or "") if manifest.saved_model else ""
    if manifest.code and manifest.code.dirty is not None:
        yield "code had uncommitted changes", "yes" if manifest.code.dirty else "no"
    yield from ((f"label {name}", value) for name, value in sorted(subject.labels.items()))


def _of_card(subject: Subject) -> Iterator[tuple[str, str]]:
    for fact in facts.training(subject):
        yield fact.label, fact.text
    for number in (*subject.numbers, *subject.slices):
        yield f"source of {number.key}", number.origin
        if number.goal != "unknown":
            yield f"goal of {number.key}", number.goal + (" (guessed from its name)" if number.is_guess else "")


def _of_document(subject: Subject) -> Iterator[tuple[str, str]]:
    yield from (("left out", words) for words in subject.left_out)
    yield from (("caution", words) for words in subject.problems)


def _properties(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": _PREFIX + name, "value": value} for name, value in pairs if value]


def _time(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
