"""What is asked of two versions of a prompt, in which order it is kept, and whether the answers differ."""

from collections import deque
from functools import partial

import pytest

from promptctl.errors import InvalidPrompt
from promptctl.inputs.case import Case
from promptctl.models.call import Call, CallFailed, Failure, Origin, Reply
from promptctl.prompts.prompt import Message, Prompt
from promptctl.scoring.result import Score
from promptctl.snapshot import Change, PromptPair
from promptctl.verdict.confirm import Confirmation, Suspect
from promptctl.workflows.asking import Asking, Fresh, Needs, ask_first, confirm, needs
from promptctl.workflows.outcomes import case_view
from promptctl.workflows.plan import CaseRun, PromptRun, Sampling, Side, plan_cases

RULES = Asking(repeat=3, max_age=60, now=0, since=0, unaffected_too=False, network=True)
CALL = Call("openai/fake", ())


class AtOnce:
    """A scorer that needs nobody."""

    def __init__(self, score):
        self.follow = deque()
        self.score = score

    def begin(self, prompt, run, context, done):
        done(self.score(context))

    def answered(self, call, answer):
        pass


class Backwards:
    """A client whose answers come in the wrong order; each says its sample's number."""

    def known(self, calls):
        return {}

    def ask(self, calls, *, renew, follow):
        for call in reversed(list(calls)):
            yield call, Reply(str(call.sample), origin=Origin.PROVIDER)


def planned(old, new, *cases, aa=False):
    run = PromptRun(
        PromptPair("p", Change.MODIFIED, None, None),
        Prompt("p", "p.yaml", (Message("user", old),), model="openai/fake"),
        Prompt("p", "p.yaml", (Message("user", new),), model="openai/fake"),
    )
    plan_cases(
        run,
        [(Case(str(number), values), ()) for number, values in enumerate(cases)],
        sampling=Sampling(aa=aa),
        model=None,
        endpoint=lambda model: None,
        bound=lambda call: call,
    )
    return run


def samples(side):
    return [side.sample(number).sample for number in range(3)]


def test_equal_requests_share_no_sample_and_changed_ones_keep_theirs():
    equal, changed = planned("{{ a }}", "{{ a or 'new' }}", {"a": "x"}, {"a": ""}, aa=True).cases

    assert ([0, 2, 4], [1, 3, 5]) == (samples(equal.old), samples(equal.new))
    assert ([0, 1, 2], [0, 1, 2]) == (samples(changed.old), samples(changed.new))
    assert not equal.unaffected


def test_a_variable_that_no_input_has_is_named_once_with_its_side():
    with pytest.raises(InvalidPrompt) as found:
        planned("{{ ticket }} {{ name }}", "{{ text }}", {"text": "x"})
    assert ["no input has the variable 'ticket' of the old side."] == [one.message for one in found.value.problems]

    with pytest.raises(InvalidPrompt) as found:
        planned("{{ ticket }}", "{{ ticket }}!", {"text": "x"})
    assert ["no input has the variable 'ticket'."] == [one.message for one in found.value.problems]


def test_answers_are_kept_in_the_order_of_their_samples():
    run = planned("{{ a }}", "{{ a }}!", {"a": "x"})
    client = Backwards()

    def score(context):
        return Score(passed=context.reply.text == "0", score=float(context.reply.text))

    list(ask_first([run], client, RULES, needs([run], client, RULES), AtOnce(score)))

    (case,) = run.cases
    assert (["0", "1", "2"], [0, 1, 2]) == (
        [one.text for one in case.new.answers],
        [one.score for one in case.new.scores],
    )


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (Side(CALL, answers=[Reply("x")]), False),
        (Side(CALL, answers=[Reply("y")]), True),
        (Side(CALL, answers=[CallFailed(Failure.CONTEXT_LENGTH, "too long")]), True),
        (Side(None, problem="cannot be rendered"), True),
        (Side(CALL, answers=[CallFailed(Failure.MISSING, "offline")]), False),
        (Side(CALL), False),
    ],
)
def test_an_answer_that_nobody_could_ask_for_is_no_change(new, expected):
    run = CaseRun(Case("1", {}), Side(CALL, answers=[Reply("x")]), new, ())
    view = case_view(run, status="pass", confirmed=False, suspected=False, reason=None)

    assert expected == view.changed


class Remembering:
    """A client that knows what it was told; an answer is the last word of its request, given now."""

    def __init__(self):
        self.now = 0.0
        self.calls = 0
        self.known = {}

    def ask(self, calls, *, renew=(), follow=None):
        for call in calls:
            if call.fingerprint not in self.known or call.fingerprint in renew:
                self.calls += 1
                self.known[call.fingerprint] = Reply(call.messages[-1]["content"], created=self.now)
            yield call, self.known[call.fingerprint]


def confirmed(client, now, *, network=True):
    """One suspect, confirmed at a time; -> calls, cases whose samples lay apart, whether it regressed."""
    client.now, client.calls = now, 0
    run = planned("good", "bad", {})
    fresh = Fresh(run, partial(Confirmation, [Suspect("0")], alpha=0.05, max_samples=10), {"0": run.cases[0]})
    found = Needs({}, {}, set())
    rules = Asking(repeat=1, max_age=60, now=now, since=now, unaffected_too=False, network=network)
    scorer = AtOnce(lambda context: Score(context.output == "good", 1.0))
    list(confirm([fresh], client, rules, found, scorer))
    return client.calls, found.apart, fresh.confirmation.result().regressed


def test_confirmation_samples_that_lie_apart_are_asked_again_on_both_sides():
    client = Remembering()
    assert (12, set(), True) == confirmed(client, 0.0)
    assert (0, set(), True) == confirmed(client, 1000.0)

    client.known = {print_: reply for print_, reply in client.known.items() if reply.text == "bad"}  # cut short
    assert (12, {("p", "0")}, True) == confirmed(client, 1000.0)
    assert {1000.0} == {reply.created for reply in client.known.values()}
    assert (0, set(), True) == confirmed(client, 9000.0)


def test_without_a_network_samples_that_lie_apart_are_reported():
    client = Remembering()
    confirmed(client, 0.0)
    client.known = {
        print_: Reply(reply.text, created=100.0 if reply.text == "bad" else 0.0)
        for print_, reply in client.known.items()
    }

    assert (0, {("p", "0")}, True) == confirmed(client, 1000.0, network=False)
