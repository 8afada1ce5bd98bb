"""A result of a gate as JUnit XML, a test case for each rule. Pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tb_versions.core.manifest import visible
from tb_versions.core.times import moment_of
from tb_versions.gates.results import GateResult
from tb_versions.registry.gate_facts import Finding

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(result: GateResult) -> bytes:
    """Returns the file: what failed is a failure, what is not known an error.

    Args:
        result: What to write.
    """
    unknown = sum(each.verdict == "not known" for each in result.findings)
    failed = len(result.failed) - unknown
    counts: dict[str, str] = {"tests": str(len(result.findings)), "failures": str(failed), "errors": str(unknown)}
    name = _text(f"gate {result.gate}{f' on {result.on}' if result.on else ''}")
    root = ElementTree.Element("testsuites", {"name": name, **counts})
    stamp = moment_of(result.checked_ms).replace(microsecond=0, tzinfo=None).isoformat()
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts, "skipped": "0", "timestamp": stamp})
    for each in result.findings:
        _add(suite, each, result)
    ElementTree.indent(root, " ")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add(suite: ElementTree.Element, each: Finding, result: GateResult) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", name=_text(f"{each.rule} {each.wanted}"), classname=_text(f"{result.model}.{result.gate}")
    )
    said = f"found {each.found}. {each.why}"
    if each.verdict == "passed":
        ElementTree.SubElement(case, "system-out").text = _text(said)
        return
    kind = "failure" if each.verdict == "failed" else "error"
    message = _text(f"{each.verdict}: wanted {each.wanted}, {said}")
    ElementTree.SubElement(case, kind, message=message, type=each.verdict).text = message


def _text(text: str) -> str:
    """A text as XML may hold it; what it can't hold is spelled out."""
    return _NOT_XML.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", visible(text))
