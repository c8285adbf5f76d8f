"""A promptfoo config -> our files; what is lost is named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.documents import parse_yaml
from promptctl.errors import FileError
from promptctl.inputs.cells import assertion
from promptctl.inputs.files import read_cases
from promptctl.prompts.formats import PromptText, read_prompt
from promptctl.prompts.template import Renderer
from promptctl.scoring.registry import assertion_problems
from promptctl.workflows.adopt_promptfoo import adopt, cells
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers
from promptctl.workflows.adopt_promptfoo.prompts import template
from promptctl.workflows.adopt_promptfoo.providers import adopted_model
from promptctl.workflows.adopt_promptfoo.written import yaml_text

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture
def adopted(tmp_path):
    """A config's text and its files -> what is carried over; `left` as one text."""

    def run(text, **files):
        for path, content in files.items():
            target = tmp_path / path.replace("__", "/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        config = tmp_path / "promptfooconfig.yaml"
        config.write_text(text, encoding="utf-8")
        return adopt(config, tmp_path)

    return run


def prompts_of(adopted):
    return {
        one.name: read_prompt(PromptText(one.name, "p.yaml", one.text.encode(), lambda _: None))
        for one in adopted.prompts
    }


def cases_of(prompt):
    return list(read_cases("p.inputs.jsonl", (prompt.inputs or "").encode()))


def contents(adopted):
    return {name: [(m.role, m.content) for m in prompt.messages] for name, prompt in prompts_of(adopted).items()}


# Prompts


def test_inline_prompts_are_one_user_message_each(adopted):
    found = adopted(
        "prompts: ['Hi {{ name }}', {raw: 'Bye {{ name }}', label: Say Goodbye!}]\nproviders: [openai:gpt-4o]\n"
    )

    assert {"prompt": [("user", "Hi {{ name }}")], "say-goodbye": [("user", "Bye {{ name }}")]} == contents(found)
    assert () == found.left


def test_a_single_prompt_needs_no_list(adopted):
    assert ["prompt"] == list(contents(adopted("prompts: Hi\n")))


def test_a_text_file_is_cut_at_its_rules_and_a_markdown_file_is_not(adopted):
    found = adopted(
        "prompts: [file://a.txt, file://b.md]\n", **{"a.txt": "One\n---\nTwo\n---\n\n", "b.md": "One\n---\nTwo\n"}
    )

    assert {"a": [("user", "One")], "a-2": [("user", "Two")], "b": [("user", "One\n---\nTwo")]} == contents(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '[{"role": "system", "content": "S {{ a }}"}, {"role": "user", "content": "U"}]'),
        ("c.yaml", "- role: system\n  content: S {{ a }}\n- role: user\n  content: U\n"),
        ("c.yml", "- {role: system, content: 'S {{ a }}'}\n- {role: user, content: U}\n"),
        ("c.txt", '[{"role": "system", "content": "S {{ a }}"}, {"role": "user", "content": "U"}]'),
        ("c.j2", "- role: system\n  content: S {{ a }}\n- role: user\n  content: U\n"),
    ],
)
def test_a_chat_keeps_its_messages(adopted, name, text):
    found = adopted(f"prompts: [file://{name}]\n", **{name: text})

    assert {"c": [("system", "S {{ a }}"), ("user", "U")]} == contents(found)


def test_lines_and_tables_hold_a_prompt_each(adopted):
    found = adopted(
        "prompts: [file://l.jsonl, file://t.csv, file://u.csv]\n",
        **{
            "l.jsonl": '[{"role": "user", "content": "A"}]\n\n[{"role": "user", "content": "B"}]\n',
            "t.csv": 'label,prompt\nx,"C, c"\ny,\n',
            "u.csv": "D\nE\n",
        },
    )

    assert ["A", "B", "C, c", "D", "E"] == [messages[0][1] for messages in contents(found).values()]


