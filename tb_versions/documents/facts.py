"""What is known of a version, in words and each with its source, by subject; and what is not known. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tb_versions.comparison.rows.row import bytes_text, number_text
from tb_versions.comparison.rows.signatures import in_words, signatures_of
from tb_versions.core.manifest import Scalar, visible
from tb_versions.core.times import milliseconds, utc_text
from tb_versions.documents.subject import Subject

LICENSE, TASK, LANGUAGE = "license", "task", "language"
"""Labels that fill the fields of these names in cards and bills of materials."""


class Fact(NamedTuple):
    """One thing that is known: what it is about, what is known, and who says so."""

    label: str
    text: str
    source: str


def identity(subject: Subject) -> Iterator[Fact]:
    """Yields name, number, time, aliases and files."""
    manifest = subject.manifest
    yield Fact("version", subject.id, "manifest")
    if subject.semantic_version:
        yield Fact("semantic version", subject.semantic_version, "manifest or log")
    if manifest.created:
        yield Fact("published", utc_text(milliseconds(manifest.created)), "manifest, `created`")
    if subject.aliases:
        yield Fact("aliases", ", ".join(subject.aliases), "log")
    if manifest.digest:
        yield Fact("digest of the files", manifest.digest, "manifest, `digest`")
    if subject.files is not None:
        size = f", {bytes_text(manifest.size_bytes)}" if manifest.size_bytes else ""
        yield Fact("files", f"{len(subject.files):,}{size}", "manifest, `files`")
    yield Fact("format", manifest.format, "manifest, `format`")
    notice = f"; {subject.notice}" if subject.notice else ""
    checked = " (names and sizes; contents were not read)" if subject.state == "present" else ""
    yield Fact("state of the files", f"{subject.state}{checked}{notice}", "looked at when this was written")
    if manifest.imported:
        where = f"{manifest.imported.tracker}: {manifest.imported.model} {manifest.imported.version}"
        yield Fact("imported from", where.strip(), "manifest, `imported`")


def lineage(subject: Subject) -> Iterator[Fact]:
    """Yields parents and children."""
    yield from (Fact("lineage", line, "manifests") for line in subject.lineage)


def model(subject: Subject) -> Iterator[Fact]:
    """Yields what the files say of the model: signatures, number of parameters."""
    saved = subject.manifest.saved_model
    if saved is None:
        return
    if saved.parameter_count:
        yield Fact("parameters", f"{saved.parameter_count:,}", "model's files, read when it was published")
    for key, signature in sorted(signatures_of(saved).items()):
        text = f"{visible(key)}: {in_words(signature)}"
        yield Fact("signature", text, "model's files, read when it was published")
    written_by = {graph.tensorflow_version for graph in saved.meta_graphs if graph.tensorflow_version}
    if written_by:
        yield Fact("written by TensorFlow", ", ".join(sorted(written_by)), "model's files")


def data(subject: Subject) -> Iterator[Fact]:
    """Yields the data sets."""
    for each in subject.manifest.datasets:
        rows = "" if each.rows is None else f"{each.rows:,} rows"
        digest = f"{each.digest} (of {each.digest_of or 'what is not said'})" if each.digest else ""
        text = ", ".join(filter(None, (each.name, each.split and f"split {each.split}", rows, each.uri, digest)))
        yield Fact("data", text, "manifest, `datasets`")


def training(subject: Subject) -> Iterator[Fact]:
    """Yields how it was trained: runs, time, hyperparameters, seeds."""
    manifest = subject.manifest
    for run in manifest.runs:
        step = "" if run.step is None else f", exported at step {run.step:,}"
        yield Fact("run", f"{run.name or 'its name is not recorded'}{step}", "manifest, `runs`")
    if manifest.training_seconds:
        yield Fact("training time", f"{number_text(manifest.training_seconds)} s", "manifest, `training_seconds`")
    source = "the run's own record" if subject.from_run else "manifest, `hyperparameters`"
    for name, value in subject.hyperparameters.items():
        yield Fact(f"hyperparameter {name}", _scalar(value), source)
    for name, seed in manifest.seeds.items():
        yield Fact(f"seed {name}", str(seed), "manifest, `seeds`")


def code(subject: Subject) -> Iterator[Fact]:
    """Yields the code's commit and whether it had changes."""
    found = subject.manifest.code
    if found is None:
        return
    facts = {
        "commit": found.commit,
        "branch": found.branch,
        "repository": found.remote,
        "script": found.entry_point,
        "arguments": " ".join(found.arguments),
    }
    yield from (Fact(name, text, "manifest, `code`") for name, text in facts.items() if text)
    if found.dirty is not None:
        words = "there were some" if found.dirty else "none"
        yield Fact("uncommitted changes", words, "manifest, `code`")


