"""Our root digest is the one of OpenSSF Model Signing."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
from pathlib import Path

import pytest

from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files
from tb_versions.core.digest.signing_root import signing_root
from tests.support.effort import HANGS
from tests.support.mlflow_client import with_mlflow
from tests.support.signatures import keys
from tests.support.world import World

CLIENT = Path(__file__).parents[1] / "support" / "signing_client.py"
NAMES = ("a", "a-b", "a.b", "A", "b", "ab", "é", "Z z", "10", "9", "_", "a b", "~", "saved_model.pb", "日本")


def tree(folder: Path, chosen: random.Random) -> Path:
    """A folder of files and folders whose names sort differently as texts and as paths."""
    for _ in range(chosen.randint(1, 30)):
        parts = [chosen.choice(NAMES) for _ in range(chosen.randint(1, 4))]
        path = folder.joinpath(*parts)
        if not path.exists() and not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(chosen.randbytes(chosen.choice((0, 1, 100, 5_000))))
    return folder


@pytest.mark.client("signing")
def test_the_root_of_fifty_trees_is_that_of_model_signing(client_python: Path, tmp_path: Path) -> None:
    chosen = random.Random(38)
    folders = [tree(tmp_path / str(number), chosen) for number in range(50)]
    ours = [signing_root(digest_files(folder, list_files(folder))) for folder in folders]
    done = subprocess.run(
        [client_python, CLIENT, "roots", *folders], capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == ours


class Signed:
    """A models folder, two keys, and the command line with OpenSSF Model Signing at hand."""

    def __init__(self, python: Path, base: Path) -> None:
        self.python, self.base, self.world = python, base, World(base)
        for number in (1, 2):
            self.world.version("digits", number)
        self.world.version("faces", 1, files={"saved_model.pb": b"faces", "variables/variables.index": b"other"})
        self.folder = self.world.models / "digits" / "1"
        (self.private, self.public), (_, self.other) = keys(base / "own"), keys(base / "others")

    def run(self, *arguments: object, code: int = 0) -> str:
        return with_mlflow(self.python, self.base, *arguments, "--models-dir", self.world.models, code=code)

    def refused(self, *arguments: object, reference: str = "digits:1") -> str:
        """Why `verify --key` does not take a version."""
        said = self.run("verify", reference, "--key", self.public, *arguments, code=1)
        (line,) = [line for line in said.splitlines() if "signature not verified: " in line]
        return line.partition("signature not verified: ")[2]

    def kept(self, model: str = "digits", number: int = 1) -> Path:
        (found,) = (self.world.models / model / ".versions/attestations" / str(number)).iterdir()
        return found

    def client(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [self.python, CLIENT, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)


@pytest.fixture
def signed(client_python: Path, tmp_path: Path) -> Signed:
    return Signed(client_python, tmp_path)


@pytest.mark.client("signing")
def test_a_version_is_signed_checked_and_recorded(signed: Signed) -> None:
    assert "kept in attestations/1/" in signed.run("sign", "digits:1", "--key", signed.private, "--actor", "anna")
    fingerprint = hashlib.sha256(signed.public.read_bytes()).hexdigest()
    told = signed.run("history", "digits")
    assert f"signed with the key sha256:{fingerprint[:12]}…, as who signed says" in told
    assert "claimed: it names the key" in " ".join(signed.run("show", "digits:1").split())
    said = signed.run("verify", "digits:1", "--key", signed.public, "--record", "--actor", "ben")
    assert f"signature verified: by the key key.pub (sha256:{fingerprint[:12]}…)" in said
    assert "1 of 1 versions are as published and signed as asked." in said
    assert "signature verified, by the key key.pub" in signed.run("history", "digits")
    assert "verified: by the key key.pub" in " ".join(signed.run("show", "digits:1").split())
    (told_json,) = json.loads(signed.run("verify", "digits:1", "--key", signed.public, "--json"))
    assert (told_json["ok"], told_json["signature"]["ok"], told_json["signature"]["why_not"]) == (True, True, None)
    assert signed.run("verify", "digits:1")  # the signature is outside of the version


@pytest.mark.client("signing")
def test_eight_of_eight_attacks_are_refused_each_in_its_own_words(signed: Signed) -> None:
    for reference in ("digits:1", "digits:2", "faces:1"):
        signed.run("sign", reference, "--key", signed.private)
    graph, good = signed.folder / "saved_model.pb", (signed.folder / "saved_model.pb").read_bytes()
    reasons: dict[str, str] = {}

    graph.write_bytes(bytes([good[0] ^ 1]) + good[1:])
    reasons["flip"] = signed.refused()
    graph.write_bytes(good)
    (signed.folder / "extra.bin").write_bytes(b"x")
    reasons["extra"] = signed.refused()
    (signed.folder / "extra.bin").unlink()
    graph.rename(signed.base / "away")
    reasons["missing"] = signed.refused()
    graph.symlink_to(signed.base / "away")
    reasons["symlink"] = signed.refused()
    graph.unlink()
    (signed.base / "away").rename(graph)
    said = signed.run("verify", "digits:1", "--key", signed.other, code=1)
    reasons["wrong key"] = said.partition("signature not verified: ")[2]
    kept, whole = signed.kept(), signed.kept().read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    reasons["truncated"] = signed.refused()
    kept.write_bytes(whole)
    reasons["another model's"] = signed.refused("--signature", signed.kept("faces"))
    graph.write_bytes(b"retrained")
    manifest = signed.world.manifest_of(signed.folder, "digits", 1)
    (signed.folder / "version_manifest.json").write_bytes(codec.encode(manifest))
    reasons["replayed"] = signed.refused()

    wanted = {
        "flip": "1 file is of another content: saved_model.pb",
        "extra": "extra.bin",
        "missing": "1 file is missing: saved_model.pb",
        "symlink": "symlink",
        "wrong key": "another key signed it: it names sha256:",
        "truncated": "the signature is no whole bundle",
        "another model's": "it signs another model, or other contents: none of",
        "replayed": "it was recorded of an earlier manifest of digits:1",
    }
    print(f"{len(reasons)} of {len(wanted)} refused:", *sorted(reasons.items()), sep="\n  ")
    assert {name: words for name, words in wanted.items() if words not in reasons[name]} == {}
    assert len(set(reasons.values())) == len(wanted)


@pytest.mark.client("signing")
def test_a_hint_that_lies_helps_nobody(signed: Signed) -> None:
    """A signature by another key that names ours: the library, which checks the numbers, refuses it."""
    signed.run("sign", "digits:1", "--key", signed.base / "others/key.pem", "--out", signed.base / "x.sig")
    whole = json.loads((signed.base / "x.sig").read_bytes())
    whole["verificationMaterial"]["publicKey"]["hint"] = hashlib.sha256(signed.public.read_bytes()).hexdigest()
    (signed.base / "lies.sig").write_text(json.dumps(whole))
    assert "did not sign these files" in signed.refused("--signature", signed.base / "lies.sig")
    whole["verificationMaterial"]["publicKey"]["hint"] = ""
    (signed.base / "lies.sig").write_text(json.dumps(whole))
    assert "did not sign these files" in signed.refused("--signature", signed.base / "lies.sig")


@pytest.mark.client("signing")
def test_each_takes_the_bundle_of_the_other(signed: Signed) -> None:
    signed.run("sign", "digits:1", "--key", signed.private, "--out", signed.base / "ours.sig")
    done = signed.client("check", signed.folder, signed.public, signed.base / "ours.sig")
    assert done.returncode == 0, done.stderr[-2000:]
    assert signed.client("check", signed.folder, signed.other, signed.base / "ours.sig").returncode != 0
    done = signed.client("sign", signed.folder, signed.private, signed.base / "theirs.sig")
    assert done.returncode == 0, done.stderr[-2000:]
    where = ("--signature", signed.base / "theirs.sig")
    assert "signature verified" in signed.run("verify", "digits:1", "--key", signed.public, *where, "--record")
    assert signed.kept().read_bytes() == (signed.base / "theirs.sig").read_bytes()
    assert "signature verified" in signed.run("verify", "digits:1", "--key", signed.public)


@pytest.mark.client("signing")
def test_what_file_managers_leave_makes_no_difference_to_a_signature(signed: Signed) -> None:
    (signed.folder / ".DS_Store").write_bytes(b"x")
    signed.run("sign", "digits:1", "--key", signed.private)
    (signed.folder / ".DS_Store").unlink()
    (signed.folder / "Thumbs.db").write_bytes(b"x")
    assert "signature verified" in signed.run("verify", "digits:1", "--key", signed.public)


@pytest.mark.client("signing")
def test_wrong_usage_is_told_from_a_bad_signature(signed: Signed) -> None:
    signed.run("sign", "digits:1", "--key", signed.private, "--out", signed.base / "x.sig")
    signed.run("sign", "digits:1", "--key", signed.private, "--out", signed.base / "x.sig", code=2)
    signed.run("sign", "digits:1", "--key", signed.private, "--out", signed.folder / "x.sig", code=2)
    signed.run("sign", "digits:1", "--key", signed.public, code=2)
    assert "no signature is kept beside it" in signed.refused()
    signed.run("verify", "digits:1", "--key", signed.public, "--signature", signed.base / "none", code=2)
    signed.run("verify", "digits:1", "--key", signed.base / "none", code=2)
    signed.run("verify", "digits:1", "--key", signed.private, code=2)
    signed.run("verify", "digits:1", "--identity", "anna@example.org", code=2)
    signed.run("verify", "digits:1", "--signature", signed.base / "x.sig", code=2)
    signed.run("verify", "--key", signed.public, "--signature", signed.base / "x.sig", code=2)
    asked = ("--identity", "anna@example.org", "--issuer", "https://accounts.example.org")
    said = signed.run("verify", "digits:1", *asked, "--signature", signed.base / "x.sig", code=1)
    assert "signed with a key, not by an identity" in said
    (signed.folder / "saved_model.pb").write_bytes(b"DIGITS 1")
    signed.run("sign", "digits:1", "--key", signed.private, "--out", signed.base / "new.sig", code=1)
    assert not (signed.base / "new.sig").exists()


@pytest.mark.client("signing")
def test_a_signature_that_leaves_files_out_is_none(signed: Signed) -> None:
    """The key's owner signed all but one file: model-signing takes it, and we do not."""
    signature = signed.base / "part.sig"
    assert signed.client("part", signed.folder, signed.private, signature).returncode == 0
    said = signed.refused("--signature", signature)
    assert "is not about" in said
    assert "saved_model.pb" in said


