"""What each model-graded assertion asks, and what it makes of the replies. Nobody is asked."""

import json

import pytest

from promptctl.models.call import CallFailed, Failure, Kind, Reply
from promptctl.models.embedding import embeddings_text
from promptctl.models.moderation import Flags, flags_text
from promptctl.scoring.ask import Said
from promptctl.scoring.combine import is_asking, score, scoring
from promptctl.scoring.registry import KINDS, assertion_problems, parse, parse_all
from promptctl.scoring.result import Context

TOKEN = "0123456789ab"
CASE = {"context": "The team is billing. It answers within a day. Lunch is at noon.", "city": "Bern"}


def context(answer="billing", *, other=None, **vars_):
    against = None if other is None else Reply(other)
    return Context(Reply(answer), {**CASE, **vars_}, expected="billing", other=against, question="Which team?")


def reply(value):
    """A judgement, a vector or flags."""
    if isinstance(value, list):
        return Reply(embeddings_text([value]))
    if isinstance(value, Flags):
        return Reply(flags_text([value]))
    return Reply(json.dumps({"id": TOKEN, **value}) if isinstance(value, dict) else value)


def play(spec, about, *turns):
    """The assertion's talk: each turn's replies -> the result, and what was asked in each turn."""
    specs = spec if isinstance(spec, list) else [spec]
    talk = scoring(parse_all(specs, "p.yaml"), about)
    asked, heard = [], None
    for values in (*turns, None):
        try:
            asks = talk.send(heard) if heard else next(talk)
        except StopIteration as stop:
            return stop.value, asked
        assert values is not None, f"asked once more: {asks}"
        asked.append([(ask.prompt, dict(ask.data)) for ask in asks])
        assert len(asks) == len(values)
        heard = [
            value if isinstance(value, CallFailed) else Said(reply(value), "m", TOKEN)
            for value in values
        ]  # fmt: skip
    raise AssertionError("it never ended")


def said(result):
    (one,) = result.assertions
    return one.passed, pytest.approx(one.score, abs=1e-6), one.reason


@pytest.mark.parametrize(
    ("judgement", "threshold", "expected"),
    [
        ({"pass": True, "reason": "good"}, None, (True, 1.0, "good [m]")),
        ({"pass": False, "reason": "bad"}, None, (False, 0.0, "bad [m]")),
        ({"pass": True, "score": 0.4, "reason": "so"}, None, (True, 0.4, "score 0.4: so [m]")),
        ({"pass": True, "score": 0.4, "reason": "so"}, 0.5, (False, 0.4, "score 0.4, threshold 0.5: so [m]")),
        ({"pass": False, "score": 0.9, "reason": "no"}, 0.5, (False, 0.9, "score 0.9, threshold 0.5: no [m]")),
        ({"score": 0.9, "reason": "so"}, 0.5, (True, 0.9, "score 0.9, threshold 0.5: so [m]")),
        ({"pass": "yes", "score": "0.7"}, None, (True, 0.7, "score 0.7: meets the rubric [m]")),
        ({"pass": "fail"}, None, (False, 0.0, "does not meet the rubric [m]")),
        ({"pass": True, "score": 4, "reason": "of 5"}, 3, (True, 1.0, "score 4, threshold 3: of 5 [m]")),
    ],
)
def test_llm_rubric(judgement, threshold, expected):
    spec = {"type": "llm-rubric", "value": "names {{ city }}"}
    result, asked = play(spec if threshold is None else {**spec, "threshold": threshold}, context(), [judgement])

    assert expected == said(result)
    assert [[("llm-rubric", {"output": "billing", "rubric": "names Bern"})]] == asked


def test_a_rubric_may_be_an_object():
    _, asked = play({"type": "llm-rubric", "value": {"tone": "warm"}}, context(), [{"pass": True}])

    assert '{"tone": "warm"}' == asked[0][0][1]["rubric"]


