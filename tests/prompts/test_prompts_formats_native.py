"""YAML -> Prompt: everything a file may say, and every mistake at once."""

import json

import pytest

from promptctl.errors import InvalidPrompt
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.prompt import Message, Variable
from promptctl.prompts.template import RenderError, render, required_variables, variables

WHOLE = """\
description: Route a support ticket to a team.
model: openai/gpt-5-mini
params: {temperature: 0, max_tokens: 8}
fallbacks: [anthropic/claude-haiku-4-5]
messages:
  - role: system
    content: You route support tickets.
  - role: user
    content: "{{ ticket }}"
    name: ann
variables:
  ticket: {type: string, description: What the customer wrote}
  mood: string
  anything:
  lang: {type: string, default: en}
  note: {required: false}
tools:
  - type: function
    function: {name: route, description: "", parameters: {type: object}}
  - type: web_search
response_format: {type: json_schema, json_schema: {name: answer, schema: {type: object}}}
inputs: triage.inputs.jsonl
assert:
  - {type: equals, value: "{{ expected }}"}
volume: 1200000/month
"""


def read(text, partials=None, path="prompts/p.yaml"):
    return read_prompt(PromptText("p", path, text.encode(), (partials or {}).get))


def mistakes(text, partials=None, path="p.yaml"):
    with pytest.raises(InvalidPrompt) as caught:
        read(text, partials, path)
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_file():
    prompt = read(WHOLE)

    assert prompt.messages == (
        Message("system", "You route support tickets."),
        Message("user", "{{ ticket }}", {"name": "ann"}),
    )
    assert [message.line for message in prompt.messages] == [6, 8]
    assert (prompt.name, prompt.path, prompt.format) == ("p", "prompts/p.yaml", "yaml")
    assert prompt.description == "Route a support ticket to a team."
    assert prompt.model == "openai/gpt-5-mini"
    assert prompt.params == {"temperature": 0, "max_tokens": 8}
    assert prompt.fallbacks == ("anthropic/claude-haiku-4-5",)
    assert prompt.variables == {
        "ticket": Variable("ticket", "string", description="What the customer wrote"),
        "mood": Variable("mood", "string"),
        "anything": Variable("anything"),
        "lang": Variable("lang", "string", default="en", has_default=True, required=False),
        "note": Variable("note", required=False),
    }
    assert [tool["type"] for tool in prompt.tools] == ["function", "web_search"]
    assert prompt.response_format is not None
    assert prompt.response_format["type"] == "json_schema"
    assert prompt.inputs == "triage.inputs.jsonl"
    assert prompt.assertions == ({"type": "equals", "value": "{{ expected }}"},)
    assert prompt.volume == "1200000/month"


def test_the_least_file():
    prompt = read("messages: [{role: user, content: Hi}]\ntools: []\nresponse_format: {}\nparams:\n")

    assert prompt.messages == (Message("user", "Hi"),)
    assert (prompt.model, prompt.tools, prompt.response_format, prompt.params) == (None, (), None, {})


def test_every_role_and_kind_of_content():
    prompt = read("""\
messages:
  - {role: developer, content: Be brief.}
  - role: user
    content:
      - {type: text, text: "See {{ x }}"}
      - {type: image_url, image_url: {url: "https://x/{{ x }}"}}
      - {type: image_url, image_url: "https://x"}
      - {type: input_audio, input_audio: {data: ""}}
  - {role: assistant, tool_calls: [{id: a, type: function, function: {name: f, arguments: "{}"}}]}
  - {role: tool, tool_call_id: a, content: "4"}
""")

    assert [message.role for message in prompt.messages] == ["developer", "user", "assistant", "tool"]
    assert prompt.messages[1].content[1]["image_url"] == {"url": "https://x/{{ x }}"}
    assert prompt.messages[2].content == ""
    assert prompt.messages[3].extra == {"tool_call_id": "a"}


@pytest.mark.parametrize("extension", [".yml", ".YAML"])
def test_other_extensions(extension):
    assert read("messages: [{role: user, content: Hi}]", path=f"p{extension}").format == "yaml"