def test_globs_plain_paths_and_the_old_mapping_name_files(adopted):
    found = adopted("prompts: {p/*.txt: Mine, q.txt: Yours}\n", **{"p__a.txt": "A", "p__b.txt": "B", "q.txt": "Q"})

    assert {"mine": [("user", "A")], "mine-2": [("user", "B")], "yours": [("user", "Q")]} == contents(found)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("file://no.txt", "no.txt: no such file."),
        ("file://../out.txt", "../out.txt: leaves the repository."),
        ("file://../*.txt", "../*.txt: leaves the repository."),
        ("file://p.py:make", "'p.py:make' is code; write its prompt as text"),
        ("langfuse://greet:3:text", "'langfuse://greet:3:text' is not a file here"),
        ("file://odd.bin", "'odd.bin' is no prompt as text"),
        ("file://odd.json", "is structured, but no list of messages with role and content"),
        ("file://bad.json", "bad.json: line 1: is not valid JSON"),
        ("{label: x}", "is no text and no file"),
        ("3", "is no text and no file"),
    ],
)
def test_a_prompt_that_cannot_be_carried_over_is_named(adopted, tmp_path, entry, says):
    (tmp_path.parent / "out.txt").write_text("secret", encoding="utf-8")
    found = adopted(
        f"prompts: [Hi, {entry if entry.startswith('{') else json.dumps(entry) if entry != '3' else entry}]\n",
        **{"odd.bin": "x", "odd.json": '{"a": 1}', "bad.json": "{"},
    )

    assert ["prompt"] == list(contents(found))
    assert any("prompts[2]" in line and says in line for line in found.left), found.left


def test_a_link_out_of_the_repository_is_not_read(adopted, tmp_path):
    (tmp_path / "repo").mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "repo/a.txt").symlink_to(tmp_path / "secret.txt")
    config = tmp_path / "repo/c.yaml"
    config.write_text("prompts: [file://a.txt]\n", encoding="utf-8")

    found = adopt(config, tmp_path / "repo")

    assert ((), ("prompts[1]: a.txt: leaves the repository.",)) == (
        found.prompts,
        tuple(line for line in found.left if "a.txt" in line),
    )


def test_a_template_that_our_reader_refuses_is_left_out_and_said(adopted):
    found = adopted("prompts: ['{{ a || b }}', Hi]\n")

    assert ["prompt-2"] == list(contents(found))
    assert any("prompt 'prompt': the prompt is left out" in line and "does not parse" in line for line in found.left)


@pytest.mark.parametrize(
    ("nunjucks", "jinja"),
    [
        ("{{ a | dump }}", "{{ a | tojson }}"),
        ("{{ a|dump(2) }}", "{{ a| tojson }}"),
        ("{% set b = a | dump %}", "{% set b = a | tojson %}"),
        ("use | dump here", "use | dump here"),
        ("{{ dumped }}", "{{ dumped }}"),
    ],
)
def test_filters_that_differ_by_name_are_renamed(nunjucks, jinja):
    assert jinja == template(nunjucks)


def test_a_variable_that_some_tests_lack_renders_as_nothing_as_it_did(adopted):
    found = adopted("prompts: ['{{ a }}{{ b }}']\ntests: [{vars: {a: x, b: y}}, {vars: {a: x}}]\n")

    (prompt,) = prompts_of(found).values()
    assert "x" == Renderer(prompt).render({"a": "x"})[0].content
    assert "prompt 'prompt': variable 'b' is absent in some tests; it is empty there, as in promptfoo" in found.left


# Providers


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai:gpt-4o", "openai/gpt-4o"),
        ("openai:chat:gpt-4o", "openai/gpt-4o"),
        ("openai:chat:ft:gpt-4o:acme", "openai/ft:gpt-4o:acme"),
        ("openai:responses:gpt-5", "openai/gpt-5"),
        ("anthropic:messages:claude-haiku-4-5", "anthropic/claude-haiku-4-5"),
        ("azure:chat:mine", "azure/mine"),
        ("bedrock:us.anthropic.claude-3:0", "bedrock/us.anthropic.claude-3:0"),
        ("google:gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("vertex:gemini-2.5-flash", "vertex_ai/gemini-2.5-flash"),
        ("ollama:chat:llama3.1:8b", "ollama_chat/llama3.1:8b"),
        ("openrouter:meta/llama", "openrouter/meta/llama"),
        ("litellm:groq/llama", "groq/llama"),
        ("echo", None),
        ("file://provider.py", None),
        ("https://example.com", None),
        ("openai:", None),
    ],
)
def test_the_first_provider_becomes_the_model(provider, model):
    left = Leftovers()

    found = adopted_model({"providers": [provider]}, left)

    assert model == found.get("model")
    assert (model is None or "responses" in provider) == bool(left.lines())


