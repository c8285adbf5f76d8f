import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from promptctl.verdict.slices import SliceTally, benjamini_hochberg, slice_sentences


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_is_scipys(p_values):
    assert list(stats.false_discovery_control(p_values)) == pytest.approx(benjamini_hochberg(p_values), rel=1e-12)


def tally(**tags):
    """lost, gained and kept cases of every tag."""
    found = SliceTally()
    for tag, (lost, gained, kept) in tags.items():
        for old, new, number in ((True, False, lost), (False, True, gained), (True, True, kept)):
            for _ in range(number):
                found.add([tag, tag], old=old, new=new)
    return found.slices()


def test_tags_are_counted_once_a_case_and_the_clearest_change_comes_first():
    first, second = tally(calm=(1, 1, 8), broken=(9, 0, 3))

    assert ("broken", 12, 9, 0, True) == (first.tag, first.cases, first.lost, first.gained, first.different)
    assert ("calm", 10, 1, 1, False) == (second.tag, second.cases, second.lost, second.gained, second.different)
    assert stats.binomtest(9, 9).pvalue == pytest.approx(first.p_value)


def test_what_is_said_of_tags():
    worse, perhaps = slice_sentences(tally(calm=(1, 1, 8), broken=(9, 0, 3), shaky=(3, 0, 9), better=(0, 9, 0)))

    assert worse == (
        "Tag broken: 9 of 12 cases lost and 0 gained, by first answers: worse by more than chance (exact McNemar p = "
        "0.0039; for 4 tags by Benjamini-Hochberg 0.0078)"
    )
    assert "Tag shaky: 3 of 12 cases lost and 0 gained, by first answers: no more than chance" in perhaps
    assert slice_sentences(tally(calm=(1, 0, 3))) == ()
