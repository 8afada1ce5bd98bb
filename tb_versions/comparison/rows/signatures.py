"""Do clients of TensorFlow Serving that work with one version work with another? Pure.

A client names a signature, sends every input by its name with the declared type, and reads outputs by their names.
So a name that is gone, a new input (TF Serving needs every input), another type or another rank breaks it. A
dimension of an input may become freer, never narrower; of an output it may become narrower: the client that took
any size takes this one. The names of tensors inside the graph do not matter to clients.

A signature's only input, or its only output, may get another name: Keras numbers inputs that have none. Then clients
that say the name break, and those of REST that send and get bare values do not. The sentence tells which are which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import ABSENT, UNKNOWN, Cell, Row, first, row
from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor, visible
from tb_versions.core.showing import counted

Verdict = Literal["identical", "compatible", "breaking"]
Weight = Literal["note", "caution", "breaking"]

_MOST_LISTED = 200
_INTERNAL = frozenset({"__saved_model_init_op", "__saved_model_train_op"})
_DEFAULT = "serving_default"
_SERVE = "serve"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words, and what it means for clients."""

    weight: Weight
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """All differences of one signature, or of all signatures."""

    changes: tuple[Change, ...]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> Finding:
        """Returns the finding of any changes: all of them, or as many of the worst as are listed."""
        return cls(tuple(changes if len(changes) <= _MOST_LISTED else _worst_first(changes)[:_MOST_LISTED]))

    @property
    def verdict(self) -> Verdict:
        """Follows from the worst change."""
        if not self.changes:
            return "identical"
        return "breaking" if any(c.weight == "breaking" for c in self.changes) else "compatible"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences, the worst first."""
        return tuple(c.text for c in _worst_first(self.changes))


def _worst_first(changes: Sequence[Change]) -> list[Change]:
    order = ("breaking", "caution", "note")
    return sorted(changes, key=lambda c: order.index(c.weight))


def compare_models(old: SavedModel, new: SavedModel) -> Finding:
    """Returns what changes for clients of any signature of a SavedModel."""
    before, after = signatures_of(old), signatures_of(new)
    changes = list(_tag_changes(old, new))
    for key in sorted({*before, *after}):
        finding = compare_signatures(before.get(key), after.get(key))
        changes += [Change(c.weight, f"{visible(key)}: {c.text}") for c in finding.changes]
    return Finding.of(changes)


def compare_signatures(old: Signature | None, new: Signature | None) -> Finding:
    """Returns what changes for clients of one signature; None means that the model has none of this key."""
    if old is None and new is None:
        return Finding(())
    if old is None:
        return Finding((Change("note", "the signature is new"),))
    if new is None:
        how = "; clients that name no signature use it" if old.key == _DEFAULT else ""
        return Finding((Change("breaking", f"the signature is gone{how}"),))
    changes = [*_method_changes(old, new), *_input_changes(old, new), *_output_changes(old, new)]
    return Finding.of(changes)


def signatures_of(model: SavedModel) -> Mapping[str, Signature]:
    """Returns the signatures that TF Serving offers: those of the graph tagged "serve"."""
    graph = _served(model)
    return {s.key: s for s in graph.signatures if s.key not in _INTERNAL} if graph else {}


def is_served(model: SavedModel) -> bool:
    """Whether TF Serving finds the graph that it loads: the one tagged "serve"."""
    graph = _served(model)
    return graph is not None and _SERVE in graph.tags


def in_words(signature: Signature) -> str:
    """A signature on one line: `image float32[?,8] → probs float32[?,10]`."""
    sides = (sorted(side, key=lambda t: t.name) for side in (signature.inputs, signature.outputs))
    return " → ".join(", ".join(_tensor_text(t) for t in side) or "nothing" for side in sides)


def signature_rows(members: Sequence[Member], baseline: int, left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Yields one row for all signatures together and one for each key."""
    models = [m.manifest.saved_model if m.manifest else None for m in members]
    base = models[baseline]
    overall = [_overall_cell(model, None if i == baseline else base) for i, model in enumerate(models)]
    yield row("signature", "", "all signatures", cells=overall)
    tables = [signatures_of(model) if model else None for model in models]
    base_table = tables[baseline]
    for key in first(sorted({key for table in tables if table is not None for key in table}), "signature", left_out):
        cells = [_cell(table, None if i == baseline else base_table, key) for i, table in enumerate(tables)]
        yield row("signature", key, key, cells=cells)


