"""A diff loses the secrets in it, whether it adds or removes them; program text keeps its names."""

from __future__ import annotations

import time

import pytest

from tb_versions.privacy.diffs import mask_diff, scrub_diff
from tests.support.planted import TOKENS, core_of


def diff_of(name: str, *lines: str) -> str:
    head = f"diff --git a/{name} b/{name}\nindex 0a..1b 100644\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n"
    return head + "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", [".env", "conf/db.yaml", "run.sh", "Dockerfile", "app.ini", "notes.md", "key"])
@pytest.mark.parametrize(
    "line", ["DB_PASSWORD=Zq9Leak7x", "db_password: Zq9Leak7x and more", "export PGPASSWORD=Zq9Leak7x"]
)
def test_a_diff_of_a_configuration_loses_values_without_quotes(name: str, line: str) -> None:
    code = "password = args.password"
    diff = diff_of("a.py", "+" + code) + diff_of(name, f"+{line}", f"-{line}", f" {line}") + diff_of("b.py", "-" + code)
    scrubbed = scrub_diff(diff)
    assert "Zq9Leak7x" not in scrubbed
    assert "and more" not in scrubbed
    assert scrubbed.count(code) == 2
    assert scrubbed.count("\n") == diff.count("\n")


def test_a_diff_without_secrets_stays() -> None:
    diff = diff_of("train.py", "-lr = 0.1", "+lr = 0.2") + diff_of("conf.yaml", "+max_tokens: 512", "+tokenizer: bert")
    assert scrub_diff(diff) == diff


@pytest.mark.parametrize("sign", "+- ")
def test_a_key_in_a_diff_is_masked_and_its_signs_stay(sign: str) -> None:
    lines = [sign + line for line in TOKENS["RSA key"].splitlines()]
    masked = mask_diff(diff_of("key.pem", *lines, f"{sign}after"))
    assert core_of(TOKENS["RSA key"]) not in masked
    assert masked.endswith(f"{sign}***\n{sign}after\n")


def test_a_removed_literal_is_masked_as_an_added_one() -> None:
    masked = mask_diff(
        diff_of("a.py", '-password = "Zq9Leak7x"', '+password: str = f"Zq9Leak7x"', " token = b'Zq9Leak7x'")
    )
    assert "Zq9Leak7x" not in masked


def test_the_home_in_a_diff_is_one() -> None:
    assert "+path = ~/x" in scrub_diff(diff_of("a.yaml", "+path = /home/ada/x"))


def test_no_diff_is_slow() -> None:
    slow = []
    for unit in ("diff --git ", "diff --git a.py\n", "+a=", "-password: ", "export a", "\n+ - "):
        begin = time.process_time()
        scrub_diff(unit * (60_000 // len(unit)))
        if time.process_time() - begin > 10:
            slow.append(unit)
    assert slow == []