@pytest.mark.parametrize(("verdict", "expected"), [(True, (True, 1.0)), (False, (False, 0.0))])
def test_model_graded_closedqa(verdict, expected):
    spec = {"type": "model-graded-closedqa", "value": "is a team"}
    result, asked = play(spec, context(query="Who?"), [{"pass": verdict, "reason": "r"}])

    assert (*expected, "r [m]") == said(result)
    assert {"input": "Who?", "completion": "billing", "criteria": "is a team"} == asked[0][0][1]


@pytest.mark.parametrize(
    ("category", "passed"), [("A", True), ("b", True), ("C", True), ("D", False), ("E", True)]
)  # fmt: skip
def test_factuality(category, passed):
    spec = {"type": "factuality", "value": "{{ expected }}"}
    result, asked = play(spec, context(), [{"category": category, "reason": "r"}])

    assert (passed, float(passed)) == said(result)[:2]
    assert {"input": "Which team?", "completion": "billing", "ideal": "billing"} == asked[0][0][1]


def test_g_eval_lays_down_steps_and_takes_the_mean_over_the_criteria():
    steps = {"steps": ["look", "judge"]}
    spec = {"type": "g-eval", "value": ["clear", "short"]}
    result, asked = play(spec, context(), [steps, steps], [{"score": 9, "reason": "a"}, {"score": 5, "reason": "b"}])

    assert (True, 0.7, "score 0.70, threshold 0.7: a; b [m]") == said(result)
    assert [["g-eval-steps", "g-eval-steps"], ["g-eval", "g-eval"]] == [[name for name, _ in turn] for turn in asked]
    assert "- look\n- judge" == asked[1][0][1]["steps"]
    below, _ = play({**spec, "value": "clear", "threshold": 0.8}, context(), [steps], [{"score": 7}])
    assert (False, 0.7) == said(below)[:2]


def test_classifier_takes_a_share_and_by_default_certainty():
    sure, _ = play({"type": "classifier", "value": "polite"}, context(), [{"score": 1}])
    half, _ = play({"type": "classifier", "value": "polite"}, context(), [{"score": 0.5}])
    enough, _ = play({"type": "classifier", "value": "polite", "threshold": 0.5}, context(), [{"score": 0.5}])

    assert [True, False, True] == [one.passed for one in (sure, half, enough)]


def test_context_recall_is_the_share_of_statements_that_are_borne_out():
    spec = {"type": "context-recall", "value": "It is billing. It is far.", "threshold": 0.5}
    marks = [{"text": "It is billing.", "attributed": True}, {"text": "It is far.", "attributed": False}]
    result, asked = play(spec, context(), [{"statements": marks}])

    assert (True, 0.5) == said(result)[:2]
    assert CASE["context"] == asked[0][0][1]["context"]


def test_context_relevance_counts_sentences_lines_or_pieces():
    spec = {"type": "context-relevance", "threshold": 0.5}
    sentences, asked = play(spec, context(), [{"relevant": [1, 2]}])
    pieces, _ = play(spec, context(context=["a", "b", "c", "d"]), [{"relevant": [4]}])

    assert (True, pytest.approx(2 / 3)) == said(sentences)[:2]
    assert (False, 0.25) == said(pieces)[:2]
    assert "1. The team is billing.\n2. It answers within a day.\n3. Lunch is at noon." == asked[0][0][1]["context"]


def test_context_faithfulness_takes_the_answer_apart_first():
    spec = {"type": "context-faithfulness", "threshold": 0.6}
    marks = [{"number": 1, "supported": True}, {"number": 2, "supported": False}]
    result, asked = play(spec, context("Billing. Tomorrow."), [{"statements": ["a", "b"]}], [{"statements": marks}])
    nothing, _ = play(spec, context(""), [{"statements": []}])

    assert (False, 0.5) == said(result)[:2]
    assert "1. a\n2. b" == asked[1][0][1]["statements"]
    assert "the judge found no statement in the answer" in nothing.error


