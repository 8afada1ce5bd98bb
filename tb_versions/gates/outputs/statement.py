"""A result of a gate as an in-toto Statement, which `cosign` or `actions/attest` can sign. Pure.

Its predicate is https://in-toto.io/attestation/test-result/v0.1; its subject is the manifest file, by the SHA-256 that
`sha256sum` prints, which names the digest of every file of the version.
"""

from __future__ import annotations

from typing import Any

from tb_versions.core.manifest import MANIFEST_NAME, visible
from tb_versions.errors import InvalidManifestError
from tb_versions.gates.results import GateResult
from tb_versions.registry.gate_facts import Finding

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"


def statement(result: GateResult) -> dict[str, Any]:
    """Returns the Statement.

    Args:
        result: What to write.

    Raises:
        InvalidManifestError: The version's manifest can't be read, so there is nothing to make a statement about.
    """
    if not result.manifest:
        raise InvalidManifestError(f"The manifest of {result.reference} can't be read: there is no digest to state.")
    return {
        "_type": STATEMENT_TYPE,
        "subject": [_resource(f"{result.model}/{result.number}/{MANIFEST_NAME}", result.manifest)],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": "PASSED" if result.passed else "FAILED",
            "configuration": [
                _resource(result.gate, result.rules.digest),
                *(_resource(visible(each.version), each.manifest) for each in result.baselines if each.manifest),
            ],
            "passedTests": [_test(each, result) for each in result.findings if each.verdict == "passed"],
            "failedTests": [_test(each, result) for each in result.failed],
        },
    }


def _resource(name: str, digest: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}


def _test(each: Finding, result: GateResult) -> str:
    on = f" on {result.on}" if result.on else ""
    against = f" against {each.baseline}" if each.baseline else ""
    return visible(f"{result.gate}{on}: {each.rule} {each.wanted}{against}")
