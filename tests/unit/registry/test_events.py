from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.errors import DamagedLogError, InvalidManifestError, InvalidNameError, NewerLogError
from tb_versions.registry import events
from tb_versions.registry.events import KINDS, Event

DIGEST = "sha256:" + "0" * 64
PLAIN: dict[str, Any] = {
    "format": 1,
    "critical": True,
    "number": 1,
    "id": "0" * 32,
    "prev": "",
    "time": "2026-11-23T12:00:00Z",
    "actor": "anna",
    "tool": "tb_versions 0.3.0",
    "kind": "alias_set",
    "version": 3,
    "data": {"alias": "production"},
}


def event(**changed: Any) -> Event:
    return events.decode(json.dumps({**PLAIN, **changed}).encode(), changed.get("number", 1))


def damaged(**changed: Any) -> str:
    """The message about an event with these fields."""
    with pytest.raises(DamagedLogError) as caught:
        events.said(event(**changed))
    return str(caught.value)


def test_an_event_is_written_for_people_and_read_back() -> None:
    what = events.AliasSet(alias="production", from_=2, policy=DIGEST, verified="digests", allowed_by=(4, 5))
    written = events.encode(event(reason="better\nby far", origin={"number": 7, "digest": DIGEST}), what)
    assert written.startswith(b'{\n "format": 1,\n "critical": true,\n "number": 1,\n')
    assert written.endswith(b"}\n")
    assert json.loads(written)["data"]["from"] == 2
    read = events.decode(written, 1)
    assert events.said(read) == what
    assert (read.reason, read.origin) == ("better\nby far", events.Origin(7, DIGEST))


def test_every_kind_knows_whether_old_readers_may_ignore_it() -> None:
    critical = {name for name, kind in KINDS.items() if kind.is_critical}
    assert critical == {
        "alias_set",
        "alias_rolled_back",
        "alias_removed",
        "approved",
        "approval_withdrawn",
        "removed",
        "semantic_version_given",
        "policy_changed",
    }


@pytest.mark.parametrize(
    ("time", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-23T12:00:00.123999Z", 1_795_435_200_123),
        ("2026-11-23T13:00:00+01:00", 1_795_435_200_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("9999-12-31T23:59:59-12:00", 253_402_343_999_000),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000),
    ],
)
def test_a_time_is_whole_milliseconds_since_1970(time: str, milliseconds: int) -> None:
    assert event(time=time).time_ms == milliseconds


def test_fields_that_are_not_known_are_ignored() -> None:
    found = event(colour="red", data={"alias": "production", "colour": "red"})
    assert events.said(found) == events.AliasSet(alias="production")


def test_a_kind_that_is_not_known_is_kept_unless_it_is_critical() -> None:
    found = event(kind="painted", critical=False, version=None, data={"colour": "red"})
    assert json.loads(bytes(found.data)) == {"colour": "red"}
    with pytest.raises(NewerLogError, match="pip install --upgrade"):
        event(kind="painted", critical=True)


def test_a_newer_format_is_never_guessed_at() -> None:
    with pytest.raises(NewerLogError, match="Event 1 was written by a newer version"):
        event(format=2)
    with pytest.raises(NewerLogError):
        event(format=2, time={"seconds": 1}, id=None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": 0}, "no format"),
        ({"format": True}, "Expected `int`"),
        ({"critical": 1}, "Expected `bool`"),
        ({"id": "0" * 31}, "is no id"),
        ({"id": "G" * 32}, "is no id"),
        ({"id": "A" * 32}, "is no id"),
        ({"prev": "sha256:"}, "is no digest"),
        ({"manifest": "md5:0"}, "is no digest"),
        ({"time": "2026-11-23T12:00:00"}, "time"),
        ({"time": "yesterday"}, "time"),
        ({"time": 1_795_435_200}, "Expected `datetime`"),
        ({"actor": "a" * 257}, "at most 256"),
        ({"actor": None}, "Expected `str`"),
        ({"actor": "anna\u202e"}, "U+202E"),
        ({"actor": "anna\n"}, "U+000A"),
        ({"reason": "r" * 4_097}, "at most 4,096"),
        ({"reason": "\x1b[31m"}, "U+001B"),
        ({"tool": "\x00"}, "U+0000"),
        ({"kind": "k" * 65, "critical": False}, "at most 64"),
        ({"version": None}, "names no version"),
        ({"version": -1}, "no number"),
        ({"version": 2**63}, "no number"),
        ({"version": 10**400}, ""),
        ({"version": "3"}, "Expected `int | null`"),
        ({"origin": {"number": -1, "digest": DIGEST}}, "no number"),
        ({"origin": {"number": 1, "digest": "x"}}, "is no digest"),
        ({"data": []}, "Expected `object`"),
        ({"data": None}, "Expected `object`"),
        ({"data": {}}, "missing required field `alias`"),
        ({"data": {"alias": "v12"}}, "alias"),
        ({"data": {"alias": "latest"}}, "alias"),
        ({"data": {"alias": "__proto__"}}, "alias"),
        ({"data": {"alias": "12"}}, "alias"),
        ({"data": {"alias": "production", "from": -1}}, "no number"),
        ({"data": {"alias": "production", "allowed_by": [-1]}}, "no number"),
        ({"data": {"alias": "production", "policy": "x"}}, "is no digest"),
        ({"kind": "removed", "data": {"size": -1}}, "no number"),
        ({"kind": "label_set", "data": {"key": "__proto__", "value": "x"}}, "must not be"),
        ({"kind": "label_set", "data": {"key": "a", "value": "\u2066"}}, "U+2066"),
        ({"kind": "noted", "data": {"text": "x" * 65_537}}, "at most 65,536"),
        ({"kind": "semantic_version_given", "data": {"semantic_version": "1.0"}}, "not a semantic version"),
        ({"kind": "deployed", "data": {"target": "a", "alias": "a/b"}}, "alias"),
    ],
)
def test_an_event_that_breaks_a_rule_is_damaged(changed: dict[str, Any], words: str) -> None:
    message = damaged(**changed)
    assert message.startswith("Event 1")
    assert words in message


