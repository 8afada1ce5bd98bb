"""A token with a well-known shape leaves a text wherever it stands; words that only look like one stay."""

from __future__ import annotations

import time

import pytest

from tb_versions.privacy.scrub import scrub_text
from tb_versions.privacy.tokens import MASK, mask_tokens
from tests.support.planted import TOKENS, core_of


@pytest.mark.parametrize("around", ["{}", "x={}", "key: {}", "({})", "see {} here", "+{}\n"])
@pytest.mark.parametrize("maker", TOKENS)
def test_no_part_of_a_token_is_left(maker: str, around: str) -> None:
    text = around.format(TOKENS[maker])
    masked = scrub_text(text)
    assert core_of(TOKENS[maker]) not in masked
    assert MASK in masked
    assert scrub_text(masked) == masked


@pytest.mark.parametrize("sign", "+- ")
def test_a_private_key_in_a_diff_is_masked_whole(sign: str) -> None:
    lines = [sign + line for line in TOKENS["RSA key"].splitlines()]
    masked = mask_tokens("\n".join(["@@ -1 +1 @@", *lines, " after it"]))
    assert [line for line in lines[1:-1] if line[1:13] in masked] == []
    assert masked.endswith(f"{MASK}\n after it")


def test_a_private_key_that_is_cut_off_is_masked_too() -> None:
    text = TOKENS["OpenSSH key"].partition("-----END")[0]
    assert mask_tokens(text) == MASK


def test_a_netrc_in_a_diff_loses_its_passwords() -> None:
    text = "+machine api.example.org\n+  login me\n+  password s3cr3t0\n+machine b\n+  password s3cr3t1\n+  login me\n"
    assert "s3cr3t" not in mask_tokens(text)
    assert mask_tokens(text).count(MASK) == 2


@pytest.mark.parametrize(
    "text",
    [
        "glove-6B-300d-wiki-gigaword",
        "npm_config_registry",
        "hf_hub_download",
        "sk-learn-pipeline-v2",
        "authorization=none",
        "bearer of good news",
        "a basic network",
        "s.replace(x)",
        "1//0 is no number",
        "events.out.tfevents.1700000000",
        "sha256:" + "0a" * 32,
        "layer.SGD.momentum",
        "machine learning, password free",
        "2026-11-23T08:15:00Z",
        "0123456789abcdef0123456789abcdef01234567",
        "ACcuracy",
        "xai-methods",
        "resnet50-imagenet-v1",
        "efficientnetv2-b0-21k-ft1k",
        "ghost_batch_norm_with_large_batches",
        "eyJ",
        "SG.x",
    ],
)
def test_what_only_looks_like_a_token_stays(text: str) -> None:
    assert mask_tokens(text) == text


UNITS = [
    "eyJ", "eyJa.", "ghp_", "sk-", "hf_a", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----!", "-----BEGIN ",
    "machine a ", "machine a login b ", "authorization: a ", "bearer ", "1//0", "s.", "MTIa", "12345678:AA",
    "hooks.slack.com/services/", "PuTTY-User-Key-File-2:", "AKIA", "SG.a.", "a",
]  # fmt: skip


def test_no_text_is_slow() -> None:
    slow = []
    for unit in UNITS:
        begin = time.process_time()
        mask_tokens(unit * (60_000 // len(unit)) + " password private key -key- ")
        if time.process_time() - begin > 10:
            slow.append(unit)
    assert slow == []
