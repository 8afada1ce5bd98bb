"""`python -m demo`: trains small models, writes versions, serves the Versions tab.

What is complete is served as it is; `--fresh` trains again. `--no-serve` ends after writing.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

from demo.workspace import Workspace

FIRST_PORT = 6006
"""TensorBoard's own."""


def main() -> None:
    """Runs the demo."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--no-serve", action="store_true", help="end after writing")
    parser.add_argument("--fresh", action="store_true", help="remove what is there and train again")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "out", help="folder to write to (default: demo/out)"
    )
    arguments = parser.parse_args()
    workspace = Workspace(arguments.out)
    prepare(workspace, fresh=arguments.fresh)
    if arguments.no_serve:
        print(how_to_look(workspace), flush=True)
    else:
        serve(workspace)


def prepare(workspace: Workspace, *, fresh: bool) -> None:
    """Fills the workspace unless it is complete."""
    shown = os.path.relpath(workspace.out)
    if workspace.expected.exists() and not fresh:
        by = "" if workspace.is_current() else ", by another version of the demo"
        print(f"{shown} is complete{by}: {workspace.summary()}. (ARGS=--fresh trains again.)", flush=True)
        return
    if workspace.out.exists():
        if not fresh:
            print(f"{shown} was left unfinished; it is removed and made again.", flush=True)
        _remove(workspace.out)
    workspace.out.mkdir(parents=True)
    print("Training small models on scikit-learn's digits; this takes about a minute and a half.", flush=True)
    start = time.monotonic()
    workspace.fill()
    print(f"Wrote {workspace.summary()} to {shown} in {time.monotonic() - start:.0f} s.", flush=True)


def how_to_look(workspace: Workspace) -> str:
    """Returns the commands that show what was written, by the programs beside this Python."""
    programs = Path(sys.executable).parent
    tensorboard, command = (shlex.quote(os.path.relpath(programs / name)) for name in ("tensorboard", "tb-versions"))
    logs, models = (shlex.quote(os.path.relpath(folder)) for folder in (workspace.logs, workspace.models))
    return (
        "\nLook at it with\n\n"
        f"  {tensorboard} --logdir {logs} --versions_models_dir {models}\n"
        f"  {command} list --logdir {logs} --models-dir {models}\n\n"
        f"The guides' commands work in {os.path.relpath(workspace.out)}; the programs are in {programs}."
    )


def serve(workspace: Workspace) -> NoReturn:
    """Becomes TensorBoard."""
    port = free_port()
    logs, models = os.path.relpath(workspace.logs), os.path.relpath(workspace.models)
    print(
        f"\nTensorBoard starts (a few seconds). Open  http://localhost:{port}/#versions  and end with Ctrl-C.\n",
        flush=True,
    )
    command = ["--logdir", logs, "--versions_models_dir", models, "--port", str(port)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    os.execve(sys.executable, [sys.executable, "-m", "tensorboard.main", *command], environment)


def free_port() -> int:
    """Returns the first free port from 6006 on."""
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("localhost", port))
            except OSError:
                continue
        return port
    raise SystemExit(f"No port from {FIRST_PORT} to {FIRST_PORT + 99} is free.")


def _remove(folder: Path) -> None:
    """Removes the demo's own output, and nothing that isn't."""
    strangers = {path.name for path in folder.iterdir()} - {
        *("logs", "models", "project", "written.jsonl", "expected.json", "expected.tmp")
    }
    if strangers:
        raise SystemExit(
            f"{folder} holds files that the demo did not make ({', '.join(sorted(strangers))}); remove them."
        )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
