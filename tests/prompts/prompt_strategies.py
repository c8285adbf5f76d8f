"""Any prompt at all, and another that was made from it."""

from dataclasses import fields, replace

from hypothesis import strategies as st

from promptctl.prompts.prompt import Message, Prompt, Variable

words = st.sampled_from(
    ["Be kind.", "Be brief.", "Answer with one word.", "{{ ticket }}", "{{ lang }}", "1. first thing\n", "2. next thing\n", "- a point\n", "* a point\n", "\n", "  ", "\r\n", "# Head\n", "Head\n====\n", "must not", "at most 50 words", "ü😀", "You are a careful assistant who answers tickets.\n", "{% include '_a.j2' %}", "{% raw %}{{ x }}{% endraw %}", ""]
)  # fmt: skip
text = st.lists(words, max_size=8).map(" ".join) | st.lists(words, max_size=8).map("".join)
name = st.sampled_from(["a", "b", "ticket", "order", "model", "a#2", "[0]", "x.y"])
scalar = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 0.5, 1.0, "", "a", "b"])
json_value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(name, inner, max_size=3), max_leaves=6
)
mapping = st.dictionaries(name, json_value, max_size=3)
part = st.builds(lambda text: {"type": "text", "text": text}, text) | st.just(
    {"type": "image_url", "image_url": "a.png"}
)
message = st.builds(
    Message,
    st.sampled_from(["system", "user", "assistant", "developer"]),
    text | st.lists(part, max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["name", "tool_calls", "tool_call_id"]), json_value, max_size=2),
    st.none() | st.integers(1, 9),
    st.sampled_from([None, None, None, "literal"]),
) | st.just(Message("placeholder", "history", {"optional": True}))
tool = st.builds(
    lambda name, parameters: {"type": "function", "function": {"name": name, "parameters": parameters}}, name, mapping
) | st.builds(lambda name: {"type": name}, name)
assertion = st.builds(
    lambda kind, value: {"type": kind, "value": value}, st.sampled_from(["equals", "contains"]), json_value
)
variables = st.lists(
    st.builds(
        Variable,
        st.sampled_from(["ticket", "lang", "a.b"]),
        st.sampled_from([None, "string", "object"]),
        json_value,
        st.booleans(),
        st.booleans(),
        st.sampled_from(["", "what for"]),
    ),
    max_size=3,
).map(lambda found: {one.name: one for one in found})
FIELDS = {
    "name": st.sampled_from(["p", "q"]),
    "path": st.sampled_from(["p.yaml", "q.yaml"]),
    "messages": st.lists(message, max_size=5).map(tuple),
    "description": st.sampled_from(["", "What it does."]),
    "model": st.sampled_from([None, "gpt-4o", "m"]),
    "params": mapping,
    "fallbacks": st.lists(st.sampled_from(["m", "n"]), max_size=2).map(tuple),
    "variables": variables,
    "tools": st.lists(tool, max_size=4).map(tuple),
    "response_format": st.none() | mapping,
    "inputs": st.sampled_from([None, "x.jsonl"]),
    "assertions": st.lists(assertion, max_size=4).map(tuple),
    "volume": st.sampled_from([None, "1200000/month"]),
    "partials": st.dictionaries(st.sampled_from(["_a.j2", "_b.j2"]), st.sampled_from(["Be kind.\n", "Be curt.\n", ""])),
    "language": st.sampled_from(["jinja", "literal"]),
    "script": st.sampled_from([None, "{{ a }}"]),
    "format": st.sampled_from(["yaml", "markdown"]),
    "metadata": mapping,
}
PRESENT = [field.name for field in fields(Prompt) if field.compare]
prompt = st.builds(Prompt, **{field: FIELDS[field] for field in PRESENT})


@st.composite
def edits(draw):
    """Two versions of a prompt that have most in common."""
    old = draw(prompt)
    changed = draw(st.lists(st.sampled_from(PRESENT), max_size=3))
    new = replace(old, **{field: draw(FIELDS[field]) for field in changed})
    if draw(st.booleans()) and old.messages:
        kept = draw(st.permutations(old.messages))
        new = replace(new, messages=tuple(kept[: draw(st.integers(0, len(kept)))]))
    return old, new
