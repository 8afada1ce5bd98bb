"""A secret behind a telling name that it is not assigned to."""

from __future__ import annotations

import pytest

from tb_versions.privacy.pairs import mask_pairs
from tb_versions.privacy.scrub import scrub_text

SECRET = "Zq9Leak7x"
LONG = "0a1b2c3d" * 5


@pytest.mark.parametrize(
    "text",
    [
        f"- name: DB_PASSWORD\n  value: {SECRET}", f'{{"name": "DB_PASSWORD", "value": "{SECRET}"}}',
        f'{{"Value": "{SECRET}", "Key": "HF_TOKEN"}}', f"- {{name: HF_TOKEN, value: {SECRET}}}",
        f'<add key="ApiKey" value="{SECRET}"/>', f"<password>{SECRET}</password>",
        f"parser.add_argument('--api-key', type=str, default='{SECRET}')", f"run(['mysql', '--password', '{SECRET}'])",
        f"os.environ.setdefault('HF_TOKEN', '{SECRET}')", f"setenv HF_TOKEN {SECRET}", f"ENV HF_TOKEN {SECRET}",
        f"aws configure set aws_secret_access_key {SECRET}", f"password\t{SECRET}", f"  DB_PASSWORD    {SECRET}",
        f"mysql -u root -p{SECRET} db", f"sshpass -p {SECRET} ssh h", f"docker login -u me -p {SECRET} h",
        f"redis-cli -h h -a {SECRET}", f"curl -b sid={SECRET} https://h/x", f"!wandb login {LONG}",
        f"the password is {SECRET}", f"My API key is {SECRET}.", f"use aws_secret_access_key {SECRET}",
        f"password {SECRET}",
        f"| password | {SECRET} |", f"|`hf_token`|{SECRET}|",
        f"API key: {SECRET}", f"secret access key = {SECRET}", f"pass phrase: {SECRET}", f"setx HF_TOKEN {SECRET}",
        f"npm config set //registry.example.org/:_authToken {SECRET}", f"az login -u me -p {SECRET}",
        f"kubectl create secret generic x --from-literal=a={SECRET}", f'run --api_keys ["{SECRET}"]',
        f"run --api-keys a,{SECRET}", f"run --api-key \\\n    {SECRET}", f"WEBHOOK_URL=https://example.org/in/{SECRET}",
        f"webhook url: https://example.org/{SECRET}", f"run --webhook-url https://example.org/{SECRET}",
        f"wandb.login(key='{LONG}')", f"huggingface-cli login --relogin {LONG}",
    ],
)  # fmt: skip
def test_it_is_masked(text: str) -> None:
    scrubbed = scrub_text(text)
    assert SECRET not in scrubbed
    assert LONG not in scrubbed
    assert "***" in scrubbed
    assert scrub_text(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "lr", "value": 0.1}', "name: DB_PASSWORD\n  valueFrom: x", "see login page 3", "token  count",
        "parser.add_argument('--lr', type=float, default='0.1')", "columns = ['--text', 'label']", "<title>x</title>",
        "the token is a word", "passwords were dropped in 2024", "the key is x9y8z7", "sort key: 5", "| token | 0.93 |",
        "| lr | 0.1 |", "url: https://x.org/a1",
        "docker login registry.example.org", "mysql -h h db", "login(user='me')", "ENV LR 0.1",
    ],
)  # fmt: skip
def test_what_has_no_telling_name_stays(text: str) -> None:
    assert mask_pairs(text) == text
