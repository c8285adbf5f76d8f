"""Two prompts -> all that differs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.prompts.diff import ABSENT, Change, MessageOp, ValueDiff, diff, to_json, with_tokens
from promptctl.prompts.diff.messages import diff_messages
from promptctl.prompts.diff.values import same, value_diffs
from promptctl.prompts.prompt import Message, Prompt, Variable

SYSTEM = Message("system", "You route support tickets. Answer with one word.")
USER = Message("user", "{{ ticket }}")


def prompt(*messages, **fields):
    given = {"name": "p", "path": "p.yaml", "model": "m", **fields}
    return Prompt(messages=messages or (SYSTEM, USER), **given)


def ops(old, new):
    return [(found.op.value, found.old_index, found.new_index) for found in diff_messages(old, new)]


def values(found):
    return [(one.path, one.op, one.old, one.new) for one in found]


class TestMessages:
    def test_equal(self):
        assert ops([SYSTEM, USER], [SYSTEM, USER]) == [("equal", 0, 0), ("equal", 1, 1)]

    def test_changed_words(self):
        new = Message("system", "You route support tickets. Answer with a single word.")
        first, second = diff_messages([SYSTEM, USER], [new, USER])

        assert (first.op, first.old_text, first.new_text) == (MessageOp.CHANGED, SYSTEM.content, new.content)
        assert [segment.text for segment in first.segments][1:3] == ["one", "a single"]
        assert second.op is MessageOp.EQUAL

    def test_wholly_rewritten_in_place(self):
        assert ops([SYSTEM, USER], [Message("system", "Quite other text"), USER]) == [
            ("changed", 0, 0),
            ("equal", 1, 1),
        ]

    def test_added_and_removed(self):
        extra = Message("assistant", "Sure.")

        assert ops([SYSTEM, USER], [SYSTEM, extra, USER]) == [("equal", 0, 0), ("added", None, 1), ("equal", 1, 2)]
        assert ops([SYSTEM, extra, USER], [SYSTEM, USER]) == [("equal", 0, 0), ("removed", 1, None), ("equal", 2, 1)]

    def test_moved(self):
        a, b, c = (Message("user", text) for text in ("first of all", "second thing", "third one"))

        assert ops([a, b, c], [b, c, a]) == [("equal", 1, 0), ("equal", 2, 1), ("moved", 0, 2)]

    def test_moved_and_changed(self):
        a = Message("user", "one two three four five six")
        b, c = Message("assistant", "yes"), Message("user", "no more")
        found = diff_messages([a, b, c], [b, c, Message("user", "one two three four five seven")])

        assert [one.op.value for one in found] == ["equal", "equal", "moved"]
        assert found[2].segments[-1].text == "seven"

    def test_another_role_with_the_same_words(self):
        (found,) = diff_messages([SYSTEM], [Message("developer", SYSTEM.content)])

        assert (found.op, found.old_role, found.new_role) == (MessageOp.ROLE, "system", "developer")

    def test_another_role_with_other_words_is_another_message(self):
        assert ops([SYSTEM], [USER]) == [("added", None, 0), ("removed", 0, None)]

    def test_the_most_alike_are_paired(self):
        old = [Message("user", "the weather in Paris today"), Message("user", "cook an egg please")]
        new = [
            Message("user", "greet"),
            Message("user", "the weather in Rome today"),
            Message("user", "cook an egg now"),
        ]

        assert ops(old, new) == [("added", None, 0), ("changed", 0, 1), ("changed", 1, 2)]

    def test_content_parts(self):
        old = Message("user", ({"type": "text", "text": "See"}, {"type": "image_url", "image_url": "a.png"}))
        new = Message("user", ({"type": "text", "text": "Look"}, {"type": "image_url", "image_url": "b.png"}))
        (found,) = diff_messages([old], [new])

        assert found.op is MessageOp.CHANGED
        assert '"image_url": "a.png"' in found.old_text
        assert ops([Message("user", "a")], [Message("user", ({"type": "text", "text": "a"},))]) == [("changed", 0, 0)]

    def test_other_keys_count(self):
        assert ops([USER], [Message("user", USER.content, {"name": "ann"})]) == [("changed", 0, 0)]

    def test_very_many(self):
        old = [Message("user", f"question {n}") for n in range(150)]
        new = [Message("user", f"frage {n}") for n in range(150)]

        assert {found.op for found in diff_messages(old, new)} == {MessageOp.CHANGED}
        assert {found.op for found in diff_messages(old, [Message("system", "x")] * 150)} == {
            MessageOp.ADDED,
            MessageOp.REMOVED,
        }

    messages = st.lists(
        st.builds(
            Message, st.sampled_from(["user", "assistant"]), st.sampled_from(["a b c", "a b d", "x", "", "q r s t"])
        ),
        max_size=6,
    )

    @given(messages, messages)
    def test_every_message_stands_once_on_its_side(self, old, new):
        found = diff_messages(old, new)

        assert sorted(one.old_index for one in found if one.old_index is not None) == list(range(len(old)))
        assert [one.new_index for one in found if one.new_index is not None] == list(range(len(new)))
        assert all(one.old == old[one.old_index] for one in found if one.old_index is not None)


class TestValues:
    @pytest.mark.parametrize(
        ("one", "two", "equal"),
        [(500, 500.0, True), (1, True, False), (0, False, False), ([1], (1.0,), True), ({"a": [1]}, {"a": [1.0]}, True), ([1], [1, 2], False), ({"a": 1}, {"b": 1}, False), (None, ABSENT, False), ("1", 1, False)],
    )  # fmt: skip
    def test_same(self, one, two, equal):
        assert same(one, two) is equal

    def test_flat(self):
        found = value_diffs({"a": 1, "b": 500, "c": None}, {"b": 500.0, "c": 2, "d": None})

        assert values(found) == [("a", "removed", 1, ABSENT), ("c", "changed", None, 2), ("d", "added", ABSENT, None)]

    def test_plain_lists_and_mappings_are_compared_without_more_ado(self):
        (stop,) = value_diffs({"stop": ["a"]}, {"stop": ["a", "b"]})
        (bias,) = value_diffs({"logit_bias": {"1": 5, "2": 5}}, {"logit_bias": {"1": 6, "2": 5}})

        assert stop.changes == ()
        assert bias.changes == (ValueDiff("1", 5, 6),)

    def test_nested(self):
        old = {"s": {"a": {"b": 1, "c": True}, "l": [{"x": 1}, {"y": 2}]}}
        new = {"s": {"a": {"b": 2, "c": 1}, "l": [{"x": 1.0}, {"y": 2}, {"z": 3}]}}
        (found,) = value_diffs(old, new)

        assert values(found.changes) == [
            ("a.b", "changed", 1, 2),
            ("a.c", "changed", True, 1),
            ("l[2]", "added", ABSENT, {"z": 3}),
        ]

    def test_sets_know_no_order(self):
        old = {"s": {"o": {"required": ["a", "b"], "enum": [1, "1"]}}}
        (reordered,) = value_diffs(old, {"s": {"o": {"required": ["b", "a"], "enum": [1, "1"]}}})
        (changed,) = value_diffs(old, {"s": {"o": {"required": ["c", "a"], "enum": ["1"]}}})
        (dropped,) = value_diffs(old, {"s": {"o": {"enum": [1, "1"]}, "x": [{"enum": [True]}]}})

        assert reordered.changes == ()
        assert values(changed.changes) == [
            ("o.enum[1]", "removed", 1, ABSENT),
            ("o.required[b]", "removed", "b", ABSENT),
            ("o.required[c]", "added", ABSENT, "c"),
        ]
        assert values(dropped.changes) == [
            ("o.required", "removed", ["a", "b"], ABSENT),
            ("x", "added", ABSENT, [{"enum": [True]}]),
        ]

    def test_another_kind_of_value_has_no_inside(self):
        (found,) = value_diffs({"tool_choice": "auto"}, {"tool_choice": {"type": "function"}})
        (nested,) = value_diffs({"a": [{"x": 1}]}, {"a": {"x": [1]}})

        assert found.changes == ()
        assert nested.changes == ()


class TestPrompts:
    def test_against_itself_there_is_nothing(self):
        found = diff(prompt(), prompt())

        assert (found.change, found.has_content, found.warnings, found.tokens) == (Change.UNCHANGED, False, (), None)

    def test_modified(self):
        old = prompt(params={"temperature": 0, "max_tokens": 8})
        new = prompt(
            SYSTEM, Message("user", "{{ ticket }} {{ lang }}"), model="n", params={"temperature": 0.0, "max_tokens": 9}
        )
        found = diff(old, new)

        assert found.change is Change.MODIFIED
        assert values(found.params) == [("model", "changed", "m", "n"), ("max_tokens", "changed", 8, 9)]
        assert (found.variables.added, found.variables.removed) == (("lang",), ())

    def test_added_and_removed(self):
        added, removed = diff(None, prompt()), diff(prompt(), None)

        assert (added.change, removed.change) == (Change.ADDED, Change.REMOVED)
        assert {one.op for one in added.messages} == {MessageOp.ADDED}
        assert {one.op for one in removed.messages} == {MessageOp.REMOVED}
        assert (added.variables.added, removed.variables.removed) == (("ticket",), ("ticket",))

    def test_of_two_absent_ones_nothing_can_be_said(self):
        with pytest.raises(ValueError, match="both prompts are absent"):
            diff(None, None)

    def test_renamed(self):
        found = diff(prompt(), prompt(name="q", path="q.yaml"))
        moved = diff(prompt(), prompt(SYSTEM, path="other/p.yaml"))

        assert (found.change, found.old_name, found.old_path, found.has_content) == (
            Change.RENAMED,
            "p",
            "p.yaml",
            False,
        )
        assert (moved.change, moved.old_name, moved.old_path, moved.has_content) == (
            Change.RENAMED,
            None,
            "p.yaml",
            True,
        )

    def test_tools_by_name(self):
        def tool(name, **parameters):
            return {"type": "function", "function": {"name": name, "parameters": parameters}}

        old = prompt(tools=(tool("a", type="object"), tool("b"), {"type": "web_search"}))
        new = prompt(tools=({"type": "web_search"}, tool("c"), tool("a", type="array")))
        found = diff(old, new)

        assert [(one.path, one.op) for one in found.tools] == [
            ("a", "changed"),
            ("b", "removed"),
            ("c", "added"),
            ("order", "changed"),
        ]
        assert values(found.tools[0].changes) == [("function.parameters.type", "changed", "object", "array")]

    def test_tools_in_another_order_and_of_one_name(self):
        a, b = {"type": "x"}, {"type": "y"}

        assert values(diff(prompt(tools=(a, b)), prompt(tools=(b, a))).tools) == [
            ("order", "changed", ["x", "y"], ["y", "x"])
        ]
        assert values(diff(prompt(tools=(a,)), prompt(tools=(a, a))).tools) == [("x#2", "added", ABSENT, a)]

    def test_schema(self):
        old = prompt(response_format={"type": "json_object"})

        assert values(diff(old, prompt(response_format={"type": "text"})).schema[0].changes) == [
            ("type", "changed", "json_object", "text")
        ]
        assert diff(old, prompt()).schema[0].op == "removed"

    def test_assertions(self):
        a, b, c = ({"type": "contains", "value": value} for value in "abc")

        assert values(diff(prompt(assertions=(a, b)), prompt(assertions=(a, c))).assertions) == [
            ("assert[1]", "changed", b, c)
        ]
        assert values(diff(prompt(assertions=(a, b)), prompt(assertions=(b,))).assertions) == [
            ("assert[0]", "removed", a, ABSENT)
        ]
        assert values(diff(prompt(assertions=(a,)), prompt(assertions=(c, a))).assertions) == [
            ("assert[0]", "added", ABSENT, c)
        ]
        assert values(diff(prompt(assertions=(a,)), prompt(assertions=(a, a))).assertions) == [
            ("assert[1]", "added", ABSENT, a)
        ]
        assert values(diff(prompt(assertions=(a, b)), prompt(assertions=(b, a))).assertions) == [
            ("assert[0]", "removed", a, ABSENT),
            ("assert[1]", "added", ABSENT, a),
        ]

    def test_everything_else(self):
        new = prompt(
            description="d",
            fallbacks=("f",),
            volume="1/day",
            inputs="i.jsonl",
            language="literal",
            variables={"ticket": Variable("ticket", "string")},
        )
        found = diff(prompt(), new)

        assert [one.path for one in found.other] == [
            "description",
            "fallbacks",
            "inputs",
            "volume",
            "language",
            "variables.ticket",
        ]
        assert found.change is Change.MODIFIED

    def test_partials(self):
        include = Message("system", "{% include 'a.j2' %}")
        found = diff(
            prompt(include, partials={"a.j2": "Be kind.", "b.j2": "x"}),
            prompt(include, partials={"a.j2": "Be curt.", "c.j2": "y"}),
        )

        assert [(one.path, one.op) for one in found.partials] == [
            ("a.j2", "changed"),
            ("b.j2", "removed"),
            ("c.j2", "added"),
        ]
        assert [segment.text for segment in found.partials[0].segments] == ["Be ", "kind", "curt", "."]
        assert found.change is Change.MODIFIED

    def test_tokens_on_demand(self):
        old, new = prompt(model="gpt-4"), prompt(SYSTEM, model="gpt-4")
        found = with_tokens(diff(old, new), old, new).tokens

        assert (found.old - found.new, found.approximate) == (3, False)
        assert with_tokens(diff(None, prompt()), None, prompt()).tokens.old is None
        assert with_tokens(diff(None, prompt()), None, prompt()).tokens.approximate

    def test_json_is_whole(self):
        old = prompt(params={"stop": None}, partials={"a": "x"})
        new = prompt(
            SYSTEM,
            Message("user", ({"type": "text", "text": "a"},), {"name": "ann"}),
            name="q",
            path="q.yaml",
            model=None,
        )
        found = json.loads(json.dumps(to_json(with_tokens(diff(old, new), old, new))))

        assert list(found) == ["prompt", "path", "old_name", "old_path", "change", "messages", "partials", "resolved", "params", "variables", "tools", "response_format", "assertions", "other", "tokens", "cost", "said", "warnings", "remarks"]  # fmt: skip
        assert (found["prompt"], found["old_name"], found["old_path"], found["change"]) == (
            "q",
            "p",
            "p.yaml",
            "renamed",
        )
        assert found["params"] == [
            {"path": "model", "op": "removed", "old": "m", "new": None, "changes": []},
            {"path": "stop", "op": "removed", "old": None, "new": None, "changes": []},
        ]
        assert found["messages"][1]["new"] == {
            "role": "user",
            "content": [{"type": "text", "text": "a"}],
            "name": "ann",
        }
        assert found["variables"] == {"added": [], "removed": ["ticket"], "renamed": [], "live": [], "dead": []}
        assert sorted(found["tokens"]) == ["approximate", "new", "old"]
        assert to_json(diff(old, old))["tokens"] is None
        assert to_json(diff(None, old))["messages"][0]["old"] is None


class TestWarnings:
    def test_no_model_and_what_reading_found(self):
        found = diff(prompt(), prompt(model=None, warnings=("taken literally",)))

        assert found.warnings == ("taken literally", "no model: set 'model' in the prompt or in .promptctl.yaml")

    def test_only_whitespace(self):
        found = diff(prompt(SYSTEM, USER), prompt(SYSTEM, Message("user", "{{ ticket }}\n")))

        assert (found.warnings, found.remarks) == (
            (),
            ("only whitespace changed in message 2 (user): the end of the text",),
        )

    def test_a_variable_ahead_of_what_was_cached(self):
        static = "You route support tickets to one of six teams. Answer with one word."
        old = prompt(Message("system", static), USER)
        ahead = diff(old, prompt(Message("system", "Hello {{ ticket }}! " + static)))
        shorter = diff(old, prompt(Message("system", "Hello"), USER))

        assert ahead.warnings == (
            "a variable stands ahead of 62 characters that the provider's prefix cache held before",
        )
        assert shorter.warnings == ()

    def test_static_and_literal_texts_have_no_variable(self):
        static = Message("system", "x" * 100)

        assert diff(prompt(static), prompt(static, static)).warnings == ()
        assert diff(prompt(static), prompt(Message("user", "{{ a" + "x" * 100), language="literal")).warnings == ()
