import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VersionManifest(_message.Message):
    __slots__ = ("schema_version", "model", "number", "semantic_version", "created", "description", "labels", "metrics", "hyperparameters", "runs", "parents", "datasets", "code", "environment", "hardware", "seeds", "training_seconds", "format", "saved_model", "files", "digest", "size_bytes", "created_by", "lead_metric", "file_list", "inferred", "files_elsewhere", "imported", "golden", "seeding")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class HyperparametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    class SeedsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    PARENTS_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    TRAINING_SECONDS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SAVED_MODEL_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    LEAD_METRIC_FIELD_NUMBER: _ClassVar[int]
    FILE_LIST_FIELD_NUMBER: _ClassVar[int]
    INFERRED_FIELD_NUMBER: _ClassVar[int]
    FILES_ELSEWHERE_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_FIELD_NUMBER: _ClassVar[int]
    GOLDEN_FIELD_NUMBER: _ClassVar[int]
    SEEDING_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    model: str
    number: int
    semantic_version: str
    created: _timestamp_pb2.Timestamp
    description: str
    labels: _containers.ScalarMap[str, str]
    metrics: _containers.RepeatedCompositeFieldContainer[Metric]
    hyperparameters: _containers.MessageMap[str, _struct_pb2.Value]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    parents: _containers.RepeatedCompositeFieldContainer[Parent]
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    code: Code
    environment: Environment
    hardware: Hardware
    seeds: _containers.ScalarMap[str, int]
    training_seconds: float
    format: str
    saved_model: SavedModel
    files: _containers.RepeatedCompositeFieldContainer[File]
    digest: str
    size_bytes: int
    created_by: str
    lead_metric: str
    file_list: FileList
    inferred: _containers.RepeatedCompositeFieldContainer[Inference]
    files_elsewhere: FilesElsewhere
    imported: Imported
    golden: Golden
    seeding: Seeding
    def __init__(self, schema_version: _Optional[int] = ..., model: _Optional[str] = ..., number: _Optional[int] = ..., semantic_version: _Optional[str] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., description: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., metrics: _Optional[_Iterable[_Union[Metric, _Mapping]]] = ..., hyperparameters: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., parents: _Optional[_Iterable[_Union[Parent, _Mapping]]] = ..., datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ..., code: _Optional[_Union[Code, _Mapping]] = ..., environment: _Optional[_Union[Environment, _Mapping]] = ..., hardware: _Optional[_Union[Hardware, _Mapping]] = ..., seeds: _Optional[_Mapping[str, int]] = ..., training_seconds: _Optional[float] = ..., format: _Optional[str] = ..., saved_model: _Optional[_Union[SavedModel, _Mapping]] = ..., files: _Optional[_Iterable[_Union[File, _Mapping]]] = ..., digest: _Optional[str] = ..., size_bytes: _Optional[int] = ..., created_by: _Optional[str] = ..., lead_metric: _Optional[str] = ..., file_list: _Optional[_Union[FileList, _Mapping]] = ..., inferred: _Optional[_Iterable[_Union[Inference, _Mapping]]] = ..., files_elsewhere: _Optional[_Union[FilesElsewhere, _Mapping]] = ..., imported: _Optional[_Union[Imported, _Mapping]] = ..., golden: _Optional[_Union[Golden, _Mapping]] = ..., seeding: _Optional[_Union[Seeding, _Mapping]] = ...) -> None: ...

class Seeding(_message.Message):
    __slots__ = ("seed", "was_set", "could_not")
    SEED_FIELD_NUMBER: _ClassVar[int]
    WAS_SET_FIELD_NUMBER: _ClassVar[int]
    COULD_NOT_FIELD_NUMBER: _ClassVar[int]
    seed: int
    was_set: _containers.RepeatedScalarFieldContainer[str]
    could_not: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, seed: _Optional[int] = ..., was_set: _Optional[_Iterable[str]] = ..., could_not: _Optional[_Iterable[str]] = ...) -> None: ...

