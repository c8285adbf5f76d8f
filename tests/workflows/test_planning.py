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
from promptctl.workflows.asking import Apart, Asking, Fresh, ask_first, confirm
from promptctl.workflows.outcomes import case_view
from promptctl.workflows.plan import CaseRun, Making, PromptRun, Sampling, Side

RULES = Asking(repeat=3, max_age=60, since=0, unaffected_too=False, network=True)
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
        while follow:
            yield from self.ask([follow.popleft()], renew=renew)


class Few(list):
    """A few cases in memory."""

    def at(self, numbers):
        return {number: self[number] for number in numbers}


def planned(old, new, *cases, aa=False, repeat=1):
    run = PromptRun(
        PromptPair("p", Change.MODIFIED, None, None),
        Prompt("p", "p.yaml", (Message("user", old),), model="openai/fake"),
        Prompt("p", "p.yaml", (Message("user", new),), model="openai/fake"),
        Few(Case(str(number), values) for number, values in enumerate(cases)),
    )
    names = frozenset(name for values in cases for name in values)
    run.plan(Making(Sampling(repeat, aa=aa), None, lambda model: None, lambda call: call, names))
    return run


def samples(side):
    return [side.sample(number).sample for number in range(3)]


def test_equal_requests_share_no_sample_and_changed_ones_keep_theirs():
    equal, changed = planned("{{ a }}", "{{ a or 'new' }}", {"a": "x"}, {"a": ""}, aa=True).runs()

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


def asked(run, client, rules, score=lambda context: Score(passed=True, score=1.0)):
    """The cases that are done, in the order in which they are, and how many lay apart."""
    done, apart = [], Apart()
    list(ask_first([run], client, rules, apart, AtOnce(score), lambda _prompt, case: done.append(case)))
    return done, len(apart)


def test_answers_are_kept_in_the_order_of_their_samples():
    run = planned("{{ a }}", "{{ a }}!", {"a": "x"})

    def score(context):
        return Score(passed=context.reply.text == "0", score=float(context.reply.text))

    (case,), _ = asked(run, Backwards(), RULES, score)

    assert (["0", "1", "2"], [0, 1, 2]) == (
        [one.text for one in case.new.answers],
        [one.score for one in case.new.scores],
    )


def test_a_case_is_finished_when_its_last_answer_is_there_and_few_are_alive_meanwhile():
    run = planned("{{ a }}", "{{ a }}!", *({"a": str(number)} for number in range(1_000)))
    alive, most = set(), []

    class Watching(Remembering):
        def ask(self, calls, *, renew=(), follow=None):
            for call, answer in super().ask(calls, renew=renew):
                alive.add(int(call.messages[-1]["content"].rstrip("!")))
                most.append(len(alive))
                yield call, answer

    rules = Asking(repeat=1, max_age=60, since=0, unaffected_too=False, network=True)
    apart = Apart()
    finished = []
    for _ in ask_first([run], Watching(), rules, apart, AtOnce(lambda _: Score(True, 1.0)), lambda _, case: finished.append(case.place) or alive.discard(case.place)):  # fmt: skip
        pass

    assert [*range(1_000)] == finished
    assert max(most) <= 2


def test_answers_that_lie_apart_are_asked_again_on_both_sides_once():
    client = Remembering()
    run = planned("{{ a }}", "{{ a }}!", {"a": "x"}, {"a": "y"})
    rules = Asking(repeat=1, max_age=60, since=1000, unaffected_too=False, network=True)
    client.known = {side.call.fingerprint: Reply("old", created=0.0) for case in run.runs() for side in (case.old,)}
    client.now = 1000.0

    done, apart = asked(run, client, rules)

    assert (4, 2, 2) == (client.calls, apart, len(done))
    assert {1000.0} == {answer.created for case in done for side in case.sides() for answer in side.answers}


def test_without_a_network_answers_that_lie_apart_are_counted_and_kept():
    client = Remembering()
    run = planned("{{ a }}", "{{ a }}!", {"a": "x"})
    (case,) = run.runs()
    client.known = {case.old.call.fingerprint: Reply("old", created=0.0), case.new.call.fingerprint: Reply("new", created=99.0)}  # fmt: skip

    done, apart = asked(run, client, Asking(repeat=1, max_age=60, since=1000, unaffected_too=False, network=False))

    assert (0, 1, 1) == (client.calls, apart, len(done))


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


def confirmed(client, now, *, network=True):
    """One suspect, confirmed at a time; -> calls, cases whose samples lay apart, whether it regressed."""
    client.now, client.calls = now, 0
    run = planned("good", "bad", {})
    fresh = Fresh(
        run, partial(Confirmation, [Suspect("0")], alpha=0.05, max_samples=10), {"0": run.run(0, run.cases[0])}
    )
    apart = Apart()
    rules = Asking(repeat=1, max_age=60, since=now, unaffected_too=False, network=network)
    scorer = AtOnce(lambda context: Score(context.output == "good", 1.0))
    list(confirm([fresh], client, rules, apart, scorer))
    return client.calls, len(apart), fresh.confirmation.result().regressed


def test_confirmation_samples_that_lie_apart_are_asked_again_on_both_sides():
    client = Remembering()
    assert (12, 0, True) == confirmed(client, 0.0)
    assert (0, 0, True) == confirmed(client, 1000.0)

    client.known = {print_: reply for print_, reply in client.known.items() if reply.text == "bad"}  # cut short
    assert (12, 1, True) == confirmed(client, 1000.0)
    assert {1000.0} == {reply.created for reply in client.known.values()}
    assert (0, 0, True) == confirmed(client, 9000.0)


def test_without_a_network_samples_that_lie_apart_are_reported():
    client = Remembering()
    confirmed(client, 0.0)
    client.known = {
        print_: Reply(reply.text, created=100.0 if reply.text == "bad" else 0.0)
        for print_, reply in client.known.items()
    }

    assert (0, 1, True) == confirmed(client, 1000.0, network=False)