def test_an_unknown_extension_names_those_that_are_known():
    assert mistakes("x", path="p.exe") == [
        (
            "p.exe: no prompt format has the extension '.exe'. Known: .handlebars, .hbs, .j2, .jinja, .jinja2, .json, "
            ".md, .mdc, .mustache, .prompt, .prompty, .txt, .yaml, .yml."
        ),
    ]


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("mesages: []", "line 2: unknown key 'mesages'. Did you mean 'messages'?"),
        ("prompt: Hi", "line 2: unknown key 'prompt'. Known: assert, description, fallbacks, inputs, messages, model, params, response_format, template, tools, variables, volume."),
        ("model: 3", "line 2: 'model' must be a text, not 3."),
        ("params: {api_base: x}", "line 2: 'params.api_base' may not be set here. Endpoints and keys are set under 'providers' in .promptctl.yaml, by the name of an environment variable."),
        ("params: [1]", "line 2: 'params' must be a mapping of keys to values, not a list."),
        ("fallbacks: [1]", "line 2: 'fallbacks[1]' must be a text, not 1."),
        ("variables: {a: strin}", "line 2: unknown type 'strin'. Did you mean 'string'?"),
        ("variables: {a: {type: 3}}", "line 2: unknown type 3. One of string, number, integer, boolean, array, object."),
        ("variables: {a: 3}", "line 2: the variable 'a' must be a type, not a number. Write a type, or a mapping with type, default, required, description."),
        ("variables: {a b: string}", "line 2: 'a b' is no name for a variable."),
        ("variables: {a: {type: integer, default: x}}", "line 2: the default of 'a' is 'x', its type integer."),
        ("variables: {a: {typ: integer}}", "line 2: unknown key 'variables.a.typ'. Did you mean 'type'?"),
        ("tools: [{type: function}]", "line 2: a tool's function needs a 'name'."),
        ("tools: [{function: {name: a}}]", "line 2: a tool needs 'type: function' and a 'function'."),
        ("tools: [{type: function, function: {name: a}}, {type: function, function: {name: a}}]", "line 2: a second tool is named 'a'."),
        ("response_format: {type: jsn_object}", "line 2: 'response_format' needs a type that is known. Did you mean 'json_object'?"),
        ("response_format: {type: 3}", "line 2: 'response_format' needs a type that is known. One of text, json_object, json_schema."),
        ("response_format: {type: json_schema}", "line 2: 'response_format' needs a 'json_schema' with name and schema."),
        ("inputs: /etc/passwd", "line 2: 'inputs' is no path inside the repository: '/etc/passwd'. Write it relative to the prompt's folder."),
        ("assert: [{value: a}]", "line 2: an assertion needs a 'type', like equals or contains."),
        ("assert: [{type: 3}]", "line 2: 'assert[1].type' must be a text, not 3."),
        ("assert: {type: equals}", "line 2: 'assert' must be a list, not a mapping."),
        ("volume: 5/fortnight", "line 2: 'volume' is not understood: '5/fortnight'. Write it like 1200000/month (hour, day, week, month, year)."),
    ],
)  # fmt: skip
def test_one_mistake(line, mistake):
    assert mistakes(f"messages: [{{role: user, content: Hi}}]\n{line}\n") == [f"p.yaml: {mistake}"]


@pytest.mark.parametrize(
    ("message", "mistake"),
    [
        ("{role: usr, content: a}", "unknown role 'usr'. Did you mean 'user'?"),
        ("{role: 3, content: a}", "unknown role 3. One of system, user, assistant, tool, developer."),
        ("{content: a}", "a message needs a 'role'. One of system, user, assistant, tool, developer."),
        ("{role: user}", "a message needs a 'content'."),
        ("{role: user, content: 5}", "'content' must be a text or a list of content parts, not 5."),
        ("{role: user, content: []}", "'content' must be a text or a list of content parts, not an empty list."),
        ("{role: user, content: [{text: a}]}", "a content part needs a 'type', like text or image_url."),
        ("{role: user, content: [{type: text}]}", "a content part of type text needs a 'text'."),
        ("{role: user, content: [{type: text, text: 1}]}", "'text' must be a text, not 1."),
        ("{role: user, content: [{type: image_url}]}", "a content part of type image_url needs an 'image_url'."),
        ("{role: user, content: a, contant: b}", "unknown key 'messages[1].contant'. Did you mean 'content'?"),
        ("{role: assistant, tool_calls: [{id: a}]}", "a tool call needs a 'function' with name and arguments."),
    ],
)
def test_one_mistake_in_a_message(message, mistake):
    assert mistakes(f"messages:\n  - {message}\n") == [f"p.yaml: line 2: {mistake}"]