def test_an_entry_must_have_the_number_of_its_name() -> None:
    with pytest.raises(DamagedLogError, match="says that it is number 1"):
        events.decode(json.dumps(PLAIN).encode(), 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 4_096,
        b"[" * (1 << 20),
        b'{"data":' + b"[" * (1 << 20),
        b'{"data":' + b'{"a":' * 200_000,
        b"9" * (1 << 20),
        b'{"format":' + b"9" * 5_000 + b"}",
        b'{"format":1e400}',
        b'{"format":NaN}',
        b'"' + b"\xff" * 100 + b'"',
        b'{"actor":"\\ud800"}',
        json.dumps(PLAIN).encode("utf-16"),
        json.dumps(PLAIN).encode()[:-1],
        json.dumps([PLAIN]).encode(),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_event_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedLogError, match="Event 1 is damaged"):
        events.decode(data, 1)


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    twice = json.dumps(PLAIN).encode()[:-1] + b',"version":4}'
    assert events.decode(twice, 1).version == 4


@given(st.binary(max_size=300))
def test_whatever_an_entry_holds_it_is_an_event_or_damaged(data: bytes) -> None:
    with pytest.raises((DamagedLogError, NewerLogError)):
        events.decode(data, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.sampled_from(sorted(PLAIN)), JSON, st.sampled_from(sorted(KINDS)))
def test_whatever_a_field_holds_it_is_read_or_told(field: str, value: Any, kind: str) -> None:
    whole = {**PLAIN, "kind": kind, field: value}
    try:
        found = events.decode(json.dumps(whole).encode(), 1)
        if found.kind in KINDS:
            events.said(found)
    except (DamagedLogError, NewerLogError):
        pass


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("alias_set", events.AliasSet(alias="v1")),
        ("alias_set", events.Nothing()),
        ("alias_set", events.AliasSet(alias="production", from_="2")),  # type: ignore[arg-type]
        ("approved", events.AliasSet(alias="production")),
        ("noted", events.Text("\x00")),
        ("policy_changed", events.PolicyChanged(loosened=("\u202e",))),
        ("noted", events.Text("x" * 65_537)),
        ("copied", events.Copied("digits:1", (json.dumps("x" * (1 << 20)).encode(),))),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_read_is_not_written(kind: str, what: Any) -> None:
    with pytest.raises((InvalidManifestError, InvalidNameError)):
        events.encode(event(kind=kind, data={}), what)


def test_an_event_that_is_too_large_is_not_written() -> None:
    import msgspec

    large = events.Copied("digits:1", (msgspec.Raw(json.dumps("x" * (1 << 20)).encode()),))
    with pytest.raises(InvalidManifestError, match="at most 1,048,576"):
        events.encode(event(kind="copied", data={}), large)


def test_an_adopted_event_changes_its_place_and_nothing_else() -> None:
    data = json.dumps({**PLAIN, "colour": {"of": [1.50, 10**30]}, "time": "2026-11-23T12:00:00.123456+01:00"}).encode()
    origin = events.Origin(1, events.digest_of(data))
    adopted = events.adopted(data, (41, DIGEST), origin)
    before, after = json.loads(data), json.loads(adopted)
    assert after == {**before, "number": 42, "prev": DIGEST, "origin": {"number": 1, "digest": origin.digest}}
    assert events.decode(adopted, 42).time.utcoffset() is not None
    assert events.decode(adopted, 42).time == datetime.datetime.fromisoformat("2026-11-23T12:00:00.123456+01:00")
