"""The imbalanced MLP of Dang et al. (2023) on CIFAR-10, at their scale, for `collapsar measure`.

    python mlp_imbalanced.py --data FOLDER --depth 3 --out mlp.npz       # FOLDER holds data_batch_1.bin
    collapsar measure mlp.npz --loss mse --weight-decay 1e-4 --feature-decay 1e-4

Six hidden ReLU layers of 512 and a linear layer to the features, a head of M linear layers without bias, the first
100, 100, 200, 200, 300, 300, 400, 400, 500, 500 images of each class as one batch, Adam 1e-4 for 12 000 steps, a tenth of it
after 6000; orthogonal starts where the authors' public code has them. Its loss is half of nn.MSELoss() with 1e-5 on the
squared weights of the head and on the squared features, halved: theory's loss divided by K = 10, so that theory's decays are
1e-4. Needs PyTorch and NumPy; about two minutes on an H100.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

COUNTS = [100, 100, 200, 200, 300, 300, 400, 400, 500, 500]
MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1)
DEVIATION = torch.tensor([0.2023, 0.1994, 0.2010]).view(1, 3, 1)
DECAY = 1e-5


def read_images(file: Path) -> tuple[Tensor, Tensor]:
    """The first images of each class in file order, N×3072, and their labels."""
    records = torch.frombuffer(bytearray(file.read_bytes()), dtype=torch.uint8).reshape(-1, 3073)
    labels = records[:, 0].long()
    first = [(labels == k).nonzero()[:count, 0] for k, count in enumerate(COUNTS)]
    chosen = torch.cat(first).sort().values
    pixels = records[chosen, 1:].reshape(-1, 3, 1024).float() / 255
    return ((pixels - MEAN) / DEVIATION).reshape(-1, 3072), labels[chosen]


def build(depth: int, width: int) -> tuple[nn.Sequential, nn.Sequential]:
    """The backbone, whose output are the features, and the head."""
    layers: list[nn.Module] = []
    for inputs in [3072] + [width] * 5:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
    for layer in layers[:6]:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight)
    hidden = [nn.Linear(width, width, bias=False) for _ in range(depth - 1)]
    head = nn.Sequential(*hidden, nn.Linear(width, 10, bias=False))
    for layer in head:
        nn.init.orthogonal_(layer.weight)
    return nn.Sequential(*layers, nn.Linear(width, width)), head


def main() -> None:
    parser = argparse.ArgumentParser(description="The paper's imbalanced MLP on CIFAR-10.")
    parser.add_argument("--data", type=Path, required=True, help="folder of data_batch_1.bin")
    parser.add_argument("--out", type=Path, required=True, help="npz of features, labels and weights")
    parser.add_argument("--depth", type=int, default=1, help="linear layers of the head")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--steps", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    images, labels = (x.to(options.device) for x in read_images(options.data / "data_batch_1.bin"))
    targets = functional.one_hot(labels, 10).float()
    backbone, head = (part.to(options.device) for part in build(options.depth, options.width))
    optimizer = torch.optim.Adam([*backbone.parameters(), *head.parameters()], lr=1e-4)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, max(1, options.steps // 2), 0.1)
    weights = [layer.weight for layer in head]

    started = time.perf_counter()
    for step in range(1, options.steps + 1):
        features = backbone(images)
        logits = head(features)
        decay = sum(W.square().sum() for W in weights) + features.square().sum()
        loss = functional.mse_loss(logits, targets) / 2 + DECAY / 2 * decay
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % max(1, options.steps // 20) == 0:
            right = (logits.argmax(1) == labels).float().mean().item()
            seconds = round(time.perf_counter() - started, 1)
            print(json.dumps({"step": step, "loss": loss.item(), "accuracy": right, "seconds": seconds}), flush=True)

    with torch.no_grad():
        arrays = {"features": backbone(images).cpu().numpy(), "labels": labels.cpu().numpy()}
    arrays |= {f"W{m}": W.detach().cpu().numpy() for m, W in enumerate(weights, 1)}
    np.savez(options.out, **arrays)


if __name__ == "__main__":
    main()