def test_all_mistakes_at_once_in_the_order_of_the_file():
    found = mistakes("""\
descripton: x
model: 3
messages:
  - role: usr
    content: |
      hello
      {% if x %}
      {{ y
  - role: user
    content: "{% include 'nope.j2' %}"
volume: often
""")

    assert [mistake.split(":")[1].strip() for mistake in found] == [f"line {n}" for n in (1, 2, 4, 8, 10, 11)]
    assert found[3] == (
        "p.yaml: line 8: the template of message 1 (usr) does not parse: "
        "unexpected end of template, expected 'end of print statement'."
    )


@pytest.mark.parametrize("template", ["{% nosuch %}", "{{ 'a"])
def test_a_template_that_does_not_parse(template):
    (mistake,) = mistakes(f'messages:\n  - role: user\n    content: "{template}"\n')

    assert mistake.startswith("p.yaml: line 3: the template of message 1 (user) does not parse: ")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ " + "(" * 300 + "a" + ",)" * 300 + " }}", "nested too deeply, or a number that is too long."),
        ("{{ " + "(" * 5000 + "a" + ",)" * 5000 + " }}", "nested too deeply, or a number that is too long."),
        ("{{ " + "9" * 5000 + " }}", "nested too deeply, or a number that is too long."),
        ("{{ a }}" + "x" * 1024 * 1024, "a template of more than 1 MiB."),
    ],
    ids=["nested", "nested deeper", "long number", "long template"],
)
def test_a_template_out_of_bounds(template, reason):
    (mistake,) = mistakes(f"messages:\n  - role: user\n    content: '{template}'\n")

    assert mistake == f"p.yaml: line 3: the template of message 1 (user) does not parse: {reason}"


@pytest.mark.parametrize(
    ("template", "refusal"),
    [
        ("{{ a | nofilter }}", "unknown filter 'nofilter'"),
        ("{{ a is notest }}", "unknown test 'notest'"),
        ("{% if a %}{{ a | random }}{% endif %}", "unknown filter 'random'"),
        ("{% include 'p.j2' %}", "unknown filter 'own'"),
    ],
)
def test_filters_of_an_applications_own_can_be_compared_and_not_rendered(template, refusal):
    prompt = read(f'messages: [{{role: user, content: "{template}"}}]', {"p.j2": "{{ a | own(b) }}"})

    assert prompt.warnings == (f"{refusal}: it can be compared, but not rendered",)
    assert "a" in variables(prompt)
    with pytest.raises(RenderError, match=refusal.split()[-1]):
        render(prompt, {"a": 1, "b": 2})


class TestTemplate:
    def test_names_the_language_of_all_messages(self):
        prompt = read(
            "template: mustache\nmessages: [{role: user, content: '{{#a}}{{> p}}{{/a}}'}]", {"_p.txt": "{{b}}"}
        )

        assert prompt.language == "mustache"
        assert dict(prompt.partials) == {"_p.txt": "{{b}}"}
        assert variables(prompt) == {"a", "b"}
        assert required_variables(prompt) == frozenset()
        assert render(prompt, {"a": [{"b": 1}, {"b": 2}]})[0].content == "12"

    def test_that_is_unknown_has_a_suggestion(self):
        assert mistakes("template: mustach\nmessages: [{role: user, content: Hi}]") == [
            "p.yaml: line 1: no template language is called 'mustach'. Did you mean 'mustache'?"
        ]

    def test_that_does_not_parse_has_its_line(self):
        (mistake,) = mistakes("template: format\nmessages:\n- role: user\n  content: |\n    a\n    {b\n")

        assert mistake.startswith("p.yaml: line 6: the template of message 1 (user) does not parse: a '{' that nothing")

    def test_stands_in_front_matter_too(self):
        prompt = read("---\ntemplate: literal\n---\n{{ a }}{%", path="p.md")

        assert render(prompt, {})[0].content == "{{ a }}{%"


