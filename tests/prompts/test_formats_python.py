"""Prompts inside Python code are read without running it, and an edit of the code alone changes nothing."""

import collections
import importlib.util
import sysconfig
import textwrap
from pathlib import Path

import pytest
from code_edits import edits_told, member_of

from promptctl.errors import InvalidPrompt
from promptctl.prompts.formats import PromptText, members, read_prompt
from promptctl.prompts.formats.python_code import survey
from promptctl.prompts.prompt import PLACEHOLDER, Prompt
from promptctl.prompts.template import render


def code(text: str, member: str | None = None) -> PromptText:
    return PromptText("p", "app.py", textwrap.dedent(text).encode(), member=member)


def read(text: str, member: str = "PROMPT") -> Prompt:
    return read_prompt(code(text, member), "python")


def said(text: str, member: str | None = "PROMPT") -> str:
    with pytest.raises(InvalidPrompt) as caught:
        read_prompt(code(text, member), "python")
    assert 1 == len(str(caught.value).splitlines())
    return str(caught.value)


def one(prompt: Prompt) -> tuple[str, str]:
    (message,) = prompt.messages
    return prompt.language_of(message), str(message.content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('PROMPT = "Be kind."', ("literal", "Be kind.")),
        ('PROMPT = ("Be "\n  "kind.")', ("literal", "Be kind.")),
        ('PROMPT: str = "Be " + "kind."', ("literal", "Be kind.")),
        ('A = "kind"\nPROMPT = "Be " + A + "."', ("literal", "Be kind.")),
        ('PROMPT = "Be "\nPROMPT += "kind."', ("literal", "Be kind.")),
        ('A = "kind"\nPROMPT = f"Be {A}."', ("literal", "Be kind.")),
        ('PROMPT = f"Be {mood}."', ("format", "Be {mood}.")),
        ('PROMPT = f"Be {user.mood!r:>9}, {{x}}."', ("format", "Be {user.mood!r:>9}, {{x}}.")),
        ('PROMPT = "Be " + mood() + "."', ("format", "Be {mood()}.")),
        ('PROMPT = f"Is {d[chr(58)]} {a if b else c}"', ("format", "Is {d[chr(58)]} {a if b else c}")),
        ("PROMPT = f'Is {d[\"a:b\"]}'", ("format", "Is {d_a_b}")),
        ('import textwrap\nPROMPT = textwrap.dedent("""\n   Be\n    kind.""").strip()', ("literal", "Be\n kind.")),
        ('from inspect import cleandoc\nPROMPT = cleandoc("""Be\n   kind.""")', ("literal", "Be\nkind.")),
        ('PROMPT = "\\n".join(["Be", kind, "now"])', ("format", "Be\n{kind}\nnow")),
        ('PROMPT = "Be MOOD.".replace("MOOD", "kind")', ("literal", "Be kind.")),
        ('PROMPT = "Be {mood} {{x}}.".format(mood=get())', ("format", "Be {mood} {{x}}.")),
        ('PROMPT = "Be {} and {} or {:>3}.".format(mood, "kind", x.y)', ("format", "Be {mood} and kind or {x.y:>3}.")),
        ('A = "kind"\nPROMPT = "Be {mood}.".format(mood=A)', ("literal", "Be kind.")),
        ('PROMPT = "Be {mood}."\nx = PROMPT.format(mood=1)', ("format", "Be {mood}.")),
        ("PROMPT = 'Give {\"a\": 1}'\nx = 1", ("literal", 'Give {"a": 1}')),
        ('PROMPT = "Be {{ mood }}."', ("jinja", "Be {{ mood }}.")),
        ('from string import Template\nPROMPT = "Be $mood."\nT = Template(PROMPT)', ("dollar", "Be $mood.")),
        ('PROMPT = PromptTemplate.from_template("Be {mood}.")', ("format", "Be {mood}.")),
        ('PROMPT = PromptTemplate(input_variables=["mood"], template="Be {mood}.")', ("format", "Be {mood}.")),
    ],
)
def test_what_an_expression_stands_for(text, expected):
    assert expected == one(read(text))


def test_members_by_their_names():
    text = """
    SYSTEM_PROMPT = "You are a helpful assistant."
    class Agent:
        instructions = "Answer in one short word."
        class Inner:
            PROMPT = "Be very very kind."
        def prompt(self, name):
            return f"Say hello to {name} now."
        def ask(self, q):
            context = "Only facts count."
            return client.create(messages=[{"role": "system", "content": context}, {"role": "user", "content": q}])
    PROMPTS = {"short": "Be short, be quick.", "long": "Be long and slow."}
    def build_prompt(topic):
        head = "You write about "
        return head + topic
    HTML_TEMPLATE = "<p>Hello there you</p>"
    USAGE = "usage: program [options] file more"
    HELPER = "You are a judge. Your task is to rate the answer of somebody else with care."
    """

    names = members(code(text), "python")

    assert {
        "SYSTEM_PROMPT",
        "Agent.instructions",
        "Agent.Inner.PROMPT",
        "Agent.prompt",
        "Agent.ask.messages",
        "PROMPTS.short",
        "PROMPTS.long",
        "build_prompt",
        "HELPER",
    } == set(names)
    assert ["system"] == [message.role for message in read(text, "SYSTEM_PROMPT").messages]
    assert ("format", "Say hello to {name} now.") == one(read(text, "Agent.prompt"))
    assert ("format", "You write about {topic}") == one(read(text, "build_prompt"))
    assert ("literal", "Be long and slow.") == one(read(text, "PROMPTS.long"))
    asked = render(read(text, "Agent.ask.messages"), {"q": "{x}"})
    assert [("system", "Only facts count."), ("user", "{x}")] == [(message.role, message.content) for message in asked]