def test_answer_relevance_is_the_nearness_of_the_questions():
    spec = {"type": "answer-relevance", "threshold": 0.5}
    vectors = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    result, asked = play(spec, context(), [{"questions": ["a?", "b?", "c?"]}], vectors)

    assert (True, pytest.approx((1 + 0 + 0.5**0.5) / 3)) == said(result)[:2]
    assert ["Which team?", "a?", "b?", "c?"] == [data["text"] for _, data in asked[1]]


VECTORS = [[3.0, 4.0], [3.0, 4.0], [-4.0, 3.0]]


@pytest.mark.parametrize(
    ("type_", "threshold", "expected"),
    [
        ("similar", None, (True, 1.0)),
        ("similar:cosine", 0.9, (True, 1.0)),
        ("not-similar", None, (False, 0.0)),
        ("similar:dot", 26, (False, 1.0)),
        ("similar:euclidean", 0, (True, 1.0)),
    ],
)
def test_similar_takes_the_nearest_of_several(type_, threshold, expected):
    spec = {"type": type_, "value": ["invoices", "delivery"]}
    result, asked = play(spec if threshold is None else {**spec, "threshold": threshold}, context(), VECTORS)

    assert expected == said(result)[:2]
    assert ["billing", "invoices", "delivery"] == [data["text"] for _, data in asked[0]]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([[1.0, 0.0], [1.0]], "the embeddings differ in length: 2 and 1."),
        (["nothing", [1.0]], "the answer of the embedding model holds no vector."),
        ([[float("nan"), 0.0], [1.0, 0.0]], "the answer of the embedding model holds numbers that are none."),
        ([CallFailed(Failure.AUTH, "no key"), [1.0]], "the judge could not be asked: no key"),
    ],
)
def test_what_is_no_vector_is_an_error(replies, error):
    result, _ = play({"type": "not-similar", "value": "x"}, context(), replies)

    assert (False, f"not-similar: {error}") == (result.passed, result.error)


def test_a_vector_of_nothing_is_near_to_nothing():
    result, _ = play({"type": "similar", "value": "x"}, context(), [[0.0, 0.0], [1.0, 0.0]])

    assert (False, 0.0) == said(result)[:2]


def test_moderation_looks_at_the_named_categories():
    flagged = Flags(flagged=True, categories={"violence": True, "hate": False}, scores={})
    clean = Flags(flagged=False, categories={"violence": False}, scores={})

    assert (False, 0.0, "flagged: violence [m]") == said(play({"type": "moderation"}, context(), [flagged])[0])
    only = {"type": "moderation", "value": ["hate"]}
    assert (True, 1.0, "flagged only for violence [m]") == said(play(only, context(), [flagged])[0])
    assert (True, 1.0, "nothing is flagged [m]") == said(play({"type": "moderation"}, context(), [clean])[0])
    assert (True, 1.0, "there is no text to moderate") == said(play({"type": "moderation"}, context(""))[0])
    assert "holds no flags" in play({"type": "moderation"}, context(), ["{}"])[0].error


@pytest.mark.parametrize(
    ("mine", "votes", "passed", "score"),
    [
        ("a", ("first", "second"), True, 1.0),  # "a" comes first in the first order, second in the second
        ("b", ("first", "second"), False, 0.0),
        ("a", ("first", "first"), True, 0.5),
        ("a", ("second", "second"), True, 0.5),
        ("a", ("tie", "tie"), True, 0.5),
        ("a", ("tie", "second"), True, 0.5),
        ("b", (2, 1), True, 1.0),
    ],
)
def test_pairwise_asks_in_both_orders_and_disagreement_is_a_tie(mine, votes, passed, score):
    other = "b" if mine == "a" else "a"
    result, asked = play({"type": "pairwise"}, context(mine, other=other), [{"winner": vote} for vote in votes])

    assert (passed, score) == said(result)[:2]
    # Whichever side asks, the questions are the same two: they are asked once for both.
    assert [("a", "b"), ("b", "a")] == [(data["first"], data["second"]) for _, data in asked[0]]