@pytest.mark.parametrize(
    "providers",
    [
        [{"id": "openai:gpt-4o", "config": {"temperature": 0, "max_tokens": 9}}],
        [{"openai:gpt-4o": {"config": {"temperature": 0, "max_tokens": 9}}}],
        {"id": "openai:gpt-4o", "config": {"temperature": 0, "max_tokens": 9}},
    ],
)
def test_parameters_are_carried_over(providers):
    found = adopted_model({"providers": providers}, Leftovers())

    assert {"model": "openai/gpt-4o", "params": {"temperature": 0, "max_tokens": 9}} == found


def test_what_a_provider_may_not_say_here_is_named_without_its_value():
    left = Leftovers()
    config = {
        "apiKey": "sk-secret",
        "apiBaseUrl": "http://h",
        "temperature": "hot",
        "wild": 1,
        "tools": [{"type": "function"}],
    }

    found = adopted_model({"targets": [{"id": "openai:gpt-4o", "config": config}, "openai:gpt-4"]}, left)

    text = "\n".join(left.lines())
    assert {"model": "openai/gpt-4o", "tools": [{"type": "function"}]} == found
    assert "sk-secret" not in text
    assert all(f"'{key}'" in text for key in ("apiKey", "apiBaseUrl", "temperature", "wild", "openai:gpt-4"))


def test_a_prompt_has_parameters_of_its_own(adopted):
    found = adopted(
        "prompts: [{raw: Hi, config: {max_tokens: 5, response_format: {type: json_object}}}]\n"
        "providers: [{id: 'openai:gpt-4o', config: {max_tokens: 9, seed: 1}}]\n"
    )

    (prompt,) = prompts_of(found).values()
    assert ({"max_tokens": 5, "seed": 1}, {"type": "json_object"}) == (prompt.params, prompt.response_format)


# Tests


def test_tests_become_inputs_and_the_default_test_the_prompts_own(adopted):
    found = adopted(
        "prompts: ['{{ a }} {{ b }}']\n"
        "defaultTest: {vars: {b: B}, assert: [{type: is-json}]}\n"
        "tests:\n"
        "  - {description: first, vars: {a: 1}, assert: [{type: equals, value: '{{ a }}', weight: 2}], metadata: {k: v}}\n"
        "  - {vars: {a: [x, y]}}\n"
    )

    (prompt,) = found.prompts
    cases = cases_of(prompt)
    assert ["t-001", "t-002-1", "t-002-2"] == [case.id for case in cases]
    assert [{"b": "B", "a": 1}, {"b": "B", "a": "x"}, {"b": "B", "a": "y"}] == [case.vars for case in cases]
    assert ({"type": "equals", "value": "{{ a }}", "weight": 2},) == cases[0].assertions
    assert {"from": "promptfoo", "test": "tests[1]", "description": "first", "metadata": {"k": "v"}} == cases[0].source
    assert ({"type": "is-json"},) == prompts_of(found)["prompt"].assertions


def test_lists_stay_lists_where_the_config_says_so(adopted):
    found = adopted("prompts: [Hi]\ntests: [{vars: {a: [x, y]}, options: {disableVarExpansion: true}}]\n")

    assert [{"a": ["x", "y"]}] == [case.vars for case in cases_of(found.prompts[0])]


def test_too_many_combinations_are_left_out_and_said(adopted):
    many = json.dumps(list(range(101)))
    found = adopted(f"prompts: [Hi]\ntests: [{{vars: {{a: {many}, b: {many}}}}}]\n")

    assert found.prompts[0].inputs is None
    assert any("its lists stand for more than 10,000 cases" in line for line in found.left)


