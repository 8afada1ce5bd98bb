"""A result of a gate as OpenMetrics text, which GitLab compares between the branches of a merge request. Pure.

No line names the version: then the same metric of two branches stands side by side.
"""

from __future__ import annotations

from collections.abc import Iterator

from tb_versions.core.manifest import visible
from tb_versions.gates.results import GateResult


def openmetrics(result: GateResult) -> str:
    """Returns the file.

    Args:
        result: What to write.
    """
    return "\n".join([*_lines(result), "# EOF", ""])


def _lines(result: GateResult) -> Iterator[str]:
    own = {"model": result.model, "gate": result.gate, **({"source": result.on} if result.on else {})}
    yield from _head("tb_versions_gate_passed", "Whether every rule of the gate passed.")
    yield f"tb_versions_gate_passed{_labels(own)} {int(result.passed)}"
    yield from _head("tb_versions_gate_rules", "Results of rules by verdict.")
    for verdict in ("passed", "failed", "not known"):
        count = sum(each.verdict == verdict for each in result.findings)
        yield f"tb_versions_gate_rules{_labels({**own, 'verdict': verdict})} {count}"
    yield from _numbers(result, own, "value", "The number that decided a rule.")
    yield from _numbers(result, own, "margin", "By how much that number is inside of its limit; less than 0 outside.")


def _numbers(result: GateResult, own: dict[str, str], field: str, text: str) -> Iterator[str]:
    having = [each for each in result.findings if getattr(each, field) is not None]
    if not having:
        return
    name = f"tb_versions_gate_rule_{field}"
    yield from _head(name, text)
    written = set()
    for each in having:
        labels = _labels({**own, "rule": each.rule, "wanted": each.wanted})
        if labels not in written:  # a rule that is there twice
            written.add(labels)
            yield f"{name}{labels} {getattr(each, field)!r}"


def _head(name: str, text: str) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {text}"


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
