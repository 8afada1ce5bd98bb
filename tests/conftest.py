"""Fixtures that every kind of test may use."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import object_stores
from tests.support.effort import FULL, tries
from tests.support.servers import TensorBoard, start_tensorboard

ROOT = Path(__file__).resolve().parent.parent

# Before anything imports TensorFlow: no chatter, and the same arithmetic on every machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

# What tests and their processes read stays out of the user's cache, and what they saw out of the user's state.
_CACHE = tempfile.TemporaryDirectory(prefix="tb-versions-cache-")
os.environ["TB_VERSIONS_CACHE_DIR"] = _CACHE.name
os.environ["TB_VERSIONS_STATE_DIR"] = os.path.join(_CACHE.name, "state")

# No test asks the machine that it runs on for a role, as a client of S3 without credentials does.
os.environ.setdefault("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")

# A slow or busy machine is no failure. What stops a push is the same in each run; `make faults` looks further.
settings.register_profile(
    "project",
    max_examples=tries(100),
    derandomize=not FULL,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds this project's options."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite the golden files instead of comparing")
    parser.addoption("--headed", action="store_true", help="show the browser's window")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files that take long first: of two processes none is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("tensorflow")}
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Lets TensorBoard find TensorFlow where a test wants it.

    TensorBoard decides once per process whether there is TensorFlow, and reading event files with
    tb_versions makes it decide for "no" (3 s and 500 MB less); its HParams API would fail from then on.
    """
    if any(item.get_closest_marker("tensorflow") for item in session.items):
        sys.modules.pop("tensorboard.compat.notf", None)
        compat = pytest.importorskip("tensorboard.compat")
        pytest.importorskip("tensorflow")
        assert compat.tf2.__version__


def pytest_configure() -> None:
    """Ctrl-C counts, though a shell that starts tests in the background has it ignored: children would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test whose client library is not installed, and says which command installs it."""
    marker = item.get_closest_marker("client")
    if marker is not None and not (ROOT / f".venv-{marker.args[0]}" / ".installed").exists():
        pytest.skip(f"make .venv-{marker.args[0]}/.installed brings the environment")


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Folder of pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder with inputs that others wrote ($TB_VERSIONS_TEST_DATA, else `shared/data` beside the project).

    Skips where it is absent.
    """
    folder = Path(os.environ.get("TB_VERSIONS_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the test data of others is not here: {folder}; name it with TB_VERSIONS_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def demo_output() -> Path:
    """Folder that the demo filled, demo/out: `logs/`, `models/`, `expected.json`. Do not write to it.

    Trains for a minute or two if it is not complete, or was made by another version of the demo. Of several processes
    of tests one trains, and the others wait.
    """
    from demo.workspace import Workspace  # here, for tests that copy a part of the project have no demo

    command = [sys.executable, "-m", "demo", "--no-serve"]
    with open(ROOT / ".venv" / ".demo.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        out = Workspace(ROOT / "demo" / "out")
        if out.expected.exists() and not out.is_current():
            command.append("--fresh")
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the demo failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return ROOT / "demo" / "out"


@pytest.fixture(scope="session")
def tensorboard_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., TensorBoard]]:
    """Starts real TensorBoards: `tensorboard_server(logdir, *flags)` returns one that answers.

    The same arguments give the same server, so that tests of one page share its start (3 to 7 s). All
    are killed at the end of the session; call `stop()` on one that nobody needs any more.
    """
    running: dict[tuple[str, ...], TensorBoard] = {}
    folder = tmp_path_factory.mktemp("tensorboard")

    def start(logdir: os.PathLike[str] | str | None, *arguments: str) -> TensorBoard:
        key = (str(logdir), *arguments)
        if key not in running or running[key].process.poll() is not None:
            running[key] = start_tensorboard(logdir, *arguments, log_file=folder / f"{len(running)}.log")
        return running[key]

    yield start
    for server in running.values():
        server.stop()


@pytest.fixture
def client_python(request: pytest.FixtureRequest) -> Path:
    """Python of the environment that the test's mark `client("mlflow")` names."""
    marker = request.node.get_closest_marker("client")
    assert marker is not None
    return ROOT / f".venv-{marker.args[0]}" / "bin" / "python"


@pytest.fixture(scope="session")
def _s3_server() -> Iterator[object_stores.Buckets]:
    pytest.importorskip("moto")
    with object_stores.serving() as server:
        yield server


@pytest.fixture
def s3(_s3_server: object_stores.Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object_stores.Buckets:
    """An S3 of our own with one empty bucket, to which the variables lead."""
    _s3_server.reset()
    monkeypatch.setenv("TB_VERSIONS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TB_VERSIONS_STATE_DIR", str(tmp_path / "state"))
    for name, value in object_stores.settings_for(_s3_server).items():
        monkeypatch.setenv(name, value)
    return _s3_server


@pytest.fixture(scope="session")
def _gcs_server() -> Iterator[object_stores.Buckets]:
    pytest.importorskip("moto")
    with object_stores.serving(gcs=True) as server:
        yield server


@pytest.fixture
def gcs(_gcs_server: object_stores.Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object_stores.Buckets:
    """The same as Google Cloud Storage."""
    _gcs_server.reset()
    monkeypatch.setenv("TB_VERSIONS_CACHE_DIR", str(tmp_path / "cache"))
    for name, value in object_stores.gcs_settings_for(_gcs_server, tmp_path).items():
        monkeypatch.setenv(name, value)
    return _gcs_server
