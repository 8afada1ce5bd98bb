"""Writes small SavedModels byte by byte, so that tests need no TensorFlow and can break what they like."""

from __future__ import annotations

from pathlib import Path

from tb_versions.savedmodel.table import masked_crc32c


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, value: int | str | bytes) -> bytes:
    """A varint for an integer, a length-delimited field for a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def shape(*sizes: int) -> bytes:
    return b"".join(field(2, field(1, size)) for size in sizes)


def tensor(name: str, dtype: int, dimensions: bytes) -> bytes:
    return field(1, name) + field(2, dtype) + field(3, dimensions)


def entry(key: str, value: bytes) -> bytes:
    return field(1, key) + field(2, value)


def signature(key: str = "serving_default", **inputs: bytes) -> bytes:
    """A MetaGraphDef's field 5."""
    body = b"".join(field(1, entry(name, value)) for name, value in inputs.items())
    return field(5, entry(key, body + field(3, "tensorflow/serving/predict")))


def node(op: str, name: str = "n") -> bytes:
    return field(1, name) + field(2, op)


def graph(*ops: str, library: tuple[str, ...] = ()) -> bytes:
    """A MetaGraphDef's field 2."""
    functions = field(1, b"".join(field(3, node(op)) for op in library))
    return field(2, b"".join(field(1, node(op)) for op in ops) + field(2, functions))


def info(*tags: str, version: str = "2.21.0") -> bytes:
    """A MetaGraphDef's field 1."""
    return field(1, b"".join(field(4, tag) for tag in tags) + field(5, version))


def variable(name: str, *sizes: int, dtype: int = 1, trainable: bool = True) -> bytes:
    """A SavedObject."""
    return field(7, field(1, dtype) + field(2, shape(*sizes)) + field(3, int(trainable)) + field(6, name))


def holder(**children: int) -> bytes:
    """A SavedObject with children by number."""
    return b"".join(field(1, field(1, number) + field(2, name)) for name, number in children.items())


def objects(*nodes: bytes) -> bytes:
    """A MetaGraphDef's field 7."""
    return field(7, b"".join(field(1, item) for item in nodes))


def saved_model(*meta_graphs: bytes) -> bytes:
    return field(1, 1) + b"".join(field(2, item) for item in meta_graphs)


def small_model() -> bytes:
    """A TF 2 model with a signature, functions and two variables."""
    return saved_model(
        info("serve")
        + graph("Placeholder", "MatMul", "NoOp", library=("MatMul", "Relu"))
        + signature(x=tensor("x:0", 1, shape(-1, 4)), y=tensor("y:0", 9, field(3, 1)))
        + objects(holder(w=1, b=2), variable("dense/kernel", 4, 3), variable("dense/bias", 3))
    )


def write_model(folder: Path, data: bytes, index: bytes | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "saved_model.pb").write_bytes(data)
    if index is not None:
        (folder / "variables").mkdir(exist_ok=True)
        (folder / "variables" / "variables.index").write_bytes(index)
    return folder


def bundle_entry(dtype: int, *sizes: int) -> bytes:
    return field(1, dtype) + field(2, shape(*sizes))


def block(*entries: tuple[bytes, bytes]) -> bytes:
    """A table's block; keys share their beginnings."""
    out, last = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    return out + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")


def table(*entries: tuple[bytes, bytes], kind: int = 0, stored: bytes | None = None, times: int = 1) -> bytes:
    """A table with one block, named several times by its index; `stored` stands in its place if compressed."""
    out = b""

    def add(content: bytes, kind: int) -> bytes:
        nonlocal out
        handle = varint(len(out)) + varint(len(content))
        checksum = masked_crc32c(content + bytes([kind]))
        out += content + bytes([kind]) + checksum.to_bytes(4, "little")
        return handle

    data = add(block(*entries) if stored is None else stored, kind)
    meta = add(block(), 0)
    index = add(block(*[(b"\xff", data)] * times), 0)
    return out + (meta + index).ljust(40, b"\0") + 0xDB4775248B80FB57.to_bytes(8, "little")
