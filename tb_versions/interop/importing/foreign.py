"""A version as another tracker recorded it. What reads a tracker makes these; nothing in them is trusted. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tb_versions.core.manifest import Code, Dataset, Environment, FilesElsewhere, Metric, Parent, Relation, Run, Scalar

Kind = Literal[
    "alias_set",
    "alias_removed",
    "approved",
    "approval_withdrawn",
    "deprecated",
    "restored",
    "noted",
    "described",
    "label_set",
    "label_removed",
    "semantic_version_given",
]
"""What is said of a version later: a kind of events of the registry."""


@dataclass(frozen=True)
class Said:
    """What was said of a version after it was made.

    Attributes:
        kind: What kind of event it becomes.
        name: Of the alias, or the label's key.
        text: The label's value, the note, the description, or the semantic version.
        reason: In the words of who said it.
        actor: Who said it; "" where unknown: then it is who imports.
        time: When. None: the tracker only says what is so now. Then an alias follows the tracker: it is moved when it
            moved there, and removed when it is gone there.
        order: Place among statements of one time, where the tracker's clock has whole seconds.
    """

    kind: Kind
    name: str = ""
    text: str = ""
    reason: str = ""
    actor: str = ""
    time: datetime.datetime | None = None
    order: int = 0


@dataclass(frozen=True)
class Foreign:
    """A version as another tracker recorded it. Texts are cut, masked and made printable later.

    Attributes:
        tracker: "mlflow", "tfx", "wandb", "gto", "trackio", "neptune".
        store: What identifies the tracker's store: a digest or an id; no path, no address.
        key: What identifies the version there, stable where the store is moved, such as "models/digits/3".
        model: The model's name there, any text.
        number: Its number there; None takes the next one, in the order given.
        version: What people call it there; "" is its number.
        semantic_version: "" without one.
        created: With a zone; None where unknown.
        description: Markdown.
        labels: Their values now.
        metrics: Each with its step where known; the source becomes "imported".
        hyperparameters: Numbers, bools and texts.
        runs: TensorBoard runs, where the tracker names them by TensorBoard's name.
        parents: Versions here that it was made from; of another tracker's versions see `parent_keys`.
        parent_keys: Keys of versions of the same store that it was made from, and how.
        datasets: As in a manifest.
        code: Likewise.
        environment: Likewise.
        seeds: Likewise.
        training_seconds: Likewise.
        lead_metric: Likewise.
        folder: Folder of its files at hand, which its reader found below an allowed root, links resolved; "" if none.
        only: Name of its one file in that folder, where others lie beside it.
        elsewhere: Where its files are below a source that readers bind; also where they are not at hand. None: unknown.
        said: What was said later, oldest first.
        model_description: What the tracker says of the model as a whole.
        model_labels: Likewise.
        notes: What could not be taken over, in words.
        created_of: What `created` is the time of, where that is not when the version was made, such as "the time when
            it was registered"; it is recorded as inferred, with these words as evidence.
    """

    tracker: str
    store: str
    key: str
    model: str
    number: int | None
    version: str = ""
    semantic_version: str = ""
    created: datetime.datetime | None = None
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    hyperparameters: Mapping[str, Scalar] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    parents: tuple[Parent, ...] = ()
    parent_keys: Mapping[str, Relation] = field(default_factory=dict)
    datasets: tuple[Dataset, ...] = ()
    code: Code | None = None
    environment: Environment | None = None
    seeds: Mapping[str, int] = field(default_factory=dict)
    training_seconds: float = 0.0
    lead_metric: str = ""
    folder: str = ""
    only: str = ""
    elsewhere: FilesElsewhere | None = None
    said: tuple[Said, ...] = ()
    model_description: str = ""
    model_labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    created_of: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no other version has."""
        return self.tracker, self.store, self.key

    @property
    def line(self) -> tuple[str, str, str]:
        """What no other model has."""
        return self.tracker, self.store, self.model
