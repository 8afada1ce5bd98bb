"""TensorFlow's ops that run code or reach out of a model: a list with a reason for each.

The list is of the TensorFlow that `savedmodel/known_ops` names; a test holds that each name is there. An op that is in
neither list is custom: nobody knows what it does. docs/decisions/0038-inspecting-without-loading.md says what is left
out and why.
"""

from __future__ import annotations

from tb_versions.savedmodel.known_ops import KNOWN_OPS_OF, known_ops
from tb_versions.trust.findings import Kind

_DANGEROUS = {
    "calls a Python function of the process that loads it": "EagerPyFunc PyFunc PyFuncStateless",
    "runs a graph that it holds as data, which was not looked at": "DatasetFromGraph MlirPassthroughOp _TPUCompileMlir "
    "_XlaHostComputeMlir",
    "calls a native function of the process by its name": "XlaCustomCall XlaCustomCallV2",
    "runs a function on another device or host": "RemoteCall",
    "writes files": "CreateSummaryDbWriter CreateSummaryFileWriter DatasetToTFRecord DistributedSave DumpTensor "
    "ExperimentalDatasetToTFRecord SaveDataset SaveDatasetV2 SnapshotDataset SnapshotDatasetV2 WriteFile Save "
    "SaveSlices CacheDataset CacheDatasetV2",
    "can write its text to a file": "PrintV2",
    "can write to files, or send to other hosts": "DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNanCount "
    "DebugNumericSummary DebugNumericSummaryV2",
    "reads files": "ExperimentalLMDBDataset ExperimentalSqlDataset FixedLengthRecordDataset "
    "FixedLengthRecordDatasetV2 FixedLengthRecordReader FixedLengthRecordReaderV2 FixedUnigramCandidateSampler "
    "GenerateVocabRemapping LMDBDataset LMDBReader ListSnapshotChunksDataset LoadAndRemapMatrix LoadDataset ReadFile "
    "RecordInput Restore RestoreSlice Skipgram SnapshotChunkDataset SnapshotDatasetReader "
    "SnapshotNestedDatasetReader SqlDataset TFRecordDataset TFRecordDatasetV2 TFRecordReader TFRecordReaderV2 "
    "TextLineDataset TextLineReader TextLineReaderV2 WholeFileReader WholeFileReaderV2",
    "lists files": "ExperimentalMatchingFilesDataset MatchingFiles MatchingFilesDataset",
    "changes how the process reaches files": "FileSystemSetConfiguration",
    "talks to other hosts": "DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4 "
    "RegisterDataset RegisterDatasetV2 RpcCall RpcClient RpcServer RpcServerRegister RpcServerStart",
    "ends the process": "Abort",
}
_CUSTOM = {"runs a compiled module, which was not looked at": "TPUCompile XlaCallModule"}
_USUAL = {
    "reads or writes variables, as in every SavedModel; which files it names was not looked at": "DTensorRestoreV2 "
    "MergeV2Checkpoints RestoreV2 SaveV2",
    "reads a text file, which is usually one of the model's assets": "InitializeTableFromTextFile "
    "InitializeTableFromTextFileV2",
}
JUDGED: dict[str, tuple[Kind, str]] = {
    **{op: ("dangerous", why) for why, ops in _DANGEROUS.items() for op in ops.split()},
    **{op: ("custom", why) for why, ops in _CUSTOM.items() for op in ops.split()},
    **{op: ("usual", why) for why, ops in _USUAL.items() for op in ops.split()},
}
"""Op to kind and reason."""


def judge_op(op: str) -> tuple[Kind, str] | None:
    """Returns the kind and the reason of an op; None of one that only computes."""
    if op in JUDGED:
        return JUDGED[op]
    return None if op in known_ops() else ("custom", f"is no op of TensorFlow {KNOWN_OPS_OF}")
