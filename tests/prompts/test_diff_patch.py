"""The laws of the diff as a value: it leads from the one prompt to the other, through JSON as well."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from prompt_strategies import FIELDS, edits, prompt

from promptctl.prompts.diff import Change, Mismatch, Op, diff, from_json, patch, to_json
from promptctl.prompts.prompt import Message, Prompt

P = Prompt(
    "p",
    "p.yaml",
    (Message("system", "Be kind."), Message("user", "{{ a }}")),
    params={"temperature": 0},
    tools=({"type": "a"}, {"type": "b"}),
    assertions=({"type": "equals", "value": "x"},),
    partials={"_a.j2": "x"},
)


def through_json(found):
    return from_json(json.loads(json.dumps(to_json(found))))


def test_every_field_that_counts_is_tried():
    assert {field.name for field in fields(Prompt) if field.compare} <= FIELDS.keys()


@settings(deadline=None)
@given(edits())
def test_a_diff_leads_from_the_old_prompt_to_the_new_one(pair):
    old, new = pair
    found = diff(old, new)

    assert patch(old, found) == new
    assert through_json(found) == found
    assert patch(old, through_json(found)) == new
    assert (found.change is Change.UNCHANGED) == (old == new)


@settings(deadline=None)
@given(prompt, prompt)
def test_between_any_two_prompts(old, new):
    found = diff(old, new)

    assert patch(old, through_json(found)) == new
    for message in found.messages:
        before = "".join(one.text for one in message.segments if one.op is not Op.INSERT)
        after = "".join(one.text for one in message.segments if one.op is not Op.DELETE)
        assert before == _side(message.old_text, message.old_span)
        assert after == _side(message.new_text, message.new_span)


def _side(text, span):
    return "" if text is None else text if span is None else text[span[0] : span[1]]


@settings(deadline=None)
@given(prompt)
def test_a_prompt_against_itself_is_empty(one):
    found = diff(one, one)

    assert (found.change, found.has_content) == (Change.UNCHANGED, False)
    assert found.params == found.tools == found.schema == found.assertions == found.other == found.partials == ()
    assert patch(one, found) == one


@settings(deadline=None)
@given(prompt)
def test_out_of_nothing_and_into_nothing(one):
    assert patch(None, through_json(diff(None, one))) == one
    assert patch(one, through_json(diff(one, None))) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(P, messages=()),
        replace(P, messages=(Message("system", "Be rude."), P.messages[1])),
        replace(P, params={"temperature": 1}),
        replace(P, tools=()),
        replace(P, assertions=({"type": "equals", "value": "z"},)),
        replace(P, partials={"_a.j2": "y"}),
        replace(P, description="d"),
    ],
)
def test_a_diff_fits_its_own_prompt_alone(other):
    new = Prompt("p", "p.yaml", (Message("user", "x"),), description="e", assertions=({"type": "regex", "value": "y"},))

    with pytest.raises(Mismatch):
        patch(other, diff(P, new))


def test_an_addition_takes_no_prompt_and_a_change_takes_one():
    with pytest.raises(Mismatch, match="absent"):
        patch(P, diff(None, P))
    with pytest.raises(Mismatch, match="takes a prompt"):
        patch(None, diff(P, P))


def test_assertions_and_tools_that_are_not_there():
    fewer = replace(P, assertions=())
    with pytest.raises(Mismatch, match="assertions"):
        patch(fewer, diff(P, fewer))
    found = diff(P, replace(P, tools=P.tools[::-1]))
    with pytest.raises(Mismatch, match="tools"):
        patch(replace(P, tools=P.tools[:1]), found)
    document = to_json(diff(P, replace(P, description="d")))
    document["other"][0]["path"] = "colour"
    with pytest.raises(Mismatch, match="fields that a prompt has not: colour"):
        patch(P, from_json(document))


@pytest.mark.parametrize("document", [{}, {"prompt": "p"}, [], {"prompt": "p", "variables": None}])
def test_another_document_is_refused(document):
    with pytest.raises(ValueError, match="not a prompt's entry"):
        from_json(document)
