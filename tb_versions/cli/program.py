"""The group of all commands: how they report errors and warnings, react to Ctrl-C and to a closed output."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from tb_versions._version import __version__
from tb_versions.cli import INTERRUPTED
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import (
    AlteredExportError,
    ConflictError,
    DamagedLogError,
    FilesElsewhereError,
    InvalidManifestError,
    InvalidNameError,
    InvalidQueryError,
    InvalidReferenceError,
    InvalidServingConfigError,
    MissingDependencyError,
    NewerLogError,
    NewerSchemaError,
    NoAnswerError,
    StorageError,
    TbVersionsError,
    TbVersionsWarning,
    UnreadableFolderError,
    UnsupportedStorageError,
    VersionDamagedError,
)

_CODES: tuple[tuple[int, tuple[type[TbVersionsError], ...]], ...] = (
    (
        2,
        (InvalidQueryError, InvalidReferenceError, InvalidNameError, UnreadableFolderError, UnsupportedStorageError),
    ),
    (3, (ConflictError,)),
    (5, (StorageError, FilesElsewhereError, NewerLogError, NewerSchemaError, MissingDependencyError, NoAnswerError)),
    (
        4,
        (
            DamagedLogError,
            VersionDamagedError,
            AlteredExportError,
            InvalidManifestError,
            InvalidServingConfigError,
        ),
    ),
)
"""Exit codes of errors, as docs/cli.md has them: the first that fits. Any other of this package's is "no", 1."""

FAILED = 5
"""Exit code where there is no answer: what nobody expected is never taken for "no"."""

_OUTPUT_FAILS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF, errno.ESTALE)

_UNHEARD = {
    "adopt": 141,
    "gate": 141,
    "drift": 141,
    "verify": 141,
    "replay": 141,
    "reproduce": 141,
    "import": 141,
    "import-gto": 141,
    "import-mlflow": 141,
    "import-neptune": 141,
    "import-tfx": 141,
    "import-trackio": 141,
    "import-wandb": 141,
    "changed": 141,
    "fsck": 141,
    "index": 141,
    "inspect": 141,
}  # their exit code is an answer, which is not there yet


_COMMANDS = {  # where each is, and what `--help` says of it: loading them all would take a second
    "adopt": ("adopt:adopt_models", "Make versions of models that were made without this package."),
    "approve": ("approve:approve", "Record that you approve of versions."),
    "bom": ("bom:bom", "Write a bill of materials of a version: CycloneDX."),
    "bump": ("bump:bump", "Give a version the next semantic version."),
    "canary-weights": ("serving:canary_weights", "Divide calls between production and canary: Envoy, nginx, KServe."),
    "card": ("card:card", "Write a model card of a version, as Hugging Face reads it."),
    "changed": ("history:changed", "Say whether anything happened since an event or a date."),
    "compare": ("compare:compare_versions", "Compare versions and runs: what differs, what is better."),
    "copy": ("copy:copy", "Copy versions to another models folder."),
    "curves": ("curves:curves", "Show the curves behind versions: at export, best, last, points."),
    "deprecate": ("approve:deprecate", "Mark versions that should not be used any more."),
    "describe": ("label:describe", "Give a version another description."),
    "dossier": ("dossier:dossier", "Write what is known of a version by the points of the AI Act's Annex IV."),
    "drift": ("serving:drift", "Compare what is served with what the registry says."),
    "export": ("export:export_versions", "Write what the tab shows as one file that opens anywhere."),
    "export-mlflow": ("export_mlflow:export_mlflow", "Register versions in MLflow, with their files."),
    "fsck": ("fsck:fsck", "Look registries over: gaps, forks, damage, litter."),
    "gate": ("gate:gate", "Judge versions by rules."),
    "history": ("history:history", "Show what happened: who, when, what and why."),
    "import": ("restore:restore", "Restore the manifests in an export: manifests, not models."),
    "import-gto": ("import_gto:import_gto", "Import versions that GTO's git tags register."),
    "import-mlflow": ("import_mlflow:import_mlflow", "Import versions from an MLflow store."),
    "import-neptune": ("import_neptune:import_neptune", "Import versions from what Neptune Exporter wrote."),
    "import-tfx": ("import_tfx:import_tfx", "Import versions from a TFX pipeline's output folder."),
    "import-trackio": ("import_trackio:import_trackio", "Import versions from Trackio's database files."),
    "import-wandb": ("import_wandb:import_wandb", "Import versions from W&B's offline runs."),
    "index": ("index:index", "Keep a table of all versions that DuckDB, Polars and Spark read."),
    "inspect": ("inspect:inspect", "Show what a model contains, and what in it is dangerous, without loading it."),
    "label": ("label:label", "Give labels of versions other values."),
    "list": ("list:list_versions", "List every version, or those of one model."),
    "mcp": ("mcp.command:mcp", "Answer an assistant's questions: a server of read-only tools."),
    "note": ("label:note", "Add a note to a version."),
    "promote": ("promote:promote", "Let an alias name a version."),
    "prune": ("remove:prune", "Remove the versions that no rule keeps."),
    "record": ("record:record", "Record metrics that were measured later."),
    "remove": ("remove:remove", "Remove versions: their files move to the trash."),
    "replay": ("replay:replay", "Ask a version again, and compare with what it answered."),
    "reproduce": ("reproduce:reproduce", "Say what it takes to train a version again, or train it again."),
    "restore": ("approve:restore", "Take back that versions are deprecated."),
    "rollback": ("promote:rollback", "Let an alias name the version before again."),
    "rollout": ("serving:rollout", "Change what TensorFlow Serving serves, phase by phase."),
    "serve": ("serve:serve", "Show an export in the browser."),
    "serving-config": ("serving:serving_config", "Write TensorFlow Serving's configuration from the aliases."),
    "show": ("show:show", "Show everything about one version."),
    "sign": ("sign:sign", "Sign the files of a version with a key."),
    "unalias": ("promote:unalias", "Remove an alias."),
    "verify": ("verify:verify", "Check the files of versions, or an export, for changes."),
    "which": ("which:which", "Show what an alias names: who put it there, when and why."),
    "withdraw": ("approve:withdraw", "Take back your approval of versions."),
}

