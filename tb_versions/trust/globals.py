"""Which globals of a pickle only rebuild data. Everything else that a pickle imports can run code.

The names are those that PyTorch's own restricted reader allows, and those that NumPy's arrays are pickled with. Nothing
is on the list by a pattern but PyTorch's storages and types of numbers.
"""

from __future__ import annotations

import re

from tb_versions.trust.findings import Kind

_HARMLESS = frozenset(
    {
        "builtins.bytearray",
        "builtins.complex",
        "builtins.dict",
        "builtins.frozenset",
        "builtins.list",
        "builtins.set",
        "builtins.slice",
        "builtins.tuple",
        "collections.Counter",
        "collections.OrderedDict",
        "_codecs.encode",
        "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.dtype",
        "numpy.ndarray",
        "numpy._core.numeric._frombuffer",
        "numpy.core.numeric._frombuffer",
        "torch.Size",
        "torch.Tensor",
        "torch.device",
        "torch._tensor._rebuild_from_type_v2",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch._utils._rebuild_qtensor",
        "torch._utils._rebuild_sparse_tensor",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch.nn.parameter.Parameter",
        "torch.serialization._get_layout",
    }
)
_OF_TORCH = re.compile(
    r"torch\.(?:[A-Z][A-Za-z0-9]*Storage|storage\.(?:Typed|Untyped)Storage|b?float[0-9a-z_]*|bfloat16|complex[0-9]+|"
    r"u?int[0-9]+|bool|q?u?int[0-9x]+)",
    re.ASCII,
)
_ESTIMATOR = re.compile(r"sklearn\.[a-z0-9_.]+\.[A-Z][A-Za-z0-9]*", re.ASCII)


def judge_global(module: str, name: str) -> tuple[Kind, str] | None:
    """Returns the kind and the reason of a global; None of one that only rebuilds data."""
    if not module:
        return "dangerous", "the pickle makes up a name while it is read, and imports it"
    full = f"{module}.{name}"
    if "." not in name and (full in _HARMLESS or _OF_TORCH.fullmatch(full)):
        return None
    if "." not in name and _ESTIMATOR.fullmatch(full):
        return "custom", "a class of scikit-learn, which restores itself by its own code"
    if full == "joblib.numpy_pickle.NumpyArrayWrapper":
        return "custom", "joblib's arrays, which lie amid the pickle: what follows them can't be told from them"
    return "dangerous", "the pickle imports this, and may call it with any arguments"