def test_a_test_may_be_for_some_prompts(adopted):
    found = adopted(
        "prompts: [{raw: A, label: one}, {raw: B, label: two}]\n"
        "tests: [{vars: {}}, {vars: {}, prompts: [one]}, {vars: {}, prompts: ['tw*']}]\n"
    )

    assert {"one": ["t-001", "t-002"], "two": ["t-001", "t-003"]} == {
        prompt.name: [case.id for case in cases_of(prompt)] for prompt in found.prompts
    }


def test_tests_and_values_come_from_files(adopted):
    found = adopted(
        "prompts: ['{{ a }}']\ntests: [file://t.csv, file://t.yaml, file://t.jsonl, 't.json', {vars: file://v.yaml}]\n",
        **{
            "t.csv": 'a,__expected,__expected2,__description,__metadata:x\n1,"contains-any:b, c",,d,y\n',
            "t.yaml": "- vars: {a: file://a.txt}\n- vars: {a: file://a.yaml}\n",
            "t.jsonl": '{"vars": {"a": "L"}}\n\n',
            "t.json": '{"vars": {"a": "J"}}',
            "v.yaml": "a: V\n",
            "a.txt": " text \n",
            "a.yaml": "k: [1]\n",
        },
    )

    cases = cases_of(found.prompts[0])
    assert ["1", "text", '{"k": [1]}', "L", "J", "V"] == [case.vars["a"] for case in cases]
    assert ({"type": "contains-any", "value": ["b", "c"]},) == cases[0].assertions
    assert ("d", {"x": "y"}) == (cases[0].source["description"], cases[0].source["metadata"])
    assert [line for line in found.left if "provider" not in line] == []


def test_a_default_test_may_be_a_file(adopted):
    found = adopted("prompts: [Hi]\ndefaultTest: file://d.yaml\n", **{"d.yaml": "assert: [{type: is-json}]\n"})

    assert ({"type": "is-json"},) == prompts_of(found)["prompt"].assertions


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("tests: [file://no.csv]", "tests[1]: no.csv: no such file."),
        ("tests: [file://t.py]", "t.py is no list of tests as data"),
        ("tests: [3]", "tests[1]: is no test"),
        ("tests: [file://l.yaml]", "l.yaml[1]: is no test"),
        ("tests: [{vars: {a: file://no.txt}}]", "tests[1]: the test is left out: no.txt: no such file."),
        ("tests: [{vars: {}, threshold: 5}]", "tests[1]: 'threshold' 5 is no number from 0 to 1"),
        ("tests: [{vars: {}, options: {transform: x}}]", "tests[1]: 'options.transform' is not carried over"),
        ("defaultTest: file://no.yaml", "defaultTest: no.yaml: no such file."),
        ("defaultTest: {threshold: 1, options: {runSerially: true}}", "defaultTest: 'options.runSerially' is not"),
        (
            "defaultTest: {assert: [{type: is-jsn}]}",
            "defaultTest: assertion 'is-jsn' is not carried over: unknown type",
        ),
        ("sharing: true", "'sharing' is not carried over"),
        ("tests: [{vars: {}, assert: [{type: contains, value: a, transform: x}]}]", "'transform' is a template here"),
        (
            "tests: [{vars: {}, assert: [{type: is-json, value: file://no.json}]}]",
            "assertion 'is-json': no.json: no such",
        ),
        (
            "tests: [{vars: {}, assert: [{type: assert-set, assert: [{type: pi}]}]}]",
            "assertion 'assert-set' is not",
        ),
        ("prompts: [{raw: Hi, function: f}]", "prompts[1]: 'function' is not carried over"),
    ],
)
def test_nothing_is_dropped_in_silence(adopted, config, says):
    prompts = "" if config.startswith("prompts") else "prompts: [Hi]\n"
    found = adopted(f"{prompts}providers: [openai:gpt-4o]\n{config}\n", **{"t.py": "", "l.yaml": "[x]"})

    assert any(says in line for line in found.left), found.left


