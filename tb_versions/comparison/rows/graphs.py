"""Same graph, same weights, or another architecture; which variables and ops changed. Pure.

Equal digests of files prove equality, and so do equal checksums of the graph's file and of the checkpoint in
SavedModel's fingerprint. Its hash of the graph proves nothing: it leaves out the functions, in which the model
computes. Unequal ones prove nothing either: the graph's file changes with the names of functions, which Keras counts
up, and files of weights with names and the optimizer's state. What was parsed then decides: the model's variables, and
the ops that compute. It does not tell how these are connected, nor the constants, so that it proves no equality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tb_versions.comparison.architecture import Architecture, architecture_of, is_parsed, ops_of, variable_changes
from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import UNKNOWN, Cell, Row, cell, row, short_text, some
from tb_versions.core.manifest import File, Fingerprint, SavedModel, VersionManifest
from tb_versions.core.showing import counted

Verdict = Literal[
    "identical content",
    "same graph and weights",
    "same graph, new weights",
    "same architecture, other weight files",
    "same weights, same kinds of ops",
    "same weights, other graph",
    "same architecture",
    "different architecture",
    "unknown",
]
Basis = Literal["digest", "fingerprint", "parsed graph", ""]

# What saves, restores and passes on: it changes with the optimizer and the exporter, not with the architecture.
_HOUSEKEEPING = frozenset(
    {
        "AssignVariableOp", "Assign", "Const", "DisableCopyOnRead", "Identity", "IdentityN", "IsVariableInitialized",
        "MergeV2Checkpoints", "NoOp", "Pack", "PartitionedCall", "Placeholder", "ReadVariableOp", "RestoreV2",
        "SaveV2", "Select", "ShardedFilename", "StatefulPartitionedCall", "StaticRegexFullMatch", "StringJoin",
        "VarHandleOp", "VarIsInitializedOp", "Variable", "VariableV2",
    }
)  # fmt: skip
_MOST_LISTED = 200
_OF_FILES = "sha256:"
_TOLD_BY_WHAT_WAS_PARSED = frozenset(
    {"same architecture", "same architecture, other weight files", "same weights, same kinds of ops"}
)
_NOT_RECORDED = "told by variables and kinds of ops; how these are connected and their constants are not recorded"
_NOT_ONLY_WEIGHTS = ", and files of weights differ also by names and the optimizer's state"


@dataclass(frozen=True, slots=True)
class Finding:
    """How two models differ.

    Attributes:
        basis: What the verdict follows from.
        added: Variables that only the other has.
        removed: Variables that only the baseline has.
        reshaped: (name, before, after) with type and shape.
        renamed: (before, after) of layers that have the same variables under another name; that is no difference.
        ops: Op type to its counts before and after, where they differ.
        doubt: A sentence about what is not known, or "".
    """

    verdict: Verdict
    basis: Basis
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reshaped: tuple[tuple[str, str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    ops: Mapping[str, tuple[int, int]] | None = None
    doubt: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences for people."""
        found = []
        for names, how in ((self.added, "added"), (self.removed, "removed")):
            if names:
                found.append(f"{counted(len(names), 'variable')} {how}: {some(names)}")
        if self.reshaped:
            changes = [f"{name} {old} → {new}" for name, old, new in self.reshaped]
            found.append(f"{counted(len(changes), 'variable')} reshaped: {some(changes)}")
        if self.ops:
            changes = [f"{op} {old} → {new}" for op, (old, new) in self.ops.items() if op not in _HOUSEKEEPING]
            if changes:
                found.append(f"ops: {some(changes)}")
        if self.renamed:
            changes = [f"{old} → {new}" for old, new in self.renamed]
            found.append(f"{counted(len(changes), 'layer')} renamed: {some(changes)}")
        if self.doubt:
            found.append(self.doubt)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Prints:
    """What proves that graphs or weights are equal; "" where it is not known.

    Attributes:
        graph: "sha256:" and 16 hexadecimal digits that stand for the files with the graph and its assets; where their
            digests are not known, the checksum of the graph's file, of SavedModel's fingerprint.
        checkpoint: Hash of the weights, of SavedModel's fingerprint.
        variables: 16 hexadecimal digits that stand for the files with the weights.
    """

    graph: str = ""
    checkpoint: str = ""
    variables: str = ""


