"""Writes down what it takes to train a version again: a folder that needs no tb_versions to be understood."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from tb_versions.core.manifest import is_digest, visible
from tb_versions.errors import ExportExistsError, StorageError
from tb_versions.payload.wire import wire_number
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.tokens import MASK
from tb_versions.trust.reproducing.again import Again
from tb_versions.trust.reproducing.at_hand import AtHand
from tb_versions.trust.reproducing.plan import Plan, pyproject_toml, requirements_txt

REPORT = "report.json"
"""The file with all of it for programs."""


def payload_of(plan: Plan, data: Sequence[AtHand], again: Again | None = None) -> dict[str, Any]:
    """Returns what is known, missing and came out, as JSON's types. Texts are as the manifest has them."""
    manifest, code, hardware = plan.manifest, plan.manifest.code, plan.manifest.hardware
    return {
        "reference": manifest.reference,
        "digest": manifest.digest or None,
        "grade": plan.grade,
        "gaps": [{"about": gap.about, "text": gap.text, "stops": gap.stops} for gap in plan.findings],
        "assumed": list(plan.assumed),
        "commit": plan.commit or None,
        "remote": (code.remote or None) if code else None,
        "dirty": code.dirty if code else None,
        "diff": (code.diff or None) if code else None,
        "command": ["python", *plan.command] if plan.command else None,
        "folder": plan.folder,
        "commands": list(plan.commands),
        "variables": plan.variables,
        "python": plan.python or None,
        "requirements": list(plan.requirements.exact),
        "not_from_an_index": dict(plan.requirements.others),
        "data": [
            {
                "name": each.name,
                "uri": each.dataset.uri or None,
                "digest": each.dataset.digest or None,
                "digest_of": each.dataset.digest_of or None,
                "rows": each.dataset.rows,
                "verdict": each.verdict,
                "why": each.why or None,
            }
            for each in data
        ],
        "seeds": dict(manifest.seeds),
        "hyperparameters": {
            name: MASK if holds_secret(name, str(value)) else value for name, value in manifest.hyperparameters.items()
        },
        "hardware": {
            "cpu": hardware.cpu or None,
            "logical_cores": hardware.logical_cores or None,
            "memory_bytes": hardware.memory_bytes or None,
            "gpus": [gpu.name for gpu in hardware.gpus],
        }
        if hardware
        else None,
        "result": _result(again) if again else None,
    }


def _result(again: Again) -> dict[str, Any]:
    against = again.against
    found: dict[str, Any] = {
        "seconds": again.ran.seconds,
        "made": list(again.made),
        "notes": list(again.notes),
        "why_none": again.why or None,
        "verdict": against.verdict if against else None,
        "ok": against.ok if against else None,
    }
    if against is None:
        return found
    return found | {
        "compared": against.made,
        "bytes": against.bytes,
        "weights": against.weights,
        "weights_digests": list(against.weights_digests),
        "answers": against.answers,
        "first": against.first or None,
        "metrics": [
            {
                "name": each.name,
                "before": wire_number(each.before),
                "now": wire_number(each.now),
                "verdict": each.verdict,
                "why": each.why or None,
            }
            for each in against.numbers
        ],
        "differences": [
            {"group": each.group, "text": each.text, "is_known": each.is_known} for each in against.differing
        ],
        "notes": [*again.notes, *against.notes],
    }


def write_folder(plan: Plan, payload: Mapping[str, Any], out: str) -> None:
    """Writes the folder: README.md, requirements.txt, pyproject.toml, code.diff, commands.sh, report.json.

    Raises:
        ExportExistsError: There is something of that name.
        StorageError: It can't be written.
    """
    texts = {
        "README.md": _readme(plan),
        "requirements.txt": requirements_txt(plan),
        "pyproject.toml": pyproject_toml(plan),
        "commands.sh": "\n".join(["# Of a manifest that anybody may have written: read it first.", *plan.commands, ""]),
    }
    if plan.diff:
        texts["code.diff"] = plan.diff if plan.diff.endswith("\n") else f"{plan.diff}\n"
    try:
        os.mkdir(out)
        for name, text in texts.items():
            with open(os.path.join(out, name), "x", encoding="utf-8", newline="") as file:
                file.write(text)
        write_report(payload, out)
    except FileExistsError as error:
        raise ExportExistsError(f"{visible(out)} is there already. Name another folder.") from error
    except OSError as error:
        raise StorageError(f"{visible(out)} can't be written: {error.strerror}.") from error


def write_report(payload: Mapping[str, Any], out: str) -> None:
    """Writes report.json, in place of the one that is there. Raises OSError."""
    path = os.path.join(out, REPORT)
    data = orjson.dumps(payload, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    with open(f"{path}.new", "wb") as file:
        file.write(data)
    os.replace(f"{path}.new", path)


def _readme(plan: Plan) -> str:
    manifest = plan.manifest
    lines = [
        f"# Train {_inert(visible(manifest.reference))} again",
        "",
        f"Digest of the version: {manifest.digest if is_digest(manifest.digest) else 'not known'}.",
        "",
    ]
    lines += ["The record is complete." if plan.grade == "complete" else "The record has gaps:", ""]
    lines += [*(f"- {_inert(gap)}" for gap in plan.gaps), *([""] if plan.gaps else [])]
    lines += ["Not recorded by any manifest:", "", *(f"- {_inert(each)}" for each in plan.assumed), ""]
    if plan.commands:
        lines += ["In this folder:", "", *(f"    {line}" for line in plan.commands), ""]
    else:
        lines += ["What to run is not known well enough to write it down; `report.json` has what is known.", ""]
    return "\n".join(lines)


def _inert(text: str) -> str:
    """A sentence whose parts from a manifest are no Markdown."""
    return "".join(f"\\{c}" if c in "<>[]`*_&\\" else c for c in text)
