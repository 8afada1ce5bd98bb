"""Reads what TFX left, by MLMD's client and TFMA's protos. For Python of .venv-tfx.

python reader.py read FOLDER                prints all that they say, as JSON
python reader.py downgrade STORE SCHEMA     changes the schema of a store
"""

from __future__ import annotations

import base64
import json
import pathlib
import sys
from typing import Any

from google.protobuf import json_format
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from results import read_records, tfma_proto


def store_at(path: pathlib.Path) -> Any:
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = 1
    return metadata_store.MetadataStore(config)


def read(folder: pathlib.Path) -> dict[str, Any]:
    """What MLMD's client and TFMA's protos say; doubles travel as their hexadecimal spelling."""
    store = store_at(folder / "metadata.sqlite")
    found: dict[str, Any] = {"artifacts": [json_format.MessageToDict(each) for each in store.get_artifacts()]}
    found["executions"] = [json_format.MessageToDict(each) for each in store.get_executions()]
    found["events"] = [
        json_format.MessageToDict(event)
        for event in store.get_events_by_execution_ids([each.id for each in store.get_executions()])
    ]
    found["evaluations"] = {
        path.parent.relative_to(folder).as_posix(): evaluation(path.parent)
        for path in sorted(folder.glob("Evaluator/evaluation/*/eval_config.json"))
    }
    return found


def evaluation(folder: pathlib.Path) -> dict[str, Any]:
    proto, results = tfma_proto("metrics_for_slice"), tfma_proto("validation_result")
    records = [record for path in sorted(folder.glob("metrics-*")) for record in read_records(path)]
    slices = [proto.MetricsForSlice.FromString(record) for record in records]
    verdict = results.ValidationResult.FromString(read_records(next(iter(folder.glob("validations*"))))[0])
    return {"metrics": [plain(each) for each in slices], "verdict": json_format.MessageToDict(verdict)}


def plain(message: Any) -> Any:
    """A message as JSON of names; what is set is there, whatever its value; doubles as `float.hex` spells them."""
    found = {}
    for field, value in message.ListFields():
        found[field.name] = [each(one) for one in value] if is_list(field, value) else each(value)
    for field in message.DESCRIPTOR.fields:
        if field.name not in found and not field.has_presence and not is_list(field, getattr(message, field.name)):
            found[field.name] = each(getattr(message, field.name))
    return found


def is_list(field: Any, value: Any) -> bool:
    return not isinstance(value, (str, bytes)) and hasattr(value, "__len__") and not hasattr(value, "keys")


def each(value: Any) -> Any:
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if hasattr(value, "keys"):
        return {key: each(value[key]) for key in value}
    return plain(value) if hasattr(value, "ListFields") else value


def downgrade(path: pathlib.Path, schema: int) -> None:
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = 3
    metadata_store.downgrade_schema(config, schema)


if __name__ == "__main__":
    if sys.argv[1] == "read":
        print(json.dumps(read(pathlib.Path(sys.argv[2]).resolve())))
    elif sys.argv[1] == "evaluation":
        print(json.dumps(evaluation(pathlib.Path(sys.argv[2]))))
    else:
        downgrade(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
