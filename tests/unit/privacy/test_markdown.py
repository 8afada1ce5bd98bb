"""Secrets in texts as people write Markdown: emphasized names, code, links, tables, lists of pairs."""

from __future__ import annotations

import time

import pytest

from tb_versions.privacy.markdown import mask_markdown
from tb_versions.privacy.scrub import mask_secrets, scrub_arguments, scrub_text

SECRET = "Zq9Leak7x"

MASKED = (
    "- **password**: {}", "- **API key:** {}", "- `password`: `{}`", "- <b>token</b>: {}", "- *secret* = {}",
    "- __token__: {}", "_token:_ {}", "***api_key***: {}", "***api_key:*** {}", "~~password~~: {}",
    "**`password`**: `{}`",
    "<strong>Password:</strong> {}", "- **DB password** : **{}**", "**My API key:** {}", "password: `a {}`",
    "[password](#x): {}", "[the password](https://wiki.example/x#y): {}", "[API key][1]: {}", "**password** `{}`",
    "The token is `{}`", "the password is '{}'", "The **API key** is **{}**",
    "token `{}`", "with the **secret** `{}`", "API key `{}`", 'cookies: {{"session": "{}"}}',
    "API key for prod: {}", "password for the database: {}", "**password for prod:** {}", "password (rotated): {}",
    "The token for **prod**: `{}`", "creds admin:{}", "credentials me:{}",
    "password\uff1a{}", "API key\uff1d{}", "contrase\u00f1a: {}", "l\u00f6senord = {}", "--sa-key {}", "sa_key={}",
    "| user | password |\n|---|---|\n| me | {} |", "user | API key\n--- | ---\nme | `{}`",
    "| user | **password** |\n|---|---|\nme | {}", "> | user | token |\n> |---|---|\n> | me | {} |",
    "+| user | password |\n+|---|---|\n+| me | {} |",
    "| url | Password (old) |\n|:--|--:|\n| https://h/x | {} |\n| https://h/y | {} |",
    "| **password** | `{}` |", "| API key | {} |",
    "<tr><td>password</td><td>{}</td></tr>", "<dt>API key</dt>\n<dd>{}</dd>",
    '[["password","{}"]]', '[["lr",0.1],["Authorization","{}"]]', '[["api_key", "{}"], ["lr", 1]]',
    '[["--password", "{}"]]', '[["secret", {{"a": "{}"}}]]', '[["api_keys", ["{}", "b"]]]',
    '[[\\"password\\", \\"{}\\"]]', "[('password', '{}')]",
)  # fmt: skip

READABLE = (
    "token accuracy: 0.9", "password reset model", "key metric: loss", "1200 tokens/s", "**Token accuracy**: 0.93",
    "**tokens/s**: 1200", "**Key metric:** loss", "<b>Tokens</b>: 512", "*sort key*: name", "`pad_token`: `[PAD]`",
    "**Password reset model**: answers questions", "[Password reset](#reset): the model answers",
    "[token classification](https://x.org): NER", "token for padding: `[PAD]`", "tokens for training: 1.2B",
    "the key for sorting: name", "The token is `[CLS]`", "the token is a word", "visa_key: a",
    "a **secret** santa data set", "credentials are read from the vault", "passwords of 14 users were dropped",
    "the token `bos_token_2`", "token `padding`", "key `a1b2c3d4`", "the tokens `a1b2c3d4`", "cookies: 12",
    "the token is `padding`", "the password is optional",
    "| metric | tokens/s |\n|---|---|\n| a | 1200 |", "| model | token accuracy |\n|---|---|\n| bert2 | 0.93 ± 0.01 |",
    "| test | pass | fail |\n|---|---|---|\n| a1 | 98.2% | 2 |\n| b | ✓ | 12/20 |",
    "| layer | key_dim |\n|-|-|\n| a | 64x64a1 |",
    "| password\n| me | a1b2c3d4", '[["token", 3], ["lr", 0.1]]', '[["tokens", "words"]]',
    'columns = ["password", "user"]',
)  # fmt: skip


@pytest.mark.parametrize("form", MASKED)
def test_a_secret_in_markdown_is_masked(form: str) -> None:
    scrubbed = scrub_text(form.format(SECRET, SECRET))
    assert SECRET not in scrubbed
    assert "***" in scrubbed
    assert scrub_text(scrubbed) == scrubbed


@pytest.mark.parametrize("text", READABLE)
def test_prose_stays_readable(text: str) -> None:
    assert scrub_text(text) == text


@pytest.mark.parametrize("text", ["The password is `{}`", "the **API key** was: '{}'", "secret is **`{}`**"])
def test_a_word_in_quotes_is_the_password_and_no_word_of_the_sentence(text: str) -> None:
    assert scrub_text(text.format("correct-horse")) == text.format("***")


def test_a_table_keeps_its_form_and_its_other_columns() -> None:
    table = f"| user | password | n |\n|------|:--------:|---|\n| me   | {SECRET}  | 1 |\n|| | |\n\nme | {SECRET} | 2"
    assert mask_markdown(table) == table.replace(f"| {SECRET}  |", "| ***  |")


def test_the_line_above_and_below_a_mask_stays() -> None:
    assert scrub_text(f"# A\n- **password**: {SECRET}\n- **lr:** 0.1") == "# A\n- **password**: ***\n- **lr:** 0.1"


def test_program_text_keeps_what_is_no_literal() -> None:
    code = "def f(**password): g(*token)\npairs = [[password, args.password]]\nlet password = `a`\n"
    assert mask_secrets(code, is_code=True) == code.replace("`a`", "`***`")


def test_arguments_with_accents_and_of_service_accounts_are_masked() -> None:
    arguments = [
        "--sa-key",
        SECRET,
        "--contrase\u00f1a",
        SECRET,
        f"contrase\u00f1a={SECRET}",
        f"--l\u00f6senord={SECRET}",
    ]
    assert SECRET not in " ".join(scrub_arguments(arguments))


@pytest.mark.parametrize(
    "unit",
    [
        "*", "**password", "password**", "password*_~`", "password</b>", "password][a", "***password:***",
        "`password`:`", "password for a ", "password (", "password for a:", "[[", '],["password",', '[["password", ',
        "creds a:",
        "|", "|-", "| password |\n|---|\n", "|-|\n", "[password](", "password](x", "<td>password</td>", "<td>",
        "| token ",
        "password is `", "token `a", "token `", "\u00f1", "password\uff1a", ">\n|", "- +|-",
    ],
)  # fmt: skip
def test_no_text_is_slow(unit: str) -> None:
    began = time.process_time()
    for is_code in (False, True):
        mask_secrets(unit * (60_000 // len(unit)), is_code=is_code)
    assert time.process_time() - began < 5