class Golden(_message.Message):
    __slots__ = ("digest", "size", "signatures", "tensorflow", "compared", "max_error", "notes")
    class Compared(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        COMPARED_UNSPECIFIED: _ClassVar[Golden.Compared]
        SAME: _ClassVar[Golden.Compared]
        DIFFERENT: _ClassVar[Golden.Compared]
        NOT_COMPARED: _ClassVar[Golden.Compared]
    COMPARED_UNSPECIFIED: Golden.Compared
    SAME: Golden.Compared
    DIFFERENT: Golden.Compared
    NOT_COMPARED: Golden.Compared
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    TENSORFLOW_FIELD_NUMBER: _ClassVar[int]
    COMPARED_FIELD_NUMBER: _ClassVar[int]
    MAX_ERROR_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    digest: str
    size: int
    signatures: _containers.RepeatedScalarFieldContainer[str]
    tensorflow: str
    compared: Golden.Compared
    max_error: float
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, digest: _Optional[str] = ..., size: _Optional[int] = ..., signatures: _Optional[_Iterable[str]] = ..., tensorflow: _Optional[str] = ..., compared: _Optional[_Union[Golden.Compared, str]] = ..., max_error: _Optional[float] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class Imported(_message.Message):
    __slots__ = ("tracker", "store", "key", "model", "version", "files", "model_description", "model_labels", "notes")
    class Files(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FILES_UNSPECIFIED: _ClassVar[Imported.Files]
        COPIED: _ClassVar[Imported.Files]
        LINKED: _ClassVar[Imported.Files]
        ABSENT: _ClassVar[Imported.Files]
    FILES_UNSPECIFIED: Imported.Files
    COPIED: Imported.Files
    LINKED: Imported.Files
    ABSENT: Imported.Files
    class ModelLabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    MODEL_DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MODEL_LABELS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    tracker: str
    store: str
    key: str
    model: str
    version: str
    files: Imported.Files
    model_description: str
    model_labels: _containers.ScalarMap[str, str]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tracker: _Optional[str] = ..., store: _Optional[str] = ..., key: _Optional[str] = ..., model: _Optional[str] = ..., version: _Optional[str] = ..., files: _Optional[_Union[Imported.Files, str]] = ..., model_description: _Optional[str] = ..., model_labels: _Optional[_Mapping[str, str]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class FilesElsewhere(_message.Message):
    __slots__ = ("source", "path")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    source: str
    path: str
    def __init__(self, source: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class Inference(_message.Message):
    __slots__ = ("field", "evidence")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    field: str
    evidence: str
    def __init__(self, field: _Optional[str] = ..., evidence: _Optional[str] = ...) -> None: ...

class Metric(_message.Message):
    __slots__ = ("name", "value", "goal", "step", "dataset", "slice", "source", "run", "tag", "lower", "upper", "examples", "confidence")
    class Goal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GOAL_UNSPECIFIED: _ClassVar[Metric.Goal]
        MAX: _ClassVar[Metric.Goal]
        MIN: _ClassVar[Metric.Goal]
    GOAL_UNSPECIFIED: Metric.Goal
    MAX: Metric.Goal
    MIN: Metric.Goal
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[Metric.Source]
        TYPED: _ClassVar[Metric.Source]
        LOG: _ClassVar[Metric.Source]
        EVALUATED: _ClassVar[Metric.Source]
        INFERRED: _ClassVar[Metric.Source]
        IMPORTED: _ClassVar[Metric.Source]
    SOURCE_UNSPECIFIED: Metric.Source
    TYPED: Metric.Source
    LOG: Metric.Source
    EVALUATED: Metric.Source
    INFERRED: Metric.Source
    IMPORTED: Metric.Source
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    GOAL_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SLICE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    goal: Metric.Goal
    step: int
    dataset: str
    slice: str
    source: Metric.Source
    run: str
    tag: str
    lower: float
    upper: float
    examples: int
    confidence: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., goal: _Optional[_Union[Metric.Goal, str]] = ..., step: _Optional[int] = ..., dataset: _Optional[str] = ..., slice: _Optional[str] = ..., source: _Optional[_Union[Metric.Source, str]] = ..., run: _Optional[str] = ..., tag: _Optional[str] = ..., lower: _Optional[float] = ..., upper: _Optional[float] = ..., examples: _Optional[int] = ..., confidence: _Optional[float] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("name", "step", "wall_time", "identity")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    WALL_TIME_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    step: int
    wall_time: _timestamp_pb2.Timestamp
    identity: str
    def __init__(self, name: _Optional[str] = ..., step: _Optional[int] = ..., wall_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., identity: _Optional[str] = ...) -> None: ...

class Parent(_message.Message):
    __slots__ = ("model", "number", "digest", "relation")
    class Relation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RELATION_UNSPECIFIED: _ClassVar[Parent.Relation]
        FINE_TUNED_FROM: _ClassVar[Parent.Relation]
        DISTILLED_FROM: _ClassVar[Parent.Relation]
        DERIVED_FROM: _ClassVar[Parent.Relation]
    RELATION_UNSPECIFIED: Parent.Relation
    FINE_TUNED_FROM: Parent.Relation
    DISTILLED_FROM: Parent.Relation
    DERIVED_FROM: Parent.Relation
    MODEL_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    model: str
    number: int
    digest: str
    relation: Parent.Relation
    def __init__(self, model: _Optional[str] = ..., number: _Optional[int] = ..., digest: _Optional[str] = ..., relation: _Optional[_Union[Parent.Relation, str]] = ...) -> None: ...

class Dataset(_message.Message):
    __slots__ = ("name", "uri", "digest", "rows", "split", "digest_of")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_OF_FIELD_NUMBER: _ClassVar[int]
    name: str
    uri: str
    digest: str
    rows: int
    split: str
    digest_of: str
    def __init__(self, name: _Optional[str] = ..., uri: _Optional[str] = ..., digest: _Optional[str] = ..., rows: _Optional[int] = ..., split: _Optional[str] = ..., digest_of: _Optional[str] = ...) -> None: ...

class Code(_message.Message):
    __slots__ = ("commit", "branch", "remote", "dirty", "dirty_files", "diff", "diff_truncated", "entry_point", "arguments", "folder")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    DIRTY_FIELD_NUMBER: _ClassVar[int]
    DIRTY_FILES_FIELD_NUMBER: _ClassVar[int]
    DIFF_FIELD_NUMBER: _ClassVar[int]
    DIFF_TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    ENTRY_POINT_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    commit: str
    branch: str
    remote: str
    dirty: bool
    dirty_files: _containers.RepeatedScalarFieldContainer[str]
    diff: str
    diff_truncated: bool
    entry_point: str
    arguments: _containers.RepeatedScalarFieldContainer[str]
    folder: str
    def __init__(self, commit: _Optional[str] = ..., branch: _Optional[str] = ..., remote: _Optional[str] = ..., dirty: bool = ..., dirty_files: _Optional[_Iterable[str]] = ..., diff: _Optional[str] = ..., diff_truncated: bool = ..., entry_point: _Optional[str] = ..., arguments: _Optional[_Iterable[str]] = ..., folder: _Optional[str] = ...) -> None: ...

class Environment(_message.Message):
    __slots__ = ("python", "os", "tensorflow", "keras", "numpy", "cuda", "cudnn", "packages")
    class PackagesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    TENSORFLOW_FIELD_NUMBER: _ClassVar[int]
    KERAS_FIELD_NUMBER: _ClassVar[int]
    NUMPY_FIELD_NUMBER: _ClassVar[int]
    CUDA_FIELD_NUMBER: _ClassVar[int]
    CUDNN_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    python: str
    os: str
    tensorflow: str
    keras: str
    numpy: str
    cuda: str
    cudnn: str
    packages: _containers.ScalarMap[str, str]
    def __init__(self, python: _Optional[str] = ..., os: _Optional[str] = ..., tensorflow: _Optional[str] = ..., keras: _Optional[str] = ..., numpy: _Optional[str] = ..., cuda: _Optional[str] = ..., cudnn: _Optional[str] = ..., packages: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Hardware(_message.Message):
    __slots__ = ("cpu", "cores", "logical_cores", "memory_bytes", "gpus")
    CPU_FIELD_NUMBER: _ClassVar[int]
    CORES_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_CORES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    GPUS_FIELD_NUMBER: _ClassVar[int]
    cpu: str
    cores: int
    logical_cores: int
    memory_bytes: int
    gpus: _containers.RepeatedCompositeFieldContainer[Gpu]
    def __init__(self, cpu: _Optional[str] = ..., cores: _Optional[int] = ..., logical_cores: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., gpus: _Optional[_Iterable[_Union[Gpu, _Mapping]]] = ...) -> None: ...

class Gpu(_message.Message):
    __slots__ = ("name", "memory_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    memory_bytes: int
    def __init__(self, name: _Optional[str] = ..., memory_bytes: _Optional[int] = ...) -> None: ...

class SavedModel(_message.Message):
    __slots__ = ("meta_graphs", "variables", "variables_omitted", "parameter_count", "fingerprint")
    META_GRAPHS_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_OMITTED_FIELD_NUMBER: _ClassVar[int]
    PARAMETER_COUNT_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    meta_graphs: _containers.RepeatedCompositeFieldContainer[MetaGraph]
    variables: _containers.RepeatedCompositeFieldContainer[Variable]
    variables_omitted: int
    parameter_count: int
    fingerprint: Fingerprint
    def __init__(self, meta_graphs: _Optional[_Iterable[_Union[MetaGraph, _Mapping]]] = ..., variables: _Optional[_Iterable[_Union[Variable, _Mapping]]] = ..., variables_omitted: _Optional[int] = ..., parameter_count: _Optional[int] = ..., fingerprint: _Optional[_Union[Fingerprint, _Mapping]] = ...) -> None: ...

class MetaGraph(_message.Message):
    __slots__ = ("tags", "tensorflow_version", "signatures", "ops")
    class OpsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    TAGS_FIELD_NUMBER: _ClassVar[int]
    TENSORFLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    OPS_FIELD_NUMBER: _ClassVar[int]
    tags: _containers.RepeatedScalarFieldContainer[str]
    tensorflow_version: str
    signatures: _containers.RepeatedCompositeFieldContainer[Signature]
    ops: _containers.ScalarMap[str, int]
    def __init__(self, tags: _Optional[_Iterable[str]] = ..., tensorflow_version: _Optional[str] = ..., signatures: _Optional[_Iterable[_Union[Signature, _Mapping]]] = ..., ops: _Optional[_Mapping[str, int]] = ...) -> None: ...

class Signature(_message.Message):
    __slots__ = ("key", "method", "inputs", "outputs")
    KEY_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    key: str
    method: str
    inputs: _containers.RepeatedCompositeFieldContainer[Tensor]
    outputs: _containers.RepeatedCompositeFieldContainer[Tensor]
    def __init__(self, key: _Optional[str] = ..., method: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[Tensor, _Mapping]]] = ..., outputs: _Optional[_Iterable[_Union[Tensor, _Mapping]]] = ...) -> None: ...

class Tensor(_message.Message):
    __slots__ = ("name", "dtype", "shape", "tensor")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    name: str
    dtype: str
    shape: Shape
    tensor: str
    def __init__(self, name: _Optional[str] = ..., dtype: _Optional[str] = ..., shape: _Optional[_Union[Shape, _Mapping]] = ..., tensor: _Optional[str] = ...) -> None: ...

class Shape(_message.Message):
    __slots__ = ("dimensions", "unknown_rank")
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_RANK_FIELD_NUMBER: _ClassVar[int]
    dimensions: _containers.RepeatedScalarFieldContainer[int]
    unknown_rank: bool
    def __init__(self, dimensions: _Optional[_Iterable[int]] = ..., unknown_rank: bool = ...) -> None: ...

class Variable(_message.Message):
    __slots__ = ("name", "dtype", "shape", "trainable")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    TRAINABLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    dtype: str
    shape: Shape
    trainable: bool
    def __init__(self, name: _Optional[str] = ..., dtype: _Optional[str] = ..., shape: _Optional[_Union[Shape, _Mapping]] = ..., trainable: bool = ...) -> None: ...

class Fingerprint(_message.Message):
    __slots__ = ("saved_model_checksum", "graph_def_program_hash", "signature_def_hash", "saved_object_graph_hash", "checkpoint_hash")
    SAVED_MODEL_CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    GRAPH_DEF_PROGRAM_HASH_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_DEF_HASH_FIELD_NUMBER: _ClassVar[int]
    SAVED_OBJECT_GRAPH_HASH_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_HASH_FIELD_NUMBER: _ClassVar[int]
    saved_model_checksum: str
    graph_def_program_hash: str
    signature_def_hash: str
    saved_object_graph_hash: str
    checkpoint_hash: str
    def __init__(self, saved_model_checksum: _Optional[str] = ..., graph_def_program_hash: _Optional[str] = ..., signature_def_hash: _Optional[str] = ..., saved_object_graph_hash: _Optional[str] = ..., checkpoint_hash: _Optional[str] = ...) -> None: ...

class File(_message.Message):
    __slots__ = ("path", "size", "digest")
    PATH_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    path: str
    size: int
    digest: str
    def __init__(self, path: _Optional[str] = ..., size: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class FileList(_message.Message):
    __slots__ = ("path", "digest", "count")
    PATH_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    path: str
    digest: str
    count: int
    def __init__(self, path: _Optional[str] = ..., digest: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class Announcement(_message.Message):
    __slots__ = ("schema_version", "manifest_digest", "location")
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    manifest_digest: str
    location: str
    def __init__(self, schema_version: _Optional[int] = ..., manifest_digest: _Optional[str] = ..., location: _Optional[str] = ...) -> None: ...
