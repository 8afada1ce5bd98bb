"""A process that has everything imported and forks writers on demand, so that a fault costs no start of Python.

Run as a script it reads one JSON command a line and answers with one JSON line:

    {"do": "fork", "task": …, "arguments": {…}}   → {"pid": …}      the child waits for "go"
    {"do": "go", "pid": …}                         → {"status": …, "result": …}   once it has ended
    {"do": "release", "pids": […]}                 → {}             they go at once; "end" as "go" for each
    {"do": "start", "task": …, "arguments": {…}}  → {"pid": …}      the child goes at once and is killed
    {"do": "reap", "pid": …}                       → {}             after its kill
    {"do": "here", "task": …, "arguments": {…}}   → {"result": …}   in this very process
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

import tb_versions as tbv
from tb_versions.core.store import LocalStore
from tb_versions.registry import events
from tb_versions.registry.registry import Draft, Registry
from tb_versions.registry.state import State
from tb_versions.write.restore import Restorer

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)
_PR_SET_PTRACER = 0x59616D61


def publish(source: str, models: str, strict: bool = False, number: int | None = None, **labels: str) -> int | None:
    version = tbv.publish(
        source, models, name="digits", number=number, strict=strict, labels=labels, metrics={"a": 0.5}, capture=NOTHING
    )
    return None if version is None else version.number


def publish_many(source: str, models: str, count: int, **labels: str) -> list[int | None]:
    return [publish(source, models, strict=True, **labels) for _ in range(count)]


def publish_for_ever(source: str, models: str, pipe: str, writer: str) -> None:
    """Tells the pipe of each version, as an unbroken line, only when publish has returned."""
    acknowledgements = os.open(pipe, os.O_WRONLY)
    done = 0
    while True:
        number = publish(source, models, strict=True, writer=writer, turn=str(done))
        os.write(acknowledgements, f"{number} {writer} {done}\n".encode())
        done += 1


def record(folder: str, strict: bool = False) -> bool:
    return tbv.summary.version(folder, strict=strict, capture=NOTHING)


def limited(source: str, models: str, limit: int) -> int | None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return publish(source, models)


def restore(manifests: list[str], models: str) -> list[str]:
    """Restores manifests, given as their texts."""
    with Restorer(models) as restorer:
        return [restorer.restore(text.encode()) for text in manifests]


def registry_of(models: str) -> Registry:
    return Registry(LocalStore(f"{models}/digits/.versions", within=models))


def promote(models: str, version: int, time_ms: int | None = None, registry: Registry | None = None) -> int:
    """Sets an alias in the log; returns the event's number."""

    def decide(state: State) -> Draft:
        now = state.aliases.get("production")
        said = events.AliasSet(alias="production", from_=now.version if now else None)
        return Draft(kind="alias_set", said=said, version=version, actor="anna", time_ms=time_ms)

    event = (registry or registry_of(models)).append(decide)
    assert event is not None
    return event.number


def promote_many(models: str, versions: list[int], time_ms: int | None = None, lie: int = 0) -> dict[str, int]:
    """Sets an alias to each version in turn; returns the number of each one's event.

    Args:
        lie: An error number that every third `link` reports though it was made, as a network file system may.
    """
    link, calls = os.link, iter(range(1 << 30))

    def lying(old: str, new: str) -> None:
        link(old, new)
        if next(calls) % 3 == 0:
            raise OSError(lie, os.strerror(lie), new)

    os.link = lying if lie else link
    registry = registry_of(models)
    return {str(version): promote(models, version, time_ms, registry) for version in versions}


def watch(models: str, last: int) -> dict[str, int]:
    """Looks at the log until it has that many events, each of which sets an alias to another version."""
    registry, looks, torn, head = registry_of(models), 0, 0, 0
    while head < last:
        state = registry.refresh()
        stack = state.aliases["production"].stack if state.aliases else ()
        looks += 1
        torn += state.problem != "" or len(stack) != state.head.number or state.head.number < head
        head = state.head.number
    return {"looks": looks, "torn": torn}


TASKS = {
    f.__name__: f
    for f in (publish, publish_many, publish_for_ever, record, limited, restore, promote, promote_many, watch)
}


def run(task: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Runs a task; what it returned, warned of and raised."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome: dict[str, Any] = {"value": None, "error": None, "expected": True}
        try:
            outcome["value"] = TASKS[task](**arguments)
        except tbv.TbVersionsError as error:
            outcome["error"] = f"{type(error).__name__}: {error}"
        except BaseException:
            outcome |= {"error": traceback.format_exc(), "expected": False}
    outcome["warnings"] = [f"{w.category.__name__}: {w.message}" for w in caught]
    return outcome


def warm_up() -> None:
    """Every module that is imported late is imported now: an error at opening a module tells nothing."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        (source / "a").write_bytes(b"a")
        for _ in range(2):
            publish(str(source), f"{folder}/models")
        (Path(folder) / "models/digits/7").mkdir()
        (Path(folder) / "models/digits/7/a").write_bytes(b"a")
        record(f"{folder}/models/digits/7")
        manifest = Path(f"{folder}/models/digits/7/version_manifest.json").read_text()
        restore([manifest, manifest.replace('"7"', '"8"')], f"{folder}/models")
        run("publish", {"source": f"{folder}/none", "models": f"{folder}/models"})
        for version in range(101):
            promote(f"{folder}/models", version)


class Forks:
    def __init__(self) -> None:
        self.pipes: dict[int, tuple[int, int]] = {}

    def fork(self, task: str, arguments: dict[str, Any]) -> int:
        go_read, go_write = os.pipe()
        result_read, result_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1 & (2**64 - 1)), 0, 0, 0)
            os.read(go_read, 1)
            outcome = json.dumps(run(task, arguments)).encode()
            with open(result_write, "wb") as file:
                file.write(outcome)
            os._exit(0)
        os.close(go_read)
        os.close(result_write)
        self.pipes[pid] = go_write, result_read
        return pid

    def release(self, pid: int) -> None:
        go_write, _ = self.pipes[pid]
        os.write(go_write, b"!")
        os.close(go_write)

    def reap(self, pid: int) -> dict[str, Any]:
        self.end(pid)
        return {}

    def end(self, pid: int) -> dict[str, Any]:
        _, result_read = self.pipes.pop(pid)
        with open(result_read, "rb") as file:
            data = file.read()
        _, status = os.waitpid(pid, 0)
        return {"status": os.waitstatus_to_exitcode(status), "result": json.loads(data) if data else None}


def obey(forks: Forks, command: dict[str, Any]) -> dict[str, Any]:
    do = command["do"]
    if do in ("fork", "start"):
        pid = forks.fork(command["task"], command["arguments"])
        if do == "start":
            forks.release(pid)
        return {"pid": pid}
    if do == "release":
        for pid in command["pids"]:
            forks.release(pid)
        return {}
    if do == "go":
        forks.release(command["pid"])
    if do in ("go", "end"):
        return forks.end(command["pid"])
    if do == "reap":
        return forks.reap(command["pid"])
    return {"result": run(command["task"], command["arguments"])}


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    warm_up()
    forks = Forks()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(obey(forks, command)), flush=True)


if __name__ == "__main__":
    main()
