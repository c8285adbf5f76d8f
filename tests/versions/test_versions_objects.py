"""The protocol of `cat-file --batch`, and trees."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.versions.objects import GitObject, TreeItem, ask, blob_id, tree_items

OID = "ab" * 20


def answer(text: bytes, name: str = "x", limit: int = 100):
    asked = io.BytesIO()
    return ask(asked, io.BytesIO(text), name, limit), asked.getvalue()


def test_one_question_one_answer():
    assert answer(f"{OID} blob 5\n".encode() + b"a\nb c\n", "HEAD:ü") == (
        GitObject(OID, "blob", 5, b"a\nb c"),
        "HEAD:ü\n".encode(),
    )


@pytest.mark.parametrize(
    "line", [b"x missing\n", b"a b missing\n", b"x ambiguous\n", b"x blob 3 missing\n", b"dangling\n"]
)
def test_what_git_does_not_know(line):
    assert answer(line)[0] is None


def test_a_large_object_is_skipped_and_the_next_is_read():
    stdout = io.BytesIO(f"{OID} blob 3000000\n".encode() + b"x" * 3_000_000 + f"\n{OID} blob 1\ny\n".encode())

    assert ask(io.BytesIO(), stdout, "x", 10) == GitObject(OID, "blob", 3_000_000, None)
    assert ask(io.BytesIO(), stdout, "y", 10) == GitObject(OID, "blob", 1, b"y")


@pytest.mark.parametrize("name", ["a\nb", "a\0b"])
def test_a_name_is_never_two_questions(name):
    assert answer(b"", name) == (None, b"")


def test_a_process_that_ended():
    with pytest.raises(BrokenPipeError):
        answer(b"")


@pytest.mark.parametrize("limit", [10, 3_000_000])
def test_a_process_that_ended_in_the_midst_of_an_object(limit):
    with pytest.raises(BrokenPipeError):
        answer(f"{OID} blob 3000000\n".encode() + b"x" * 1_000_000, limit=limit)


@pytest.mark.parametrize("size", [20, 32])
@given(
    items=st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1),
            st.sampled_from(["100644", "100755", "120000", "160000", "40000"]),
            st.binary(min_size=32, max_size=32),
        )
    )
)
def test_a_tree_reads_as_it_was_written(items, size):
    data = b"".join(f"{mode} {name}\0".encode() + oid[:size] for name, mode, oid in items)

    assert list(tree_items(data, size)) == [TreeItem(name, mode, oid[:size].hex()) for name, mode, oid in items]


@given(content=st.binary(max_size=3_000))
def test_a_blobs_id_is_that_of_its_content(content, tmp_path_factory):
    file = tmp_path_factory.mktemp("blob") / "file"
    file.write_bytes(content)

    assert blob_id(str(file), "sha1") == hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
