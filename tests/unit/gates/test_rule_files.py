"""Files of rules, as friends and enemies write them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.gates.rule_files import read_rules

ROOT = Path(__file__).resolve().parents[3]
GOOD = 'name = "release"\n[[rules]]\nmetric = "accuracy"\nat_least = 0.9\n'
GOOD_YAML = "name: release\nrules:\n  - metric: accuracy\n    at_least: 0.9\n"

BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


def written(folder: Path, text: str | bytes, name: str = "gates.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return path


def test_toml_and_yaml_say_the_same(tmp_path: Path) -> None:
    toml = read_rules(written(tmp_path, GOOD))
    yaml = read_rules(written(tmp_path, GOOD_YAML, "gates.yaml"))
    assert toml.rules == yaml.rules
    assert toml.digest != yaml.digest


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("a = " + "[" * 20_000, "gates.toml", "in each other"),
        ("a." * 30_000 + "a = 1", "gates.toml", "dots"),
        ("x = {" + '"a b".' * 9_000 + "a = 1}", "gates.toml", "dots"),
        ("[" * 60_000, "gates.yaml", "in each other"),
        ("- " * 30_000, "gates.yaml", "in each other"),
        ("{a: " * 15_000, "gates.yaml", "in each other"),
        (BOMB, "gates.yaml", "anchors and aliases"),
        ("a: &x 1", "gates.yaml", "anchors and aliases"),
        ("a: *x", "gates.yaml", "anchors and aliases"),
        ("<<: *x\n", "gates.yaml", "anchors and aliases"),
        ("!!python/object/apply:os.system [id]", "gates.yaml", "tags"),
        ("name: !!python/name:os.system", "gates.yaml", "tags"),
        ("name: !custom x", "gates.yaml", "tags"),
        ("name: a\nname: b", "gates.yaml", "there twice"),
        ("a: b: c", "gates.yaml", "no YAML"),
        ("--- 1\n--- 2", "gates.yaml", "no YAML"),
        ("n = " + "1" * 60_000, "gates.toml", "no TOML"),
        ("name = ", "gates.toml", "no TOML"),
        (b"\xff\xfe\x00", "gates.toml", "not UTF-8"),
        (GOOD + "# \u202e", "gates.toml", "U\\+202E"),
        ("[1]", "gates.yaml", "no table of keys"),
        ("rules = []", "gates.toml", "no name"),
        ('name = "release"', "gates.toml", "no rules"),
        ('name = "a b"\nrules = [{verified = true}]', "gates.toml", "gate's name"),
        (GOOD, "gates.json", "ends in .toml"),
        ("rules: " + "[]\n" * 1, "gates.yaml", "no name"),
        ("", "gates.yaml", "no table of keys"),
        ("2026-11-29", "gates.yaml", "no table of keys"),
    ],
)
def test_a_hostile_file_is_a_sentence(text: str | bytes, name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(tbv.InvalidQueryError, match=words) as refused:
        read_rules(written(tmp_path, text, name))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 400, "0x" + "f" * 5_000])
@pytest.mark.parametrize("key", ["at_least", "worse_by_at_most"])
def test_an_integer_that_no_double_holds_is_a_sentence(number: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(f'name = "release"\n[[rules]]\nmetric = "accuracy"\n{key} = {number}\n', encoding="utf-8")
    with pytest.raises(tbv.InvalidQueryError, match="must be a number"):
        read_rules(path)


def test_a_file_of_a_gigabyte_is_refused_by_its_size(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    os.truncate(path, 1 << 30)
    with pytest.raises(tbv.InvalidQueryError, match="65,536"):
        read_rules(path)


def test_a_fifo_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "folder.toml").mkdir()
    for name in ("fifo.toml", "folder.toml", "nothing.toml", "nul\0.toml"):
        with pytest.raises(tbv.InvalidQueryError):
            read_rules(tmp_path / name)
    with pytest.raises(tbv.UnsupportedStorageError):
        read_rules("s3://bucket/gates.toml")


def test_two_hundred_rules_are_the_most(tmp_path: Path) -> None:
    rule = '[[rules]]\nmetric = "a"\nat_least = 1\n'
    assert len(read_rules(written(tmp_path, 'name = "release"\n' + rule * 200)).rules.rules) == 200
    with pytest.raises(tbv.InvalidQueryError, match="201 rules; at most 200"):
        read_rules(written(tmp_path, 'name = "release"\n' + rule * 201))


def test_naughty_strings_in_every_name_are_taken_or_refused_in_a_sentence(tmp_path: Path, test_data: Path) -> None:
    strings: list[str] = json.loads((test_data / "naughty-strings" / "blns.json").read_text("utf-8"))
    taken = 0
    for text in strings:
        quoted = json.dumps(text, ensure_ascii=False)
        for field in ("metric", "dataset", "slice", "source", "name", "against"):
            about = "" if field == "metric" else '"metric": "a", '
            body = f'{{"name": "release", "rules": [{{{about}"{field}": {quoted}, "worse_by_at_most": 0}}]}}'
            refused = _refusal(written(tmp_path, body, "gates.yaml"))  # JSON is YAML
            assert "\n" not in refused
            taken += not refused
    assert taken > len(strings)


def _refusal(path: Path) -> str:
    try:
        read_rules(path)
    except tbv.InvalidQueryError as error:
        return str(error)
    return ""


def test_reading_toml_needs_no_yaml() -> None:
    code = "import sys; sys.modules['yaml'] = None; from tb_versions.gates import rule_files"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
