"""Instructions that repeat or contradict each other: PL401 to PL404. Deterministic; each rule is in docs/lint.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from promptctl.documents import printable
from promptctl.prompts.lint import answers, contradiction, limits, repetition
from promptctl.prompts.lint.facts import Facts
from promptctl.prompts.lint.finding import Finding, Place
from promptctl.prompts.lint.pair import Pair
from promptctl.prompts.lint.places import Places, position
from promptctl.prompts.lint.sentences import Sentence, sentences
from promptctl.prompts.prompt import PLACEHOLDER, Prompt

_SPEAKERS = frozenset({"system", "developer", "user"})  # an assistant's message is an example

_RULES: Mapping[str, Callable[[Sequence[Sentence]], Iterator[Pair]]] = {
    "PL401": repetition.pairs,
    "PL402": contradiction.pairs,
    "PL403": limits.pairs,
    "PL404": answers.pairs,
}


def findings(prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    """The pairs of sentences of which one must go, placed at the second, which names the first."""
    told = _instructions(prompt, places)
    root = f"{facts.root}/" if facts.root else ""
    for code, rule in _RULES.items():
        for pair in rule(told):
            first = _place(pair.first, places, root)
            where = _place(pair.second, places, root)
            line = f"line {first.line}" if first.path == where.path else f"{first.path}, line {first.line}"
            message = pair.message.format(
                first=printable(_squeezed(pair.first.text), limit=100),
                second=printable(_squeezed(pair.second.text), limit=100),
                line=line,
            )
            yield Finding(code, where, message, pair.hint)


def _instructions(prompt: Prompt, places: Places) -> list[Sentence]:
    """What tells the model to do something. A conversation's turns are examples once the assistant speaks in it."""
    answers_from = next((n for n, one in enumerate(prompt.messages) if one.role in {"assistant", PLACEHOLDER}), None)
    found: list[Sentence] = []
    for number, part, text in places.texts():
        role = prompt.messages[number].role
        example = role == "user" and answers_from is not None
        if role in _SPEAKERS and not example:
            found += sentences(text, message=number, part=part)
    for path, text in prompt.partials.items():
        found += sentences(text, partial=path)
    return found


def _place(sentence: Sentence, places: Places, root: str) -> Place:
    if sentence.partial is None:
        return places.at(sentence.message, sentence.part, sentence.start, sentence.end)
    text = places.prompt.partials[sentence.partial]
    return Place(f"{root}{sentence.partial}", *position(text, sentence.start))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
