"""Trains ResNet18 or VGG16 with a deep linear head on the first CIFAR-10 batch and watches neural collapse with collapsar.

    python cifar10.py --data FOLDER --out runs/resnet18        # FOLDER holds data_batch_1.bin and test_batch.bin
    collapsar measure runs/resnet18

Needs PyTorch and the companion (``pip install ./python``, or PYTHONPATH=python/src). All images are kept on the device as one
tensor, so that an epoch over 10 000 of them takes about a second on a current GPU. No augmentation, as in the experiments of
Dang et al. (2023): what is measured is what was trained on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Iterator

try:
    from collapsar import Monitor
except ImportError:  # from a clone, without installing
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
    from collapsar import Monitor

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def read_images(file: Path, limit: int | None) -> tuple[Tensor, Tensor]:
    """Images N×3×32×32 as bytes, and labels N: each record is a label and 3072 bytes."""
    records = torch.frombuffer(bytearray(file.read_bytes()), dtype=torch.uint8).reshape(-1, 3073)[:limit]
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].long()


class Batches:
    """Batches of tensors that are on the device already; in order, so that it can be iterated over again."""

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int) -> None:
        self.images, self.labels, self.batch_size = images, labels, batch_size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return zip(self.images.split(self.batch_size), self.labels.split(self.batch_size))


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution without bias and BatchNorm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two convolutions and a shortcut (He, Zhang, Ren & Sun 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = convolution(inputs, outputs, stride=stride)
        self.second = convolution(outputs, outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(functional.relu(self.first(x))) + self.shortcut(x))


def resnet18() -> nn.Sequential:
    """ResNet18 with the usual stem for 32×32 images, and BatchNorm of the features."""
    stages: list[nn.Module] = [nn.Sequential(convolution(3, 64), nn.ReLU())]
    inputs = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        stages.append(nn.Sequential(Block(inputs, outputs, stride), Block(outputs, outputs, 1)))
        inputs = outputs
    return nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(512))


def vgg16() -> nn.Sequential:
    """VGG16 with BatchNorm for 32×32 images; five stages, and BatchNorm of the features."""
    stages: list[nn.Module] = []
    inputs = 3
    for outputs, layers in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        stage: list[nn.Module] = []
        for _ in range(layers):
            stage += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
            inputs = outputs
        stages.append(nn.Sequential(*stage, nn.MaxPool2d(2)))
    return nn.Sequential(*stages, nn.Flatten(), nn.BatchNorm1d(512))


class Network(nn.Module):
    """A backbone and M linear layers with nothing between them; a bias, if any, on the last."""

    def __init__(self, backbone: nn.Module, depth: int, bias: bool) -> None:
        super().__init__()
        self.backbone = backbone
        hidden = [nn.Linear(512, 512, bias=False) for _ in range(depth - 1)]
        self.head = nn.Sequential(*hidden, nn.Linear(512, 10, bias=bias))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.backbone(x))
        return logits


def loss_of(name: str, logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, or 1/(2B)·Σ‖z − y‖² as in the paper."""
    if name == "ce":
        return functional.cross_entropy(logits, labels)
    return (logits - functional.one_hot(labels, 10)).square().sum() / (2 * len(labels))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="ResNet18 or VGG16 on CIFAR-10, watched by collapsar.")
    parser.add_argument("--model", choices=["resnet18", "vgg16"], default="resnet18")
    parser.add_argument("--data", type=Path, required=True, help="folder of data_batch_1.bin and test_batch.bin")
    parser.add_argument("--out", required=True, help="folder of the run; it must be new")
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--loss", choices=["mse", "ce"], default="mse")
    parser.add_argument("--depth", type=int, default=3, help="linear layers of the head")
    parser.add_argument("--bias", action="store_true", help="a bias on the last layer")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--schedule", choices=["cosine", "constant"], default="cosine")
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument(
        "--amp", choices=["none", "tf32", "bf16"], default="none", help="precision of the training steps"
    )
    parser.add_argument("--at", default=None, help="epochs to measure, as 0,1,2,5,199; log-spaced without it")
    parser.add_argument("--limit", type=int, default=None, help="training images, for a try")
    parser.add_argument("--test-limit", type=int, default=2000)
    parser.add_argument("--limit-seconds", type=float, default=None, help="stop after the epoch that passes this")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    torch.manual_seed(options.seed)
    device = torch.device(options.device)
    fast = options.amp != "none"

    images, labels = read_images(options.data / "data_batch_1.bin", options.limit)
    test_images, test_labels = read_images(options.data / "test_batch.bin", options.test_limit)
    mean = images.float().mean((0, 2, 3), keepdim=True)
    deviation = images.float().std((0, 2, 3), keepdim=True)
    images, test_images = (((x.float() - mean) / deviation).to(device) for x in (images, test_images))
    labels, test_labels = labels.to(device), test_labels.to(device)
    if device.type == "cuda":
        images, test_images = (x.contiguous(memory_format=torch.channels_last) for x in (images, test_images))
        torch.backends.cudnn.benchmark = True

    backbone = {"resnet18": resnet18, "vgg16": vgg16}[options.model]()
    model = Network(backbone, options.depth, options.bias).to(device)
    if device.type == "cuda":
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(
        model.parameters(), lr=options.learning_rate, momentum=0.9, weight_decay=options.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda epoch: (
            1.0
            if options.schedule == "constant"
            else 0.5 * (1 + torch.cos(torch.tensor(torch.pi * epoch / options.epochs)).item())
        ),
    )

    stages = [f"backbone.{i}" for i in range(5)]
    monitor = Monitor(
        model,
        options.out,
        loss="ce" if options.loss == "ce" else "mse:paper",
        optimizer=optimizer,
        layers=stages,
        every="log" if options.at is None else [int(epoch) for epoch in options.at.split(",")],
        epochs=options.epochs,
        class_names=CLASSES,
    )
    train, test = Batches(images, labels, 500), Batches(test_images, test_labels, 500)

    started = time.perf_counter()
    for epoch in range(options.epochs):
        full_precision(not fast)
        model.train()
        total = torch.zeros((), device=device)
        for chosen in torch.randperm(len(images), device=device).split(options.batch):
            if len(chosen) < 2:  # BatchNorm needs two
                continue
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=options.amp == "bf16"):
                logits = model(images[chosen])
            loss = loss_of(options.loss, logits.float(), labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(chosen)
        schedule.step()
        mean_loss = total.item() / len(images)
        seconds = time.perf_counter() - started
        stop = options.limit_seconds is not None and seconds > options.limit_seconds
        # Rounding of a fast training step would look like variability within the classes.
        full_precision(True)
        measured = monitor.epoch(epoch, train=train, test=test, force=stop)
        line = {
            "epoch": epoch,
            "loss": mean_loss,
            "seconds": round(time.perf_counter() - started, 2),
            "measured": measured,
        }
        print(json.dumps(line), flush=True)
        if stop:
            break


def full_precision(on: bool) -> None:
    """Whether matrix products and convolutions on a GPU keep all digits of float32."""
    torch.backends.cuda.matmul.allow_tf32 = not on
    torch.backends.cudnn.allow_tf32 = not on


if __name__ == "__main__":
    main()