_CHANGING = frozenset(
    {
        "adopt",
        "approve",
        "bump",
        "copy",
        "deprecate",
        "describe",
        "import",
        "import-gto",
        "import-mlflow",
        "import-neptune",
        "import-tfx",
        "import-trackio",
        "import-wandb",
        "label",
        "note",
        "promote",
        "prune",
        "record",
        "remove",
        "restore",
        "rollback",
        "rollout",
        "unalias",
        "withdraw",
    }
)
"""Those that write to a models folder."""


class _Group(click.Group):
    """Loads a command when it is used, and shows every error as one line; the exit code says which kind it is."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks for it
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"tb_versions.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Commands are {', '.join(_COMMANDS)}."
            ctx.fail(f"No such command {shown(args[0])}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, names in (("Commands", _COMMANDS.keys() - _CHANGING), ("Commands that change", _CHANGING)):
            with formatter.section(title):
                formatter.write_dl([(name, _COMMANDS[name][1]) for name in sorted(names)])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _ending_quietly(lambda: 0):
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        try:
            with _ending_quietly(lambda: _UNHEARD.get(ctx.invoked_subcommand or "", 0)), _warning_in_a_line():
                return super().invoke(ctx)
        except TbVersionsError as error:
            click.echo(f"tb-versions: {visible(str(error))}", err=True)
            sys.exit(_code_of(error))
        except KeyboardInterrupt:
            click.echo("\nAborted!", err=True)
            sys.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise  # click ends with them
        except Exception as error:  # noqa: BLE001 - else Python would end with 1, which is an answer
            click.echo(f"tb-versions: {unexpected(error)}", err=True)
            sys.exit(FAILED)


def _code_of(error: TbVersionsError) -> int:
    return next((code for code, kinds in _CODES if isinstance(error, kinds)), 1)


def unexpected(error: Exception) -> str:
    """Returns one sentence about an error that nobody expected, with its place for who mends it."""
    if isinstance(error, OSError):
        return visible(f"There is no answer: {error}.")
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else ""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return visible(f"There is no answer, for a mistake in tb_versions{where} ({said[:300]}). Please report it.")


@contextmanager
def _warning_in_a_line() -> Iterator[None]:
    """Shows what this package warns of as a line of the command's, not with a line of somebody's code.

    It is shown whatever Python is told to do with warnings; those of other packages stay as they are.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("default", TbVersionsWarning)
        as_before = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, TbVersionsWarning):
                as_before(message, category, *where, **more)
                return
            with suppress(OSError):  # nobody reads it: as Python has it, that stops nothing
                click.echo(f"tb-versions: {visible(str(message))}", err=True)

        warnings.showwarning = show
        yield


@contextmanager
def _ending_quietly(code: Callable[[], int]) -> Iterator[None]:
    """Ends silently when the output is closed (`| head`), with the command's own exit code if it is known.

    An output that can't be written, on a full disk, is said in a line.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:  # closed from the start, as a daemon has it
                sys.stdout.flush()
    except BrokenPipeError as error:
        _forget_output()
        ended = error.__context__
        sys.exit(ended.code if isinstance(ended, SystemExit) else code())
    except OSError as error:
        if error.filename is not None or error.errno not in _OUTPUT_FAILS:  # it is about a file, not the output
            raise
        _forget_output()
        click.echo(f"tb-versions: The output could not be written: {error.strerror}.", err=True)
        sys.exit(1)


def _forget_output() -> None:
    """Lets what is left, which is flushed at the end, go nowhere."""
    with suppress(OSError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tb-versions")
def main() -> None:
    """Which model version is which.

    Reads version manifests below --models-dir and --logdir, and announcements in the event files of --logdir.
    Exit codes: 0 fine, 1 the answer is no, 2 wrong usage, 3 somebody was faster, 4 damaged or rewritten, 5 no answer.
    """


def commands(*, changing: bool) -> dict[str, str]:
    """Returns the names of commands with a sentence each: of those that write to a models folder, or of the others."""
    return {name: words for name, (_, words) in _COMMANDS.items() if (name in _CHANGING) is changing}
