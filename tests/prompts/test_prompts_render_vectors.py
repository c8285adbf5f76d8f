"""promptfoo's templates are Nunjucks: which of its renderings hold here, and why the others do not."""

import json
from pathlib import Path

import pytest

from promptctl.prompts.prompt import Message, Prompt
from promptctl.prompts.template import RenderError, render

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "render_vectors.jsonl"

STRICT = "an undefined variable is an error"
AGAIN = "a value is never read again as a template"
PYTHON = "values are printed as Python prints them"
AS_IS = "a text is sent as it stands: neither JSON nor its ends are rewritten"
OWN = "a filter of Nunjucks' own"

# What is different here: template (and value) -> the reason, and what comes out; None where it is an error.
DIFFERENT = {
    ("Hello {{name}}", "{}"): (STRICT, None),
    ("{{ undefined.prop }}", "{}"): (STRICT, None),
    ('{{ items | join(", ") }}', '{"items": {"_": 0}}'): ("a mapping is a sequence of its keys", "_"),
    ("{{ o }}", '{"o": {"a": 1}}'): (PYTHON, "{'a': 1}"),
    ("{{ t }}", '{"t": true}'): (PYTHON, "True"),
    ("{{ x is defined }}", '{"x": 1}'): (PYTHON, "True"),
    ('{{ "a" in x }}', '{"x": "cat"}'): (PYTHON, "True"),
    ("{{ o | dump }}", '{"o": {"a": 1}}'): (OWN, None),
    ("{{ x | nl2br }}", '{"x": "a"}'): (OWN, None),
    ("A {{a}}", '{"a": "{{b}}", "b": "bee"}'): (AGAIN, "A {{b}}"),
    ("A {{a}}", '{"a": "{{b}} and {{c}}", "b": "bee"}'): (AGAIN, "A {{b}} and {{c}}"),
    ("A {{a}}", '{"a": "line\\n"}'): (AS_IS, "A line\n"),
    ('[{"role":"user","content":"Say {{x}}"}]', '{"x": "he said \\"hi\\"\\nnew"}'): (
        AS_IS,
        '[{"role":"user","content":"Say he said "hi"\nnew"}]',
    ),
    ('[{"role":"system","content":"S"},{"role":"user","content":"{{x}}"}]', '{"x": "ok"}'): (
        AS_IS,
        '[{"role":"system","content":"S"},{"role":"user","content":"ok"}]',
    ),
    ('{"a": "{{x}}", "n": 1}', '{"x": "q"}'): (AS_IS, '{"a": "q", "n": 1}'),
    ("{{ x[0] }}", '{"x": {"0": "zero"}}'): ("0 is no text, as a key is", None),
    ("{{ x | truncate(5) }}", '{"x": "hello world"}'): ("Jinja's counts the dots", "he..."),
}


def _vectors():
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared is not here"))]
    found = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(vector, id=f"{number}") for number, vector in enumerate(found, 1)]


@pytest.mark.parametrize("vector", _vectors())
def test_a_rendering_is_promptfoos_or_different_for_a_reason(vector):
    known = DIFFERENT.get((vector["template"], json.dumps(vector["vars"])))
    expected = vector["rendered"] if known is None else known[1]

    try:
        found = render(Prompt("p", "p", (Message("user", vector["template"]),)), vector["vars"])[0].content
    except RenderError:
        found = None

    assert found == expected
    assert known is None or found != vector["rendered"]
