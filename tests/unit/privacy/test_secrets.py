"""Names behind which a secret stands, and those that only sound so."""

from __future__ import annotations

import pytest

from tb_versions.privacy.scrub import scrub_arguments, scrub_text
from tb_versions.privacy.secrets import holds_secret, names_secret
from tests.support.planted import HARMLESS_NAMES, NAMES

SECRET = "Zq9Leak7x"


@pytest.mark.parametrize("name", NAMES)
def test_no_form_leaves_the_secret_behind_a_telling_name(name: str) -> None:
    for arguments in ([f"--{name}={SECRET}"], [f"--{name}", SECRET], [f"{name}={SECRET}"], [f"-D{name}={SECRET}"]):
        assert SECRET not in " ".join(scrub_arguments(arguments)), arguments
    for text in (
        f"{name}: {SECRET}",
        f'{{"{name}": "{SECRET}"}}',
        f"run --{name} {SECRET} now",
        f"{name} = '{SECRET}'",
    ):
        assert SECRET not in scrub_text(text), text
    assert holds_secret(name, SECRET)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_a_name_that_only_sounds_so_changes_nothing(name: str) -> None:
    assert not names_secret(name)
    arguments = (f"--{name}=value", f"--{name}", "value", f"{name}=value")
    assert scrub_arguments(arguments) == arguments


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
    assert not holds_secret("pw_kernel", "3"), "a pointwise convolution"
    assert all(holds_secret("token", value) for value in ("123456", "abcdefgh", "t0p", "[s3cr3t-0123]"))
