"""Prompts inside Python code, `path.py:NAME`: read with `ast`, never imported or run.

A member is a constant (`NAME`), an attribute of a class (`Class.NAME`), an entry of a mapping (`NAME.key`), a function
that returns one text (`function`), or the messages that a function sends (`function.messages`).
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from promptctl.documents import printable, suggestion
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, prompt_from, role_of
from promptctl.prompts.formats.python_folding import CannotFold, Folded, FoldedMessages, FoldedText, Folder
from promptctl.prompts.formats.signs import language_by_signs
from promptctl.prompts.prompt import PLACEHOLDER, Message, Prompt

_MAX_BYTES = 5 * 1024 * 1024
_NAMED = re.compile(r"prompt|instruction|system_?(?:message|msg|text)|persona|few_?shot|template", re.IGNORECASE)
_ALL_CAPS_SYSTEM = re.compile(r"(?:^|_)SYSTEM(?:_|$)|(?:^|_)SYSTEM_MESSAGE")
_NOT_NAMED = re.compile(
    r"html|css|sql|url|path|file|regex|pattern|ps1|shell|email_|jinja_env|_re$|_dir$", re.IGNORECASE
)
_OWN_NAME = re.compile(r"\.__\w+__$")  # `__str__` of a class that is called Prompt says what it is, to people
# What is said to a model, and hardly to anybody else.
_SPOKEN = re.compile(
    r"\b(?:you are (?:a|an|the|my|our)\b|your (?:task|job|goal|role) is|act as (?:a|an)\b"
    r"|respond (?:only )?(?:with|in)\b|answer (?:the|only|in)\b|as an ai\b|helpful assistant|step by step"
    r"|given the following|based on the (?:context|following))",
    re.IGNORECASE,
)
_SHORT, _LONG = 12, 60


@dataclass(frozen=True, slots=True)
class _Member:
    """A name in a module and the expression behind it, in its scope."""

    name: str
    value: ast.expr
    folder: Folder


@dataclass(frozen=True, slots=True)
class Survey:
    """What a module holds: the members that look like prompts, and those of them that cannot be read."""

    members: tuple[str, ...]
    problems: tuple[Problem, ...]


def members(file: PromptText) -> tuple[str, ...]:
    """The names of what looks like a prompt and can be read. Raises InvalidPrompt where the file is no Python."""
    return survey(file).members


def survey(file: PromptText) -> Survey:
    """What looks like a prompt, and what of it cannot be read. Raises InvalidPrompt where the file is no Python."""
    names: dict[str, None] = {}
    problems: list[Problem] = []
    for member in _members(_module(file)):
        try:
            folded = member.folder.fold(member.value)
        except CannotFold as error:
            if _is_named(member.name) and _holds_text(member.value):
                problems.append(Problem(file.path, f"'{member.name}' cannot be read: {error.reason}.", error.line))
            continue
        for name, value in _entries(member.name, folded):
            if _looks_like_a_prompt(name, value):
                names.setdefault(name)
    return Survey(tuple(names), tuple(problems))


def read(file: PromptText) -> Prompt:
    """The prompt of `file.member`; InvalidPrompt where there is none, or it cannot be read without running it."""
    module = _module(file)
    found = {member.name: member for member in _members(module)}
    wanted = file.member
    if wanted is None:
        hint = "Name one: path.py:NAME; `promptctl list --discover` shows them."
        raise InvalidPrompt(Problem(file.path, "is Python code.", hint=hint))
    member, rest = _longest(found, wanted)
    if member is None:
        near = suggestion(wanted, survey(file).members)
        raise InvalidPrompt(Problem(file.path, f"has no '{printable(wanted)}'.", hint=near))
    try:
        folded = member.folder.fold(member.value)
    except CannotFold as error:
        message = f"'{printable(wanted)}' cannot be read: {error.reason}."
        raise InvalidPrompt(Problem(file.path, message, error.line)) from None
    for key in rest:
        inner = folded.get(key) if isinstance(folded, dict) else None
        if inner is None:
            raise InvalidPrompt(Problem(file.path, f"has no '{printable(wanted)}'.", member.value.lineno))
        folded = inner
    if isinstance(folded, dict):
        hint = f"Name one of its entries: {', '.join(f'{wanted}.{key}' for key in list(folded)[:5])}."
        raise InvalidPrompt(Problem(file.path, f"'{printable(wanted)}' is a mapping.", member.value.lineno, hint))
    return prompt_from(file, _found(wanted, folded, member.folder, module), "python")


def _longest(found: Mapping[str, _Member], wanted: str) -> tuple[_Member | None, Sequence[str]]:
    """The member that a name begins with, and what is left of the name: `PROMPTS.key` is a part of PROMPTS."""
    parts = wanted.split(".")
    for end in range(len(parts), 0, -1):
        member = found.get(".".join(parts[:end]))
        if member is not None:
            return member, parts[end:]
    return None, ()


def _module(file: PromptText) -> ast.Module:
    if len(file.data) > _MAX_BYTES:
        raise InvalidPrompt(Problem(file.path, f"is larger than {_MAX_BYTES // 1024 // 1024} MiB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in somebody's code
            return ast.parse(file.data)
    except SyntaxError as error:
        reason = " ".join(str(error.msg).split())
        raise InvalidPrompt(
            Problem(file.path, f"is no Python that this version reads: {reason}.", error.lineno)
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        reason = "nested too deeply" if not isinstance(error, ValueError) else printable(str(error), limit=80)
        raise InvalidPrompt(Problem(file.path, f"is no Python that can be read: {reason}.")) from None


def _members(module: ast.Module) -> Iterator[_Member]:
    names = _bindings(module.body)
    folder = Folder(names)
    yield from _in_body(module.body, folder, "")


def _in_body(body: Sequence[ast.stmt], folder: Folder, prefix: str) -> Iterator[_Member]:
    for name, value in _bindings(body).items():
        yield _Member(f"{prefix}{name}", value, folder)
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _in_body(node.body, folder.within(_bindings(node.body)), f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _in_function(node, folder, prefix)


def _in_function(node: ast.FunctionDef | ast.AsyncFunctionDef, folder: Folder, prefix: str) -> Iterator[_Member]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    hidden = {argument.arg for argument in arguments}
    local = {name: value for name, value in _bindings(node.body).items() if name not in hidden}
    scope = Folder(
        {name: value for name, value in {**folder.names, **local}.items() if name not in hidden}, folder.slots
    )
    returned = [statement for statement in ast.walk(node) if isinstance(statement, ast.Return)]
    if len(returned) == 1 and returned[0].value is not None and returned[0] in node.body:
        yield _Member(f"{prefix}{node.name}", returned[0].value, scope)
    sent = [
        keyword.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "messages"
    ]
    if len(sent) == 1:
        yield _Member(f"{prefix}{node.name}.messages", sent[0], scope)


def _bindings(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """Names that are bound once, or bound and then added to; what is bound twice stands for nothing certain."""
    found: dict[str, ast.expr] = {}
    lost: set[str] = set()
    for node in body:
        for name, value in _assigned(node):
            if name in found:
                lost.add(name)
            found[name] = value
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            if name in found and isinstance(node.op, ast.Add):
                found[name] = ast.copy_location(ast.BinOp(found[name], ast.Add(), node.value), found[name])
            else:
                lost.add(name)
    return {name: value for name, value in found.items() if name not in lost}


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _entries(name: str, folded: Folded) -> Iterator[tuple[str, FoldedText | FoldedMessages]]:
    if not isinstance(folded, dict):
        yield name, folded
        return
    for key, value in folded.items():
        if re.fullmatch(r"[\w-]{1,80}", key):
            yield from _entries(f"{name}.{key}", value)


def _is_named(name: str) -> bool:
    last = name.removesuffix(".messages")
    return bool(_NAMED.search(last) or _ALL_CAPS_SYSTEM.search(last)) and not _NOT_NAMED.search(last)


def _holds_text(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) >= _LONG
        for part in ast.walk(node)
    )


def _looks_like_a_prompt(name: str, value: FoldedText | FoldedMessages) -> bool:
    """Messages; a text by a name that says so, of some words; or a text that speaks to a model."""
    if _OWN_NAME.search(name):
        return False
    if isinstance(value, FoldedMessages):
        return any(text is not None and len(text.text) >= _SHORT for _, text in value.messages)
    text = value.text
    words = len(text.split())
    if _is_named(name):
        return len(text) >= _SHORT and words >= 3 and not text.lstrip().startswith(("<", "#!", "http"))
    return len(text) >= _LONG and words >= 10 and _SPOKEN.search(text) is not None


def _found(name: str, folded: FoldedText | FoldedMessages, folder: Folder, module: ast.Module) -> Found:
    if isinstance(folded, FoldedText):
        role = "system" if re.search(r"system|instruction|persona", name, re.IGNORECASE) else "user"
        text, slots = folder.template(folded.text)
        language = "format" if slots else _language(name, text, module)
        return Found([Message(role, text, line=folded.line)], language=language)
    messages: list[Message] = []
    for role, part in folded.messages:
        if part is None:
            messages.append(Message(PLACEHOLDER, role, line=folded.line))
            continue
        text, slots = folder.template(part.text)
        language = "format" if slots else language_by_signs(text)
        messages.append(Message(role_of(role) or "user", text, line=part.line, language=language))
    return Found(messages, language="format")


def _language(name: str, text: str, module: ast.Module) -> str:
    """A plain constant's language: what the module does with it, else its own signs."""
    last = name.rpartition(".")[2]
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if called in {"format", "format_map"} and isinstance(function, ast.Attribute) and _ends(function.value, last):
            return "format"
        if called == "Template" and any(_ends(argument, last) for argument in node.args):
            return "jinja" if "{{" in text or "{%" in text else "dollar"
    return language_by_signs(text)


def _ends(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
