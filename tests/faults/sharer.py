"""Does a verb's share in processes of its own, each killed at some point, and then to its end."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tb_versions.cli import adopt, gate, verify  # noqa: F401 - loaded before the forks
from tb_versions.cli import main as commands
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.fleet.work import gating, listing, verifying  # noqa: F401 - as above
from tb_versions.fleet.work.letters import Letters
from tb_versions.registry import events

CHANGES = ("open", "os.link", "os.rename", "os.mkdir", "os.remove", "os.rmdir")


class Points:
    """Counts what a process opens and changes, and ends it at one of these points as a kill does."""

    def __init__(self, last: int, counted: str) -> None:
        self.last, self.counted, self.number = last, counted, 0
        sys.addaudithook(self)

    def __call__(self, event: str, _arguments: Any) -> None:
        if event in CHANGES:
            self.number += 1
            if self.number == self.last:
                os.kill(os.getpid(), signal.SIGKILL)

    def note(self) -> None:
        number = self.number
        Path(self.counted).write_text(str(number))


def run(arguments: Sequence[str], folder: Path, *, last: int = 0) -> int:
    """Runs a command in a child; returns its exit code, or less than 0 where it was killed."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            with (folder / "said").open("a") as said:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                points = Points(last, os.fspath(folder / "points"))
                try:
                    commands(list(arguments), prog_name="tb-versions")
                except SystemExit as end:
                    code = int(end.code or 0)
                sys.stdout.flush()
                points.note()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def summary(verb: str, folder: Path) -> dict[str, Any]:
    """What a share leaves: events, manifests, dead letters."""
    models = folder / "models"
    logged = []
    for path in sorted(models.glob("*/.versions/log/*.json")):
        event = events.decode(path.read_bytes(), int(path.stem))
        said = events.said(event)
        logged.append([path.parts[-4], event.kind, event.version, getattr(said, "ok", getattr(said, "passed", None))])
    manifests = {str(path.relative_to(models)): _said(path) for path in sorted(models.rglob(MANIFEST_NAME))}
    letters = Letters(os.fspath(models / ".dead-letters"), verb).outstanding().values()
    told = [[each.what, each.answer, each.why] for each in letters]
    whole = {"events": sorted(logged, key=repr), "manifests": manifests, "letters": told}
    made: dict[str, Any] = json.loads(json.dumps(whole).replace(os.fspath(folder), "…"))
    return made


def _said(manifest: Path) -> list[str]:
    try:
        found = codec.decode(manifest.read_bytes())
    except ValueError:
        return []
    return [found.reference, found.digest, str(found.created)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("world", type=Path)
    parser.add_argument("verb")
    parser.add_argument("--kills", type=int)
    parser.add_argument("command", nargs="+", help="with WORLD for the folder")
    options = parser.parse_args()
    chance = random.Random(options.verb)

    def folder(name: str) -> tuple[Path, list[str]]:
        made = options.world.with_name(name)
        shutil.copytree(options.world, made)  # with the times of files
        return made, [part.replace("WORLD", os.fspath(made)) for part in options.command]

    whole, command = folder("undisturbed")
    code = run(command, whole)
    points, wanted = int((whole / "points").read_text()), summary(options.verb, whole)
    print(json.dumps({"code": code, "points": points, "wanted": wanted, "said": (whole / "said").read_text()}))
    for number in range(options.kills):
        trial, command = folder(f"trial-{number}")
        last = chance.randrange(1, points + 1)
        killed = run(command, trial, last=last)
        again = run(command, trial)
        found = summary(options.verb, trial)
        print(json.dumps({"last": last, "killed": killed, "code": again, "same": found == wanted}))
        if found != wanted:
            print(json.dumps({"found": found, "said": (trial / "said").read_text()}))
            return
        shutil.rmtree(trial)


if __name__ == "__main__":
    main()