@pytest.mark.client("signing")
def test_production_is_for_versions_that_a_trusted_key_signed(signed: Signed) -> None:
    pem = signed.public.read_text()
    (signed.world.models / "digits/.versions").mkdir(exist_ok=True)
    policy = signed.world.models / "digits/.versions/policy.toml"
    policy.write_text(f"[aliases.production]\nsigned = true\n[trust.keys]\nrelease = '''\n{pem}'''\n")
    promote = ("promote", "digits:1", "--alias", "production", "--reason", "signed")
    signed.run(*promote, code=1)
    signed.run("sign", "digits:1", "--key", signed.base / "others/key.pem")
    signed.run(*promote, code=1)
    signed.run("sign", "digits:1", "--key", signed.private)
    signed.run(*promote)
    assert "verified: the key release (sha256:" in " ".join(signed.run("which", "digits@production").split())
    told = json.loads(signed.run("show", "digits:1", "--json"))
    assert told["said"]["signed"] == "verified"
    assert [row["words"][:30] for row in told["trust"] if row["what"] == "signature"] == [
        "verified: by the key release ("
    ]
    _take_to_production(signed, policy.read_text())
    graph = signed.folder / "saved_model.pb"
    graph.write_bytes(graph.read_bytes().swapcase())
    signed.run(*promote)  # it holds it already
    signed.run("promote", "digits:2", "--alias", "production", "--reason", "unsigned", code=1)


def _take_to_production(signed: Signed, policy: str) -> None:
    """The signatures go along with a copy, under another number too, and satisfy the policy there."""
    shared = signed.base / "shared"
    assert "With it: 2 signatures, not checked here." in signed.run("copy", "digits:1", "--to", shared, "--number", 7)
    (shared / "digits/.versions/policy.toml").write_text(policy)
    places = ("--models-dir", shared)
    assert "verified: by the key release (" not in with_mlflow(signed.python, signed.base, "show", "digits:7", *places)
    alias = ("--alias", "production", "--reason", "signed")
    with_mlflow(signed.python, signed.base, "promote", "digits:7", *alias, *places)
    told = with_mlflow(signed.python, signed.base, "which", "digits@production", *places)
    assert "verified: the key release (sha256:" in " ".join(told.split())
