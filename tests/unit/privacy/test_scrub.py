"""Secrets and homes leave a text; everything else stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import hidden_character
from tb_versions.privacy import scrub

pytestmark = pytest.mark.slow

URIS = {
    "https://user:pass@host/x?token=1#frag": "https://host/x",
    "https://ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/o/r": "https://github.com/o/r",
    "https://host:8080/@scope/x": "https://host:8080/@scope/x",
    "https://user:pass@[::1]:80/x": "https://[::1]:80/x",
    "s3://bucket/key@2/x.csv": "s3://bucket/key@2/x.csv",
    "s3://key:secret@bucket/x": "s3://bucket/x",
    "s3://key:with/slash+plus@bucket/x": "s3://bucket/x",
    "s3://key:with::colons@bucket/x": "s3://bucket/x",
    "gs://user@bucket/x": "gs://bucket/x",
    "s3://bucket/x,https://me:pass@host/x": "s3://bucket/x,https://host/x",
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=a&X-Amz-Signature=b": "https://b.s3.amazonaws.com/k",
    "https://account.blob.core.windows.net/c/x?sv=1&sig=abc": "https://account.blob.core.windows.net/c/x",
    "abfss://container@account.dfs.core.windows.net/x": "abfss://container@account.dfs.core.windows.net/x",
    "postgresql://u:p@h:5432/db?password=x": "postgresql://h:5432/db",
    "postgres://u:p?w#1@h/db": "postgres://h/db",
    "jdbc:postgresql://h/db?user=u&password=p": "jdbc:postgresql://h/db",
    "jdbc:mysql://u:p@h/db": "jdbc:mysql://h/db",
    "jdbc:sqlserver://h:1433;user=u;password=p": "jdbc:sqlserver://h:1433",
    "jdbc:oracle:thin:scott/tiger@host:1521:orcl": "jdbc:oracle:thin:host:1521:orcl",
    "ssh://me@host:22/home/me/r.git": "ssh://host:22/~/r.git",
    "git@github.com:o/r.git": "github.com:o/r.git",
    "me:pass@host:dir/x": "host:dir/x",
    "file:///home/me/x": "~/x",
    "file://server/home/me/x": "~/x",
    "file:///data/x": "file:///data/x",
    "file:///C:/Users/me/x": "~/x",
    "/home/me/x": "~/x",
    "/Users/me/x": "~/x",
    "/root/x": "~/x",
    "/root": "~",
    "/rootfs/x": "/rootfs/x",
    "/nfs/home/me/x": "~/x",
    "/data/train.csv": "/data/train.csv",
    "C:\\Users\\me\\x": "~\\x",
    "data/train.csv": "data/train.csv",
    "simplecache::s3://k:s@b/x": "simplecache::s3://b/x",
    "zip://*.csv::filecache::https://u:p@h/x.zip?sig=1": "zip://*.csv::filecache::https://h/x.zip",
    "zip://*.csv::/home/me/a.zip": "zip://*.csv::~/a.zip",
    "endpoint:https://u:p@h/x": "endpoint:https://h/x",
    "hf://datasets/o/r@main/x": "hf://datasets/o/r@main/x",
    "data:text/plain;base64,c2VjcmV0": "data:",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0==;": (
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=***;"
    ),
    "https://host/o/r/README.md#results": "https://host/o/r/README.md#results",
    "https://host/x#L10-L20": "https://host/x#L10-L20",
    "https://host/x#access_token=abc": "https://host/x",
    "https://host/x#0a1b2c3d4e5f60718293": "https://host/x",
    "https://host/x?a=1#results": "https://host/x",
    "s3://bucket/x#results": "s3://bucket/x",
    "": "",
}

REMOTES = {
    "https://token@github.com/o/r.git?x=1": "https://github.com/o/r.git",
    "ssh://git@host:22/o/r": "ssh://host:22/o/r",
    "git@host:o/r.git": "host:o/r.git",
    "host:o/r.git": "host:o/r.git",
    "/srv/git/r.git": "",
    "../r.git": "",
    "C:/git/r": "",
    "file:///srv/git/r.git": "",
    "ext::sh -c 'curl https://u:p@h'": "",
    "s3://k:s@b/r": "",
    "": "",
}

TOKENS = (
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "github_pat_11ABCDEFG0123456789_abcdefghijklmnop",
    "glpat-0123456789abcdefghij",
    "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "sk-proj-0123456789abcdefghijABCDEFGHIJ",
    "sk-ant-api03-0123456789abcdefghij",
    "sk_live_0123456789abcdefghij",
    "xoxb-0123456789-abcdefghij",
    "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    "ya29.a0123456789abcdefghijklmnop",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "npm_0123456789abcdefghijABCDEFGHIJ012345",
    "pypi-AgEIcHlwaS5vcmcCJDAxMjM0",
    "dapi0123456789abcdef0123456789abcdef",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0123\n-----END RSA PRIVATE KEY-----",
)

ARGUMENTS = {
    ("--api-key=s3cr3t",): ("--api-key=***",),
    ("--api_key", "s3cr3t"): ("--api_key", "***"),
    ("--password", "-s3cr3t"): ("--password", "***"),
    ("--password", "--next"): ("--password", "--next"),
    ("--db.password=s3cr3t",): ("--db.password=***",),
    ("+wandb.apiKey=s3cr3t",): ("+wandb.apiKey=***",),
    ("OPENAI_API_KEY=s3cr3t",): ("OPENAI_API_KEY=***",),
    ("--conf", "fs.s3a.secret.key=s3cr3t"): ("--conf", "fs.s3a.secret.key=***"),
    ("--set=db.password=s3cr3t",): ("--set=db.password=***",),
    ('{"password": "s3cr3t word"}',): ('{"password": "***"}',),
    ("Authorization: Bearer s3cr3t0123",): ("Authorization: ***",),
    ("--db=postgres://u:s3cr3t@h/x",): ("--db=postgres://h/x",),
    ("--db=s3://k:s3'cr3t@b/x",): ("--db=s3://b/x",),
    ("see jdbc:mysql://u:s3cr3t@h/x",): ("see jdbc:mysql://h/x",),
    ("-u", "me:s3cr3t"): ("-u", "***"),
    ("-u", "1000:1000"): ("-u", "1000:1000"),
    ("python", "-u", "pkg.mod:main"): ("python", "-u", "pkg.mod:main"),
    ("python3.11", "-u", "train.py", "-u", "me:s3cr3t"): ("python3.11", "-u", "train.py", "-u", "***"),
    ("--token", "123456789"): ("--token", "***"),
    ("--out=/home/me/out",): ("--out=~/out",),
    ("--out=file:///home/me/out",): ("--out=~/out",),
    ("--paths=/home/me/a:/home/me/b",): ("--paths=~/a:~/b",),
}

TEXTS = {
    "train --password s3cr3t --lr 0.1": "train --password *** --lr 0.1",
    "--pw s3cr3t": "--pw ***",
    "mysql --password=s3cr3t --no-password x": "mysql --password=*** --no-password x",
    "a --token = '-s3 cr3t'": "a --token = ***",
    '--api-key "s3 cr3t"': "--api-key ***",
    "curl -u me:s3cr3t https://h/x": "curl -u *** https://h/x",
    "password => s3cr3t": "password => ***",
    "password := s3cr3t": "password := ***",
    '{\\"api_key\\": \\"s3cr3t\\"}': '{\\"api_key\\": \\"***\\"}',
    'API_KEY="s3\ncr3t"': 'API_KEY="***"',
    "https://hooks.slack.com/services/T0/B0/s3cr3t": "https://hooks.slack.com/services/***",
    "https://discord.com/api/webhooks/12/s3cr3t)": "https://discord.com/api/webhooks/***)",
}

HARMLESS_TEXTS = (
    "--max-tokens 512", "--tokenizer bert", "--use-auth train.py", "--password-file pw.txt", "-u 1000:1000",
    "x => y", "x -> y", "f(x) := y", "tokens => 512", "https://discord.com/channels/1/2", "docker run -u me x",
    "python -u pkg.mod:main", "/usr/bin/python3 -B -u pkg.mod:main", "curl -u me https://h/x", "pass=3", "auth = none",
    "pad_token=[PAD]", "token: <unk>", "--eos-token </s>", "num_token = 512", "see https://h/x#results.",
    "(https://h/x#results)", '{"mask_token_id": 4}',
)  # fmt: skip

HARMLESS = (
    "--max-tokens=512",
    "--tokenizer=bert",
    "--token-limit=5",
    "--password-file=pw.txt",
    "--sort-key=name",
    "--signature=serving_default",
    "--lr=0.1",
    "--author=ada",
    "--model=task-1234567890123456789",
    "--commit=0123456789abcdef0123456789abcdef01234567",
    "--keys=a,b",
    "10:30",
    "mnist:3.0.1",
    "-v",
)

# Each made a pattern slow that was thought of, or looks as if it could.
LONG = (
    *(unit * (60_000 // len(unit)) for unit in ("a", "/a", "://", "a:", "a::", "eyJ", "a=", "/home/", "bearer ", "@")),
    *(
        unit * (60_000 // len(unit))
        for unit in ("jdbc:", "sk-", "'", "a='", "gl-", "A", "C:\\", " ", "x@", '"a', "::/")
    ),
    *(unit * (60_000 // len(unit)) for unit in ("s3://", "[::]:", "1@a:", "-----BEGIN ", "/home/a/", "hf_a", "ya29.a")),
    *(
        unit * (60_000 // len(unit))
        for unit in (
            "--a b ",
            "--a ,a",
            "--a \\\n",
            "a_",
            "pwd is ",
            "webhook=",
            "webhook:https://",
            "-u a:",
            "a=>",
            '\\\\"a\\\\":\\\\"',
            "a='\n",
            "hooks.slack.com/services/",
        )
    ),
    "eyJ" + "a" * 60_000,
    "-----BEGIN PRIVATE KEY-----" * 2_000,
    "a/" * 30_000 + "=",
)


def _as_argument(text: str) -> object:
    return scrub.scrub_arguments([text])


def test_a_uri_keeps_where_and_loses_who() -> None:
    assert {uri: scrub.scrub_uri(uri) for uri in URIS} == URIS


def test_scrubbing_twice_changes_nothing_more() -> None:
    scrubbed = [scrub.scrub_uri(uri) for uri in URIS]
    assert [scrub.scrub_uri(uri) for uri in scrubbed] == scrubbed


def test_a_remote_is_an_address_without_user_or_nothing() -> None:
    assert {url: scrub.scrub_remote(url) for url in REMOTES} == REMOTES


@pytest.mark.parametrize("around", ["{}", "--x={}", "key:{}", "({})", "https://h/{}/x", "a {} b"])
def test_a_token_of_known_shape_is_masked_wherever_it_stands(around: str) -> None:
    for token in TOKENS:
        (scrubbed,) = scrub.scrub_arguments([around.format(token)])
        assert token[-12:] not in scrubbed


def test_arguments_lose_their_secrets() -> None:
    assert {arguments: scrub.scrub_arguments(arguments) for arguments in ARGUMENTS} == ARGUMENTS


def test_harmless_arguments_stay_as_they_are() -> None:
    assert scrub.scrub_arguments(HARMLESS) == HARMLESS


@pytest.mark.parametrize(("text", "scrubbed"), TEXTS.items())
def test_a_text_loses_its_secrets(text: str, scrubbed: str) -> None:
    assert scrub.scrub_text(text) == scrubbed
    assert scrub.scrub_text(scrubbed) == scrubbed


@pytest.mark.parametrize("text", HARMLESS_TEXTS)
def test_a_harmless_text_stays_as_it_is(text: str) -> None:
    assert scrub.scrub_text(text) == text


def test_program_text_loses_literals_and_keeps_names() -> None:
    text = 'password = args.password\npassword = "hunter2"\ntoken="t0p"\n'
    masked = scrub.mask_secrets(text, is_code=True)
    assert masked == 'password = args.password\npassword = "***"\ntoken="***"\n'


LITERALS = [
    "password = 'Zq9Leak7x'",
    'password: str = "Zq9Leak7x"',
    'token: Optional[str] = "Zq9Leak7x"',
    'PASSWORD = b"Zq9Leak7x"',
    'os.environ["HF_TOKEN"] = "Zq9Leak7x"',
    'os.environ.setdefault("HF_TOKEN", "Zq9Leak7x")',
    'dict(api_key="Zq9Leak7x")',
    '{"api_key": "Zq9Leak7x"}',
    'headers = {"Authorization": f"Token Zq9Leak7x"}',
    'pw = """Zq9Leak7x"""',
    r'password = "a\"Zq9Leak7x"',
    'run("mysql --password Zq9Leak7x")',
    'connect("postgres://u:Zq9Leak7x@h/db")',
    "const apiKey = 'Zq9Leak7x';",
    "clientsecret := 'Zq9Leak7x'",
    "login(token='Zq9Leak7x')",
]


@pytest.mark.parametrize("line", LITERALS)
def test_a_literal_in_program_text_is_masked(line: str) -> None:
    assert "Zq9Leak7x" not in scrub.mask_secrets(line, is_code=True)
    assert "Zq9Leak7x" not in scrub.scrub_text(line)


@pytest.mark.parametrize(
    "line",
    [
        "password = getpass.getpass()", "token: str", "def login(password: str, token=None):", "self.token = token",
        "if token == other.token:", "api_key = os.environ[name]", "tokens = tokenizer(text)", "auth=auth, key=key",
    ],
)  # fmt: skip
def test_program_text_without_literals_stays(line: str) -> None:
    assert scrub.mask_secrets(line, is_code=True) == line


def test_the_own_home_is_replaced_wherever_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/mnt/people/ada")
    assert scrub.scrub_home("/mnt/people/ada/x /mnt/people/adalbert/x") == "~/x /mnt/people/adalbert/x"


def test_a_home_of_root_folder_replaces_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert scrub.scrub_home("/data/x") == "/data/x"


def test_hidden_characters_are_shown() -> None:
    assert scrub.scrub_uri("a\u202eb\x00c\udc80") == "a\\u202eb\\u0000c\\udc80"


@pytest.mark.parametrize("scrubber", [scrub.scrub_uri, scrub.scrub_text, scrub.scrub_remote, _as_argument])
def test_no_text_is_slow(scrubber: Callable[[str], object]) -> None:
    slow = []
    for text in LONG:
        begin = time.process_time()
        scrubber(text)
        if time.process_time() - begin > 5:
            slow.append(text[:12])
    assert slow == []


_PLAIN = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789._~", min_size=1, max_size=20)
_SECRET = st.text("abcXYZ0123456789+=!$%&*()/?#:", min_size=1, max_size=20).map(lambda text: f"5ecr3t{text}5ecr3t")
_SCRUBBERS: list[Callable[[str], str]] = [scrub.scrub_uri, scrub.scrub_text]


@given(scheme=st.sampled_from(["https", "s3", "gs", "postgresql", "sftp", "mongodb+srv"]), user=_PLAIN, secret=_SECRET)
def test_no_password_survives_in_a_url(scheme: str, user: str, secret: str) -> None:
    for scrubber in _SCRUBBERS:
        assert "5ecr3t" not in scrubber(f"{scheme}://{user}x:{secret}@host/path")


@given(st.text())
def test_any_text_can_be_scrubbed_and_shown(text: str) -> None:
    for address in (scrub.scrub_uri(text), scrub.scrub_remote(text)):
        assert hidden_character(address) is None
    for argument in scrub.scrub_arguments([text, text]):
        assert hidden_character(argument, newlines=True) is None


@given(_PLAIN)
def test_a_relative_path_stays(name: str) -> None:
    path = str(Path("data") / name / "train.csv")
    assert scrub.scrub_uri(path) in (path, scrub.mask_tokens(path))
