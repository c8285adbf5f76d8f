"""What the usual prompt costs at start-up."""

import subprocess
import sys

import pytest

SETUP = """
import sys
from promptctl.prompts import analysis, partials, prompt, template, tokens
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.diff import diff, to_json
def read(text):
    return read_prompt(PromptText("p", "p.yaml", text.encode(), lambda path: None))
"""
PLAIN = 'messages: [{role: user, content: "Hi {{ name }}, answer with %s word."}]\nparams: {temperature: %s}'
HEAVY = ("jinja2", "tiktoken", "deepdiff", "rapidfuzz", "litellm", "difflib")


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("", set()),
        (f"p, q = read({PLAIN % ('one', 0)!r}), read({PLAIN % ('a', 1)!r}); to_json(diff(p, q)); template.render(p, {{'name': 'x'}}); template.variables(p); template.evaluate('{{{{ x }}}}', {{'x': 1}})", set()),
        ("read('messages: [{role: user, content: \"{% if a %}{% endif %}\"}]')", {"jinja2"}),
        ("tokens.count('a', 'gpt-4')", {"tiktoken"}),
    ],
)  # fmt: skip
def test_heavy_modules_are_imported_by_those_who_need_them(code, heavy):
    asked = f"{SETUP}\n{code}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    assert set(found.split()) == heavy
