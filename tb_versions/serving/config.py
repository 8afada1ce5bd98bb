"""TensorFlow Serving's `ModelServerConfig` as text: read, written, replaced.

Names and numbers of fields are those of its `config/model_server_config.proto` and what that imports.
"""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tb_versions.core import storage
from tb_versions.core.manifest import visible
from tb_versions.core.messages import Field, message_class
from tb_versions.errors import InvalidServingConfigError, StorageError, TbVersionsError

LIMIT = 16 << 20
"""Most bytes of a configuration; checked before it is read."""

PLATFORM = "tensorflow"

_SCHEMA: dict[str, tuple[Field, ...]] = {
    "ModelServerConfig": (("model_config_list", 1, "ModelConfigList"),),
    "ModelConfigList": (("config", 1, "repeated ModelConfig"),),
    "ModelConfig": (
        ("name", 1, "string"),
        ("base_path", 2, "string"),
        ("model_platform", 4, "string"),
        ("logging_config", 6, "LoggingConfig"),
        ("model_version_policy", 7, "ServableVersionPolicy"),
        ("version_labels", 8, "map int64"),
    ),
    "ServableVersionPolicy": (
        ("latest", 100, "oneof:policy_choice Latest"),
        ("all", 101, "oneof:policy_choice All"),
        ("specific", 102, "oneof:policy_choice Specific"),
    ),
    "Latest": (("num_versions", 1, "uint32"),),
    "All": (),
    "Specific": (("versions", 1, "repeated int64"),),
    "LoggingConfig": (
        ("log_collector_config", 1, "LogCollectorConfig"),
        ("sampling_config", 2, "SamplingConfig"),
    ),
    "LogCollectorConfig": (("type", 1, "string"), ("filename_prefix", 2, "string")),
    "SamplingConfig": (
        ("sampling_rate", 1, "double"),
        ("attributes", 2, "int32"),
        ("per_task_sampling_configs", 3, "repeated PerTaskSamplingConfig"),
    ),
    "PerTaskSamplingConfig": (("dc", 1, "string"), ("task_index", 2, "int32"), ("sampling_rate", 3, "double")),
}

Policy = Literal["specific", "latest", "all"]


@dataclass(frozen=True)
class ServedModel:
    """How one model is served.

    Attributes:
        name: Of the model.
        base_path: Folder of its versions as the server sees it.
        versions: The numbers that are served, ascending; empty unless the policy is "specific".
        labels: Label to number, by name.
        policy: Which versions are served: those named, the latest ones, or all that are there.
        latest: For "latest": how many.
        platform: "tensorflow" for a SavedModel.
        rest: What else the text says of the model, as bytes of the message; kept as it is.
    """

    name: str
    base_path: str
    versions: tuple[int, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)
    policy: Policy = "specific"
    latest: int = 0
    platform: str = PLATFORM
    rest: bytes = b""


Config = Mapping[str, ServedModel]
"""What a server serves, by the name of the model."""


@functools.cache
def _class() -> Any:
    return message_class("tb_versions.serving", _SCHEMA, "ModelServerConfig")


def dump(config: Config, comments: Iterable[str] = ()) -> str:
    """Returns a configuration as text; equal ones give equal texts, models by name.

    Args:
        config: What is to be served.
        comments: Lines before it.
    """
    from google.protobuf import text_format

    message = _class()()
    for name in sorted(config):
        _fill(message.model_config_list.config.add(), config[name])
    head = "".join(f"# {visible(line)}\n" for line in comments)
    return head + text_format.MessageToString(message, as_utf8=False)


def parse(text: str, where: str) -> Config:
    """Returns what a text says.

    Args:
        text: A `ModelServerConfig` in protobuf's text format.
        where: Its file, for messages.

    Raises:
        InvalidServingConfigError: It can't be understood, or TensorFlow Serving would refuse it.
    """
    from google.protobuf import text_format

    message = _class()()
    try:
        text_format.Parse(text, message)
    except (text_format.ParseError, ValueError, RecursionError) as error:
        raise InvalidServingConfigError(
            f"{where} is no list of models for TensorFlow Serving that can be read here: {str(error).rstrip('.')}. "
            "It was not changed."
        ) from error
    found = [_model(each) for each in message.model_config_list.config]
    config = {model.name: model for model in found}
    if len(config) < len(found):
        twice = next(model.name for model in found if sum(other.name == model.name for other in found) > 1)
        raise InvalidServingConfigError(f"{where} has the model {visible(twice)} twice, which the server refuses.")
    return config


def _fill(message: Any, model: ServedModel) -> None:
    message.ParseFromString(model.rest)
    message.name, message.base_path, message.model_platform = model.name, model.base_path, model.platform
    if model.policy == "specific":
        message.model_version_policy.specific.versions.extend(model.versions)
    elif model.policy == "all":
        message.model_version_policy.all.SetInParent()
    elif model.latest:
        message.model_version_policy.latest.num_versions = model.latest
    for label in sorted(model.labels):
        message.version_labels[label] = model.labels[label]


def _model(message: Any) -> ServedModel:
    policy: Policy = message.model_version_policy.WhichOneof("policy_choice") or "latest"
    versions = tuple(sorted(set(message.model_version_policy.specific.versions)))
    latest, labels = message.model_version_policy.latest.num_versions, dict(sorted(message.version_labels.items()))
    name, base_path, platform = message.name, message.base_path, message.model_platform
    for known in ("name", "base_path", "model_platform", "model_version_policy", "version_labels"):
        message.ClearField(known)
    rest = message.SerializeToString(deterministic=True)
    return ServedModel(name, base_path, versions, labels, policy, latest, platform, rest)


def read(path: str) -> tuple[Config, bytes] | None:
    """Returns what a file says, and its bytes; None where there is no file.

    Raises:
        InvalidServingConfigError: It can't be understood, or is too large.
        StorageError: It can't be read.
    """
    try:
        data = storage.read_capped(os.path.realpath(path), LIMIT)
        return parse(data.decode("utf-8"), path), data
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise InvalidServingConfigError(f"{path} is no UTF-8 text: {error.reason}.") from error
    except (StorageError, InvalidServingConfigError):
        raise
    except TbVersionsError as error:
        raise InvalidServingConfigError(str(error)) from error


def replace_file(path: str, data: bytes) -> None:
    """Replaces a file as a whole, or makes it; whoever reads it meanwhile sees the one or the other.

    A symlink stays, and what it leads to is replaced. The file keeps its permissions.

    Raises:
        StorageError: It can't be written; the file is as before.
    """
    target = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise StorageError(f"{visible(path)} is no plain file; name another one.")
    temporary = os.path.join(os.path.dirname(target), f".tmp-{uuid.uuid4().hex}")
    try:
        storage.write_file(temporary, data)
        with contextlib.suppress(FileNotFoundError):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
        storage.fsync_folder(os.path.dirname(target))
    except FileNotFoundError as error:
        raise StorageError(
            f"{path} can't be written: there is no folder {os.path.dirname(target)}; make it."
        ) from error
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def remove_file(path: str) -> None:
    """Removes a file that was made where there was none.

    Raises:
        StorageError: It can't be removed.
    """
    try:
        os.unlink(os.path.realpath(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StorageError(f"{path} can't be removed: {error.strerror}.") from error