def environment(subject: Subject) -> Iterator[Fact]:
    """Yields software and hardware that made it."""
    found, machine = subject.manifest.environment, subject.manifest.hardware
    if found is not None:
        for name in ("python", "tensorflow", "keras", "numpy", "cuda", "cudnn", "os"):
            if getattr(found, name):
                yield Fact(name, getattr(found, name), "manifest, `environment`")
        if found.packages:
            yield Fact("installed packages", f"{len(found.packages):,}", "manifest, `environment`")
    if machine is not None:
        cores = f"{machine.cores} cores" if machine.cores else ""
        memory = bytes_text(machine.memory_bytes) if machine.memory_bytes else ""
        for name, text in (("processor", ", ".join(filter(None, (machine.cpu, cores)))), ("memory", memory)):
            if text:
                yield Fact(name, text, "manifest, `hardware`")
        for gpu in machine.gpus:
            memory = f", {bytes_text(gpu.memory_bytes)}" if gpu.memory_bytes else ""
            yield Fact("GPU", f"{gpu.name}{memory}", "manifest, `hardware`")


def checks(subject: Subject) -> Iterator[Fact]:
    """Yields what was checked and by whom: gates, approvals, golden outputs, replays, verifications."""
    yield from (Fact("gate", words, "log, judged when this was written") for words in subject.gates)
    said = subject.said
    for by in said.get("approvals", ()):
        yield Fact("approved", _who(by), "log")
    if said.get("deprecated"):
        yield Fact("deprecated", _who(said["deprecated"]), "log")
    if said.get("verified"):
        found = said["verified"]
        words = "as published" if found["ok"] else "not as published"
        yield Fact("files verified", f"{words} ({found['how']}), {_who(found)}", "log")
    if said.get("replayed"):
        found = said["replayed"]
        yield Fact("replayed", f"{found['words']}, {_who(found)}", "log")
    golden = subject.manifest.golden
    if golden is not None:
        compared = {"same": "as the model in memory", "different": "NOT as the model in memory"}.get(golden.compared)
        words = f"the export answered {compared}" if compared else "not, or not all, compared with the model in memory"
        yield Fact("golden outputs", f"{', '.join(golden.signatures)}: {words}", "manifest, `golden`")


def _who(by: Mapping[str, str]) -> str:
    reason = f": {by['reason']}" if by.get("reason") else ""
    return f"{by['actor']}, {utc_text(int(by['time']))}{reason}"


def _scalar(value: Scalar) -> str:
    return value if isinstance(value, str) else number_text(value) if isinstance(value, (bool, float)) else str(value)


def _has(found: Callable[[Subject], Iterator[Fact]], *labels: str) -> Callable[[Subject], bool]:
    return lambda subject: any(not labels or fact.label.startswith(labels) for fact in found(subject))


KNOWABLE: Mapping[str, Callable[[Subject], bool]] = {
    "a description in the author's words": lambda s: bool(s.description.strip()),
    "what the model is for (label `task`)": lambda s: bool(s.labels.get(TASK)),
    "the licence (label `license`)": lambda s: bool(s.labels.get(LICENSE)),
    "any metric": lambda s: bool(s.numbers),
    "a metric evaluated on the exported model itself": lambda s: any(n.source == "evaluated" for n in s.numbers),
    "the data that each metric was measured on": lambda s: bool(s.numbers) and all(n.dataset for n in s.numbers),
    "how precise each metric is (an interval)": lambda s: bool(s.numbers) and all(n.interval for n in s.numbers),
    "whether each metric is better when larger": lambda s: (
        bool(s.numbers) and all(n.goal != "unknown" and not n.is_guess for n in s.numbers)
    ),
    "metrics of parts of the data": lambda s: bool(s.slices),
    "metrics measured after publishing": lambda s: any(n.source == "measured" for n in s.numbers),
    "the data sets": lambda s: bool(s.manifest.datasets),
    "the content of each data set (a digest)": lambda s: (
        bool(s.manifest.datasets) and all(each.digest for each in s.manifest.datasets)
    ),
    "the training curve": lambda s: s.curve is not None,
    "the step of the export": lambda s: any(run.step is not None for run in s.manifest.runs),
    "hyperparameters": lambda s: bool(s.hyperparameters),
    "random seeds": lambda s: bool(s.manifest.seeds),
    "the training time": lambda s: bool(s.manifest.training_seconds),
    "the commit of the code": _has(code, "commit"),
    "whether the code had uncommitted changes": _has(code, "uncommitted"),
    "the software that made it": lambda s: s.manifest.environment is not None,
    "the machine that made it": lambda s: s.manifest.hardware is not None,
    "inputs and outputs (signatures)": _has(model, "signature"),
    "the number of parameters": _has(model, "parameters"),
    "the list of its files": lambda s: s.files is not None,
    "a version to compare it with": lambda s: s.before is not None,
    "golden outputs": lambda s: s.manifest.golden is not None,
    "an approval": lambda s: bool(s.said.get("approvals")),
    "the result of a gate": lambda s: bool(s.gates),
}
"""What a card could tell of a version, and whether it is known."""


def not_known(subject: Subject) -> list[str]:
    """Returns what is not known of a version, of all in `KNOWABLE`."""
    return [words for words, is_known in KNOWABLE.items() if not is_known(subject)]


def gaps_in_words(missing: int, count: int, what: str = "points") -> str:
    """Returns "12 of 31 points are not known."."""
    if not missing:
        return f"Something is known of each of {count} {what}."
    return f"{missing} of {count} {what} {'is' if missing == 1 else 'are'} not known."