def test_assertions_are_kept_word_for_word_where_they_are_known(adopted):
    found = adopted(
        "prompts: [Hi]\n"
        "assertionTemplates: {short: {type: word-count, value: {max: 5}}}\n"
        "tests:\n"
        "  - vars: {}\n"
        "    assert:\n"
        "      - {$ref: '#/assertionTemplates/short'}\n"
        "      - {type: is-json, value: file://s.json}\n"
        "      - {type: not-contains, value: file://n.txt, metric: m, weight: 0}\n"
        "      - {type: assert-set, threshold: 0.5, assert: [{type: regex, value: '\\d+'}]}\n",
        **{"s.json": '{"type": "object"}', "n.txt": "never\n"},
    )

    assert (
        {"type": "word-count", "value": {"max": 5}},
        {"type": "is-json", "value": {"type": "object"}},
        {"type": "not-contains", "value": "never", "metric": "m", "weight": 0},
        {"type": "assert-set", "threshold": 0.5, "assert": [{"type": "regex", "value": "\\d+"}]},
    ) == cases_of(found.prompts[0])[0].assertions


def test_one_thing_lost_at_many_places_is_one_line(adopted):
    tests = ", ".join(["{vars: {}, assert: [{type: search-rubric, value: polite}]}"] * 6)
    found = adopted(f"prompts: [Hi]\nproviders: [openai:gpt-4o]\ntests: [{tests}]\n")

    (line,) = found.left
    assert line.startswith("tests[1], tests[2], tests[3] and 3 more: assertion 'search-rubric' is not carried over: ")


@pytest.mark.parametrize("text", ["a: 1\n", "[1]\n", "prompts: [\n"])
def test_what_is_no_config_is_refused(adopted, text):
    with pytest.raises(FileError):
        adopted(text)


def test_a_config_may_be_json(tmp_path):
    (tmp_path / "c.json").write_text('{"prompts": ["Hi"]}', encoding="utf-8")

    assert ["prompt"] == list(contents(adopt(tmp_path / "c.json", tmp_path)))


# Cells


def vectors():
    path = SHARED / "conformance/csv_expected_vectors.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


# What promptfoo does in silence, and what a cell means here: a mistake that is named, or what it says.
TRAPS = {
    "starts-with:Yes": {"type": "starts-with", "value": "Yes"},  # the 0.75 of promptfoo decides nothing
    "bleu(0.3):the cat": {"type": "bleu", "value": "the cat", "threshold": 0.3},
    "llm-rubric(0.8): is polite": {"type": "llm-rubric", "value": "is polite", "threshold": 0.8},
    "g-eval(0.8):coherent": {"type": "g-eval", "value": "coherent", "threshold": 0.8},
    "file://check.py": {"type": "python", "value": "file://check.py"},  # promptfoo runs the text "check.py"
    "file://check.py:fn": {"type": "python", "value": "file://check.py:fn"},
    "select-best:the funniest": {"type": "select-best", "value": "the funniest"},
    "unknown-type:foo": {"type": "unknown-type", "value": "foo"},
    "Contains:world": {"type": "Contains", "value": "world"},
    "contains : world": {"type": "contains ", "value": "world"},
}


@pytest.mark.skipif(not vectors(), reason="../shared is absent")
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["__expected"])
def test_cells_are_read_as_promptfoo_reads_them(vector):
    cell = vector["__expected"]

    assert TRAPS.get(cell, vector["assertion"]) == assertion(cell)


@pytest.mark.parametrize("cell", ["unknown-type:foo", "Contains:world", "contains : world", "not-contians:x"])
def test_a_cell_with_a_misspelt_type_is_no_expected_text(cell):
    (problem,) = assertion_problems([assertion(cell)], "t.csv")

    assert "unknown type" in str(problem)


@pytest.mark.parametrize("cell", ["Answer: 42", "12:30", "https://example.com", "well-known: yes", "a: b", "Re: x"])
def test_a_text_with_a_colon_is_an_expected_text(cell):
    assert {"type": "equals", "value": cell} == assertion(cell)


