"""What pickles would import: found in plain ones, PyTorch's archives and its files of old. Nothing is unpickled."""

from __future__ import annotations

import collections
import gzip
import io
import os
import pickle
import subprocess
import zipfile
from typing import Any

import numpy as np
import pytest

from tests.unit.trust.conftest import Told


class Runs:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch /tmp/this-must-not-exist",))


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, data in members.items():
            packed.writestr(f"archive/{name.replace('_', '.')}", data)
    return made.getvalue()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_runs_a_command_is_dangerous(told: Told, protocol: int) -> None:
    data = pickle.dumps({"weights": [Runs()], "more": collections.OrderedDict()}, protocol=protocol)
    assert told("x.pkl", data) == [("dangerous", "posix.system")]


def test_what_runs_before_a_pickle_breaks_off_counts(told: Told) -> None:
    data = pickle.dumps(Runs())[:-1] + b"\xff"
    assert told("x.pkl", data) == [("dangerous", "posix.system"), ("unread", "")]


def test_names_that_come_from_the_memo_are_joined(told: Told) -> None:
    data = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94h\x00h\x01\x93\x8c\x01x\x85R."
    assert told("x.pkl", data) == [("dangerous", "os.system")]


def test_a_name_that_the_pickle_makes_up_is_dangerous(told: Told) -> None:
    data = b"\x80\x04\x8c\x02os}\x93."
    assert told("x.pkl", data) == [("dangerous", "")]


def test_a_path_of_attributes_is_no_harmless_name(told: Told) -> None:
    data = b"\x80\x04\x8c\x0bcollections\x8c\x17OrderedDict.__init__.os\x93."
    assert told("x.pkl", data) == [("dangerous", "collections.OrderedDict.__init__.os")]


def test_an_extension_number_is_dangerous(told: Told) -> None:
    assert told("x.pkl", b"\x80\x02\x82\x01.") == [("dangerous", "")]


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_arrays_of_numpy_are_data(told: Told, protocol: int) -> None:
    assert told("x.pkl", pickle.dumps({"w": np.arange(3.0)}, protocol=protocol)) == []


def test_an_estimator_of_scikit_learn_is_code_that_was_not_judged(told: Told) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    fitted = linear.LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    assert told("x.pkl", pickle.dumps(fitted)) == [("custom", "sklearn.linear_model._base.LinearRegression")]


def test_a_file_of_pytorch_is_read_in_its_archive(told: Told) -> None:
    assert told("x.pt", archive(data_pkl=pickle.dumps(Runs(), protocol=2), version=b"3")) == [
        ("dangerous", "posix.system")
    ]
    harmless = (
        b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01ctorch._utils\n_rebuild_tensor_v2\nctorch\nFloatStorage\n."
    )
    assert told("y.pt", archive(data_pkl=harmless)) == []


def test_a_file_of_pytorch_of_old_is_five_pickles(told: Told) -> None:
    parts = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, Runs(), ["0"]]
    data = b"".join(pickle.dumps(part, protocol=2) for part in parts) + bytes(40)
    assert told("x.pt", data) == [("dangerous", "posix.system")]


def test_what_follows_the_first_object_is_not_passed_over(told: Told) -> None:
    assert told("x.pkl", pickle.dumps(1) + pickle.dumps(Runs())) == [("unread", "")]


def test_a_compressed_pickle_is_named_as_unread(told: Told) -> None:
    assert told("x.pkl", gzip.compress(pickle.dumps(Runs()))) == [("unread", "")]


def test_a_program_of_torchscript_is_code_that_was_not_judged(told: Told) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("m/code/__torch__.py", "def forward(): pass")
    assert told("x.pt", made.getvalue()) == [("custom", ""), ("unread", "")]


def test_a_claimed_length_is_not_believed(told: Told) -> None:
    data = b"\x80\x04\x8e" + (2**62).to_bytes(8, "little") + b"x."
    assert told("x.pkl", data) == [("unread", "")]


def test_another_global_of_the_standard_library_is_dangerous(told: Told) -> None:
    assert told("x.pkl", pickle.dumps(subprocess.Popen)) == [("dangerous", "subprocess.Popen")]


@pytest.mark.parametrize(("array", "found"), [(np.arange(3), []), (np.array([{}]), [("dangerous", "")])])
def test_an_array_of_objects_is_dangerous_alone_and_in_an_archive(told: Told, array: Any, found: Any) -> None:
    alone, packed = io.BytesIO(), io.BytesIO()
    np.save(alone, array)
    np.savez(packed, w=array)
    assert told("x.npy", alone.getvalue()) == found
    assert told("x.npz", packed.getvalue()) == found
    assert told("x.bin", packed.getvalue()) == found


def test_an_archive_of_something_else_is_unread(told: Told) -> None:
    assert told("x.zip", archive(model_xml=b"x")) == [("unread", "")]
