"""Only a name and one version become a requirement: neither options, nor addresses, nor paths."""

from __future__ import annotations

import pytest

from tb_versions.trust.reproducing.requirements import python_of, requirements_of


def test_names_and_versions_become_requirements_sorted_by_name() -> None:
    found = requirements_of({"numpy": "2.1.0", "Jinja2": "3.1.4.post1", "torch": "2.6.0+cu124", "a": "1!2.0rc1.dev3"})
    assert found.exact == ("a==1!2.0rc1.dev3", "Jinja2==3.1.4.post1", "numpy==2.1.0", "torch==2.6.0+cu124")
    assert found.others == {}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("-r", "evil.txt"),
        ("--index-url", "https://evil.example"),
        ("numpy", "2.1.0 --index-url https://evil.example"),
        ("numpy", "2.1.0\n--index-url https://evil.example"),
        ("numpy\n-e .", "1.0"),
        ("numpy", "1.0; python_version > '3'"),
        ("numpy", "1.0 @ git+https://evil.example/x@abc"),
        ("numpy @ https://evil.example/x.whl", "1.0"),
        ("numpy", "*"),
        ("numpy", "1.*"),
        ("numpy", "1.0,>0"),
        ("numpy", ""),
        ("numpy[extra]", "1.0"),
        ("../x", "1.0"),
        ("./numpy", "1.0"),
        ("nümpy", "1.0"),
        ("numpy", "１.0"),
        ("numpy", "1.0 (editable)"),
        ("numpy", "1.0 # x"),
        ("$HOME", "1.0"),
        ("numpy", "${PASSWORD}"),
    ],
)
def test_what_else_an_installer_would_understand_is_none(name: str, version: str) -> None:
    found = requirements_of({name: version})
    assert found.exact == ()
    assert found.others == {name: version}


def test_a_second_spelling_of_a_name_is_told_apart() -> None:
    found = requirements_of({"typing_extensions": "4.1", "Typing.Extensions": "4.2"})
    assert found.exact == ("typing_extensions==4.1",)
    assert found.others == {"Typing.Extensions": "4.2"}


@pytest.mark.parametrize(
    ("recorded", "python"), [("3.11.7", "3.11.7"), ("3.14.0rc1", "3.14.0rc1"), ("PyPy 7.3", ""), ("", "")]
)
def test_only_a_version_of_cpython_is_one(recorded: str, python: str) -> None:
    assert python_of(recorded) == python