def test_the_provider_of_an_assertion_is_named_as_litellm_does(adopted):
    judge = "{type: llm-rubric, value: polite, provider: {id: openai:chat:gpt-4o, config: {temperature: 0}}}"
    other = "{type: similar, value: hi, provider: openai:embedding:text-embedding-3-small}"
    found = adopted(f"prompts: [Hi]\nproviders: [openai:gpt-4o]\ntests: [{{vars: {{}}, assert: [{judge}, {other}]}}]\n")

    assert (
        {
            "type": "llm-rubric",
            "value": "polite",
            "provider": {"model": "openai/gpt-4o", "params": {"temperature": 0}},
        },
        {"type": "similar", "value": "hi", "provider": "openai/text-embedding-3-small"},
    ) == cases_of(found.prompts[0])[0].assertions
    assert [] == [line for line in found.left if "provider" in line]


def test_a_column_may_name_a_metric_and_empty_cells_say_nothing():
    row = {"q": "x", "__expected": "hello", "__expected2": " ", "__metric": "m", "__threshold": "0.5", "__prefix": ""}

    assert {
        "vars": {"q": "x"},
        "assert": [{"type": "equals", "value": "hello", "metric": "m"}],
        "threshold": "0.5",
    } == cells.case_of(row)


# YAML

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"])), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_what_is_written_is_read_back_as_the_same(value):
    assert value == parse_yaml(yaml_text(value), "x").value


@pytest.mark.parametrize(
    "text", ["1e3", "no", "012", "0x1F", "12:30:45", "2026-01-01", "~", "null", "<<", "=", "", " a ", "a: b", "- a"]
)
def test_words_that_yaml_could_take_for_others_are_quoted(text):
    assert {"k": text} == parse_yaml(yaml_text({"k": text}), "x").value


# What a default test and scenarios say


def said(found):
    return [line for line in found.left if "provider" not in line]


def test_a_default_test_gives_metadata_prompts_and_what_stands_around(adopted):
    found = adopted(
        "prompts: [{raw: 'Say {{ a }}', label: one}, {raw: B, label: two}]\n"
        "defaultTest:\n"
        "  metadata: {team: x, k: default}\n"
        "  prompts: [one]\n"
        "  options: {prefix: 'Begin. ', suffix: ' End {{ a }}.'}\n"
        "tests: [{vars: {a: 1}, metadata: {k: own}}, {vars: {a: 2}, prompts: [two]}]\n"
    )

    one, two = found.prompts
    assert contents(found) == {
        "one": [("user", "Begin. Say {{ a }} End {{ a }}.")],
        "two": [("user", "Begin. B End {{ a }}.")],
    }
    assert ([1], [2]) == ([case.vars["a"] for case in cases_of(one)], [case.vars["a"] for case in cases_of(two)])
    assert cases_of(one)[0].source["metadata"] == {"team": "x", "k": "own"}
    assert said(found) == []


def test_what_stands_around_a_chat_or_one_test_is_named(adopted):
    found = adopted(
        'prompts: [\'[{"role": "system", "content": "Hi"}, {"role": "user", "content": "Ho"}]\']\n'
        "defaultTest: {options: {prefix: Begin}}\n"
        "tests: [{vars: {}, options: {suffix: End}}]\n"
    )

    assert said(found) == [
        "tests[1]: 'options.suffix' is not carried over",
        "prompt 'prompt': 'options.prefix' and 'suffix' are not carried over: it is no single text",
    ]


def test_who_judges_is_carried_to_the_assertions_that_name_nobody(adopted):
    found = adopted(
        "prompts: [Hi]\n"
        "defaultTest:\n"
        "  options:\n"
        "    provider: {text: 'openai:gpt-5', embedding: 'openai:embedding:text-embedding-3-small'}\n"
        "    rubricPrompt: file://judge.json\n"
        "  assert:\n"
        "    - {type: llm-rubric, value: polite}\n"
        "    - {type: llm-rubric, value: brief, provider: 'openai:gpt-4o'}\n"
        "    - {type: similar, value: x}\n"
        "    - {type: assert-set, assert: [{type: not-llm-rubric, value: rude}]}\n"
        "    - {type: contains, value: x}\n",
        **{"judge.json": '[{"role": "user", "content": "{{ output }} {{ rubric }}"}]'},
    )

    judge = [{"role": "user", "content": "{{ output }} {{ rubric }}"}]
    assert prompts_of(found)["prompt"].assertions == (
        {"type": "llm-rubric", "value": "polite", "rubricPrompt": judge, "provider": "openai/gpt-5"},
        {"type": "llm-rubric", "value": "brief", "provider": "openai/gpt-4o", "rubricPrompt": judge},
        {"type": "similar", "value": "x", "provider": "openai/text-embedding-3-small"},
        {
            "type": "assert-set",
            "assert": [{"type": "not-llm-rubric", "value": "rude", "rubricPrompt": judge, "provider": "openai/gpt-5"}],
        },
        {"type": "contains", "value": "x"},
    )
    assert said(found) == []