def _overall_cell(model: SavedModel | None, base: SavedModel | None) -> Cell:
    if model is None:
        return UNKNOWN
    keys = signatures_of(model)
    value = "\n".join(f"{key}: {_identity(keys[key])}" for key in sorted(keys))
    text = visible(", ".join(sorted(keys))) or "no signatures"
    if base is None:
        return Cell(text, value)
    finding = compare_models(base, model)
    return Cell(text, value, verdict=finding.verdict, reasons=finding.reasons, details=_details(finding))


def _cell(table: Mapping[str, Signature] | None, base: Mapping[str, Signature] | None, key: str) -> Cell:
    if table is None:
        return UNKNOWN
    found = table.get(key)
    if base is None:
        return ABSENT if found is None else Cell(in_words(found), _identity(found))
    finding = compare_signatures(base.get(key), found)
    details = _details(finding)
    if found is None:
        verdict = finding.verdict if key in base else ""
        return Cell(ABSENT.text, absent=True, verdict=verdict, reasons=finding.reasons, details=details)
    return Cell(in_words(found), _identity(found), verdict=finding.verdict, reasons=finding.reasons, details=details)


def _details(finding: Finding) -> dict[str, object]:
    return {"changes": [{"weight": c.weight, "text": c.text} for c in finding.changes]}


def _identity(signature: Signature) -> str:
    return visible(f"{signature.method}: {in_words(signature)}")


def _served(model: SavedModel) -> MetaGraph | None:
    tagged = (graph for graph in model.meta_graphs if _SERVE in graph.tags)
    return next(tagged, model.meta_graphs[0] if model.meta_graphs else None)


def _tag_changes(old: SavedModel, new: SavedModel) -> Iterator[Change]:
    if is_served(old) and not is_served(new):
        yield Change("breaking", 'no graph is tagged "serve" any more; TF Serving loads only that one')


def _method_changes(old: Signature, new: Signature) -> Iterator[Change]:
    if old.method == new.method:
        return
    if not old.method or not new.method:
        yield Change("caution", f"the method is {_named(new.method)}, before {_named(old.method)}")
    else:
        yield Change("breaking", f"the method is {_named(new.method)} instead of {_named(old.method)}")


def _input_changes(old: Signature, new: Signature) -> Iterator[Change]:
    before, after = _by_name(old.inputs), _by_name(new.inputs)
    pairs = _pairs(before, after)
    for name in sorted(before.keys() - pairs.keys()):
        yield Change("breaking", f"input {_name(name)} is gone; TF Serving rejects requests that send it")
    for name in sorted(after.keys() - set(pairs.values())):
        yield Change("breaking", f"input {_name(name)} is new; TF Serving rejects requests without it")
    for was, name in sorted(pairs.items()):
        if was != name:
            yield Change("breaking", _renamed_input(_name(was), _name(name)))
        yield from _dtype_changes(f"input {_name(name)}", before[was], after[name])
        yield from _input_shape_changes(f"input {_name(name)}", before[was].shape, after[name].shape)


def _output_changes(old: Signature, new: Signature) -> Iterator[Change]:
    before, after = _by_name(old.outputs), _by_name(new.outputs)
    pairs = _pairs(before, after)
    for name in sorted(before.keys() - pairs.keys()):
        yield Change("breaking", f"output {_name(name)} is gone")
    for name in sorted(after.keys() - set(pairs.values())):
        yield Change("note", f"adds output {_tensor_text(after[name])}")
    if len(before) == 1 and len(after) > 1 and not before.keys() - after.keys():
        yield Change(
            "caution", "REST clients got the one output's values; with several outputs they get objects by name"
        )
    for was, name in sorted(pairs.items()):
        if was != name:
            yield Change("breaking", _renamed_output(_name(was), _name(name)))
        yield from _dtype_changes(f"output {_name(name)}", before[was], after[name])
        yield from _output_shape_changes(f"output {_name(name)}", before[was].shape, after[name].shape)