def test_pairwise_asks_nobody_where_there_is_nothing_to_decide():
    equal, _ = play({"type": "pairwise"}, context("a", other="a"))
    strict, _ = play({"type": "pairwise", "threshold": 1}, context("a", other="a"))
    alone, _ = play({"type": "pairwise"}, context("a"))

    assert (True, 0.5, "a tie: the answers are equal") == said(equal)
    assert (False, 0.5) == said(strict)[:2]
    assert (None, ()) == (alone.passed, alone.assertions)


def test_select_best_is_pairwise_by_a_criterion():
    result, asked = play(
        {"type": "select-best", "value": "the shorter one"},
        context("a", other="b"),
        [{"winner": "first"}, {"winner": "second"}],
    )

    assert (True, 1.0) == said(result)[:2]
    assert {"pairwise"} == {name for name, _ in asked[0]}
    assert "the shorter one" == asked[0][0][1]["criteria"]


@pytest.mark.parametrize(
    ("value", "mine", "other", "expected"),
    [
        (None, "ab", "a", (True, 1.0)),
        (None, "a", "ab", (False, 0.0)),
        (None, "a", "b", (True, 0.5)),
        ({"method": "sum", "weights": {"contains": 3, "icontains": 1}}, "a", "b", (True, 1.0)),
        ({"threshold": 0.9}, "a", "c", (False, 0.0)),
    ],
)
def test_max_score_compares_what_the_others_gave(value, mine, other, expected):
    specs = [{"type": "contains", "value": "a"}, {"type": "icontains", "value": "b"}]
    last = {"type": "max-score"} if value is None else {"type": "max-score", "value": value}
    result, _ = play([*specs, last], context(mine, other=other))

    assert expected == (result.assertions[-1].passed, result.assertions[-1].score)


def test_max_score_waits_for_judges():
    specs = [{"type": "llm-rubric", "value": "x"}, {"type": "max-score"}]
    result, _ = play(specs, context("a", other="b"), [{"pass": True, "score": 0.4}], [{"pass": True, "score": 0.6}])

    assert [(True, 0.4), (False, 0.0)] == [(one.passed, one.score) for one in result.assertions]
    alone, _ = play([{"type": "max-score"}], context("a", other="b"))
    assert "there is no other assertion" in alone.error


def test_all_judges_of_an_answer_are_asked_at_once_also_those_in_sets():
    specs = [
        {"type": "llm-rubric", "value": "x"},
        {"type": "equals", "value": "billing"},
        {"type": "assert-set", "assert": [{"type": "factuality", "value": "y"}, {"type": "contains", "value": "b"}]},
    ]
    result, asked = play(specs, context(), [{"pass": True}, {"category": "D"}])

    assert [["llm-rubric", "factuality"]] == [[name for name, _ in turn] for turn in asked]
    assert [True, True, False] == [one.passed for one in result.assertions]


def test_a_transform_applies_to_what_is_judged_and_what_it_is_compared_with():
    spec = {"type": "pairwise", "transform": "{{ output | upper }}"}
    _, asked = play(spec, context("a", other="b"), [{"winner": "tie"}, {"winner": "tie"}])

    assert ("A", "B") == (asked[0][0][1]["first"], asked[0][0][1]["second"])


def test_an_answer_of_tool_calls_alone_is_shown_as_such():
    called = Context(Reply("", tool_calls=({"function": {"name": "route"}},)), {})
    _, asked = play({"type": "llm-rubric", "value": "x"}, called, [{"pass": True}])

    assert '[{"name": "route"}]' == asked[0][0][1]["output"]


@pytest.mark.parametrize("type_", ["llm-rubric", "pairwise", "similar", "moderation"])
def test_an_answer_of_ten_megabytes_is_an_error_and_asks_nobody(type_):
    spec = {"type": type_, **({"value": "x"} if type_ in {"llm-rubric", "similar"} else {})}
    result, _ = play(spec, context("x" * 10_000_000, other="y"))

    assert "the answer is too long to be judged: 10,000,000 characters (the limit is 400,000)." in result.error


