"""The list of ops that run code or reach out of a model."""

from __future__ import annotations

import re

import pytest

from tb_versions.savedmodel.known_ops import known_ops
from tb_versions.trust.ops import JUDGED, judge_op

# Ops whose names sound of files, hosts or code, and which only compute, or work on what another op opened.
HARMLESS = frozenset(
    [
        "BoostedTreesDeserializeEnsemble",
        "BoostedTreesSerializeEnsemble",
        "CalibrationStatisticsSaver",
        "CloseSummaryWriter",
        "DeleteRpcFutureResource",
        "FlushSummaryWriter",
        "Print",
        "ReaderNumRecordsProduced",
        "ReaderNumRecordsProducedV2",
        "ReaderNumWorkUnitsCompleted",
        "ReaderNumWorkUnitsCompletedV2",
        "ReaderRead",
        "ReaderReadUpTo",
        "ReaderReadUpToV2",
        "ReaderReadV2",
        "ReaderReset",
        "ReaderResetV2",
        "ReaderRestoreState",
        "ReaderRestoreStateV2",
        "ReaderSerializeState",
        "ReaderSerializeStateV2",
        "BarrierReadySize",
        "IdentityReader",
        "IdentityReaderV2",
        "RngReadAndSkip",
        "RpcCheckStatus",
        "RpcGetValue",
        "ShardedFilename",
        "ShardedFilespec",
        "Snapshot",
        "StatsAggregatorSetSummaryWriter",
        "SummaryWriter",
        "WriteAudioSummary",
        "WriteGraphSummary",
        "WriteHistogramSummary",
        "WriteImageSummary",
        "WriteRawProtoSummary",
        "WriteScalarSummary",
        "WriteSummary",
        "DisableCopyOnRead",
    ]
)
SOUNDS = re.compile(
    r"File|Record|Py[A-Z]|Py$|Save|Restore|Read(?!Variable)|Write|Lmdb|LMDB|Rpc|Remote|Print|Snapshot|Sql|DataService"
)


def test_every_judged_op_is_one_of_tensorflow() -> None:
    assert set(JUDGED) - known_ops() == set()


def test_every_op_whose_name_sounds_of_files_or_hosts_is_judged_or_known_to_be_harmless() -> None:
    sounding = {op for op in known_ops() if SOUNDS.search(op)}
    assert {op for op in sounding - set(JUDGED) - HARMLESS if not op.startswith(("TensorArray", "Copy"))} == set()
    assert set(JUDGED) & HARMLESS == set()


@pytest.mark.parametrize(
    ("op", "kind"),
    [("WriteFile", "dangerous"), ("EagerPyFunc", "dangerous"), ("RestoreV2", "usual"), ("MyOp", "custom")],
)
def test_an_op_is_judged_with_a_reason(op: str, kind: str) -> None:
    judged = judge_op(op)
    assert judged is not None
    assert judged[0] == kind
    assert judged[1]


def test_an_op_that_only_computes_is_nothing_to_tell() -> None:
    assert judge_op("MatMul") is None
