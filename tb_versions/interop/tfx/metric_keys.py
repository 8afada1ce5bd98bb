"""How a metric of TFMA is called here: its name, and in parentheses what else distinguishes it.

    auc     auc (output head1, class 3)     auc (baseline)     precision (top 5, micro average, weighted)

Field numbers are those of metrics_for_slice.proto.
"""

from __future__ import annotations

from dataclasses import dataclass

from tb_versions.interop.tfx.wire import wrapped_integer
from tb_versions.savedmodel.wire import VARINT, Message

_NAME, _OUTPUT_NAME, _SUB_KEY, _MODEL_NAME, _IS_DIFF, _AGGREGATION, _WEIGHTED = 1, 2, 3, 4, 5, 6, 7  # of MetricKey
_CLASS_ID, _K, _TOP_K = 1, 2, 3  # of SubKey
_AGGREGATIONS = {1: "micro average", 2: "macro average", 3: "weighted macro average"}  # of AggregationType


@dataclass(frozen=True)
class MetricKey:
    """What identifies a metric of one slice, as TFMA says it.

    Attributes:
        name: "auc".
        model_name: Which of the evaluated models, "" where there is one.
        output_name: Which output of the model.
        class_id: Of several classes, which.
        k: The k-th predicted value.
        top_k: The k largest predicted values.
        aggregation: "micro average" and the like, over classes.
        weighted: Whether examples have weights; None: TFMA does not know.
        is_diff: Whether it is the difference to the baseline.
        element: Which part of a value with several: "cutoff 5", "threshold 0.5, precision", "[3]".
    """

    name: str
    model_name: str = ""
    output_name: str = ""
    class_id: int | None = None
    k: int | None = None
    top_k: int | None = None
    aggregation: str = ""
    weighted: bool | None = None
    is_diff: bool = False
    element: str = ""

    def called(self, candidates: frozenset[str], *, says_unweighted: bool = False) -> str:
        """Returns its name here.

        Args:
            candidates: Names of the model itself, which are left out.
            says_unweighted: Whether a metric of the same name differs just in that its examples' weights are not known.
        """
        parts = [
            "" if self.model_name in candidates else f"model {self.model_name}",
            self.output_name and f"output {self.output_name}",
            "" if self.class_id is None else f"class {self.class_id}",
            "" if self.k is None else f"k {self.k}",
            "" if self.top_k is None else f"top {self.top_k}",
            self.aggregation,
            "weighted" if self.weighted else "",
            "unweighted" if self.weighted is False and says_unweighted else "",
            self.element,
            "difference to the baseline" if self.is_diff else "",
        ]
        said = ", ".join(part for part in parts if part)
        return f"{self.name} ({said})" if said else self.name


def key_of(message: Message | None) -> MetricKey:
    """Reads a MetricKey.

    Raises:
        WireError: It is damaged.
    """
    if message is None:
        return MetricKey("")
    message.source.keep(objects=2)
    said = message.scalars(texts=(_NAME, _OUTPUT_NAME, _MODEL_NAME), numbers=(_IS_DIFF,))
    sub_key = message.child(_SUB_KEY)
    weighted = wrapped_integer(message, _WEIGHTED)
    return MetricKey(
        name=str(said.get(_NAME, "")),
        model_name=str(said.get(_MODEL_NAME, "")),
        output_name=str(said.get(_OUTPUT_NAME, "")),
        class_id=wrapped_integer(sub_key, _CLASS_ID) if sub_key else None,
        k=wrapped_integer(sub_key, _K) if sub_key else None,
        top_k=wrapped_integer(sub_key, _TOP_K) if sub_key else None,
        aggregation=_aggregation(message.child(_AGGREGATION)),
        weighted=None if weighted is None else bool(weighted),
        is_diff=bool(said.get(_IS_DIFF, 0)),
    )


def _aggregation(message: Message | None) -> str:
    """The last of the flags that is set; a flag that is set to false says nothing."""
    found = ""
    for number, kind, value, _ in message.fields() if message else ():
        if kind == VARINT and number in _AGGREGATIONS:
            found = _AGGREGATIONS[number] if value else ""
    return found
