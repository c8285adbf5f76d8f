"""Comments that suppress, and those that do nothing."""

import pytest

from promptctl.prompts.lint.finding import Finding, Place
from promptctl.prompts.lint.registry import RULES
from promptctl.prompts.lint.suppression import kept, suppressions, useless

PATH = "prompts/p.yaml"
ALL = frozenset(RULES)


def finding(line: int | None = 3, code: str = "PL401", path: str = PATH) -> Finding:
    return Finding(code, Place(path, line), "m")


@pytest.mark.parametrize(
    "comment",
    [
        "# promptctl: ignore[PL401]",
        "  #promptctl:ignore[ PL102 , pl401 ]",
        "<!-- promptctl: ignore[PL401] because it is wanted -->",
        "{# promptctl: ignore[PL401] #}",
        "{#- promptctl: ignore[PL401] -#}",
        "{{!-- promptctl: ignore[PL401] --}}",
        "{{! promptctl: ignore[PL401] }}",
        "// promptctl: ignore[PL401]",
    ],
)
def test_a_comment_alone_holds_for_the_file_and_its_inputs(comment):
    known = suppressions(PATH, f"a: b\n{comment}\nc: d\n")

    assert [] == list(kept([finding(), finding(9, path="prompts/p.inputs.jsonl")], known))


def test_a_comment_behind_something_holds_for_its_line():
    known = suppressions(PATH, "a: b\n\nmodel: x # promptctl: ignore[PL401]\n")
    other = finding(4)

    assert [other] == list(kept([finding(3), other], known))
    assert [] == list(useless(known, ALL))


def test_other_rules_stay():
    known = suppressions(PATH, "# promptctl: ignore[PL402]\n")

    assert [finding()] == list(kept([finding()], known))
    assert ["nothing here is found by PL402."] == [one.message for one in useless(known, ALL)]


def test_a_rule_that_was_not_looked_at_is_not_called_unused():
    known = suppressions(PATH, "# promptctl: ignore[PL402]\n")

    assert [] == list(useless(known, ALL - {"PL402"}))


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# promptctl: ignore", "names no rule"),
        ("# promptctl: ignore[PL9999]", "'PL9999', which is no rule"),
        ("# promptctl: ignore[PL001]", "no rule that can be ignored"),
        ("# promptctl: ignore[PL002]", "no rule that can be ignored"),
    ],
)
def test_a_comment_that_says_nothing(comment, words):
    known = suppressions(PATH, f"{comment}\n")

    (one,) = useless(known, ALL)

    assert ("PL002", 1) == (one.code, one.place.line)
    assert words in one.message


def test_in_the_text_of_a_prompt_a_hash_is_no_comment():
    known = suppressions(PATH, "content: |\n  # promptctl: ignore[PL401]\n", ["# promptctl: ignore[PL401]\n"])

    (one,) = useless(known, ALL)

    assert [finding()] == list(kept([finding()], known))
    assert "write {# promptctl" in one.message