def test_chat_templates():
    prompt = read(
        """
        PROMPT = ChatPromptTemplate.from_messages([
            ("system", "Be {mood}."),
            MessagesPlaceholder("history"),
            HumanMessage(content="{literal}"),
            ("human", QUESTION),
            *more,
        ])
        """
    )

    assert ["system", PLACEHOLDER, "user", "user", PLACEHOLDER] == [message.role for message in prompt.messages]
    assert ["history", "more"] == [message.content for message in prompt.messages if message.role == PLACEHOLDER]
    assert [3, 5, 6] == [message.line for message in prompt.messages if message.role != PLACEHOLDER]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PROMPT = load()", "line 1: 'PROMPT' cannot be read: a call of load is not run"),
        ("PROMPT = other", "'other' comes from elsewhere"),
        ("PROMPT = OTHER\nOTHER = PROMPT", "is made of itself"),
        ('PROMPT = "a" % b', "a bin op is no text"),
        ("PROMPT = 7", "a constant is no text"),
        ('PROMPT = "{"\nPROMPT2 = "x"\n', ""),
        ('PROMPT = {"a": {"b": "text"}}', "is a mapping. Name one of its entries: PROMPT.a"),
        ('PROMPT = "\ue0e0"', "characters of private use"),
        ("X = 1", "has no 'PROMPT'"),
        ("PROMPT = (", "is no Python that this version reads"),
        ("\0", "is no Python"),
    ],
)
def test_what_cannot_be_read_is_named(text, reason):
    if not reason:
        assert ("literal", "{") == one(read(text))
        return
    assert reason in said(text)


def test_a_file_without_a_name_is_no_prompt():
    assert "is Python code. Name one: path.py:NAME" in said("PROMPT = 'x'", None)


def test_deep_nesting_and_sizes_are_bounded():
    deep = f"PROMPT = {'(' * 5_000}1{')' * 5_000}"
    assert "app.py" in said(deep)
    doubled = "P0 = 'xxxxxxxxxx'\n" + "".join(f"P{n + 1} = P{n} + P{n}\n" for n in range(40))
    assert "cannot be read" in said(doubled + "PROMPT = P40")


BASE = '''
"""Support."""
import os

TONE = "Be kind."


def prompt(name: str) -> str:
    # greet
    text = f"Hello {name}. {TONE} Answer briefly."
    return text
'''


@pytest.mark.parametrize(
    "edit",
    [
        ("# greet", "# say hello to them"),
        ("text = ", "words = "),
        ("import os\n", "import os\nimport sys\n"),
        ('f"Hello {name}. {TONE} Answer briefly."', '(f"Hello {name}. "\n        f"{TONE} Answer briefly.")'),
        ('"Be kind."', "'Be kind.'"),
        ("def prompt(name: str) -> str:", "def other() -> None:\n    pass\n\n\ndef prompt(name: str = '') -> str:"),
        ("{TONE}", "Be kind."),
    ],
)
def test_an_edit_of_the_code_alone_changes_nothing(edit):
    old, new = edit
    text = BASE.replace(old, new)
    text = text.replace("return text", "return words") if new == "words = " else text

    assert text != BASE
    assert read(BASE, "prompt") == read(text, "prompt")


@pytest.mark.parametrize(
    "edit", [("briefly", "at length"), ("{name}", "{user}"), ("Be kind.", "Be strict."), ("Hello {name}. ", "")]
)
def test_an_edit_of_the_prompt_is_seen(edit):
    text = BASE.replace(*edit).replace("prompt(name", "prompt(user" if edit[1] == "{user}" else "prompt(name")

    assert read(BASE, "prompt") != read(text, "prompt")


def test_what_a_class_says_of_itself_to_people_is_no_prompt():
    text = """class SimplePrompt:
    TEXT = "Answer the question of the customer."

    def __str__(self):
        return f"SimplePrompt of {self.text}, with {self.examples}"
"""

    assert ("SimplePrompt.TEXT",) == members(code(text), "python")
    assert "SimplePrompt of" in one(read(text, "SimplePrompt.__str__"))[1]


def test_the_standard_library_is_read_and_holds_hardly_a_prompt():
    root = Path(sysconfig.get_paths()["stdlib"])
    modules = sorted(path for path in root.glob("*.py"))[::2] + sorted((root / "email").glob("*.py"))
    found: list[str] = []
    unreadable = 0
    for path in modules:
        try:
            held = survey(PromptText(path.name, path.name, path.read_bytes()))
        except InvalidPrompt:
            unreadable += 1
            continue
        found += [f"{path.name}:{name}" for name in held.members]

    assert len(modules) > 90
    assert unreadable <= 1
    assert len(found) <= 3, found


def test_in_installed_modules_an_edit_of_a_prompt_is_told_from_one_of_the_code():
    # `benchmarks/python_prompts.py` takes every installed module; here it is one package that holds prompts.
    root = Path(importlib.util.find_spec("litellm").submodule_search_locations[0])
    verdicts: collections.Counter[str] = collections.Counter()
    for path in sorted((root / "llms/anthropic").rglob("*.py")):
        data = path.read_bytes()
        found = {member: member_of(data, member) for member in survey(PromptText("m", "m.py", data)).members}
        verdicts.update(verdict for _, verdict in edits_told(data, found) if found)

    assert verdicts["edit of code, prompt unchanged"] >= 2
    assert verdicts["edit of a word, seen"] >= 2
    assert [] == [verdict for verdict in verdicts if "WRONG" in verdict]
