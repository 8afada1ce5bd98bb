"""Small git repositories with fixed times, as GTO and DVC leave them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.support.effort import HANGS

START = 1_750_000_000


class Registry:
    """A repository; each commit and tag is a minute after the last."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.minute = folder, 0
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        time = f"{START + 60 * self.minute} +0000"
        who = {"NAME": "Änna", "EMAIL": "anna@example.org", "DATE": time}
        own = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment = {**kept, **own, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=HANGS)
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        """Writes files (`__` stands for a dot, `___` for a slash) and commits; returns the commit."""
        self.minute += 1
        for name, text in files.items():
            path = self.folder / name.replace("___", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", f"commit {self.minute}")
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, message: str = "", *, at: str = "HEAD", later: int = 1) -> None:
        """Makes an annotated tag, with the message of GTO where there is none."""
        self.minute += later
        self.git("tag", "-a", name, "-m", message or "Registering artifact", at)


DVC = """\
stages:
  train:
    cmd: python train.py
    deps: [data/x.csv, train.py]
    params: [lr, opt.name]
    outs: [model.h5]
    metrics: [{metrics.json: {cache: false}}]
artifacts:
  digits: {path: model.h5, type: model, desc: Digits of people, labels: [cnn, 数字]}
"""

LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - {path: data/x.csv, hash: md5, md5: 0cc175b9c0f1b6a831c399e269772661, size: 3}
    - {path: train.py, hash: md5, md5: 92eb5ffee6ae2fec3ad71c777531578f, size: 9}
    params:
      params.yaml: {lr: 0.001, opt.name: adam}
    outs:
    - {path: model.h5, hash: md5, md5: 4a8a08f09d37b73795649038408b5f33, size: 5}
"""

PARAMS = "lr: 1e-3\nflag: yes\nn: 012\nopt: {name: adam}\n"


def digits(folder: Path) -> Registry:
    """Three commits, two registrations, a stage that goes forth and back, one of a commit, and a lightweight tag."""
    registry = Registry(folder)
    files = {"dvc__yaml": DVC, "dvc__lock": LOCK, "params__yaml": PARAMS}
    registry.commit(**files, metrics__json=json.dumps({"acc": 0.5, "val": {"loss": 1e-2}, "note": "first"}))
    registry.tag("digits@v1.0.0", "Registering artifact digits version v1.0.0")
    registry.tag("digits#prod#1", "Assigning stage prod to artifact digits version v1.0.0")
    registry.commit(metrics__json='{"acc": 0.625, "val": {"loss": NaN}}')
    registry.tag("digits@v1.1.0-rc.1", "the second, ✓")
    registry.tag("digits#prod#2", "go")
    registry.tag("digits#prod#3", "back, it is slow", at="digits@v1.0.0^{}", later=0)  # in the same second
    registry.tag("digits#dev#4", at="digits@v1.0.0^{}")
    registry.commit()
    registry.tag("digits#dev#5")
    registry.tag("digits#dev!#6", "no more")
    registry.tag("digits@v1.0.0!#7", "broken", at="digits@v1.0.0^{}")
    registry.git("tag", "digits@v9.0.0")
    registry.tag("release-2026", "not of GTO")
    return registry