def prints_of(manifest: VersionManifest) -> Prints:
    """Returns what a manifest says to prove that graphs or weights are equal."""
    fingerprint = manifest.saved_model.fingerprint if manifest.saved_model else None
    assets, variables = (_files_below(manifest, folder) for folder in ("assets/", "variables/"))
    graph = [file for file in manifest.files if file.path == "saved_model.pb"]
    digits = _print_of([*graph, *assets]) if graph else ""
    checksum = "" if assets else _part(fingerprint, "saved_model_checksum")
    return Prints(
        graph=f"{_OF_FILES}{digits}" if digits else checksum,
        checkpoint=_part(fingerprint, "checkpoint_hash"),
        variables=_print_of(variables),
    )


def _files_below(manifest: VersionManifest, folder: str) -> list[File]:
    return [file for file in manifest.files if file.path.startswith(folder)]


def _print_of(files: Sequence[File]) -> str:
    """16 hexadecimal digits that stand for files; "" where there are none, or where the digest of one is not known."""
    is_known = bool(files) and all(file.digest for file in files)
    return short_text(sorted(f"{file.path} {file.digest}" for file in files)) if is_known else ""


def compare_graphs(old: VersionManifest, new: VersionManifest) -> Finding:
    """Returns how the SavedModel of one manifest differs from that of another."""
    return _compare(_known(old), _known(new))


@dataclass(frozen=True, slots=True)
class _Known:
    """A manifest and what its SavedModel says, made once: the baseline is compared with each member."""

    manifest: VersionManifest
    architecture: Architecture | None


def _known(manifest: VersionManifest) -> _Known:
    return _Known(manifest, architecture_of(manifest.saved_model) if manifest.saved_model else None)


def _compare(old: _Known, new: _Known) -> Finding:
    if old.manifest.digest and old.manifest.digest == new.manifest.digest:
        return Finding("identical content", "digest")
    before, after = old.architecture, new.architecture
    if before is None or after is None:
        return Finding("unknown", "")
    ops = _op_changes(before.ops, after.ops)
    found = variable_changes(before, after, is_alike=not _computing(ops))
    differs = bool(found.added or found.removed or found.reshaped or _computing(ops))
    is_alike = not differs and found.is_known and before.is_parsed and after.is_parsed
    prints = prints_of(old.manifest), prints_of(new.manifest)
    is_same = is_alike and bool(prints[0].graph) and prints[0].graph == prints[1].graph
    weights, basis = _same_weights(*prints)
    verdict = _verdict(is_same=is_same, weights=weights, is_alike=is_alike, differs=differs)
    basis = _basis_of_graph(prints[0]) if is_same else basis if weights else "parsed graph"
    doubt = _doubt(verdict, is_same=is_same, is_known=found.is_known)
    return Finding(verdict, basis, found.added, found.removed, found.reshaped, found.renamed, ops, doubt)


def _verdict(*, is_same: bool, weights: bool | None, is_alike: bool, differs: bool) -> Verdict:
    if is_same and weights is not None:
        return "same graph and weights" if weights else "same graph, new weights"
    if is_alike and weights is not None:
        return "same weights, same kinds of ops" if weights else "same architecture, other weight files"
    if is_alike:
        return "same architecture"
    if differs:
        return "same weights, other graph" if weights else "different architecture"
    return "unknown"


def _basis_of_graph(prints: Prints) -> Basis:
    return "digest" if prints.graph.startswith(_OF_FILES) else "fingerprint"


def _doubt(verdict: Verdict, *, is_same: bool, is_known: bool) -> str:
    if not is_known:
        return "variables have other names, and not all of them are listed, so they can't be told apart"
    if is_same or verdict not in _TOLD_BY_WHAT_WAS_PARSED:
        return ""
    return _NOT_RECORDED + (_NOT_ONLY_WEIGHTS if verdict == "same architecture, other weight files" else "")


