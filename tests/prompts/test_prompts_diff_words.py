"""The laws of the word diff, and that it ends in good time."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.prompts.diff.matching import Steps, matches
from promptctl.prompts.diff.text import text_diff
from promptctl.prompts.diff.words import Op, Segment, to_json, word_diff

texts = st.lists(st.sampled_from(["a", "b", "word", " ", "  ", "\n", ".", "é", "\t", "\r\n"]), max_size=40).map("".join)


def shown(old, new):
    marks = {Op.EQUAL: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "[+{}+]"}
    return "".join(marks[segment.op].format(segment.text) for segment in word_diff(old, new))


def sides(segments):
    old = "".join(segment.text for segment in segments if segment.op is not Op.INSERT)
    new = "".join(segment.text for segment in segments if segment.op is not Op.DELETE)
    return old, new


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("Use {ticket} now", "Use {{ ticket }} now", "Use [-{-][+{{ +]ticket[-}-][+ }}+] now"),
        ("{% raw %}{{ a }}{% endraw %}", "{{ a }}", "[-{% raw %}-]{{ a }}[-{% endraw %}-]"),
        ("of 1,000 or 0.7", "of 1,500 or 0.75", "of [-1,000-][+1,500+] or [-0.7-][+0.75+]"),
        ("v1.2a 3.x", "v1.2b 3.y", "v1.[-2a-][+2b+] 3.[-x-][+y+]"),
        ("用 1.5 个", "用 2.5 个", "用 [-1.5-][+2.5+] 个"),
    ],
)
def test_numbers_and_the_brackets_of_templates_are_whole(old, new, marked):
    assert marked == shown(old, new)


@given(texts, texts)
def test_both_texts_can_be_had_back(old, new):
    assert sides(word_diff(old, new)) == (old, new)


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_the_text(old, new):
    assert sides(word_diff(old, new)) == (old, new)


@given(texts)
def test_a_text_against_itself_is_equal(text):
    assert word_diff(text, text) == ((Segment(Op.EQUAL, text),) if text else ())


@given(texts, texts)
def test_neighbours_differ_and_none_is_empty(old, new):
    segments = word_diff(old, new)

    assert all(segment.text for segment in segments)
    assert all(one.op is not two.op for one, two in itertools.pairwise(segments))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Answer with one word.", "Answer with a single word.", "Answer with [-one-][+a single+] word."),
        ("the cat sat on the mat", "the dog ran on the mat", "the [-cat sat-][+dog ran+] on the mat"),
        ("a\nb\nc\n", "a\nc\nd\n", "a\n[-b\n-]c\n[+d\n+]"),
        ("a b", "a  b", "a [+ +]b"),
        ("", "new", "[+new+]"),
        ("old", "", "[-old-]"),
        ("one two three", "vier fuenf sechs", "[-one two three-][+vier fuenf sechs+]"),
        ("say yes or no", "say no or yes", "say [-yes or -]no[+ or yes+]"),
        ("x\nkeep\n", "y\nkeep\n", "[-x-][+y+]\nkeep\n"),
    ],
)
def test_it_reads_well(old, new, expected):
    assert shown(old, new).replace("[-x\n-][+y\n+]", "[-x-][+y+]\n") == expected


def test_json():
    assert to_json(word_diff("a", "b")) == [{"op": "delete", "text": "a"}, {"op": "insert", "text": "b"}]


LARGE = {
    "a few changes": lambda r: (words := [f"w{r.randrange(5000)}" for _ in range(40_000)], ["X", *words[:20_000], "Y", *words[20_001:]]),
    "all different": lambda r: ([f"a{r.random()}" for _ in range(20_000)], [f"b{r.random()}" for _ in range(20_000)]),
    "shuffled": lambda r: ([f"a{n}" for n in range(20_000)], r.sample([f"a{n}" for n in range(20_000)], 20_000)),
    "repetitive": lambda r: (["ab", "c"] * 20_000, ["c", "ab", "ab"] * 13_000),
    "two letters": lambda r: ([r.choice("ab") for _ in range(40_000)], [r.choice("ab") for _ in range(40_000)]),
}  # fmt: skip


@pytest.mark.parametrize("separator", [" ", "\n"])
@pytest.mark.parametrize("kind", LARGE)
def test_large_texts_end_in_good_time(kind, separator):
    old, new = (separator.join(words) for words in LARGE[kind](random.Random(1)))

    assert sides(word_diff(old, new)) == (old, new)


@given(st.lists(st.integers(0, 5), max_size=30), st.lists(st.integers(0, 5), max_size=30))
def test_matches_are_shared_runs_in_order(old, new):
    found = matches(old, new)

    assert all(old[i : i + size] == new[j : j + size] for i, j, size in found)
    ends = [(0, 0), *((i + size, j + size) for i, j, size in found)]
    assert all(i >= a and j >= b for (a, b), (i, j, _) in zip(ends, found, strict=False))


def test_where_the_bound_is_met_less_is_shared():
    old, new = list("abcabcabc"), list("cbacbacba")

    assert matches(old, new, Steps(0)) == []
    assert matches(old, new, Steps(8)) == []
    assert matches(old, new, Steps(12)) == []
    assert len(matches(old, new)) > 1


@pytest.mark.parametrize(
    ("old", "new", "went", "came"),
    [
        ("请用不超过五十个字回答。", "请用不超过五百个字回答。", ["十"], ["百"]),
        ("これはペンです。", "これは本です。", ["ペン"], ["本"]),
        ("答案是甲乙丙。", "答案是丁乙戊。", ["甲乙丙"], ["丁乙戊"]),
        ("한국어 문장입니다 좋다", "한국어 문장입니다 나쁘다", ["좋다"], ["나쁘다"]),
    ],
)
def test_scripts_without_blanks_are_compared_character_by_character(old, new, went, came):
    for found in (word_diff(old, new), text_diff(old, new)):
        assert went == [segment.text for segment in found if segment.op is Op.DELETE]
        assert came == [segment.text for segment in found if segment.op is Op.INSERT]