def test_what_a_case_lacks_is_said():
    spec = {"type": "context-relevance", "threshold": 0.5}
    result, _ = play(spec, Context(Reply("x"), {}))
    skipped, _ = play({"type": "factuality", "value": "{{ expected }}"}, Context(Reply("x"), {}))

    assert "the case has no variable 'context'" in result.error
    assert (None, ()) == (skipped.passed, skipped.assertions)


def test_a_judge_is_no_part_of_scoring_at_once():
    assertions = (parse({"type": "llm-rubric", "value": "x"}, "p.yaml"),)

    assert is_asking(assertions)
    assert "it needs a model to be asked" in score(assertions, context()).error
    assert not is_asking((parse({"type": "equals", "value": "x"}, "p.yaml"),))


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if "provider" in kind.options])
def test_each_takes_a_provider(name):
    needs = {"value": "x"} if KINDS[name].value.value != "none" else {}
    limit = {"threshold": 0.5} if KINDS[name].threshold.value == "required" else {}

    assert [] == assertion_problems([{"type": name, **needs, **limit, "provider": "openai/gpt-5-mini"}], "p.yaml")
    assert KINDS[name].asks is not None


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"provider": "openai:chat:gpt-4o"}, "'provider' names 'openai:chat:gpt-4o', which is another tool's way. As LiteLLM names it: openai/gpt-4o."),
        ({"provider": 3}, "'provider' must be the name of a model, not a number. As openai/gpt-5-mini."),
        ({"provider": " "}, "'provider' must be the name of a model, not ' '. As openai/gpt-5-mini."),
        ({"provider": {"id": "openai/x"}}, "unknown key 'provider.id'. Write 'model'."),
        ({"provider": {"model": "openai/x", "params": {"api_key": "s3cret"}}}, "'provider.params.api_key' may not be set here."),
        ({"rubricPrompt": "Pass it."}, "'rubricPrompt' never shows the answer to the judge. Write {{ output }} where the answer belongs."),
        ({"rubricPrompt": "{{ output"}, "'rubricPrompt' is no template"),
        ({"rubricPrompt": "file://judge.exe"}, "'rubricPrompt' names 'file://judge.exe', which is no prompt file."),
        ({"rubricPrompt": [{"role": "usr", "content": "{{ output }}"}]}, "unknown role 'usr' in 'rubricPrompt'. Did you mean 'user'?"),
        ({"rubricPrompt": {"steps": "x"}}, "'rubricPrompt' must be a template, chat messages or file://path, not a mapping."),
        ({"treshold": 0.5}, "unknown key 'treshold'. Did you mean 'threshold'?"),
    ],
)  # fmt: skip
def test_each_mistake_is_said_when_the_file_is_read(spec, message):
    found = [str(problem) for problem in assertion_problems([{"type": "llm-rubric", "value": "x", **spec}], "p.yaml")]

    assert any(message in problem for problem in found), found
    assert not any("s3cret" in problem for problem in found)


@pytest.mark.parametrize("name", ["answer-relevance", "context-recall", "context-relevance", "context-faithfulness"])
def test_what_could_never_fail_is_refused(name):
    """promptfoo takes 0 for the threshold, and the assertion always passes."""
    value = {"value": "x"} if name == "context-recall" else {}
    (problem,) = assertion_problems([{"type": name, **value}], "p.yaml")

    assert "'threshold' is missing: the limit in shares from 0 to 1; without one it could never fail." in str(problem)


def test_nothing_but_chats_has_a_judge_prompt():
    whats = {
        "similar": [Kind.EMBEDDING, Kind.EMBEDDING],
        "moderation": [Kind.MODERATION],
        "llm-rubric": [Kind.CHAT],
    }
    for name, expected in whats.items():
        spec = {"type": name, **({} if name == "moderation" else {"value": "x"})}
        asks = next(scoring((parse(spec, "p.yaml"),), context()))
        assert expected == [ask.what for ask in asks]
