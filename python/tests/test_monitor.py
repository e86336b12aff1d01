"""The statistics against whole features in NumPy, the head that is found, and that nothing of a training is disturbed."""

from __future__ import annotations

import json
import random
import tempfile
import unittest
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from collapsar import InputError, Monitor, collect
from collapsar.tensorfile import read_tensors


def blobs(samples: int = 300, size: int = 12, classes: int = 4, offset: float = 0.0) -> TensorDataset:
    """Gaussian clouds, classes of unequal size."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.cat(
        [torch.arange(classes), torch.randint(0, classes, (samples - classes,), generator=generator) // 2]
    )
    centres = 2 * torch.randn(classes, size, generator=generator)
    return TensorDataset(offset + centres[labels] + torch.randn(samples, size, generator=generator), labels)


class DeepHead(nn.Module):
    """ReLU features, then linear layers, all with biases."""

    def __init__(self, size: int = 12, width: int = 40, classes: int = 4) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(size, width), nn.ReLU(inplace=True), nn.BatchNorm1d(width))
        self.head = nn.Sequential(nn.Linear(width, 16), nn.Dropout(0.5), nn.Linear(16, 16), nn.Linear(16, classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


class Scratch(unittest.TestCase):
    """A folder for each test."""

    def setUp(self) -> None:
        torch.manual_seed(1)
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.run_path = Path(self._folder.name) / "run"

    def tensors(self, epoch: int = 0) -> dict:
        return read_tensors(self.run_path / f"epochs/{epoch:06d}.safetensors")

    def manifest(self) -> dict:
        return json.loads((self.run_path / "collapsar.json").read_text())

    def lines(self) -> list:
        return [json.loads(line) for line in (self.run_path / "epochs.jsonl").read_text().splitlines()]


def naive(x: np.ndarray, y: np.ndarray, means: np.ndarray | None = None) -> dict:
    """Counts, means, v_k, Σ_W and the nearest class mean, in float64, one sample after another."""
    x = x.astype(np.float64)
    K = y.max() + 1
    own = np.stack([x[y == k].mean(0) for k in range(K)])
    d = x - own[y]
    nearest_to = own if means is None else means
    nearest = np.array([np.argmin(((row - nearest_to) ** 2).sum(1)) for row in x])
    return {
        "means": own,
        "variances": np.array([(d[y == k] ** 2).sum(1).mean() for k in range(K)]),
        "within": d.T @ d / len(x),
        "nearest": nearest,
    }


def nc1(within: np.ndarray, means: np.ndarray, counts: np.ndarray) -> float:
    """tr(Σ_W Σ_B⁺)/K by NumPy's pseudo-inverse."""
    centred = means - counts @ means / counts.sum()
    return float(np.trace(within @ np.linalg.pinv(centred.T @ centred / len(means))) / len(means))


def written_within(tensors: dict, key: str) -> np.ndarray:
    """Σ_W between the class means, as a d×d matrix."""
    if f"{key}.within" in tensors:
        return tensors[f"{key}.within"].numpy()
    B = tensors[f"{key}.basis"].numpy()
    return B.T @ tensors[f"{key}.projected"].numpy() @ B


