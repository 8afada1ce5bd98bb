"""The commands of the guide "Ship a model as an OCI artifact", on a loopback registry."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import oras.client
import pytest
from click.testing import CliRunner

from tb_versions.actions.aliases import promote
from tb_versions.cli import main
from tb_versions.core.codec import manifest_digest
from tests.support.oci import model_folder, registry
from tests.support.publishing import published
from tests.system_tools import REGISTRY_HELP, find_registry, find_skopeo

GUIDE = Path(__file__).resolve().parents[3] / "docs/guides/ship-as-oci.md"


def lines() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_the_guide_s_commands_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, skopeo = find_registry(), find_skopeo()
    if server is None or skopeo is None:
        pytest.skip(REGISTRY_HELP)
    monkeypatch.chdir(tmp_path)
    for _ in range(3):
        published(model_folder(tmp_path / "model"), tmp_path / "models")
    promote("digits:3", tmp_path / "models", alias="production")
    digest = manifest_digest((tmp_path / "models/digits/3/version_manifest.json").read_bytes())
    (tmp_path / "gate.intoto.json").write_text(
        '{"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "version_manifest.json", '
        f'"digest": {{"sha256": "{digest.removeprefix("sha256:")}"}}}}]}}'
    )
    told = []
    with registry(server, tmp_path / "registry") as address:
        for command, *words in lines():
            arguments = [word.replace("registry.example.org", address) for word in words]
            if command == "skopeo":
                subprocess.run([skopeo, *arguments, "--dest-tls-verify=false"], check=True, capture_output=True)
            elif command == "oras" and arguments[0] == "pull":  # the Python client, which is on PyPI
                client = oras.client.OrasClient(hostname=address, insecure=True)
                client.pull(target=arguments[1], outdir=arguments[3])
            elif command == "tb-versions":
                done = CliRunner().invoke(main, arguments)
                assert done.exit_code == 0, done.output
                told.append(done.output)
    assert (tmp_path / "digits-3/assets/empty").read_bytes() == b""
    assert re.search(r"^digits-oci: 1 version, .*\nsha256:[0-9a-f]{64}$", told[0], re.MULTILINE)
    assert "1 of its versions agrees with the manifests on disk." in told[-1]
