"""A share of a plan; a model that is adopted already stays as it is."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.fleet.found import Shard
from tb_versions.fleet.work.leading import Outcome
from tb_versions.fleet.work.letters import Letter
from tb_versions.interop.adopting import planning
from tb_versions.interop.adopting_many import ADOPTED, FAILED, adopt_planned, numbers_kept, share_of
from tb_versions.interop.homes import into
from tb_versions.interop.inferring import Inferred
from tests.support.written import tensors


def models(tmp_path: Path, *names: str) -> str:
    for name in names:
        folder = tmp_path / "files" / name
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(tensors(len(name)))
    return os.fspath(tmp_path / "files")


def test_all_versions_of_a_model_are_in_one_share(tmp_path: Path) -> None:
    folder = models(tmp_path, *(f"{model}/{number}" for model in "abcdefgh" for number in (1, 2)))
    with planning([folder]) as plan:
        shares = [share_of(plan, Shard(index, 3)) for index in (1, 2, 3)]
    names = [{each.named.model for each in share.versions} for share in shares]
    assert sum(map(len, names)) == len(set.union(*names)) == 8
    assert sum(len(share.versions) for share in shares) == 16


def test_what_is_adopted_is_not_adopted_again(tmp_path: Path) -> None:
    folder = models(tmp_path, "digits/1")
    with planning([folder]) as plan:
        thing = pickle.loads(pickle.dumps((plan.versions[0], Inferred())))
        assert adopt_planned(thing) == Outcome(ADOPTED)
        manifest = (Path(folder) / "digits" / "1" / MANIFEST_NAME).read_bytes()
        assert adopt_planned(thing) == Outcome(ADOPTED, is_old=True)
    assert (Path(folder) / "digits" / "1" / MANIFEST_NAME).read_bytes() == manifest


def test_what_is_adopted_elsewhere_is_not_adopted_again(tmp_path: Path) -> None:
    folder = models(tmp_path, "digits/1")
    goal = into(os.fspath(tmp_path / "models"), [folder], [], known={})
    with planning([folder], into=goal) as plan:
        thing = plan.versions[0], Inferred()
        assert [adopt_planned(thing).is_old for _ in range(2)] == [False, True]
    assert os.listdir(tmp_path / "models" / "digits" / ".versions" / "numbers") == ["1"]


def test_a_number_that_is_taken_is_a_failure_that_keeps_it(tmp_path: Path) -> None:
    folder = models(tmp_path, "digits/1")
    goal = into(os.fspath(tmp_path / "models"), [folder], [], known={})
    with planning([folder], into=goal) as plan:
        (tmp_path / "models" / "digits" / "1").mkdir(parents=True)
        found = adopt_planned((plan.versions[0], Inferred()))
    assert (found.count, found.answer, found.keep) == (FAILED, "not known", "1")
    assert "Another writer took the number 1" in found.why


def test_what_failed_keeps_its_number_and_takes_none_of_others(tmp_path: Path) -> None:
    folder = models(tmp_path, "a", "b", "c", "d/7")

    def numbers(**kept: int) -> dict[str, int]:
        paths = {os.path.join(folder, name): number for name, number in kept.items()}
        with planning([folder], name="digits", kept=paths) as plan:
            return {os.path.relpath(each.model.path, folder): each.number for each in plan.versions}

    assert numbers() == {"d/7": 7, "a": 8, "b": 9, "c": 10}
    assert numbers(b=9) == {"d/7": 7, "b": 9, "a": 10, "c": 11}
    assert numbers(b=7, c=-1) == numbers()


def test_numbers_that_letters_keep() -> None:
    texts = {"a": "3", "b": "x", "c": "9" * 5_000}
    kept = {what: Letter("adopt", what, "not known", keep=keep) for what, keep in texts.items()}
    assert numbers_kept(kept) == {"a": 3}
