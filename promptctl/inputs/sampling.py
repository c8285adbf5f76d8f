"""A sample of the inputs: the same for the same seed on every machine, with every tag in its share."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from promptctl.inputs.case import Case


def sample(cases: Iterable[Case], size: int, seed: int) -> frozenset[str]:
    """The ids of `size` cases, all where there are fewer.

    Cases of one set of tags are a stratum; each has its share of the sample by the largest remainder. Within a stratum
    the cases come in the order of a digest of seed and id, so that a case that is added moves few others.
    """
    strata: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for case in cases:
        strata[tuple(sorted(set(case.tags)))].append(case.id)
    groups = [strata[tags] for tags in sorted(strata)]
    shares = _shares([len(group) for group in groups], size)
    return frozenset(
        one
        for group, share in zip(groups, shares, strict=True)
        for one in sorted(group, key=lambda one: _rank(seed, one))[:share]
    )


def _rank(seed: int, case_id: str) -> bytes:
    return hashlib.sha256(f"{seed} {case_id}".encode("utf-8", "surrogatepass")).digest()


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    """How many of each stratum: in proportion, the places that are left by the largest remainder."""
    count = sum(sizes)
    if total >= count:
        return list(sizes)
    whole = [size * total // count for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda index: (-(sizes[index] * total % count), index))
    for index in by_remainder[: total - sum(whole)]:
        whole[index] += 1
    return whole
