"""The messages of TensorFlow Serving's own package, which `make test` installs without its dependencies."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format

_FOLDER = Path(sys.prefix) / "serving_api"


def _module(name: str) -> Any:
    if not (_FOLDER / "tensorflow_serving").is_dir():
        pytest.skip("tensorflow-serving-api is not installed: make .venv/.stamps/serving-api")
    if str(_FOLDER) not in sys.path:
        sys.path.append(str(_FOLDER))
    return importlib.import_module(f"tensorflow_serving.{name}")


def model_server_config(text: str) -> Any:
    """Parses a configuration with the real message."""
    return text_format.Parse(text, _module("config.model_server_config_pb2").ModelServerConfig())


def prediction_log(data: bytes) -> Any:
    """Parses a warm-up record with the real message; loads TensorFlow."""
    return _module("apis.prediction_log_pb2").PredictionLog.FromString(data)
