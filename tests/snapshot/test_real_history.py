"""900 commits of real prompts: every version of every file is read, and the diff's laws hold between versions.

`benchmarks/history.py` takes every pair; here it is each eighth.
"""

import pytest
from real_history import BUNDLE, clone, measured


@pytest.mark.skipif(not BUNDLE.is_file(), reason="the bundle of real prompts is not there (../shared)")
def test_every_file_of_every_commit(tmp_path):
    found = measured(clone(BUNDLE, tmp_path), every=8)

    assert found.prompts > 1_000
    assert {"no prompt by its name", "is empty. Write the prompt's text into it."} == set(found.refused)
    assert found.pairs > 150
    assert [] == found.broken