class StatisticsTest(Scratch):
    def check(self, model: nn.Module, train: TensorDataset, test: TensorDataset, memory: int, tolerance: float) -> None:
        loader = DataLoader(train, batch_size=64, shuffle=True)
        monitor = Monitor(model, self.run_path, layers=["body.0"], memory=memory)
        monitor.epoch(0, train=loader, test=DataLoader(test, batch_size=50))
        tensors = self.tensors()
        passes = self.lines()[0]["passes"]
        self.assertEqual(passes["train"], 1 if memory > 0 else 2)
        model.eval()
        trained_means: list = []
        for split, data in (("train", train), ("test", test)):
            x, y = data.tensors[0], data.tensors[1].numpy()
            with torch.no_grad():
                first = model.body[0](x)
                features = model.body(x)
            rows = [first.numpy(), features.numpy()]
            for layer in (model.head[0], model.head[2], model.head[3]):
                W, b = (p.detach().numpy().astype(np.float64) for p in (layer.weight, layer.bias))
                rows.append(rows[-1].astype(np.float64) @ W.T + b)
            counts = np.bincount(y)
            np.testing.assert_array_equal(tensors[f"{split}.counts"].numpy(), counts)
            chosen = rows[-1].argmax(1)
            np.testing.assert_array_equal(
                tensors[f"{split}.correct"].numpy(), np.bincount(y, chosen == y, minlength=len(counts))
            )
            for i, part in enumerate(rows):
                key = f"{split}.{i}"
                expected = naive(part, y, None if split == "train" else trained_means[i])
                if split == "train":
                    trained_means.append(expected["means"])
                scale = np.abs(expected["means"]).max()
                np.testing.assert_allclose(tensors[f"{key}.means"].numpy(), expected["means"], atol=tolerance * scale)
                # Other batches round otherwise: a class of one sample has a variance of rounding in two passes.
                np.testing.assert_allclose(
                    tensors[f"{key}.variances"].numpy(),
                    expected["variances"],
                    rtol=tolerance,
                    atol=(tolerance * scale) ** 2,
                )
                for name, other in (("nearestIsLabel", y), ("nearestIsOutput", chosen)):
                    np.testing.assert_array_equal(
                        tensors[f"{key}.{name}"].numpy(),
                        np.bincount(y, expected["nearest"] == other, minlength=len(counts)),
                    )
                if split == "test" and f"{key}.basis" in tensors:
                    # Scatter about the training means, between them, is known as well.
                    B = tensors[f"{key}.basis"].numpy()
                    centred = trained_means[i] - trained_means[i].mean(0)
                    np.testing.assert_allclose(centred @ B.T @ B, centred, rtol=0, atol=tolerance * scale)
                measured = nc1(written_within(tensors, key), tensors[f"{key}.means"].numpy(), counts)
                whole = nc1(expected["within"], expected["means"], counts)
                self.assertLess(abs(measured - whole), tolerance * whole, key)

    def test_among_five(self) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 7))
        data = TensorDataset(torch.randn(90, 6), torch.arange(90) % 7)
        # Three outputs that are equal throughout: the lower numbers come first.
        with torch.no_grad():
            model[2].weight[2:5] = model[2].weight[2]
            model[2].bias[2:5] = model[2].bias[2]
        loader = DataLoader(data, batch_size=32)
        Monitor(model, self.run_path).epoch(0, train=loader, test=loader)
        tensors = self.tensors()
        with torch.no_grad():
            logits, y = model(data.tensors[0]).numpy(), data.tensors[1].numpy()
        right = [label in np.argsort(-row, kind="stable")[:5] for row, label in zip(logits, y)]
        self.assertTrue(0 < sum(right) < len(right))
        for split in ("train", "test"):
            np.testing.assert_array_equal(
                tensors[f"{split}.amongFive"].numpy(), np.bincount(y, right, minlength=7), split
            )

    def test_of_five_classes_or_fewer_no_places_are_counted(self) -> None:
        Monitor(DeepHead(), self.run_path).epoch(0, train=DataLoader(blobs(), batch_size=64))
        self.assertNotIn("train.amongFive", self.tensors())

    # The network computes in float32, in other batches: 1e-6 is that rounding.
    def test_one_pass(self) -> None:
        self.check(DeepHead(), blobs(), blobs(200), 2**20, 1e-6)

    def test_two_passes(self) -> None:
        self.check(DeepHead(), blobs(), blobs(200), 0, 1e-6)

    def test_float64_and_an_offset(self) -> None:
        train, test = blobs(), blobs(200)
        for data in (train, test):
            data.tensors = (data.tensors[0].double(), data.tensors[1])
        model = DeepHead().double()
        # Features far from zero cost the digits that the features themselves have lost, 1e6·2e-16, and no more.
        nn.init.constant_(model.body[2].bias, 1e6)
        self.check(model, train, test, 2**20, 1e-8)

    def test_half_precision_models(self) -> None:
        data = blobs()
        for dtype in (torch.bfloat16, torch.float16):
            with self.subTest(dtype=dtype):
                if dtype == torch.float16 and torch.__version__.startswith("1."):
                    self.skipTest("PyTorch 1 has no float16 products on a processor")
                model = DeepHead().to(dtype)
                loader = DataLoader(TensorDataset(data.tensors[0].to(dtype), data.tensors[1]), batch_size=64)
                self.run_path = self.run_path.with_name(str(dtype))
                Monitor(model, self.run_path).epoch(0, train=loader)
                tensors = self.tensors()
                model.eval()
                with torch.no_grad():
                    features = torch.cat([model.body(x) for x, _ in loader]).double().numpy()
                expected = naive(features, data.tensors[1].numpy())
                np.testing.assert_allclose(tensors["train.0.means"].numpy(), expected["means"], rtol=0, atol=1e-12)
                np.testing.assert_allclose(tensors["train.0.variances"].numpy(), expected["variances"], rtol=1e-12)
                self.assertEqual(tensors["head.0.weight"].dtype, dtype)

    def test_autocast_leaves_sums_in_float64(self) -> None:
        loader = DataLoader(blobs(), batch_size=64)
        model = DeepHead()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            Monitor(model, self.run_path).epoch(0, train=loader)
        tensors = self.tensors()
        W, b = tensors["head.0.weight"].double(), tensors["head.0.bias"].double()
        # Means of z1 are the image of the features' means, to the digits of float64.
        image = tensors["train.0.means"] @ W.T + b
        np.testing.assert_allclose(tensors["train.1.means"].numpy(), image.numpy(), rtol=1e-12, atol=1e-12)

    def test_maps_are_averaged_and_said(self) -> None:
        model = nn.Sequential(nn.Conv2d(1, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 4 * 4, 4))
        data = blobs(size=36)
        images = data.tensors[0].reshape(-1, 1, 6, 6)
        Monitor(model, self.run_path, layers=["0"]).epoch(
            0, train=DataLoader(TensorDataset(images, data.tensors[1]), 64)
        )
        with torch.no_grad():
            expected = naive(model[0](images).mean((2, 3)).numpy(), data.tensors[1].numpy())
        np.testing.assert_allclose(self.tensors()["train.0.means"].numpy(), expected["means"], atol=1e-6)
        self.assertEqual(self.manifest()["layers"][0]["pooling"], "mean over axes 2, 3 (positions)")

    def test_ignored_labels_and_one_hot_rows(self) -> None:
        data = blobs()
        x, y = data.tensors
        dropped = torch.where(torch.arange(len(y)) % 7 == 5, torch.full_like(y, -100), y)
        Monitor(DeepHead(), self.run_path).epoch(0, train=DataLoader(TensorDataset(x, dropped), 64))
        np.testing.assert_array_equal(
            self.tensors()["train.counts"].numpy(), np.bincount(dropped[dropped >= 0].numpy(), minlength=4)
        )
        other = self.run_path.with_name("onehot")
        hot = nn.functional.one_hot(y, 4).float()
        Monitor(DeepHead(), other).epoch(0, train=DataLoader(TensorDataset(x, hot), 64))
        counts = read_tensors(other / "epochs/000000.safetensors")["train.counts"]
        np.testing.assert_array_equal(counts.numpy(), np.bincount(y.numpy()))

    def test_features_that_are_not_finite_end_no_training(self) -> None:
        model = DeepHead()
        nn.init.constant_(model.body[0].weight, float("inf"))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            Monitor(model, self.run_path).epoch(0, train=DataLoader(blobs(), 64))
        self.assertIn("not finite", str(caught[-1].message))
        line = self.lines()[0]
        self.assertIsNone(line["file"])
        self.assertEqual(line["notes"], ["the features are not finite"])


