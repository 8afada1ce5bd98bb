"""Names behind which a secret stands, and those that only sound so."""

from __future__ import annotations

import pytest

from tb_versions.privacy.secrets import holds_secret, names_secret


@pytest.mark.parametrize(
    "name",
    [
        *("pad_token", "eos_token_id", "hp.bos_token", "unkToken", "CLS_TOKEN", "sep_token", "mask_token"),
        *("special_token", "num_token", "max_tokens", "max_token", "forced_bos_token_id", "pad_token_ids"),
    ],
)
def test_a_token_of_a_text_is_no_secret(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    "name", ["token", "hf_token", "auth_token", "max_access_token", "password_pad_token", "token_id"]
)
def test_a_token_of_a_person_is_one(name: str) -> None:
    assert names_secret(name)
    assert holds_secret(name, "s3cr3t0123")


def test_what_can_be_no_secret_behind_a_name_is_none() -> None:
    soft = ("3", "0.5", "none", "[PAD]", "<pad>", "<|endoftext|>", "")
    assert [value for value in soft if holds_secret("token", value)] == []
    assert [value for value in soft if not holds_secret("password", value)] == []
    assert all(holds_secret("token", value) for value in ("123456", "abcdefgh", "t0p", "[s3cr3t-0123]"))
