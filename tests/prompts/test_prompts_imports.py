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


LANGUAGES = """
import sys
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.template import render
text = "template: %s\\nmessages: [{role: user, content: '%s'}]"
render(read_prompt(PromptText("p", "p.yaml", text.encode())), {"x": 1})
own = [name for name in sys.modules if name.startswith("promptctl.prompts.languages.")]
print(*(name.rpartition(".")[2] for name in own), *({"jinja2", "dotpromptz_handlebars", "dotpromptz"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("language", "template", "imported"),
    [
        ("jinja", "{{ x }}", set()),
        ("jinja", "{% if x %}{% endif %}", {"jinja", "jinja2"}),
        ("mustache", "{{x}}", {"mustache", "mustache_tree", "pieces"}),
        ("handlebars", "{{x}}", {"handlebars", "handlebars_names", "handlebars_tolls", "pieces", "dotpromptz_handlebars"}),
        ("format", "{x}", {"braces", "pieces"}),
        ("langfuse", "{{x}}", {"langfuse", "pieces"}),
        ("literal", "{{x}}", {"literal"}),
    ],
)  # fmt: skip
def test_a_language_is_imported_where_a_prompt_is_written_in_it(language, template, imported):
    asked = LANGUAGES % (language, template)
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    assert set(found.split()) == imported
