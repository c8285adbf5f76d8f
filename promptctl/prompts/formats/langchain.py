"""LangChain's prompts in JSON or YAML -> Prompt: constructor manifests ("lc": 1) and the old hub's files.

A manifest can name any class and any secret. It is read as data: nothing is ever constructed.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from promptctl.documents import decode, parse_json, parse_yaml, printable, shown
from promptctl.errors import InvalidPrompt, Problem
from promptctl.prompts.formats.file import PromptText
from promptctl.prompts.formats.foreign import Found, params_of, prompt_from, role_of
from promptctl.prompts.formats.properties import schema_format
from promptctl.prompts.prompt import PLACEHOLDER, Message, Prompt, Variable

_LANGUAGES: Mapping[str, str] = {"f-string": "format", "jinja2": "jinja", "mustache": "mustache"}
_ROLES: Mapping[str, str] = {"System": "system", "Human": "user", "AI": "assistant", "Function": "tool", "Tool": "tool"}
_MODEL_KEYS = ("model", "model_name", "model_id")


def read(file: PromptText) -> Prompt:
    """The prompt; FileError with every mistake."""
    text = decode(file.data, file.path)
    in_json = PurePosixPath(file.path).suffix.lower() == ".json"
    value = parse_json(text, file.path) if in_json else parse_yaml(text, file.path, tags=file.tags).value
    if not isinstance(value, dict):
        raise InvalidPrompt(Problem(file.path, f"must be an object, not {shown(value)}."))
    reader = _Reader(file.path)
    messages = reader.prompt(value)
    if reader.problems:
        raise InvalidPrompt(reader.problems)
    return prompt_from(file, reader.found(messages), "langchain")


class _Reader:
    """One file: what is found on the way through it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.variables: dict[str, Variable] = {}
        self.model: str | None = None
        self.params: dict[str, Any] = {}
        self.response_format: dict[str, Any] | None = None

    def found(self, messages: list[Message]) -> Found:
        return Found(
            messages,
            language="format",
            model=self.model,
            params=self.params,
            variables=self.variables,
            response_format=self.response_format,
            warnings=self.warnings,
        )

    def prompt(self, value: Mapping[str, Any]) -> list[Message]:
        """The messages of a manifest, or of an old file."""
        if value.get("lc") != 1:
            return self._old(value)
        name, kwargs = _class_of(value), _kwargs(value)
        self._partials(kwargs.get("partial_variables"))
        if name in {"ChatPromptTemplate", "StructuredPrompt"}:
            if name == "StructuredPrompt":
                self.response_format = schema_format(kwargs.get("schema_") or kwargs.get("schema"))
            return [message for item in _items(kwargs.get("messages")) for message in self._message(item)]
        if name == "RunnableSequence":
            return self._sequence(kwargs)
        if name.endswith("PromptTemplate"):
            return [Message("user", text, language=language) for text, language in self._templates(value)]
        self.problems.append(Problem(self.path, f"'{printable(name)}' is no prompt of LangChain's that is known."))
        return []

    def _sequence(self, kwargs: Mapping[str, Any]) -> list[Message]:
        """prompt | model | parser: the prompt, and the model's parameters where they are plainly given."""
        steps = [kwargs.get("first"), *_items(kwargs.get("middle")), kwargs.get("last")]
        messages: list[Message] = []
        for step in steps:
            if not isinstance(step, dict):
                continue
            name = _class_of(step)
            if not messages and "Prompt" in name:
                messages = self.prompt(step)
            elif "Chat" in name or "LLM" in name or name == "RunnableBinding":
                self._model(step)
            else:
                self.warnings.append(f"left out: a step of {printable(name) or 'an unknown class'}")
        return messages

    def _model(self, step: Mapping[str, Any]) -> None:
        kwargs = _kwargs(step)
        bound = kwargs.get("bound")
        if isinstance(bound, dict):
            self._model(bound)
            kwargs = _kwargs(kwargs) if isinstance(kwargs.get("kwargs"), dict) else {}
        plain = {key: value for key, value in kwargs.items() if isinstance(value, str | int | float | bool | list)}
        self.model = next((str(plain[key]) for key in _MODEL_KEYS if isinstance(plain.get(key), str)), self.model)
        params, warnings = params_of(plain, ignored=_MODEL_KEYS)
        self.params |= params
        self.warnings += warnings

    def _message(self, item: Any) -> Iterator[Message]:
        if not isinstance(item, dict):
            self.problems.append(Problem(self.path, f"a message must be an object, not {shown(item)}."))
            return
        name, kwargs = _class_of(item), _kwargs(item)
        if name == "MessagesPlaceholder":
            optional = {"optional": True} if kwargs.get("optional") else {}
            yield Message(PLACEHOLDER, str(kwargs.get("variable_name", "messages")), optional)
            return
        role = self._role(name, kwargs)
        if role is None:
            self.warnings.append(f"left out: a message of {printable(name) or 'an unknown class'}")
        elif name.endswith("PromptTemplate"):
            parts = [part for part in _items(kwargs.get("prompt")) if isinstance(part, dict)]
            yield from self._of_templates(role, parts)
        else:
            content = kwargs.get("content")
            yield Message(role, content if isinstance(content, str) else "", language="literal")

    def _role(self, name: str, kwargs: Mapping[str, Any]) -> str | None:
        if name.startswith("Chat") and isinstance(kwargs.get("role"), str):
            return role_of(kwargs["role"])
        return next((role for start, role in _ROLES.items() if name.startswith(start) and "Message" in name), None)

    def _of_templates(self, role: str, parts: list[dict[str, Any]]) -> Iterator[Message]:
        if len(parts) == 1:
            yield from (Message(role, text, language=language) for text, language in self._templates(parts[0]))
            return
        content: list[Mapping[str, Any]] = []
        language = "format"
        for part in parts:
            if _class_of(part) == "ImagePromptTemplate":
                image = _kwargs(part).get("template")
                content.append({"type": "image_url", "image_url": image if isinstance(image, dict) else {"url": ""}})
                continue
            for text, language in self._templates(part):  # noqa: B007 - the last one's is the message's
                content.append({"type": "text", "text": text})
        yield Message(role, tuple(content), language=language)

    def _templates(self, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The texts of a template, and their language."""
        kwargs = _kwargs(value) if value.get("lc") == 1 else value
        self._partials(kwargs.get("partial_variables"))
        if _class_of(value).startswith("FewShot") or "examples" in kwargs:
            yield from self._few_shot(kwargs)
            return
        text = kwargs.get("template")
        if not isinstance(text, str):
            self.problems.append(Problem(self.path, f"a template must be a text, not {shown(text)}."))
            return
        yield text, self._language(kwargs)

    def _language(self, kwargs: Mapping[str, Any]) -> str:
        name = kwargs.get("template_format", "f-string")
        if not isinstance(name, str) or name not in _LANGUAGES:
            self.warnings.append(f"the template format {shown(name)} is unknown: its text is taken literally")
            return "literal"
        return _LANGUAGES[name]

    def _few_shot(self, kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Prefix, the examples written out, suffix: one text, as the model sees it."""
        template = kwargs.get("example_prompt")
        pattern = _kwargs(template).get("template", template.get("template")) if isinstance(template, dict) else None
        examples = kwargs.get("examples")
        if not isinstance(pattern, str) or not isinstance(examples, list):
            self.problems.append(Problem(self.path, "few-shot examples need 'examples' and an 'example_prompt'."))
            return
        written = [_example(pattern, one) for one in examples if isinstance(one, dict)]
        parts = [kwargs.get("prefix"), *written, kwargs.get("suffix")]
        separator = kwargs.get("example_separator", "\n\n")
        yield str(separator).join(str(part) for part in parts if part), self._language(kwargs)

    def _partials(self, given: Any) -> None:
        for name, value in given.items() if isinstance(given, dict) else ():
            if isinstance(value, str | int | float | bool):
                self.variables[name] = Variable(name, default=value, has_default=True, required=False)

    def _old(self, value: Mapping[str, Any]) -> list[Message]:
        """`_type: prompt`, `few_shot` or `chat`."""
        if value.get("_type") == "chat" or isinstance(value.get("messages"), list):
            return [message for item in _items(value.get("messages")) for message in self._old_message(item)]
        if "template_path" in value:
            hint = "Write the template into this file."
            self.problems.append(Problem(self.path, "'template_path' names another file.", hint=hint))
            return []
        self._partials(value.get("partial_variables"))
        return [Message("user", text, language=language) for text, language in self._templates(value)]

    def _old_message(self, item: Any) -> Iterator[Message]:
        if not isinstance(item, dict):
            self.problems.append(Problem(self.path, f"a message must be an object, not {shown(item)}."))
            return
        if item.get("lc") == 1:
            yield from self._message(item)
            return
        role = role_of(str(item.get("role", "user"))) or "user"
        prompt = item.get("prompt", item)
        if isinstance(prompt, dict):
            yield from (Message(role, text, language=language) for text, language in self._templates(prompt))


def _class_of(value: Mapping[str, Any]) -> str:
    """The name of the class; a secret's is none."""
    names = value.get("id")
    return str(names[-1]) if value.get("type") == "constructor" and isinstance(names, list) and names else ""


def _kwargs(value: Mapping[str, Any]) -> Mapping[str, Any]:
    kwargs = value.get("kwargs")
    return kwargs if isinstance(kwargs, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _example(pattern: str, values: Mapping[str, Any]) -> str:
    """An example, with its braces doubled so that its own words are no variables."""
    text = pattern
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value).replace("{", "{{").replace("}", "}}"))
    return text