class HeadTest(Scratch):
    def names(self, model: nn.Module, **arguments: object) -> list:
        Monitor(model, self.run_path, **arguments).epoch(0, train=DataLoader(blobs(), 64))
        return [layer["name"] for layer in self.manifest()["head"]]

    def test_found_up_to_the_last_nonlinearity(self) -> None:
        # An in-place ReLU writes into the tensor that the layer before it gave.
        model = nn.Sequential(
            nn.Linear(12, 40),
            nn.Linear(40, 40),
            nn.ReLU(inplace=True),
            nn.Linear(40, 20),
            nn.Identity(),
            nn.Linear(20, 4),
        )
        self.assertEqual(self.names(model), ["3", "5"])

    def test_a_whole_linear_network(self) -> None:
        self.assertEqual(self.names(nn.Sequential(nn.Linear(12, 9), nn.Linear(9, 4))), ["0", "1"])

    def test_named_by_its_sequential(self) -> None:
        self.assertEqual(self.names(DeepHead(), head="head"), ["head.0", "head.2", "head.3"])
        manifest = self.manifest()
        self.assertTrue(manifest["headIsLast"] and manifest["headIsChain"])
        # The last layer alone: its features are then what the layer before it gives.
        self.run_path = self.run_path.with_name("last")
        self.assertEqual(self.names(DeepHead(), head="head.3"), ["head.3"])

    def test_what_follows_the_head_is_seen(self) -> None:
        model = nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 4), nn.LogSoftmax(1))
        self.assertEqual(self.names(model), ["2"])
        self.assertFalse(self.manifest()["headIsLast"])
        tensors = self.tensors()
        z = tensors["sample.features"] @ tensors["head.0.weight"].T + tensors["head.0.bias"]
        self.assertGreater(float((z - tensors["sample.logits"]).abs().max()), 0.1)

    def test_a_weight_that_no_layer_is_called_with(self) -> None:
        for kind in ("layer", "parameter"):

            class Cosine(nn.Module):
                def __init__(self) -> None:
                    super().__init__()
                    self.body = nn.Sequential(nn.Linear(12, 9), nn.ReLU())
                    self.fc = nn.Linear(9, 4, bias=False)
                    if kind == "parameter":
                        self.fc = nn.Parameter(torch.randn(4, 9))  # type: ignore[assignment]

                def forward(self, x: torch.Tensor) -> torch.Tensor:
                    weight = self.fc if isinstance(self.fc, nn.Parameter) else self.fc.weight
                    unit = nn.functional.normalize
                    return 7 * nn.functional.linear(unit(self.body(x)), unit(weight))

            model = Cosine()
            for head in (None, "fc"):
                with self.subTest(kind=kind, head=head), self.assertRaisesRegex(InputError, "pass features="):
                    self.names(model, head=head)
            self.run_path = self.run_path.with_name(kind)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3)
            self.assertEqual(self.names(model, head="fc", features="body", optimizer=optimizer), ["fc"])
            self.assertEqual(self.manifest()["head"][0]["weightDecay"], 1e-3)
            tensors = self.tensors()
            x, W = tensors["sample.features"], tensors["head.0.weight"]
            cosines = 7 * nn.functional.normalize(x) @ nn.functional.normalize(W).T
            self.assertLess(float((cosines - tensors["sample.logits"]).abs().max()), 1e-5)
            self.run_path = self.run_path.with_name(f"{kind}-wrong")
            with self.assertRaisesRegex(InputError, "rows of 9, which the head reads, got rows of 12"):
                self.names(nn.Sequential(nn.Identity(), model), head="1.fc", features="0")

    def test_one_logit_that_is_squeezed(self) -> None:
        class Binary(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body, self.fc = nn.Linear(12, 5), nn.Linear(5, 1)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.fc(torch.tanh(self.body(x))).squeeze(-1)

        x, y = blobs().tensors
        data = DataLoader(TensorDataset(x, (y > 1).float()), 64)
        Monitor(Binary(), self.run_path).epoch(0, train=data)
        self.assertEqual([layer["name"] for layer in self.manifest()["head"]], ["fc"])

    def test_dropout_before_the_head_is_written(self) -> None:
        model = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(12, 9), nn.ReLU(), nn.Dropout(0.5), nn.Linear(9, 6), nn.Dropout(0.2), nn.Linear(6, 4)
        )
        self.assertEqual(self.names(model), ["4", "6"])
        self.assertEqual(self.manifest()["dropout"], [{"name": "3", "p": 0.5}, {"name": "5", "p": 0.2}])

    def test_layers_that_do_not_follow_one_another(self) -> None:
        model = nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 4))
        self.names(model, head=["0", "2"])
        self.assertFalse(self.manifest()["headIsChain"])

    def test_refusals(self) -> None:
        twice = nn.Linear(12, 12)
        cases = [
            (DeepHead(), "had", "the name of a module, got 'had'; the last linear layers are"),
            (DeepHead(), "body", "linear layers with nothing but"),
            (DeepHead(), ["head.0", "head.3", "body.0"], "layers that follow one another"),
            (nn.Sequential(twice, nn.ReLU(), twice), "0", "a layer that a forward pass uses once"),
            (nn.Sequential(nn.Conv1d(1, 4, 12), nn.Flatten()), None, "expected a linear layer that gives outputs"),
        ]
        for i, (model, head, words) in enumerate(cases):
            data = blobs()
            if isinstance(model[0] if isinstance(model, nn.Sequential) else None, nn.Conv1d):
                data = TensorDataset(data.tensors[0].unsqueeze(1), data.tensors[1])
            with self.subTest(head=head), self.assertRaises(InputError) as caught:
                Monitor(model, self.run_path.with_name(f"r{i}"), head=head).epoch(0, train=DataLoader(data, 64))
            self.assertIn(words, str(caught.exception))

    def test_dictionaries_and_other_batches(self) -> None:
        model = DeepHead()
        data = blobs()
        x, y = data.tensors
        Monitor(model, self.run_path, forward=lambda net, batch: (net(batch["image"]), batch["class"])).epoch(
            0, train=[{"image": x, "class": y}]
        )
        with self.assertRaisesRegex(InputError, 'a dictionary with "labels"'):
            Monitor(model, self.run_path.with_name("b")).epoch(0, train=[{"image": x, "class": y}])
        with self.assertRaisesRegex(InputError, "3 parts"):
            Monitor(model, self.run_path.with_name("c")).epoch(0, train=[(x, y, y)])