def graph_rows(members: Sequence[Member], baseline: int) -> Iterator[Row]:
    """Yields the verdict, the counts, and the ops that differ."""
    manifests = [m.manifest for m in members]
    known = [_known(m) if m else None for m in manifests]
    yield row("graph", "graph", "graph and weights", cells=[_graph_cell(k, known[baseline]) for k in known])
    models = [m.saved_model if m else None for m in manifests]
    yield row("graph", "parameters", "parameters", cells=[_count_cell(m, _parameters) for m in models])
    yield row("graph", "variables", "variables", cells=[_count_cell(m, _variables) for m in models])
    yield row("graph", "layers", "layers with variables", cells=[_count_cell(m, _layers) for m in models])
    yield row(
        "graph", "ops", "ops", cells=[_ops_cell(m, None if m is models[baseline] else models[baseline]) for m in models]
    )


def _ops_cell(model: SavedModel | None, base: SavedModel | None) -> Cell:
    if model is None or not is_parsed(model):
        return UNKNOWN
    ops = ops_of(model)
    text = f"{ops.total():,} of {counted(len(ops), 'kind')}"
    changes = _op_changes(ops_of(base), ops) if base else {}
    reasons = [f"{op} {old} → {new}" for op, (old, new) in changes.items()]
    return Cell(
        text, short_text(f"{op} {number}" for op, number in sorted(ops.items())), reasons=tuple(reasons[:_MOST_LISTED])
    )


def _graph_cell(known: _Known | None, base: _Known | None) -> Cell:
    if known is None or (known.architecture is None and not known.manifest.digest):
        return UNKNOWN
    value = known.manifest.digest or _identity(known.manifest)
    if base is known or base is None:
        return Cell("baseline" if base is known else "not compared", value)
    finding = _compare(base, known)
    if finding.verdict == "unknown":
        return Cell("can't be compared", value, verdict="unknown", reasons=finding.reasons)
    details = {
        "basis": finding.basis,
        "added": list(finding.added[:_MOST_LISTED]),
        "removed": list(finding.removed[:_MOST_LISTED]),
        "reshaped": [{"name": n, "before": b, "after": a} for n, b, a in finding.reshaped[:_MOST_LISTED]],
        "renamed": [{"before": b, "after": a} for b, a in finding.renamed[:_MOST_LISTED]],
        "ops": [{"op": op, "before": b, "after": a} for op, (b, a) in (finding.ops or {}).items()][:_MOST_LISTED],
    }
    return Cell(finding.verdict, value, verdict=finding.verdict, reasons=finding.reasons, details=details)


def _identity(manifest: VersionManifest) -> str:
    return short_text([repr(manifest.saved_model)])


def _count_cell(model: SavedModel | None, counted: Callable[[SavedModel], int | None]) -> Cell:
    return UNKNOWN if model is None or not is_parsed(model) else cell(counted(model))


def _parameters(model: SavedModel) -> int:
    return model.parameter_count


def _variables(model: SavedModel) -> int:
    return len(model.variables) + model.variables_omitted


def _layers(model: SavedModel) -> int | None:
    if model.variables_omitted:
        return None
    return len({variable.name.rpartition("/")[0] for variable in model.variables})


def _same_weights(old: Prints, new: Prints) -> tuple[bool | None, Basis]:
    """Returns whether weights are the same, None if that is not known, and what that follows from."""
    if old.checkpoint and old.checkpoint == new.checkpoint:
        return True, "fingerprint"
    if old.variables and new.variables:
        return old.variables == new.variables, "digest"
    return (False, "fingerprint") if old.checkpoint and new.checkpoint else (None, "")


def _part(fingerprint: Fingerprint | None, name: str) -> str:
    value = getattr(fingerprint, name, "")
    return "" if value == "0" else str(value)


def _op_changes(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    counts = {op: (before.get(op, 0), after.get(op, 0)) for op in sorted({*before, *after})}
    return {op: (had, has) for op, (had, has) in counts.items() if had != has}


def _computing(ops: Mapping[str, tuple[int, int]]) -> bool:
    return any(op not in _HOUSEKEEPING for op in ops)
