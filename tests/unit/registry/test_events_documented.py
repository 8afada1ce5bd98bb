"""docs/registry-format.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import tomllib

from tb_versions.registry import events, measured, policy
from tb_versions.registry.events import KINDS
from tb_versions.registry.measured import Measured, MeasuredReader
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import Fold
from tests.support.logs import entry, store_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "registry-format.md").read_text()
SECTIONS = {
    part.partition("`\n")[0].strip("`"): part
    for part in re.split(r"^### ", PAGE.partition("## Kinds")[2].partition("## Checkpoints")[0], flags=re.MULTILINE)[1:]
}


def examples() -> list[bytes]:
    """The entries of the log that the page shows, in their order."""
    found = [text.encode() for text in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
    return sorted(found, key=lambda data: msgspec.json.decode(data)["number"])


def names_of(struct: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)}


def rows(text: str) -> set[str]:
    cells = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_kind_has_a_section_with_its_fields_and_an_example() -> None:
    assert list(SECTIONS) == [name for name in KINDS if name in SECTIONS]
    assert set(SECTIONS) == set(KINDS)
    for name, kind in KINDS.items():
        assert rows(SECTIONS[name]) - {"data"} == names_of(kind.said), name
        assert f'"kind": "{name}"' in SECTIONS[name], name
        assert ("\n\nCritical" in SECTIONS[name]) == kind.is_critical, name


def test_the_examples_are_the_entries_of_one_log(tmp_path: Path) -> None:
    fold = Fold()
    for number, data in enumerate(examples(), start=1):
        wanted = fold.head.digest
        assert f'"prev": "{wanted}"' in data.decode(), f"example {number} must have the prev {wanted}"
        event = events.decode(data, number)
        assert event.critical == KINDS[event.kind].is_critical
        assert events.encode(event, events.said(event)) == data, "it is written otherwise"
        fold.apply(data)
    state = fold.state()
    assert state.skewed == ()
    assert {name: [holder.version for holder in alias.stack] for name, alias in state.aliases.items()} == {
        "production": [3]
    }
    assert state.policy is not None
    assert state.policy.digest == events.digest_of(state.policy.rules.encode())
    assert policy.parse(state.policy.rules).rule("production").approvals == 1
    store = store_of(tmp_path / "models")
    for number, data in enumerate(examples(), start=1):
        assert store.create(f"log/{entry(store, number).name}", data)
    assert Registry(store).known() == state


def test_the_fields_of_an_event_are_documented() -> None:
    section = PAGE.partition("## An event")[2].partition("## The chain")[0]
    assert rows(section) == names_of(events.Event)


def test_the_example_of_measured_metrics_is_read(tmp_path: Path) -> None:
    section = PAGE.partition("## Measured")[2].partition("## Policy")[0]
    assert rows(section) == names_of(Measured)
    (example,) = re.findall(r"^```json measured\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    store = store_of(tmp_path / "models")
    store.create("measured/1.json", example.encode())
    (found,) = MeasuredReader(store).refresh()
    name = measured.record(store, found)
    assert Path(store.shown, "measured", name).read_text() == example


def test_the_example_of_a_policy_has_every_rule() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert set(tomllib.loads(example)["aliases"]["production"]) == names_of(policy.Rule)
    policy.parse(example)


@pytest.mark.parametrize("limit", [events.EVENT_LIMIT, events.MAX_REASON, events.MAX_ACTOR])
def test_the_limits_are_documented(limit: int) -> None:
    assert f"{limit:,}" in PAGE