class UndisturbedTest(Scratch):
    def test_training_is_the_same_with_and_without(self) -> None:
        def train(watch: bool) -> tuple:
            torch.manual_seed(0)
            np.random.seed(0)
            random.seed(0)
            model = DeepHead()
            model.body[2].eval()  # a frozen BatchNorm stays frozen
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
            own = DataLoader(blobs(), 64, shuffle=True, generator=torch.Generator().manual_seed(3))
            monitor = Monitor(model, self.run_path, optimizer=optimizer, every=1) if watch else None
            for epoch in range(3):
                for x, y in own:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(x), y).backward()
                    optimizer.step()
                if monitor is not None:
                    monitor.epoch(epoch, train=own, test=DataLoader(blobs(100), 64, shuffle=True))
            modes = [module.training for module in model.modules()]
            hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
            drawn = (torch.rand(1).item(), np.random.rand(), random.random())
            gradients = [p.grad.clone() for p in model.parameters()]
            return [p.detach().clone() for p in model.state_dict().values()], gradients, modes, hooks, drawn

        watched, alone = train(True), train(False)
        for a, b in zip(watched[0] + watched[1], alone[0] + alone[1]):
            self.assertTrue(torch.equal(a, b))
        self.assertEqual(watched[2:], alone[2:])
        self.assertEqual(watched[3], 0)

    def test_everything_is_restored_after_an_error(self) -> None:
        model = DeepHead()
        x, y = blobs().tensors
        with self.assertRaises(InputError):
            Monitor(model, self.run_path).epoch(0, train=[(x, y), (x, y + 9)])
        self.assertTrue(all(module.training for module in model.modules()))
        self.assertEqual(sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()), 0)
        self.assertFalse((self.run_path / "epochs.jsonl").exists())

    def test_gradient_checkpointing(self) -> None:
        from torch.utils.checkpoint import checkpoint

        class Checkpointed(DeepHead):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.head(checkpoint(self.body, x, use_reentrant=False))

        Monitor(Checkpointed(), self.run_path).epoch(0, train=DataLoader(blobs(), 64))
        self.assertEqual(len(self.manifest()["head"]), 3)

    @unittest.skipUnless(hasattr(torch, "compile"), "needs PyTorch 2")
    def test_compiled_models(self) -> None:
        torch.manual_seed(0)
        plain = DeepHead().eval()
        # "eager" traces as every backend does, and needs no compiler on the machine.
        compiled = torch.compile(plain, backend="eager")
        x, y = blobs().tensors
        compiled(x)
        Monitor(compiled, self.run_path).epoch(0, train=[(x, y)])
        nested = nn.Sequential(torch.compile(plain.body, backend="eager"), plain.head)
        nested.compile(backend="eager")
        nested(x)
        other = self.run_path.with_name("nested")
        Monitor(nested, other, layers=["0.0"]).epoch(0, train=[(x, y)])
        nested(x)
        first, second = self.tensors(), read_tensors(other / "epochs/000000.safetensors")
        self.assertTrue(torch.allclose(first["train.0.means"], second["train.1.means"], atol=1e-12))
        self.assertEqual(first["train.counts"].tolist(), second["train.counts"].tolist())


