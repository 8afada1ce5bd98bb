"""What `tb-versions export` wrote is verified, shown and restored: the whole way there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions import export
from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Code
from tb_versions.exports.checking.examining import examine
from tests.support.world import World, tree_hash

pytestmark = pytest.mark.slow

FORMS = [("html", "share.html"), ("site", "site"), ("tensorboard-dev", "dev")]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")


def exported(world: World, form: str, name: str) -> tuple[Path, str]:
    out = world.base / name
    return out, export(out, logdir=world.logs, models_dir=world.models, format=form).digest


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_every_manifest_comes_back_byte_for_byte(world: World, form: str, name: str) -> None:
    out, digest = exported(world, form, name)
    before = tree_hash(world.base)
    verified = run("verify", out, "--digest", digest, "--models-dir", world.models, "--logdir", world.logs)
    assert verified.exit_code == 0, verified.output
    assert "3 of its versions agree with the manifests on disk." in verified.stdout
    assert "Note" not in verified.stdout
    assert tree_hash(world.base) == before
    restored = world.base / "restored"
    done = run("import", out, "--models-dir", restored)
    assert done.exit_code == 0, done.output
    for path in world.models.rglob(MANIFEST_NAME):
        assert (restored / path.relative_to(world.models)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_what_was_taken_out_is_told_by_what_is_restored(world: World, form: str, name: str) -> None:
    world.version("digits", 3, code=Code(diff="secret words", commit="0" * 40), created_by="tb_versions 0.1.0")
    out, digest = exported(world, form, name)
    assert run("verify", out, "--digest", digest, "--models-dir", world.models).exit_code == 0
    done = run("import", out, "digits:3", "--models-dir", world.base / "restored")
    assert "digits:3: restored (without code diff, which the export does not hold" in done.stdout
    data = (world.base / "restored" / "digits" / "3" / MANIFEST_NAME).read_bytes()
    assert b"secret words" not in data
    assert codec.decode(data).created_by == "tb_versions 0.1.0; imported from an export without code diff"


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_a_manifest_that_another_program_wrote_comes_back_byte_for_byte(world: World, form: str, name: str) -> None:
    data = b'{"model": "other", "number": 4, "schemaVersion": 1}'
    world.raw("other/4", data)
    out, _ = exported(world, form, name)
    done = run("import", out, "other:4", "--models-dir", world.base / "restored")
    assert done.exit_code == 0, done.output
    assert (world.base / "restored" / "other" / "4" / MANIFEST_NAME).read_bytes() == data


def test_all_forms_hold_the_same_manifests(world: World) -> None:
    forms = [{one.id: one.digest for one in examine(exported(world, *form)[0]).manifests} for form in FORMS]
    assert forms[0] == forms[1] == forms[2]
    assert len(forms[0]) == 3
