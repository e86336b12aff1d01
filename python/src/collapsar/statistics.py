"""Class statistics of one layer: counts, means, within-class second moments, and how often nearest class means are right.

Two passes over the samples, all sums in float64. First n_k and Σx of each class; then, about the class means, Σ‖x − h̄_k‖² of
each class and of the within-class scatter either all, d×d, or what lies between the class means, q×q with q = min(K, d) (of test
samples min(2K, d), as the training means count too): its basis has orthonormal rows that span the class means less their mean. Squares are taken of deviations, never of the features, so
a large offset costs no digits. Memory: 2Kd and the smaller of d² and qd + q² numbers of 8 bytes. The measures themselves (NC1 …
NC4) are made by the ``collapsar`` command.
"""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor

from .ranks import of_rank_zero


class LayerStatistics:
    """Gathers one layer's statistics of one set of samples. ``device``: where sums are formed; it must have float64."""

    def __init__(self, name: str, dimension: int, classes: int, device: torch.device) -> None:
        self.name = name
        self.dimension = dimension
        self.classes = classes
        self._device = device
        self.counts = self._zeros(classes)
        self.means = self._zeros(classes, dimension)
        self.squares = self._zeros(classes)
        self._drift = self._zeros(classes, dimension)
        self.basis: Optional[Tensor] = None
        self.scatter = self._zeros(0, 0)
        self.nearest_is_label = self._zeros(classes)
        self.nearest_is_output = self._zeros(classes)

    # The first pass: sums stand where the means will.

    def add_sums(self, x: Tensor, labels: Tensor) -> None:
        """x: B×d, float64; labels: B."""
        self.means.index_add_(0, labels, x)
        self.counts += torch.bincount(labels, minlength=self.classes).to(torch.float64)

    def first_means(self) -> Tensor:
        """The class means of the first pass, K×d; zeros for a class without samples."""
        return self.means / self.counts.clamp(min=1).unsqueeze(1)

    def set_first(self, means: Tensor, counts: Tensor) -> None:
        """Takes class means (K×d) that are known instead of a first pass."""
        self.counts = counts
        self.means = means * counts.unsqueeze(1)

    def first_sums(self) -> list[Tensor]:
        """What is summed over ranks after the first pass."""
        return [self.counts, self.means]

    def close_sums(self, trained: Optional["NearestMean"]) -> bool:
        """Forms the means and the basis; False where a mean is not finite.

        ``trained``: the training means, for test samples. Their basis spans both, so that scatter about the training means is
        known too.
        """
        self.means = self.first_means()
        if not bool(torch.isfinite(self.means).all()):
            return False
        seen = self.means[self.counts > 0]
        if trained is not None:
            seen = torch.cat([seen, trained.seen])
        q = min(len(seen), self.dimension)
        if 2 * self.dimension * q + q * q < self.dimension**2:
            self.basis = of_rank_zero(spanning_rows(seen).to(self._device), self._device)
            self.scatter = self._zeros(len(self.basis), len(self.basis))
        else:
            self.scatter = self._zeros(self.dimension, self.dimension)
        return True

    # The second pass.

    def add_deviations(self, x: Tensor, labels: Tensor) -> None:
        """The same samples again: x: B×d, float64; labels: B."""
        deviations = x - self.means[labels]
        self.squares.index_add_(0, labels, (deviations * deviations).sum(1))
        self._drift.index_add_(0, labels, deviations)
        rows = deviations if self.basis is None else deviations @ self.basis.T
        self.scatter += rows.T @ rows

    def add_nearest(self, x: Tensor, labels: Tensor, chosen: Tensor, nearest: "NearestMean") -> None:
        """Counts where the nearest mean names the label, and where it names the network's choice (B)."""
        named = nearest(x)
        self.nearest_is_label.index_add_(0, labels, (named == labels).to(torch.float64))
        self.nearest_is_output.index_add_(0, labels, (named == chosen).to(torch.float64))

    def second_sums(self) -> list[Tensor]:
        """What is summed over ranks after the second pass."""
        return [self.squares, self.scatter, self._drift, self.nearest_is_label, self.nearest_is_output]

    def drift(self) -> float:
        """How far the means of the second pass lie from those of the first, as a share of the largest mean."""
        shift = self._drift / self.counts.clamp(min=1).unsqueeze(1)
        scale = float(self.means.norm(dim=1).max())
        return float(shift.norm(dim=1).max()) / scale if scale > 0 else 0.0

    def tensors(self) -> dict[str, Tensor]:
        """means K×d, variances K (v_k, 0 for a class without samples), and Σ_W: ``within`` d×d, or ``basis`` and ``projected``."""
        total = self.counts.sum()
        within = self.scatter / total
        parts = {
            "means": self.means,
            "variances": self.squares / self.counts.clamp(min=1),
            "nearestIsLabel": self.nearest_is_label.to(torch.int64),
            "nearestIsOutput": self.nearest_is_output.to(torch.int64),
        }
        if self.basis is None:
            return {**parts, "within": within}
        return {**parts, "basis": self.basis, "projected": within}

    def _zeros(self, *shape: int) -> Tensor:
        return torch.zeros(shape, dtype=torch.float64, device=self._device)


class NearestMean:
    """The class whose mean is nearest: argmax of x·c_k − ½‖c_k‖² about the mean of the means. Classes without samples: never."""

    def __init__(self, means: Tensor, counts: Tensor) -> None:
        #: The means of classes with samples.
        self.seen = means[counts > 0]
        self._centre = self.seen.mean(0)
        self._centred = means - self._centre
        half = (self._centred * self._centred).sum(1) / 2
        self._half = torch.where(counts > 0, half, torch.full_like(half, float("inf")))

    def __call__(self, x: Tensor) -> Tensor:
        """x: B×d, float64; B class numbers."""
        return ((x - self._centre) @ self._centred.T - self._half).argmax(1)


def spanning_rows(means: Tensor) -> Tensor:
    """Orthonormal rows that span the rows of ``means`` (K×d) less their mean: min(K, d) of them, by Householder's QR."""
    centred = (means - means.mean(0)).cpu()
    Q: Tensor = torch.linalg.qr(centred.T, mode="reduced").Q
    return Q.T.contiguous()
