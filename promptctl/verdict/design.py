"""Weights and clusters of the cases -> means, and of how many independent cases a mean is worth."""

from array import array
from collections.abc import Hashable, Sequence

from promptctl.inputs.digests import DigestNumbers


class Design:
    """The weights and clusters of some cases, one after the other; values of these cases come as sequences beside it.

    Cases without a cluster stand alone. `shared`: two cases are of one cluster; `weighted`: the weights differ. Four
    bytes a case are kept, eight more where weights differ, and some twenty a cluster.
    """

    def __init__(self) -> None:
        self._weight = 1.0  # of every case, as long as `_own` is None
        self._own: array[float] | None = None
        self._groups = array("I")
        self._names = DigestNumbers()
        self.shared = False
        self.weighted = False

    def add(self, weight: float, cluster: Hashable | None) -> None:
        """One more case."""
        number = len(self)
        group = number if cluster is None else self._names.setdefault(hash(cluster), number)
        self.shared = self.shared or group != number
        if not number:
            self._weight = weight
        elif not self.weighted and weight != self._weight:
            self.weighted, self._own = True, self._weights
        self._groups.append(group)
        if self._own is not None:
            self._own.append(weight)

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def _weights(self) -> "array[float]":
        return array("d", [self._weight]) * len(self) if self._own is None else self._own

    @property
    def weight(self) -> float:
        """The sum of the weights."""
        return sum(self._weights)

    def mean(self, values: Sequence[float]) -> float:
        """The weighted mean."""
        if not self.weighted:
            return sum(values) / len(values)
        total = self.weight
        return sum(weight * value for weight, value in zip(self._weights, values, strict=True)) / total

    def groups(self, values: Sequence[float]) -> list[tuple[float, float]]:
        """(sum of weighted values, sum of weights) of every cluster."""
        sums: dict[int, list[float]] = {}
        for group, weight, value in zip(self._groups, self._weights, values, strict=True):
            cluster = sums.setdefault(group, [0.0, 0.0])
            cluster[0] += weight * value
            cluster[1] += weight
        return [(value, weight) for value, weight in sums.values()]

    def effective_size(self, values: Sequence[float]) -> float:
        """How many independent cases of equal weight would tell the mean as precisely: n over the design effect.

        n where the weights are equal and no cluster is shared; else the variance over clusters (Miller 2024) against
        that of independent cases (Kish 1965), never above n. Where all values are equal there is no variance to
        compare, and the clusters count, by their weights.
        """
        n = len(self)
        if not self.weighted and not self.shared:
            return float(n)
        groups = self.groups(values)
        mean = self.mean(values)
        total = sum(self._weights)
        spread = sum(w * (v - mean) ** 2 for w, v in zip(self._weights, values, strict=True)) / total
        by_weight = total**2 / sum(weight**2 for _, weight in groups)
        if len(groups) < 2 or spread < 1e-12:
            return min(float(n), by_weight)
        number = len(groups)
        variance = sum((value - mean * weight) ** 2 for value, weight in groups) / total**2
        variance *= number / (number - 1) * (n - 1) / n
        # Cases of a cluster can at most be all alike: without weights that bounds what the estimate may say.
        floor = 1.0 if self.weighted else by_weight
        return min(float(n), max(floor, spread / variance)) if variance > 0 else float(n)
