"""Trains an MLP with a deep linear head on Fashion-MNIST and watches neural collapse with collapsar.

    python fashion_mnist.py --data FOLDER --out runs/fashion        # FOLDER holds the four .gz files
    collapsar measure runs/fashion

Needs PyTorch and the companion (``pip install ./python``). ``--cost`` prints the processor seconds of training, of watching, and
of the forward passes that watching cannot do without.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from pathlib import Path

try:
    from collapsar import Monitor
except ImportError:  # from a clone, without installing
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
    from collapsar import Monitor

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


def read_idx(path: Path) -> torch.Tensor:
    """The bytes of an IDX file, in its shape."""
    data = bytearray(gzip.decompress(path.read_bytes()))
    axes = data[3]
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes)]
    return torch.frombuffer(data, dtype=torch.uint8, offset=4 + 4 * axes).reshape(shape)


def read_set(folder: Path, name: str, limit: int | None) -> TensorDataset:
    images = read_idx(folder / f"{name}-images-idx3-ubyte.gz")[:limit]
    labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz")[:limit]
    return TensorDataset((images.float().flatten(1) - 72.94) / 90.02, labels.long())


def mlp(width: int, hidden: int, depth: int) -> nn.Sequential:
    """Hidden ReLU layers, then ``depth`` linear layers with nothing between them, a free bias on the last."""
    layers: list[nn.Module] = []
    for i in range(hidden):
        layers += [nn.Linear(784 if i == 0 else width, width), nn.ReLU()]
    layers += [nn.Linear(width, width, bias=False) for _ in range(depth - 1)]
    return nn.Sequential(*layers, nn.Linear(width, 10))


def main() -> None:
    parser = argparse.ArgumentParser(description="An MLP on Fashion-MNIST, watched by collapsar.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the four .gz files")
    parser.add_argument("--out", required=True, help="folder of the run; it must be new")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--hidden", type=int, default=6, help="ReLU layers")
    parser.add_argument("--depth", type=int, default=3, help="linear layers of the head")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--limit", type=int, default=None, help="training images, for a try")
    parser.add_argument("--test-limit", type=int, default=None)
    parser.add_argument("--cost", action="store_true", help="print what watching costs")
    options = parser.parse_args()

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train_set = read_set(options.data, "train", options.limit)
    test_set = read_set(options.data, "t10k", options.test_limit)
    train = DataLoader(train_set, batch_size=options.batch, shuffle=True)
    seen = DataLoader(train_set, batch_size=1000)
    unseen = DataLoader(test_set, batch_size=1000)
    model = mlp(options.width, options.hidden, options.depth).to(device)
    criterion = nn.CrossEntropyLoss()
    # The last bias is not decayed, as theory has it.
    decayed = [p for p in model.parameters() if p.ndim > 1]
    free = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": decayed}, {"params": free, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=options.learning_rate, momentum=0.9, weight_decay=options.weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs)

    monitor = Monitor(
        model, options.out, loss=criterion, optimizer=optimizer, epochs=options.epochs, class_names=CLASSES
    )
    spent = {"training": 0.0, "watching": 0.0, "forward passes": 0.0}
    for epoch in range(options.epochs):
        began = time.process_time()
        model.train()
        for images, labels in train:
            optimizer.zero_grad()
            criterion(model(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        schedule.step()
        spent["training"] += time.process_time() - began
        began = time.process_time()
        measured = monitor.epoch(epoch, train=seen, test=unseen)
        spent["watching"] += time.process_time() - began
        if measured:
            print(json.dumps({"epoch": epoch, "measured": measured}), flush=True)
            if options.cost:
                began = time.process_time()
                with torch.no_grad():
                    for loader in (seen, unseen):
                        for images, _ in loader:
                            model(images.to(device))
                spent["forward passes"] += time.process_time() - began
    if options.cost:
        print(json.dumps({"cpuSeconds": {name: round(seconds, 2) for name, seconds in spent.items()}}))


if __name__ == "__main__":
    main()
