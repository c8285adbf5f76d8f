"""Large files of inputs are read from a temporary file, line by line; digests are kept small."""

import hashlib

import pytest

from promptctl.inputs.digests import DigestNumbers, DigestSet, digest_of
from promptctl.inputs.files import cases_at, check_cases, read_cases
from promptctl.inputs.lines import lines
from promptctl.inputs.spool import IN_MEMORY, Spool, spooled

DATA = b"".join(b'{"vars": {"a": "%s"}}\n' % (b"x" * (n % 5_000)) + b"\n" * (n % 3) for n in range(1, 900))


@pytest.mark.parametrize("data", [DATA, b"", b"no end", b"\xef\xbb\xbfa\nb", b"a" * 700_000 + b"\nb\n"])
def test_a_spool_gives_the_lines_that_bytes_give(data):
    assert list(lines(data)) == list(lines(Spool(data)))
    assert data == bytes(Spool(data))


def test_only_large_files_are_spooled():
    assert isinstance(spooled(b"few"), bytes)
    assert isinstance(spooled(b"x" * (IN_MEMORY + 1)), Spool)


def test_two_readers_of_one_spool_do_not_disturb_each_other():
    spool = Spool(DATA)

    together = list(zip(lines(spool), lines(spool), strict=True))

    assert all(one == other for one, other in together)


@pytest.mark.parametrize("path", ["t.jsonl", "t.csv"])
def test_cases_are_found_again_by_their_places(path):
    text = "id,a\n" + "".join(f'c-{n},"text\n{n}"\n' for n in range(50))
    rows = "".join(f'{{"id": "c-{n}", "vars": {{"a": {n}}}}}\n' for n in range(50))
    data = Spool((text if path == "t.csv" else rows).encode())

    index = check_cases(path, data)

    assert {3: "c-3", 41: "c-41"} == {place: case.id for place, case in cases_at(index, data, {41, 3}).items()}
    assert 50 == len(list(read_cases(path, data)))


def test_a_set_of_digests_knows_what_is_in_it():
    digests = [int.from_bytes(hashlib.sha256(str(n).encode()).digest()[:8], "big") for n in range(20_000)]
    found = DigestSet()

    assert all(found.add(digest) for digest in digests)
    assert not any(found.add(digest) for digest in digests)
    assert all(digest in found for digest in digests)
    assert digest_of("absent") not in found
    assert found.add(0)
    assert 20_001 == len(found)


def test_the_first_number_of_a_digest_stays():
    digests = [digest_of(str(n)) for n in range(5_000)]
    found = DigestNumbers()

    assert [*range(5_000)] == [found.setdefault(digest, n) for n, digest in enumerate(digests)]
    assert [*range(5_000)] == [found.setdefault(digest, 0) for digest in digests]
    assert 5_000 == len(found)
