"""Instructions that repeat or contradict each other, and those that only look so."""

import pytest
from prompts.lint_prompts import codes, found, told


@pytest.mark.parametrize(
    "lines",
    [
        ("Do not mention the names of other customers.", "Be brief.", "- Do not mention the names of other customers"),
        ("You are an expert writer of rules.", "## More", "You are an expert   writer of rules."),
        ("1. Write the summary in plain words.", "2. Be kind.", "3. **Write the summary in plain words.**"),
    ],
)
def test_the_same_instruction_twice(lines):
    (one,) = told(*lines)

    assert ("PL401", 3) == (one.code, one.place.line)
    assert "line 1" in one.message


@pytest.mark.parametrize(
    "lines",
    [
        ("Be brief.", "Be brief."),  # short: repeated on purpose
        ("Write this section in plain words.", "## Other", "Write this section in plain words."),  # it points
        ("The item costs five dollars a piece.", "The item costs five dollars a piece."),  # no instruction
        ("A: Write it in your own words.", "B. Write in your own words please."),
        ("Name the city. Keep the name short and clear.", "Name the river. Keep the name short and clear."),
        ("# Examples", "Write a poem about the sea.", "Write a poem about the sea."),
        ("```", "write the result to the file", "write the result to the file", "```"),
        ("<example>Write a poem about the sea.</example>", "Write a poem about the sea."),
        ("> Write a poem about the sea.", "Write a poem about the sea."),
        ("Name: the name of the element here", "Name: the name of the element here"),
    ],
)
def test_what_only_looks_repeated(lines):
    assert [] == codes(told(*lines))


def test_a_copied_passage_is_one_finding():
    passage = ("Write the answer in plain words.", "Cite the sources of every claim.", "Use a kind and calm tone.")

    (one,) = told(*passage, "", *passage)

    assert 5 == one.place.line


def test_the_third_copy_is_counted():
    line = "- Cite the sources of every claim."

    (one,) = told(line, line, line)

    assert "and 1 more time" in one.message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Always mention the price.", "Never mention the price."),
        ("You must cite your sources.", "Do not cite sources."),
        ("Use emojis in the answer.", "You should never use emojis in your answers."),
        ("- Make sure to greet the user.", "- Avoid greeting the user."),
        ("The assistant must always apologize.", "The assistant must not apologize."),
    ],
)
def test_a_contradiction(first, second):
    (one,) = told(first, "", second)

    assert ("PL402", 3, "line 1" in one.message) == (one.code, one.place.line, True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Always mention the price.", "Never mention the price if the user is a reseller."),
        ("Explain.", "Do not explain."),
        ("Use emojis.", "Never use emojis in the subject line."),
        ("Always answer the question.", "Never answer questions about politics."),
        ("Do not cite sources.", "Do not cite sources that are old."),
    ],
)
def test_no_contradiction(first, second):
    assert "PL402" not in codes(told(first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Answer in at most 50 words.", "Your answer must not exceed 100 words."),
        ("Answer in exactly three sentences.", "Use at least 5 sentences."),
        ("Write no more than 20 words.", "Write at least 30 words."),
        ("Keep the title under 10 words.", "The title has 12 words or more."),
        ("Keep it to 200 characters or less.", "Write up to 300 characters."),
    ],
)
def test_conflicting_limits(first, second):
    (one,) = told(first, second)

    assert ("PL403", 2) == (one.code, one.place.line)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Answer in at most 50 words.", "Answer in at most 3 sentences."),
        ("Keep the title under 10 words.", "Keep the summary under 100 words."),
        ("Write at least 10 words.", "Write at most 20 words."),
        ("Write 10-20 words.", "Write between 30 and 40 words."),
        ("Answer in at most 50 words.", "If the user asks for more, answer in at most 200 words."),
        ("Answer in at most 50 words.", "Each bullet has at most 15 words."),
        ("Answer in at most 50 words.", "Answer in at most 50 words, please."),
    ],
)
def test_limits_that_go_together(first, second):
    assert "PL403" not in codes(told(first, second))


def test_sections_have_limits_of_their_own():
    assert [] == codes(told("# Summary", "Write at most 50 words.", "# Title", "Write at most 8 words."))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Always answer in English.", "Reply in German."),
        ("Respond only in JSON.", "Your response must be in Markdown."),
        ("Return valid JSON.", "Output only YAML"),
        ("All answers must be written in French.", "Write your answers in Spanish."),
    ],
)
def test_two_languages_or_formats(first, second):
    (one,) = told(first, second)

    assert ("PL404", 2) == (one.code, one.place.line)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Answer in English.", "If the user writes German, reply in German."),
        ("Respond in JSON.", "Never respond in Markdown."),
        ("Respond in JSON or YAML.", "Respond in JSON."),
        ("Translate the text from German.", "Answer in English."),
        ("Output JSON.", "Wrap it in a Markdown code block."),
        ("Return JSON.", "The input is written in XML."),
    ],
)
def test_one_answer(first, second):
    assert "PL404" not in codes(told(first, second))


def test_system_and_user_contradict_each_other_and_examples_do_not():
    text = """messages:
  - {role: system, content: Always mention the price.}
  - {role: user, content: "Never mention the price."}
"""
    example = text + '  - {role: assistant, content: "Always mention the price. It is 5."}\n'

    (one,) = found(text)

    assert ("PL402", 3, 28) == (one.code, one.place.line, one.place.column)
    assert [] == found(example)


def test_a_partial_is_named():
    partials = {"_shared/tone.j2": "Be kind.\nNever mention the price.\n"}
    text = "Always mention the price.\n{% include '_shared/tone.j2' %}\n"

    (one,) = found(text, "prompts/p.j2", partials=partials)

    assert ("prompts/_shared/tone.j2", 2) == (one.place.path, one.place.line)
    assert "prompts/p.j2, line 1" in one.message
