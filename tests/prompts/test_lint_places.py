"""A finding's line and column, however the file writes the text."""

import pytest
from prompts.lint_prompts import found, prompt_of

from promptctl.prompts.lint import Places

A, B = "Always mention the price.", "Never mention the price."

FILES = {
    "block": ("p.yaml", f"# a comment\nmessages:\n  - role: user\n    content: |\n      {A}\n\n      {B}\n"),
    "folded": (
        "p.yaml",
        "messages:\n  - role: user\n    content: >\n      Always mention\n      the price. Never mention\n      the price.\n",
    ),
    "quoted": ("p.yaml", f'messages:\n  - role: user\n    content: "say \\"hi\\".\\n{A}\\n{B}"\n'),
    "flow": ("p.yaml", f"messages: [{{role: system, content: {A}}},\n  {{role: user, content: {B}}}]\n"),
    "json": ("p.json", f'[\n  {{"role": "user",\n   "content": "\\u00e9\\n{A}\\n{B}"}}\n]\n'),
    "front matter": ("p.md", f"---\n# {B}\nmodel: x/y\n---\nsystem:\n{A}\n\nuser:\n{B}\n"),
    "byte order mark": ("p.md", f"\ufeff{A}\r\n{B}\r\n"),
    "twice": (
        "p.yaml",
        f"description: {B}\nmessages:\n  - {{role: system, content: {A}}}\n  - {{role: user, content: {B}}}\n",
    ),
}
PLACES = {
    "block": (7, 7),
    "folded": (5, 18),
    "quoted": (3, 15 + len('say \\"hi\\".\\n') + len(A) + 2),
    "flow": (2, 25),
    "json": (3, 16 + len("\\u00e9\\n") + len(A) + 2),
    "front matter": (9, 1),
    "byte order mark": (2, 1),
    "twice": (4, 27),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_place_of_a_sentence(kind):
    name, text = FILES[kind]
    text = text.replace("\r\n", "\n").lstrip("\ufeff") if kind == "byte order mark" else text

    (one,) = found(text, f"prompts/{name}")

    assert PLACES[kind] == (one.place.line, one.place.column)


def test_the_place_of_a_key_and_a_variable():
    text = "model: x/y\nparams:\n  temperature: 0\nmessages:\n  - role: user\n    content: 'name {{ name }}'\n"
    places = Places(prompt_of(text), {"prompts/p.yaml": text})

    temperature, name = places.key("params", "temperature"), places.word("name")

    assert temperature is not None
    assert (3, 3) == (temperature.line, temperature.column)
    assert (6, 23) == (name.line, name.column)
    assert places.key("top_p") is None
