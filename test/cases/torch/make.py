"""Writes the files beside it: python make.py FOLDER TAG, with PyTorch 1.13 (TAG 1.13) and 2.15 (TAG 2.15)."""

import collections
import sys

import torch

out, tag = sys.argv[1:]
g = torch.Generator().manual_seed(3)
K, d, n = 3, 4, 6
labels = torch.arange(K).repeat_interleave(n)
W = torch.randn(K, d, generator=g)
features = W[labels] + 0.1 * torch.randn(K * n, d, generator=g)
fc = torch.nn.Linear(d, K)
with torch.no_grad():
    fc.weight.copy_(W)
    fc.bias.copy_(torch.tensor([0.25, -0.5, 0.125]))
model = torch.nn.Sequential(collections.OrderedDict(fc=fc))

torch.save(
    {
        "features": features, "labels": labels, "model": model.state_dict(),
        "epoch": 7, "lr": 0.1, "note": "words", "flag": True, "none": None, "big": 2**40,
        "list": [1, 2, 3], "tuple": (1, 2.5),
    },
    f"{out}/network-{tag}.pt",
)
torch.save(model.state_dict(), f"{out}/state-dict-{tag}.pt")
torch.save(features, f"{out}/bare-{tag}.pt")
torch.save(model, f"{out}/module-{tag}.pt")
t = torch.arange(24, dtype=torch.float32).reshape(4, 6)
torch.save(
    {
        "T": t.t(), "slice": t[1:, ::2], "row": t[2], "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
        "f16": t.half(), "bf16": t.bfloat16(), "f64": t.double(), "i64": t.long(), "i32": t.int(),
        "i16": t.short(), "i8": t.char(), "u8": t.byte(), "bool": t > 11, "shared": t,
        "param": torch.nn.Parameter(t[:2].clone()), "cube": torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1),
        "expanded": torch.tensor([1.0, 2.0]).expand(5, 2), "complex": torch.zeros(2, dtype=torch.complex64),
    },
    f"{out}/dtypes-{tag}.pt",
)
torch.save({"features": features, "labels": labels}, f"{out}/legacy-{tag}.pt", _use_new_zipfile_serialization=False)
if tag != "1.13":
    new = {"u16": torch.arange(5).to(torch.uint16), "f8": torch.arange(4.0).to(torch.float8_e4m3fn), "f": t}
    torch.save(new, f"{out}/new-{tag}.pt")
