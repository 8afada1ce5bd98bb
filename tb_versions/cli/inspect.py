"""`tb-versions inspect`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click

from tb_versions.cli import options, text
from tb_versions.cli.program import FAILED
from tb_versions.core.manifest import Shape, Signature, shown, visible
from tb_versions.core.references import is_path, version_folder
from tb_versions.errors import VersionNotFoundError
from tb_versions.read.catalog import Version
from tb_versions.read.reuse.api import folder_of_files, here
from tb_versions.trust.findings import KINDS, Finding, Inspection, Part
from tb_versions.trust.inspecting import inspect_model
from tb_versions.trust.inspection_record import record_inspected
from tb_versions.trust.wire import inspection_payload

_MOST = 50
_DEGREES = {"dangerous": ("dangerous",), "custom": ("dangerous", "custom")}


@click.command()
@click.argument("name", metavar="DIR|REF")
@options.places
@click.option(
    "--fail-on",
    type=click.Choice(list(_DEGREES)),
    default=None,
    help="Exit with 1 if anything dangerous is in it; custom: or code that nobody judged.",
)
@click.option("--record", is_flag=True, help="Record what was found in the history of the version, for the tab.")
@click.option("--actor", metavar="NAME", default=None, help="Who records; TB_VERSIONS_ACTOR, else the login.")
@options.as_json
def inspect(
    name: str,
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    fail_on: str | None,
    record: bool,
    actor: str | None,
    json: bool,
) -> None:
    """Show what a model contains, without loading it: signatures, ops, variables, and what in it is dangerous.

    Reads SavedModels, Keras's .keras and .h5, safetensors, ONNX, LiteRT, pickles and PyTorch's files. DIR is a folder
    or a file, REF a version. What could not be looked at is named; with --fail-on it exits with 5 then, unless it is 1.
    """
    path, version = _where(name, logdir, models_dirs)
    if record and version is None:
        raise click.UsageError(f"--record is for a version: {shown(name)} is only a path. Name it like digits:3.")
    found = inspect_model(path)
    if json:
        click.echo(text.json_of(inspection_payload(found)))
    else:
        _print(found)
    if record and version is not None:
        change = record_inspected(version, here(version), found, actor=actor)
        click.echo(visible(str(change)), err=True)
    if fail_on is None:
        return
    if any(finding.kind in _DEGREES[fail_on] for finding in found.findings):
        sys.exit(1)
    if found.has("unread") or not found.parts:
        click.echo("tb-versions: Whether there is any is not known: not all of it could be looked at.", err=True)
        sys.exit(FAILED)


def _where(name: str, logdir: str, models_dirs: tuple[str, ...]) -> tuple[str, Version | None]:
    """The folder or file that is meant, and its version, if it is one's; its files may lie elsewhere."""
    folder = os.path.expanduser(version_folder(name))
    if os.path.isfile(folder):
        return folder, None
    if is_path(name):
        try:
            version = options.find(options.read(logdir, models_dirs, refs=[name]).catalog, name)
        except VersionNotFoundError:
            return folder, None
    elif os.path.lexists(folder) and not (logdir or models_dirs):
        return folder, None
    else:
        version = options.find(options.read(logdir, models_dirs, refs=[name]).catalog, name)
    return folder_of_files(version, here(version, check=False)), version


def _print(found: Inspection) -> None:
    for number, part in enumerate(found.parts):
        if number == _MOST:
            click.echo(f"And {len(found.parts) - _MOST:,} more models; --json has all.")
            break
        for line in _of_part(part):
            click.echo(visible(line))
    others = len(found.others)
    files = f"{found.files:,} file{'s' if found.files != 1 else ''}, {found.size:,} bytes"
    click.echo(f"{files}. {others:,} of other formats, which were not looked at." if others else f"{files}.")
    for kind, words in KINDS.items():
        of_kind = [finding for finding in found.findings if finding.kind == kind]
        if of_kind:
            click.echo(f"\n{kind}: {words}")
            for finding in of_kind[:_MOST]:
                click.echo(visible(f"  {_line(finding)}"))
            if len(of_kind) > _MOST:
                click.echo(f"  and {len(of_kind) - _MOST:,} more; --json has all.")
    if not found.has("dangerous"):
        click.echo(f"\n{_verdict(found)}")


def _verdict(found: Inspection) -> str:
    if not found.parts:
        return "No model was found in it."
    if found.has("unread"):
        return "Nothing dangerous was found, but not all of it could be looked at."
    return "Nothing dangerous was found. That is no proof that it is safe."


def _line(finding: Finding) -> str:
    times = f" (×{finding.count:,})" if finding.count > 1 else ""
    name = f"{finding.name}{times}: " if finding.name else ""
    return f"{finding.file}: {name}{finding.why}."


def _of_part(part: Part) -> Iterator[str]:
    yield f"{part.file or '.'} ({', '.join(filter(None, [part.format, part.software, f'{part.size:,} bytes']))})"
    model = part.model
    if model is None:
        return
    for graph in model.meta_graphs:
        if graph.tags:
            yield f"  graph: {', '.join(graph.tags)}"
        for signature in graph.signatures:
            yield f"  signature {_signature(signature)}"
        if graph.ops:
            yield f"  ops: {sum(graph.ops.values()):,} of {len(graph.ops):,} kinds"
    count = len(model.variables) + model.variables_omitted
    if count:
        yield f"  variables: {count:,}, {model.parameter_count:,} parameters"


def _signature(signature: Signature) -> str:
    inputs, outputs = (
        ", ".join(f"{each.name}: {each.dtype or '?'}{_shape(each.shape)}" for each in side)
        for side in (signature.inputs, signature.outputs)
    )
    return f"{signature.key}({inputs}) → {outputs}" if outputs else f"{signature.key}({inputs})"


def _shape(shape: Shape | None) -> str:
    if shape is None or shape.unknown_rank:
        return ""
    return f"[{', '.join('?' if size < 0 else str(size) for size in shape.dimensions)}]"