def _pairs(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> dict[str, str]:
    """Names before and after of the same input or output; an only one is the same under any name."""
    if len(before) == len(after) == 1:
        return dict(zip(before, after, strict=True))
    return {name: name for name in before.keys() & after.keys()}


def _renamed_input(old: str, new: str) -> str:
    return (
        f"input {old} is called {new} now: gRPC clients break, and REST clients that name it, as in columns "
        f'({{"inputs": {{"{old}": …}}}}); REST rows of bare values ({{"instances": […]}}) go on working'
    )


def _renamed_output(old: str, new: str) -> str:
    return (
        f"output {old} is called {new} now: gRPC clients break, for they read it by its name; REST clients do not, for "
        "they get an only output's values without a name"
    )


def _dtype_changes(what: str, old: Tensor, new: Tensor) -> Iterator[Change]:
    if old.dtype == new.dtype:
        return
    weight: Weight = "breaking" if old.dtype and new.dtype else "caution"
    yield Change(weight, f"{what} is {_name(new.dtype) or 'of an unknown type'} instead of {_name(old.dtype) or 'one'}")


def _input_shape_changes(what: str, old: Shape | None, new: Shape | None) -> Iterator[Change]:
    before, after = _dimensions(old), _dimensions(new)
    if before == after:
        return
    if after is None:
        yield Change("note", f"{what} accepts any shape, before only {_shape_text(old)}")
    elif before is None:
        yield Change("breaking", f"{what} accepts only {_shape_text(new)}, before any shape")
    elif len(before) != len(after):
        yield Change("breaking", _rank_text(what, before, after))
    else:
        for position, (had, has) in enumerate(zip(before, after, strict=True)):
            yield from _input_dimension(f"{what}, {_dimension_name(position)}", had, has)


def _input_dimension(what: str, had: int, has: int) -> Iterator[Change]:
    if had == has:
        return
    if has < 0:
        yield Change("note", f"{what}: accepts any size, before only {had}")
    elif had < 0:
        yield Change("breaking", f"{what}: accepts only {has}, before any size")
    else:
        yield Change("breaking", f"{what}: accepts only {has}, before only {had}")


def _output_shape_changes(what: str, old: Shape | None, new: Shape | None) -> Iterator[Change]:
    before, after = _dimensions(old), _dimensions(new)
    if before == after:
        return
    if before is None:
        yield Change("note", f"{what} has the shape {_shape_text(new)}, before any shape")
    elif after is None:
        yield Change("caution", f"{what} declares no shape any more, before {_shape_text(old)}")
    elif len(before) != len(after):
        yield Change("breaking", _rank_text(what, before, after))
    else:
        for position, (had, has) in enumerate(zip(before, after, strict=True)):
            yield from _output_dimension(f"{what}, {_dimension_name(position)}", had, has, position=position)


def _output_dimension(what: str, had: int, has: int, *, position: int) -> Iterator[Change]:
    if had == has:
        return
    if had < 0:
        yield Change("note", f"{what}: always {has}, before any size")
    elif has < 0:
        # The batch size of an answer is that of its request. Another size may really vary now, or the exporter lost
        # it: the declaration alone breaks no client, because each answer carries its own shape.
        weight: Weight = "note" if position == 0 else "caution"
        yield Change(weight, f"{what}: declared as any size, before always {had}")
    else:
        yield Change("breaking", f"{what}: {has} instead of {had}")


def _dimension_name(position: int) -> str:
    return "batch dimension" if position == 0 else f"dimension {position}"


def _rank_text(what: str, before: tuple[int, ...], after: tuple[int, ...]) -> str:
    return f"{what} has {counted(len(after), 'dimension')} instead of {len(before)}"


def _dimensions(shape: Shape | None) -> tuple[int, ...] | None:
    """Dimensions, unknown ones as -1; None for any rank, or where nothing is said of the shape."""
    if shape is None or shape.unknown_rank:
        return None
    return tuple(max(size, -1) for size in shape.dimensions)


def _shape_text(shape: Shape | None) -> str:
    dimensions = _dimensions(shape)
    return "[…]" if dimensions is None else "[" + ",".join("?" if d < 0 else str(d) for d in dimensions) + "]"


def _tensor_text(tensor: Tensor) -> str:
    return f"{_name(tensor.name)} {_name(tensor.dtype) or '?'}{_shape_text(tensor.shape)}"


def _by_name(tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    return {tensor.name: tensor for tensor in tensors}


def _name(text: str) -> str:
    return visible(text)


def _named(method: str) -> str:
    return visible(method.rpartition("/")[2]) or "not given"
