"""What `tb-versions replay REF REF` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tb_versions.cli import text
from tb_versions.core.manifest import visible

if TYPE_CHECKING:
    from tb_versions.registry.behaviour_facts import ListedExample, MovedOutput
    from tb_versions.trust.behaviour.comparing import Behaviour

_MOST_PRINTED = 10
_BARS = " ▁▂▃▄▅▆▇█"
_INPUTS = {"before": "golden inputs of {before}", "after": "golden inputs of {after}", "given": "the given inputs"}
_RULES = {"largest": "largest score at another position", "equal": "another answer", "": "not claimed"}
_RIGHT = {"both": "right, right", "lost": "right, wrong", "won": "wrong, right", "neither": "wrong, wrong", "": ""}


def show(found: Behaviour) -> None:
    """Prints how two versions answered the same."""
    said = found.said
    of = " and ".join(_INPUTS[each].format(before=found.before, after=found.after) for each in said.inputs)
    repeated = f"; {said.repeated:,} that repeat an earlier one are not counted" if said.repeated else ""
    click.echo(visible(f"{found.before} and {found.after}, asked on TF {said.tensorflow} / CPU: {of}{repeated}"))
    click.echo()
    text.print_rows(("output", "flipped", "a flip is", "max moved", "mean", "99 %", "moved"), map(_row, said.outputs))
    for output, tested in zip(said.outputs, found.paired, strict=True):
        if tested is not None:
            click.echo(f"\n{visible(output.signature)}: {visible(output.name)}\n  {tested.words}\n  {tested.power}")
    for output in said.outputs:
        if output.listed:
            name = f"{visible(output.signature)}: {visible(output.name)}"
            click.echo(f"\nExamples of {name}, {min(len(output.listed), _MOST_PRINTED)} of {len(output.listed)}")
            columns = ("example", "flipped", "before", "now", "right", "moved", "inputs")
            text.print_rows(columns, [_example(found, output, each) for each in output.listed[:_MOST_PRINTED]])
    if said.left_out:
        click.echo()
    for sentence in said.left_out:
        click.echo(visible(sentence))
    if found.event is not None:
        click.echo(f"\nRecorded as event {found.event.number} of {visible(found.after)}, without inputs.")


def as_json(found: Behaviour) -> dict[str, Any]:
    """Returns the same as JSON, each listed example with its inputs and answers."""
    import msgspec

    from tb_versions.payload.behaviour import tested_outputs
    from tb_versions.trust.behaviour.views import answers_in_words, example_in_words

    outputs = tested_outputs(found.said)
    for output in outputs:
        signature, name = output["signature"], output["name"]
        for each in output["listed"]:
            each["inputs"] = visible(example_in_words(found.inputs[signature], each["example"]))
            words = answers_in_words(found, signature, name, each["example"])
            each["answers"] = [visible(one) for one in words]
        output |= {"signature": visible(signature), "name": visible(name)}
    said = msgspec.to_builtins(msgspec.structs.replace(found.said, outputs=()))
    names = ("inputs", "inputs_digests", "repeated", "labels", "tensorflow", "device", "left_out")
    return {
        "before": visible(found.before),
        "after": visible(found.after),
        **{name: said.get(name) for name in names},
        "outputs": outputs,
        "event": found.event.number if found.event else None,
    }


def _row(output: MovedOutput) -> tuple[str, ...]:
    rule = f"other side of {output.threshold:g}" if output.threshold is not None else _RULES[output.rule]
    flipped = "" if output.flipped is None else f"{output.flipped:,} of {output.examples:,}"
    known = output.quantiles[-1] if output.quantiles else None
    numbers = [text.number(each) for each in (output.max, output.mean, known)]
    return (f"{output.signature}: {output.name}", flipped, rule, *numbers, _distribution(output))


def _distribution(output: MovedOutput) -> str:
    """Bars from 0 to the largest difference, and how many values have none."""
    most = max(output.bins, default=0)
    bars = "".join(_BARS[-(-each * 8 // most)] for each in output.bins) if output.max else ""
    return (f"0{bars}{text.number(output.max)}" if bars else "") + (
        f" ({output.not_finite:,} not finite)" if output.not_finite else ""
    )


def _example(found: Behaviour, output: MovedOutput, each: ListedExample) -> tuple[str, ...]:
    from tb_versions.trust.behaviour.views import answers_in_words, example_in_words

    ends = ["" if one is None else str(one) for one in (each.before, each.after)]
    if not any(ends):
        ends = list(answers_in_words(found, output.signature, output.name, each.example))
    inputs = example_in_words(found.inputs[output.signature], each.example)
    flipped = "yes" if each.flipped else ""
    return (str(each.example), flipped, *ends, _RIGHT[each.right], text.number(each.moved), inputs)