def test_a_template_in_a_content_part_has_its_line():
    (mistake,) = mistakes(
        "messages:\n  - role: user\n    content:\n      - type: text\n        text: |-\n          a\n          {{ b\n"
    )

    assert mistake.startswith("p.yaml: line 7: ")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "p.yaml: is empty. A prompt needs 'messages'."),
        ("# nothing\n", "p.yaml: is empty. A prompt needs 'messages'."),
        ("model: m", "p.yaml: 'messages' is missing or empty. A prompt needs at least one message with role and content."),
        ("messages: []", "p.yaml: line 1: 'messages' is missing or empty. A prompt needs at least one message with role and content."),
    ],
)  # fmt: skip
def test_a_file_without_messages(text, mistake):
    (found,) = mistakes(text)

    assert found.replace("line 1: ", "") == mistake.replace("line 1: ", "")


def test_what_is_no_yaml_or_no_text_is_a_mistake_of_the_file():
    assert "is not valid YAML" in mistakes("a: [")[0]
    assert mistakes("- x")[0] == "p.yaml: line 1: the file must be a mapping of keys to values, not a list."
    with pytest.raises(InvalidPrompt, match="UTF-8"):
        read_prompt(PromptText("p", "p.yaml", b"\xff\xfe", lambda _path: None))


FUNCTION = (
    "{type: function, function: {name: f, parameters: {type: object, properties: {url: {type: string}, token: {}}}}}"
)


@pytest.mark.parametrize(
    ("tool", "key"),
    [
        ("{type: mcp, server_label: a}", "tools[2].type"),
        ("{type: x, server_url: 'https://evil.example'}", "tools[2].server_url"),
        ("{type: x, Authorization: Bearer abc}", "tools[2].Authorization"),
        ("{type: function, function: {name: g}, headers: {a: b}}", "tools[2].headers"),
        ("{type: function, function: {name: g, apiKey: abc}}", "tools[2].function.apiKey"),
        ("{type: x, retrieval: {sources: [{endpoint: a}]}}", "tools[2].retrieval.sources.0.endpoint"),
    ],
)
def test_a_tool_names_no_server_and_no_credential(tool, key):
    text = f"messages: [{{role: user, content: hi}}]\ntools:\n  - {FUNCTION}\n  - {tool}\n"

    with pytest.raises(InvalidPrompt) as caught:
        read_prompt(PromptText("p", "p.yaml", text.encode()))

    (problem,) = caught.value.problems
    assert (4, f"'{key}' may not be set here.") == (problem.line, problem.message)
    assert "abc" not in str(problem)


def test_nor_in_another_format():
    body = {
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "x", "server_url": "https://evil.example"}],
    }

    with pytest.raises(InvalidPrompt, match=r"'tools\[1\].server_url' may not be set here"):
        read_prompt(PromptText("p", "p.json", json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (
            "p.yaml",
            "messages: [{role: user, content: a}]\nmodel: huggingface/https://evil.example/v1\n",
            "p.yaml: line 2: 'model' is no name",
        ),
        (
            "p.md",
            "---\nfallbacks: [huggingface/http://evil.example]\n---\nHi\n",
            "p.md: line 2: 'fallbacks' holds an address",
        ),
        (
            "p.prompt",
            "---\nmodel: huggingface/https://evil.example\nconfig: {}\n---\nHi\n",
            "is no name of a model, but an address",
        ),
    ],
)
def test_a_model_is_no_address(path, text, says):
    with pytest.raises(InvalidPrompt) as caught:
        read_prompt(PromptText("p", path, text.encode()))

    assert says in str(caught.value)
    assert "providers.NAME.api_base" in str(caught.value)
