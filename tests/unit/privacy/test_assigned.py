"""Values of more than one word behind a telling name: in brackets, and in blocks of YAML."""

from __future__ import annotations

import time

import pytest

from tb_versions.privacy.assigned import mask_assigned
from tb_versions.privacy.diffs import scrub_diff
from tb_versions.privacy.scrub import scrub_arguments, scrub_text

SECRET = "Zq9Leak7x"

TEXTS = {
    f"passwords: ['{SECRET}', 'b7']": "passwords: ['***', '***']",
    f'{{"credentials": {{"user": "me", "v": "{SECRET}"}}, "lr": 0.1}}': (
        '{"credentials": {"user": "***", "v": "***"}, "lr": 0.1}'
    ),
    f'\\"api_keys\\": [\\"{SECRET}\\", \\"b\\"]': '\\"api_keys\\": [\\"***\\", \\"***\\"]',
    f"f(password=dict(a='{SECRET}'), lr=0.1)": "f(password=***, lr=0.1)",
    f"private_key: |\n  {SECRET}\n\n  more\nlr: 1": "private_key: |\n  ***\n\n  ***\nlr: 1",
    f"  password: >-\n    {SECRET}\n  lr: 1": "  password: >-\n    ***\n  lr: 1",
    f"hf_tokens:\n  - {SECRET}\n  - b7\nlr: 1": "hf_tokens:\n  - ***\n  - ***\nlr: 1",
    f"hf_tokens:\n- {SECRET}\nlr: 1": "hf_tokens:\n- ***\nlr: 1",
    f"credentials:\n  user: me\n  v: {SECRET}\nlr: 1": "credentials:\n  user: ***\n  v: ***\nlr: 1",
    f"secret: !vault {SECRET}": "secret: !vault ***",
    f"secret: !vault |\n  {SECRET}\nlr: 1": "secret: !vault |\n  ***\nlr: 1",
    f"$env:HF_TOKEN = '{SECRET}'": "$env:HF_TOKEN = '***'",
    f"key: SecretStr = '{SECRET}'": "key: SecretStr = '***'",
    f"Endpoint=sb://x/;SharedAccessKey={SECRET}=": "Endpoint=sb://x/;SharedAccessKey=***",
    'auth: {"type": "none"}': 'auth: {"type": "none"}',
    'token: ["[PAD]", "<s>"]': 'token: ["[PAD]", "<s>"]',
    'tokens: ["hello", "world"]': 'tokens: ["hello", "world"]',
}


@pytest.mark.parametrize(("text", "scrubbed"), TEXTS.items())
def test_a_value_of_several_words_is_masked_whole(text: str, scrubbed: str) -> None:
    assert scrub_text(text) == scrubbed
    assert scrub_text(scrubbed) == scrubbed


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (f"passwords = [\n    '{SECRET}',\n]", "passwords = [\n    '***',\n]"),
        (f"password = SecretStr('{SECRET}')", "password = SecretStr('***')"),
        (f"password = ('{SECRET}' 'b')", "password = ('***' '***')"),
        ("password = getenv('DB_PASSWORD')", "password = getenv('DB_PASSWORD')"),
        ("passwords = [args.password]", "passwords = [args.password]"),
    ],
)
def test_in_program_text_only_literals_are_masked(line: str, masked: str) -> None:
    assert mask_assigned(line, is_code=True) == masked


@pytest.mark.parametrize("sign", "+- ")
@pytest.mark.parametrize(
    "lines",
    [
        ("private_key: |", f"  {SECRET}", f"  {SECRET}"),
        ("passwords: [", f"  {SECRET},", f"  '{SECRET}'", "]"),
        ("hf_tokens:", f"  - {SECRET}", f"  - {SECRET}"),
        ("hf_tokens:", f"- {SECRET}", f"- {SECRET}"),
    ],
)
def test_a_diff_loses_values_on_following_lines_and_keeps_its_signs(sign: str, lines: tuple[str, ...]) -> None:
    diff = "diff --git a/a.yaml b/a.yaml\n@@ -1 +1 @@\n" + "".join(f"{sign}{line}\n" for line in (*lines, "lr: 1"))
    scrubbed = scrub_diff(diff)
    assert SECRET not in scrubbed
    assert [line[:1] for line in scrubbed.splitlines()] == [line[:1] for line in diff.splitlines()]
    assert scrubbed.endswith(f"{sign}lr: 1\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--api-keys", SECRET, SECRET), ("--password", "=", SECRET), (f"--token:{SECRET}",),
        ("--login", f"me:{SECRET}"), (f"--auth=[{SECRET},b]",), ("-b", f"sid={SECRET}"),
    ],
)  # fmt: skip
def test_an_argument_of_several_parts_is_masked_whole(arguments: tuple[str, ...]) -> None:
    assert SECRET not in " ".join(scrub_arguments(arguments))


@pytest.mark.parametrize(
    "unit", ["password=(", "password: [", "password: \n", "password:\n- ", '{"password": {', "password: |\n "]
)
def test_no_text_is_slow(unit: str) -> None:
    began = time.process_time()
    for is_code in (False, True):
        mask_assigned(unit * (60_000 // len(unit)), is_code=is_code)
    assert time.process_time() - began < 10
