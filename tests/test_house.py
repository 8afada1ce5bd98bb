"""The house rules of docs/architecture.md, held by a machine."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest
import tomllib

import tb_versions

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tb_versions"
UNIT = ROOT / "tests" / "unit"

# What the dashboard process must never load, however indirectly.
HEAVY = {"tensorflow", "keras", "torch", "jax", "pandas", "sklearn", "scipy", "tensorboardX", "matplotlib"}

# Installed packages that `import tb_versions` may load: none. It is a list of names until one is used.
LIGHT_FRONT_DOOR: set[str] = set()

# What TensorBoard itself has loaded when it loads a plugin's entry point, whatever the plugin does.
TENSORBOARD_HAS = {
    "absl",
    "attr",
    "google",
    "markupsafe",
    "numpy",
    "packaging",
    "pkg_resources",
    "tensorboard",
    "werkzeug",
}

NOTHING_TO_TEST = {"_version"}


def loaded_by(statement: str) -> set[str]:
    """Top-level names of the installed packages that a statement loads in a new process."""
    script = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        f"{statement}\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(json.dumps(sorted(new - set(sys.stdlib_module_names))))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout)) - {"tb_versions"}


def modules() -> list[str]:
    """Every module of the package but generated code, dotted, without the package's name."""
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    names = [".".join(path.with_suffix("").parts) for path in paths if "proto" not in path.parts]
    return sorted(name for name in names if not name.endswith("__init__"))


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_contracts_stay_short() -> None:
    _, _, contracts = (ROOT / "pyproject.toml").read_text().partition("[tool.importlinter]")
    assert contracts.count("\n") <= 100


def test_at_the_top_stand_only_rooms_and_public_modules() -> None:
    listed = subprocess.run(["git", "ls-files", "tb_versions"], capture_output=True, text=True, cwd=ROOT, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git work tree")
    entries = {line.split("/")[1] for line in listed.stdout.splitlines()} - {"__init__.py", "_version.py", "py.typed"}
    assert len(entries) <= 27, sorted(entries)
    modules = {entry for entry in entries if entry.endswith(".py")}
    assert modules <= {"errors.py", "keras.py", "summary.py", "tfx.py"}


def test_no_room_bears_the_name_of_a_public_function() -> None:
    """An imported submodule becomes an attribute of the package and would hide the function."""
    names = {path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"}
    shadowing = names & set(tb_versions.__all__) - {"keras", "summary"}
    assert shadowing == set()


def test_importing_the_package_loads_nothing_else() -> None:
    assert loaded_by("import tb_versions") <= LIGHT_FRONT_DOOR


def test_importing_the_entry_point_loads_only_what_tensorboard_has() -> None:
    assert loaded_by("import tb_versions.plugin.loader") <= TENSORBOARD_HAS


@pytest.mark.parametrize("module", ["plugin.plugin", "read.reader", "payload.tables", "cli.program"])
def test_the_read_side_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(f"import tb_versions.{module}") & HEAVY


@pytest.mark.parametrize("module", ["keras", "write.provenance", "write.publish", "summary"])
def test_the_write_side_loads_tensorflow_only_when_it_is_used(module: str) -> None:
    assert not loaded_by(f"import tb_versions.{module}") & HEAVY


def test_front_door_is_a_sorted_list() -> None:
    assert list(tb_versions.__all__) == sorted(tb_versions.__all__)


def test_front_door_offers_exactly_its_list() -> None:
    public = {name for name in dir(tb_versions) if not name.startswith("_")}
    assert set(tb_versions.__all__) <= set(dir(tb_versions))
    strangers = public - set(tb_versions.__all__)
    # Submodules appear as attributes as soon as anything imports them; they are no part of the promise.
    assert {name for name in strangers if not isinstance(getattr(tb_versions, name), types.ModuleType)} <= {
        "annotations"
    }


@pytest.mark.tensorflow
def test_every_public_name_has_a_docstring() -> None:
    missing = []
    for name in tb_versions.__all__:
        value = getattr(tb_versions, name)
        if name.startswith("__") or not (callable(value) or isinstance(value, types.ModuleType)):
            continue
        if not inspect.getdoc(value):
            missing.append(name)
    assert missing == []


@pytest.mark.tensorflow
def test_every_public_function_says_what_it_takes() -> None:
    """Google sections: a function with parameters has `Args:`, and names each of them there."""
    silent = []
    for name in tb_versions.__all__:
        value = getattr(tb_versions, name)
        if not inspect.isfunction(value):
            continue
        parameters = [p for p in inspect.signature(value).parameters if not p.startswith("_")]
        doc = inspect.getdoc(value) or ""
        if len(parameters) > 1 and not all(f"{p}:" in doc or f"{p}," in doc for p in parameters):
            silent.append((name, [p for p in parameters if f"{p}:" not in doc and f"{p}," not in doc]))
    assert silent == []


def test_every_unit_test_file_names_a_module() -> None:
    packages = {p.parent.relative_to(PACKAGE).as_posix().replace("/", ".") for p in PACKAGE.rglob("__init__.py")}
    known = set(modules()) | packages
    strays = []
    for path in UNIT.rglob("test_*.py"):
        folder = path.parent.relative_to(UNIT).parts
        name = path.stem.removeprefix("test_")
        candidates = {".".join((*folder, name)), ".".join((*folder, "_" + name))}
        # One module may have several test files: test_publish_race.py belongs to publish.
        words = name.split("_")
        candidates |= {".".join((*folder, "_".join(words[:count]))) for count in range(1, len(words))}
        candidates |= {".".join((*folder, "_" + "_".join(words[:count]))) for count in range(1, len(words))}
        # A package's own functions are tested beside its modules: provenance/test_capture.py.
        package = importlib.import_module(".".join(("tb_versions", *folder)))
        if not candidates & known and not hasattr(package, name):
            strays.append(path.relative_to(ROOT).as_posix())
    assert strays == []


def test_every_room_is_tested_by_name() -> None:
    """A top-level module or package has a test file of its name, or a test that imports it."""
    names = {module.partition(".")[0] for module in modules()} - set(NOTHING_TO_TEST)
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    stems = {path.stem.removeprefix("test_") for path in files if path.name.startswith("test_")}
    text = "\n".join(path.read_text() for path in files)
    imported = set(re.findall(r"from tb_versions\.(\w+)[\w.]* import", text))
    for line in re.findall(r"from tb_versions import ([^(\n]+|\([^)]*\))", text):
        imported |= set(re.findall(r"\w+", line))
    tested = {name for name in names if name in imported or any(f"{stem}_".startswith(f"{name}_") for stem in stems)}
    assert not names - tested


def test_versions_agree() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{tb_versions.__version__}]" in changelog


def test_dependencies_have_lower_bounds_and_tools_are_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert all(">=" in requirement for requirement in project["dependencies"])
    extras = project["optional-dependencies"]
    own = project["name"]
    assert all("==" in requirement or requirement.startswith(own) for requirement in extras["dev"] + extras["demo"])


def test_no_committed_file_names_this_machine() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git work tree")
    # Written in pieces, or this file would name them.
    forbidden = [word.encode() for word in (f"{ROOT}/", "/work" + "/main", "/work" + "/shared", "." + "library/")]
    found = []
    for name in listing.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        data = path.read_bytes()
        found += [(name, word.decode()) for word in forbidden if word in data]
    assert found == []