class SettingTest(Scratch):
    def written(self, model: nn.Module, **arguments: object) -> dict:
        Monitor(model, self.run_path, **arguments).epoch(0, train=DataLoader(blobs(), 64))
        return self.manifest()

    def test_decays_of_groups(self) -> None:
        model = DeepHead()
        biases = [p for p in model.parameters() if p.ndim == 1]
        weights = [p for p in model.parameters() if p.ndim > 1 and p is not model.head[2].weight]
        groups = [{"params": weights}, {"params": biases, "weight_decay": 0.0}]
        manifest = self.written(model, optimizer=torch.optim.SGD(groups, lr=0.1, weight_decay=1e-3))
        self.assertEqual([layer["weightDecay"] for layer in manifest["head"]], [1e-3, None, 1e-3])
        self.assertEqual([layer["biasDecay"] for layer in manifest["head"]], [0.0, 0.0, 0.0])
        self.assertFalse(manifest["optimizer"]["decoupled"])
        self.assertEqual(manifest["optimizer"]["groups"][1]["parameters"][0], "body.0.bias")

    def test_a_frozen_weight_has_no_decay(self) -> None:
        model = DeepHead()
        model.head[2].weight.requires_grad_(False)
        manifest = self.written(model, optimizer=torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3))
        self.assertEqual([layer["weightDecay"] for layer in manifest["head"]], [1e-3, None, 1e-3])

    def test_wrapped_and_unknown_optimizers(self) -> None:
        class Wrapped(torch.optim.Optimizer):  # as Accelerate does
            def __init__(self, optimizer: torch.optim.Optimizer) -> None:
                self.optimizer = optimizer

            @property
            def param_groups(self) -> list:
                return self.optimizer.param_groups

        class Own(torch.optim.SGD):
            pass

        model = DeepHead()
        for i, (optimizer, name, decoupled) in enumerate(
            (
                (Wrapped(torch.optim.AdamW(model.parameters())), "AdamW", True),
                (Own(model.parameters(), lr=0.1), "Own", None),
                (torch.optim.Adam(model.parameters()), "Adam", False),
            )
        ):
            self.run_path = self.run_path.with_name(f"o{i}")
            written = self.written(model, optimizer=optimizer)["optimizer"]
            self.assertEqual((written["name"], written["decoupled"]), (name, decoupled))

    def test_decoupled_decay(self) -> None:
        model = DeepHead()
        self.assertTrue(self.written(model, optimizer=torch.optim.AdamW(model.parameters()))["optimizer"]["decoupled"])

    def test_steps_of_an_epoch(self) -> None:
        model = DeepHead()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        counted = hasattr(optimizer, "register_step_post_hook")
        for resume, expected in ((False, [5, 5, 7.5]), (True, [None, 5, 7.5])):
            monitor = Monitor(model, self.run_path, optimizer=optimizer, every=[0, 1, 3], resume=resume)
            for epoch, steps in enumerate((5, 5, 5, 10)):
                for _ in range(steps):
                    optimizer.zero_grad()
                    optimizer.step()
                if epoch != 2:
                    monitor.epoch(epoch, train=DataLoader(blobs(), 64))
            written = [line["steps"] for line in self.lines()]
            self.assertEqual(written, expected if counted else [None, None, None])
        # An epoch before any step has none.
        self.run_path = self.run_path.with_name("untrained")
        Monitor(model, self.run_path, optimizer=optimizer).epoch(0, train=DataLoader(blobs(), 64))
        self.assertIsNone(self.lines()[0]["steps"])

    def test_a_sum_over_batches_has_the_decay_of_its_steps(self) -> None:
        """An epoch of small steps goes along the gradient of the mean loss with λ = wd·T/N, a smaller last batch or not."""
        x, y = blobs(90).tensors
        x = x.double()
        torch.manual_seed(3)
        start = torch.randn(4, 12, dtype=torch.float64)
        decay, rate = 0.5, 1e-9
        for last, steps in ((False, 3), (True, 2)):
            W = start.clone().requires_grad_()
            optimizer = torch.optim.SGD([W], lr=rate, weight_decay=decay)
            counted = 0
            seen = []
            for rows in DataLoader(torch.arange(90), 40, drop_last=last):
                optimizer.zero_grad()
                nn.functional.cross_entropy(x[rows] @ W.T, y[rows], reduction="sum").backward()
                optimizer.step()
                counted += 1
                seen.append(rows)
            self.assertEqual(counted, steps)
            rows = torch.cat(seen)
            V = start.clone().requires_grad_()
            mean = nn.functional.cross_entropy(x[rows] @ V.T, y[rows])
            (mean + decay * steps / len(rows) / 2 * (V * V).sum()).backward()
            moved = (start - W.detach()) / (rate * len(rows))
            self.assertTrue(torch.allclose(moved, V.grad, rtol=1e-5, atol=1e-6))

    def test_losses(self) -> None:
        weight = torch.tensor([1.0, 2.0, 3.0, 4.0])
        loss = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.1, reduction="sum")
        self.assertEqual(
            self.written(DeepHead(), loss=loss)["loss"],
            {
                "name": "ce",
                "reduction": "sum",
                "labelSmoothing": 0.1,
                "classWeights": [1.0, 2.0, 3.0, 4.0],
                "module": "CrossEntropyLoss",
            },
        )
        for i, (given, name, reduction) in enumerate((
            (nn.MSELoss(), "mse", "mean"),
            ("mse:sum", "mse", "sum"),
            (nn.BCEWithLogitsLoss(), "bce", "mean"),
            (nn.NLLLoss(), "nll", "mean"),
            (nn.functional.cross_entropy, "ce", "mean"),
            (partial(nn.functional.mse_loss, reduction="sum"), "mse", "sum"),
            (partial(nn.functional.cross_entropy, torch.zeros(1, 4)), "other", None),
            (lambda z, y: (z - y).abs().mean(), "other", None),
        )):
            self.run_path = self.run_path.with_name(f"loss{i}")
            written = self.written(DeepHead(), loss=given)["loss"]
            self.assertEqual((written["name"], written["reduction"]), (name, reduction))
        with self.assertRaisesRegex(InputError, "mean is nn.MSELoss"):
            Monitor(DeepHead(), self.run_path.with_name("x"), loss="mse")


class CollectTest(Scratch):
    def test_shards_hold_all_samples_once(self) -> None:
        model = DeepHead()
        x, y = blobs().tensors
        out = self.run_path.with_name("f.safetensors")
        loader = DataLoader(TensorDataset(x, y), 64)
        whole = read_tensors(collect(model, loader, out=out)[0])
        paths = collect(model, loader, out=self.run_path.with_name("g.safetensors"), shard_bytes=30_000)
        self.assertEqual([path.name for path in paths], [f"g-{i:05d}.safetensors" for i in range(len(paths))])
        self.assertGreater(len(paths), 1)
        shards = [read_tensors(path) for path in paths]
        for name in ("features", "labels", "logits"):
            self.assertTrue(torch.equal(torch.cat([shard[name] for shard in shards]), whole[name]))
        for shard in shards:
            self.assertTrue(torch.equal(shard["W2"], model.head[2].weight))
        model.eval()
        with torch.no_grad():
            self.assertTrue(torch.allclose(whole["features"], model.body(x), atol=1e-6))
        self.assertEqual(sorted(p.name for p in out.parent.iterdir() if p.name.startswith(".")), [])


if __name__ == "__main__":
    unittest.main()