def test_a_test_may_do_without_the_default_assertions_or_have_its_own_judge(adopted):
    found = adopted(
        "prompts: [Hi]\n"
        "defaultTest: {assert: [{type: llm-rubric, value: polite}]}\n"
        "tests:\n"
        "  - {vars: {}, options: {disableDefaultAsserts: true}, assert: [{type: is-json}]}\n"
        "  - {vars: {}, options: {provider: 'openai:gpt-5'}}\n"
    )

    (prompt,) = found.prompts
    assert prompts_of(found)["prompt"].assertions == ()
    assert [case.assertions for case in cases_of(prompt)] == [
        ({"type": "is-json"},),
        ({"type": "llm-rubric", "value": "polite", "provider": "openai/gpt-5"},),
    ]


def test_scenarios_are_each_data_set_with_each_test(adopted):
    found = adopted(
        "prompts: ['{{ a }} {{ b }}']\n"
        "tests: [{vars: {a: 0, b: 0}}]\n"
        "scenarios:\n"
        "  - config: [{vars: {a: 1, b: 1}, assert: [{type: is-json}]}, file://data.yaml]\n"
        "    tests: [{vars: {b: 2}, assert: [{type: contains, value: x}]}, {description: second}]\n"
        "  - config: [{vars: {a: 4, b: 4}}]\n",
        **{"data.yaml": "- vars: {a: 3, b: 3}\n"},
    )

    cases = cases_of(found.prompts[0])
    assert [tuple(case.vars.values()) for case in cases] == [(0, 0), (1, 2), (1, 1), (3, 2), (3, 3), (4, 4)]
    assert [[one["type"] for one in case.assertions] for case in cases] == [
        [], ["is-json", "contains"], ["is-json"], ["contains"], [], [],
    ]  # fmt: skip
    assert cases[1].source["test"] == "scenarios[1].tests[1] with scenarios[1].config[1]"
    assert said(found) == []


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("scenarios: [3]", "scenarios[1]: is no mapping"),
        ("scenarios: [{config: [file://no.yaml]}]", "scenarios[1].config[1]: no.yaml: no such file."),
        ("scenarios: [{config: [{}], name: x}]", "scenarios[1]: 'name' is not carried over"),
        ("tests: {path: file://make.py, config: {n: 3}}", "tests[1]: 'file://make.py' makes tests with code"),
        (
            "tests: [{vars: {}, assert: [{type: context-recall, value: x, threshold: 1, contextTransform: output}]}]",
            "assertion 'context-recall' is not carried over: unknown key 'contextTransform'",
        ),
        ("defaultTest: {options: {transform: x}}", "defaultTest: 'options.transform' is not carried over"),
        ("derivedMetrics: [{name: f, value: a + b}]", "'derivedMetrics' is not carried over"),
    ],
)
def test_what_has_no_counterpart_is_named(adopted, config, says):
    found = adopted(f"prompts: [Hi]\n{config}\n")

    assert any(says in line for line in found.left), found.left


def test_columns_may_give_limits_and_lists(adopted):
    row = {
        "a": "1",
        "__expected": "contains:x",
        "__expected2": "levenshtein:abc",
        "__config:__expected2:threshold": "2",
        "__metadata:tags[]": "x, y\\, z",
    }

    assert cells.case_of(row) == {
        "vars": {"a": "1"},
        "assert": [{"type": "contains", "value": "x"}, {"type": "levenshtein", "value": "abc", "threshold": 2.0}],
        "metadata": {"tags": ["x", "y, z"]},
    }
