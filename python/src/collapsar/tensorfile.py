"""Safetensors files and whole-or-nothing writing, with nothing but PyTorch and the standard library.

The format (https://github.com/huggingface/safetensors): 8 bytes little-endian length of a JSON header, the header
(``dtype``, ``shape`` and ``data_offsets`` of each tensor, texts under ``__metadata__``), then the tensors one after another.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import sys
from pathlib import Path
from typing import Callable, Mapping

import torch
from torch import Tensor

from .errors import refuse

_CODES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
_DTYPES = {code: dtype for dtype, code in _CODES.items()}
_METADATA = "__metadata__"


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> int:
    """Writes a safetensors file, whole or not at all; returns its bytes."""
    # Larger items first, so that every tensor is aligned to its own item size.
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    plain = {name: tensors[name].detach().cpu().contiguous() for name in order}
    header: dict[str, object] = {} if not metadata else {_METADATA: dict(metadata)}
    at = 0
    for name in order:
        tensor = plain[name]
        if tensor.dtype not in _CODES:
            refuse(f"{path.name}[{name}]", "real numbers, integers or bool", tensor.dtype)
        end = at + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)

    def parts() -> list[Callable[[], bytes]]:
        head = len(text).to_bytes(8, "little") + text
        return [lambda: head, *((lambda tensor=plain[name]: _bytes_of(tensor)) for name in order)]

    write_whole(path, parts())
    return 8 + len(text) + at


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Reads a file that :func:`write_tensors` wrote."""
    data = bytearray(path.read_bytes())
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    tensors: dict[str, Tensor] = {}
    for name, entry in header.items():
        if name == _METADATA:
            continue
        begin, end = entry["data_offsets"]
        dtype, shape = _DTYPES[entry["dtype"]], entry["shape"]
        if begin == end:
            tensors[name] = torch.empty(shape, dtype=dtype)
        else:
            count = math.prod(shape)
            tensors[name] = torch.frombuffer(data, dtype=dtype, count=count, offset=8 + length + begin).reshape(shape)
    return tensors


def write_whole(path: Path, parts: list[Callable[[], bytes]]) -> None:
    """Writes a file under another name, brings it to disk and renames it: a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with open(unfinished, "wb") as file:
        for part in parts:
            file.write(part())
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def write_json(path: Path, value: object) -> None:
    """Writes indented JSON, whole or not at all. A number that does not exist is refused."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, [text.encode])


def _bytes_of(tensor: Tensor) -> bytes:
    """The values of a contiguous tensor on the processor, little-endian."""
    size = tensor.element_size()
    raw = ctypes.string_at(tensor.data_ptr(), tensor.numel() * size) if tensor.numel() > 0 else b""
    if sys.byteorder == "little" or size == 1:
        return raw
    return b"".join(raw[i : i + size][::-1] for i in range(0, len(raw), size))
