"""A stand-in for TensorFlow Serving: its rules about configurations, labels, loading and status, without TensorFlow.

Each rule is followed by its place in the source at commit 9d981c5 (July 2026), below
https://github.com/tensorflow/serving/blob/9d981c5c2708d23c5407c7c1e30309e6f9798874/tensorflow_serving/

What differs: a model "loads" when its folder has a `saved_model.pb` that does not begin with "broken", it takes one
round of the server's loop, and a prediction says only which version answered.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from google.protobuf import text_format

from tests.support.serving_api import model_server_config

POLL = 0.02
"""Seconds between two looks at the configuration and at the folders."""

# model_servers/http_rest_api_util.cc#L31-L34
_PREDICT = re.compile(r"(?i)/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?:(classify|regress|predict)")
_STATUS = re.compile(r"(?i)/v1/models(?:/([^/:]+))?(?:/versions/(\d+)|/labels/([^/:]+))?(?:/(metadata))?")


class RefusedError(Exception):
    """The server does not take a configuration, or a call."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Servable:
    """A version as the server has it."""

    state: str = "START"
    error: str = ""
    aspired: bool = True


@dataclass
class StandIn:
    """One server.

    Attributes:
        config_file: What --model_config_file names.
        allow_unavailable: --allow_version_labels_for_unavailable_models.
        force_unavailable: force_allow_any_version_labels_for_unavailable_models, which drops calls.
        refusals: Why it did not take configurations, the newest last: the real one writes that to its log.
        holds: Versions whose loading does not end, as of a slow disk.
        peak: The most versions of one model that were loaded at a time.
    """

    config_file: Path
    allow_unavailable: bool = False
    force_unavailable: bool = False
    refusals: list[str] = field(default_factory=list)
    holds: set[int] = field(default_factory=set)
    peak: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._config: Any = None
        self._source: Any = None
        self._labels: dict[str, dict[str, int]] = {}
        self._servables: dict[str, dict[int, Servable]] = {}
        self._bases: dict[tuple[str, int], Path] = {}
        # Without a configuration that can be taken, it does not start (model_servers/server.cc#L113-L115).
        self.reload()

    def step(self) -> None:
        """One round: reads the configuration, looks at the folders, loads or unloads one version of each model."""
        with self._lock:
            # What can't be read or taken is logged, and all stays as it is (model_servers/server.cc#L165-L180).
            try:
                self.reload()
            except (RefusedError, text_format.ParseError, OSError) as error:
                self.refusals.append(str(error))
            self._look_at_folders()
            for versions in self._servables.values():
                self._act(versions)
                loaded = sum(each.state == "AVAILABLE" for each in versions.values())
                self.peak = max(self.peak, loaded)

    def reload(self) -> None:
        """Takes the configuration in the file, or raises."""
        with self._lock:
            config = model_server_config(self.config_file.read_text())
            self._check(config)
            # Kept before the labels are looked at; the source changes later (model_servers/server_core.cc#L512-L530).
            self._config = config
            self._take_labels(config)
            self._source = config

    def _check(self, config: Any) -> None:
        names = set()
        for model in config.model_config_list.config:
            # Each model once (model_servers/server_core.cc#L117-L130), the base path is absolute (#L144-L152).
            if model.name in names:
                raise RefusedError(400, f"Illegal to list model {model.name} multiple times in config list")
            names.add(model.name)
            if not model.base_path.startswith("/"):
                raise RefusedError(400, f"Expected model {model.name} to have an absolute path or URI")
            # A platform (model_servers/server_core.cc#L77-L108), which stays the same (#L157-L178).
            if not model.model_platform:
                raise RefusedError(
                    400, f"Illegal setting neither model_type nor model_platform, model name is {model.name}"
                )
            before = self._config.model_config_list.config if self._config is not None else ()
            if any(old.name == model.name and old.model_platform != model.model_platform for old in before):
                raise RefusedError(400, f"Illegal to change a model's platform. For model {model.name}")

    def _take_labels(self, config: Any) -> None:
        """A label only on what is available; else no label is taken (model_servers/server_core.cc#L549-L609)."""
        new: dict[str, dict[str, int]] = {}
        for model in config.model_config_list.config:
            for label, number in model.version_labels.items():
                held = self._labels.get(model.name, {}).get(label)
                # #L564-L571: the flag is for labels that lead nowhere yet.
                allowed = self.force_unavailable or (self.allow_unavailable and held in (None, number))
                servable = self._servables.get(model.name, {}).get(number)
                if not allowed and (servable is None or servable.state != "AVAILABLE"):
                    raise RefusedError(
                        412,
                        f"Request to assign label to version {number} of model {model.name}, which is not currently "
                        "available for inference",
                    )
                new.setdefault(model.name, {})[label] = number
        self._labels = new

    def _look_at_folders(self) -> None:
        """A missing folder stops the look (sources/storage_path/file_system_storage_path_source.cc#L326-L338)."""
        aspired = {}
        for model in self._source.model_config_list.config if self._source is not None else ():
            base = Path(model.base_path)
            if not base.exists():  # #L250-L263
                self.refusals.append(f"Could not find base path {base} for servable {model.name}")
                return
            aspired[model.name] = (base, set(self._aspired(base, model.model_version_policy)))
        self._aspire(aspired)

    def _aspired(self, base: Path, policy: Any) -> Iterator[int]:
        """#L120-L138 and #L146-L247: folders whose name is a number, by the policy."""
        numbers = sorted({int(path.name) for path in base.iterdir() if re.fullmatch(r"[0-9]+", path.name)})
        kind = policy.WhichOneof("policy_choice")
        if kind == "specific":
            yield from (number for number in numbers if number in policy.specific.versions)
        elif kind == "all":
            yield from numbers
        else:
            yield from numbers[-max(policy.latest.num_versions, 1) :]

    def _aspire(self, aspired: Mapping[str, tuple[Path, set[int]]]) -> None:
        for name in {*aspired, *self._servables}:
            base, numbers = aspired.get(name, (Path(), set[int]()))
            known = self._servables.setdefault(name, {})
            again = [known[number] for number in numbers & known.keys()]
            if any(not each.aspired and each.state != "END" for each in again):
                # What is wanted again waits until it is unloaded, and with it all else that is wanted of the model
                # (core/aspired_versions_manager.cc#L367-L383 and #L479).
                continue
            for number in numbers:
                if number not in known or (known[number].state == "END" and not known[number].aspired):
                    known[number] = Servable()
                    self._bases[name, number] = base
            for number, servable in known.items():
                servable.aspired = number in numbers

    def _act(self, versions: dict[int, Servable]) -> None:
        """core/availability_preserving_policy.cc#L48-L91: what to unload before what to load."""
        ready = {number for number, each in versions.items() if each.state == "AVAILABLE"}
        aspired = {number for number, each in versions.items() if each.aspired}
        leaving = sorted(ready - aspired)
        for number, each in versions.items():
            # What was not begun is forgotten (core/aspired_versions_manager.cc#L430-L450).
            if each.state == "UNLOADING" or (each.state == "START" and not each.aspired):
                each.state = "END"
            elif each.state == "LOADING" and number not in self.holds:
                self._finish(number, each, versions)
                return
        if leaving and (not aspired or ready & aspired or len(leaving) > 1):
            versions[leaving[0]].state = "UNLOADING"
            return
        waiting = [number for number in aspired if versions[number].state == "START"]
        if waiting:
            versions[max(waiting)].state = "LOADING"

    def _finish(self, number: int, servable: Servable, versions: dict[int, Servable]) -> None:
        name = next(name for name, each in self._servables.items() if each is versions)
        base = self._bases[name, number]
        folder = next((path for path in base.iterdir() if path.name.isdigit() and int(path.name) == number), base)
        graph = folder / "saved_model.pb"
        if not graph.is_file() or graph.read_bytes().startswith(b"broken"):
            # core/servable_state.h: kEnd is also where it hit an error.
            servable.state, servable.error = "END", f"Could not find SavedModel .pb or .pbtxt at {folder}"
        else:
            servable.state = "AVAILABLE"

    def answer(self, method: str, path: str) -> Any:
        """Answers a call, or raises."""
        with self._lock:
            if method == "POST" and (found := _PREDICT.fullmatch(path)):
                number = self._specific(unquote(found[1]), found[2], found[3])
                return {"predictions": [number]}
            if method == "GET" and (found := _STATUS.fullmatch(path)) and found[1]:
                name = unquote(found[1])
                if found[4]:
                    # With the version that was found (servables/tensorflow/get_model_metadata_impl.cc#L62-L64).
                    number = self._specific(name, found[2], found[3])
                    spec = {"name": name, "signature_name": "", "version": str(number)}
                    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": {}}}}
                return self._status(name, found[2])
            raise RefusedError(400, f"Malformed request: {method} {path}")

    def _specific(self, name: str, number: str | None, label: str | None) -> int:
        versions = self._servables.get(name, {})
        ready = sorted(number for number, each in versions.items() if each.state in ("AVAILABLE", "UNLOADING"))
        if label is not None:
            # See model_servers/server_core.cc#L873-L891.
            if label not in self._labels.get(name, {}):
                raise RefusedError(400, f"Unrecognized servable version label: {unquote(label)}")
            wanted = self._labels[name][label]
        elif number is not None:
            wanted = int(number)
        elif ready:
            return ready[-1]
        else:
            raise RefusedError(404, f"Servable not found for request: Latest({name})")
        # get_model_status.proto: UNLOADING is said before the version is made unavailable.
        if wanted not in ready:  # core/basic_manager.cc#L133-L141
            raise RefusedError(404, f"Servable not found for request: Specific({name}, {wanted})")
        return wanted

    def _status(self, name: str, number: str | None) -> Any:
        """A label is not looked at: all versions are told (model_servers/get_model_status_impl.cc#L81-L113)."""
        versions = self._servables.get(name, {})
        if number is not None and int(number) not in versions:
            raise RefusedError(404, f"Could not find version {number} of model {name}")
        if not versions:
            raise RefusedError(404, f"Could not find any versions of model {name}")
        told = [int(number)] if number is not None else sorted(versions, reverse=True)
        return {"model_version_status": [_told(each, versions[each]) for each in told]}


def _told(number: int, servable: Servable) -> Any:
    code = "NOT_FOUND" if servable.error else "OK"
    status = {"error_code": code, "error_message": servable.error}
    return {"version": str(number), "state": servable.state, "status": status}


@dataclass
class Running:
    """A server that answers calls and goes round by itself."""

    server: StandIn
    url: str


@contextmanager
def running(server: StandIn) -> Iterator[Running]:
    """Serves on a free port of this machine."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    ended = threading.Event()

    def go_round() -> None:
        while not ended.wait(POLL):
            server.step()

    threads = [threading.Thread(target=http.serve_forever, args=(0.01,)), threading.Thread(target=go_round)]
    for thread in threads:
        thread.start()
    try:
        yield Running(server, f"http://127.0.0.1:{http.server_address[1]}")
    finally:
        ended.set()
        http.shutdown()
        for thread in threads:
            thread.join()
        http.server_close()


def _handler(server: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._answer("POST")

        def _answer(self, method: str) -> None:
            try:
                code, found = 200, server.answer(method, self.path)
            except RefusedError as error:
                code, found = error.code, {"error": str(error)}
            body = json.dumps(found, indent=1).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
