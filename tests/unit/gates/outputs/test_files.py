"""Results of gates as other programs take them, each read back by a parser that is not ours."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from prometheus_client.openmetrics import parser

import tb_versions as tbv
from tb_versions.gates.outputs.annotations import commands
from tb_versions.gates.outputs.files import append_summary, write_files
from tb_versions.gates.outputs.junit import junit
from tb_versions.gates.outputs.markdown import COMMENT_LIMIT, SUMMARY_LIMIT, markdown
from tb_versions.gates.outputs.openmetrics import openmetrics
from tb_versions.gates.outputs.statement import PREDICATE_TYPE, statement
from tb_versions.gates.results import GateResult
from tb_versions.gates.rule_files import RuleFile
from tb_versions.gates.rules import Rule, Rules
from tb_versions.registry.gate_facts import Finding, SeenBaseline
from tests.support.gating import DIGEST, OTHER_DIGEST

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).resolve().parents[3] / "support" / "junit.xsd"))
HOSTILE = '"><script>alert(1)</script> | `x` @anna #1 \\ % ::error::x {a="b"} ]]> \u202e\ufffe\x00\n| a |'


def finding(verdict: Any = "passed", **fields: Any) -> Finding:
    said = {"rule": "accuracy [test/night]", "wanted": "≥ 0.9", "found": "0.95", "why": "It is.", **fields}
    return Finding(verdict=verdict, value=0.95, limit=0.9, margin=0.05, baseline="digits:1", **said)


def result(*findings: Finding, **fields: Any) -> GateResult:
    rules = Rules(name="release", rules=(Rule(verified=True),))
    given: dict[str, Any] = {
        "reference": "digits:2",
        "model": "digits",
        "number": 2,
        "gate": "release",
        "rules": RuleFile(rules, DIGEST, "gates.toml", ""),
        "manifest": OTHER_DIGEST,
        "baselines": (SeenBaseline("production", "digits:1", DIGEST), SeenBaseline("canary")),
        "checked_ms": 1_795_435_200_123,
        **fields,
    }
    return GateResult(findings=findings or (finding(),), **given)


SOME = result(finding(), finding("failed"), finding("not known", rule="f1", why="digits:2 has no metric f1."))
BAD = result(
    *(finding(each, rule=HOSTILE, wanted=HOSTILE, found=HOSTILE, why=HOSTILE) for each in ("passed", "failed"))
)


def naughty(folder: Path) -> list[str]:
    return json.loads((folder / "naughty-strings" / "blns.json").read_text("utf-8"))  # type: ignore[no-any-return]


def results(test_data: Path) -> list[GateResult]:
    texts = naughty(test_data)
    groups = [texts[at : at + 40] for at in range(0, len(texts), 40)]
    return [result(*(finding("failed", rule=t or "-", wanted=t, found=t, why=t) for t in group)) for group in groups]


def read_statement(of: GateResult) -> tuple[Any, Any]:
    text = json.dumps(statement(of))
    whole = json_format.Parse(text, statement_pb2.Statement(), ignore_unknown_fields=False)
    Statement.copy_from_pb(whole).validate()
    predicate = json_format.MessageToDict(whole.predicate)
    return whole, json_format.ParseDict(predicate, test_result_pb2.TestResult(), ignore_unknown_fields=False)


def test_a_statement_is_read_by_in_totos_own_messages() -> None:
    whole, predicate = read_statement(SOME)
    assert whole.predicate_type == PREDICATE_TYPE
    (subject,) = whole.subject
    assert (subject.name, subject.digest["sha256"]) == ("digits/2/version_manifest.json", "b" * 64)
    assert predicate.result == "FAILED"
    assert [(each.name, each.digest["sha256"]) for each in predicate.configuration] == [
        ("release", "a" * 64),
        ("digits:1", "a" * 64),
    ]
    assert (len(predicate.passed_tests), len(predicate.failed_tests)) == (1, 2)


def test_a_misspelled_field_of_the_predicate_is_refused() -> None:
    wrong = {**statement(SOME)["predicate"], "passedTest": []}
    with pytest.raises(json_format.ParseError):
        json_format.ParseDict(wrong, test_result_pb2.TestResult(), ignore_unknown_fields=False)


def test_there_is_no_statement_about_an_unreadable_manifest(tmp_path: Path) -> None:
    with pytest.raises(tbv.InvalidManifestError):
        write_files(result(manifest=""), {"statement": str(tmp_path / "s.json")})
    assert not (tmp_path / "s.json").exists()


def test_junit_keeps_its_schema_and_counts() -> None:
    SCHEMA.validate(junit(SOME).decode())
    (suite,) = ElementTree.fromstring(junit(SOME))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert [[child.tag for child in case] for case in suite] == [["system-out"], ["failure"], ["error"]]


def test_openmetrics_is_read_by_prometheus() -> None:
    families = {each.name: each for each in parser.text_string_to_metric_families(openmetrics(SOME))}
    (sample,) = families["tb_versions_gate_passed"].samples
    assert (sample.value, sample.labels) == (0.0, {"model": "digits", "gate": "release"})
    assert {each.labels["verdict"]: each.value for each in families["tb_versions_gate_rules"].samples} == {
        "passed": 1,
        "failed": 1,
        "not known": 1,
    }
    values = {each.labels["rule"]: each.value for each in families["tb_versions_gate_rule_margin"].samples}
    assert values == {"accuracy [test/night]": 0.05, "f1": 0.05}


@pytest.mark.parametrize("of", [SOME, BAD, result()], ids=["some", "hostile", "good"])
def test_every_form_is_well_formed(of: GateResult) -> None:
    SCHEMA.validate(junit(of).decode())
    assert list(parser.text_string_to_metric_families(openmetrics(of)))
    read_statement(of)
    text = markdown(of, limit=COMMENT_LIMIT)
    assert "<script" not in text
    assert len(re.findall(r"(?<!\\)\|", text.splitlines()[-3])) == 6
    for line in commands(of):
        assert line.startswith("::error title=")
        assert "\n" not in line
        assert line.count("::") == 2 or "%3A" in line


def test_naughty_strings_go_through_every_form(test_data: Path) -> None:
    for of in results(test_data):
        SCHEMA.validate(junit(of).decode())
        list(parser.text_string_to_metric_families(openmetrics(of)))
        read_statement(of)
        assert "<script" not in markdown(of, limit=COMMENT_LIMIT)
        assert all("\n" not in line and "\r" not in line for line in commands(of))


def test_a_comment_is_cut_at_its_limit_and_says_so() -> None:
    many = result(*(finding("passed" if n % 2 else "failed", why="é" * 200, rule=f"rule {n}") for n in range(300)))
    text = markdown(many, limit=COMMENT_LIMIT)
    assert COMMENT_LIMIT - 2_000 < len(text.encode()) <= COMMENT_LIMIT
    left_out = int(re.findall(r"(\d+) more rules are left out", text)[0])
    assert text.count("\n| ") - 1 == 300 - left_out
    assert "150 of 300 passed" in text.replace("\\", "")


def test_the_summary_is_appended_within_what_a_step_may_write(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    assert append_summary(SOME, str(path)) == ""
    assert path.read_text().startswith("before\n<!-- tb-versions gate digits release -->")
    path.write_bytes(b"x" * (SUMMARY_LIMIT - 5_000))
    many = result(*(finding(why="é" * 200, rule=f"rule {n}") for n in range(300)))
    assert append_summary(many, str(path)) == ""
    assert path.stat().st_size <= SUMMARY_LIMIT
    assert "left out" in path.read_text()
    path.write_bytes(b"x" * SUMMARY_LIMIT)
    assert "no room" in append_summary(SOME, str(path))
    assert path.stat().st_size == SUMMARY_LIMIT
    assert "could not be written" in append_summary(SOME, str(tmp_path / "none" / "summary.md"))


def test_of_many_failures_nine_are_named_and_the_rest_counted() -> None:
    lines = list(commands(result(*(finding("failed") for _ in range(30)))))
    assert len(lines) == 10
    assert lines[-1].endswith("::21 more rules did not pass.")


def test_files_are_written_and_replaced_at_once(tmp_path: Path) -> None:
    forms = ("junit", "openmetrics", "comment", "statement")
    files = {form: str(tmp_path / form) for form in forms}
    for _ in range(2):
        write_files(SOME, files)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(forms)
    with pytest.raises(tbv.StorageError, match="can't be written"):
        write_files(SOME, {"junit": str(tmp_path / "none" / "x.xml")})


def test_a_pipe_is_written_into_and_a_link_stays(tmp_path: Path) -> None:
    pipe, link, file = (tmp_path / name for name in ("pipe", "link", "file"))
    os.mkfifo(pipe)
    link.symlink_to(file)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_files(result(finding()), {"comment": str(pipe)})
        assert os.read(reading, 1 << 16).startswith(b"<!--")
    finally:
        os.close(reading)
    write_files(result(finding()), {"comment": str(link)})
    assert (pipe.is_fifo(), link.is_symlink(), file.is_file()) == (True, True, True)
