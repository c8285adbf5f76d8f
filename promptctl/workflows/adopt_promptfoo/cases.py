"""promptfoo tests -> stored inputs."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptctl.documents import parse_json, printable
from promptctl.errors import FileError
from promptctl.workflows.adopt_promptfoo import cells
from promptctl.workflows.adopt_promptfoo.assertions import GRADING, Assertions
from promptctl.workflows.adopt_promptfoo.files import Folder, is_reference, loaded, mapping_of
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers
from promptctl.workflows.adopt_promptfoo.scenarios import Test, scenario_tests

MAX_EXPANDED = 10_000  # cases that the lists in one test's variables may stand for
_FILES = frozenset({".yaml", ".yml", ".json", ".jsonl", ".csv"})
_TEST_KEYS = frozenset({"vars", "assert", "description", "metadata", "prompts", "options", "threshold"})
_DEFAULT_KEYS = frozenset({"vars", "assert", "metadata", "prompts", "options", "threshold"})
# What a test may say that changes how the default assertions judge it.
_OF_JUDGING = frozenset({"disableDefaultAsserts", *GRADING})
_CARRIED_OPTIONS = frozenset({"disableVarExpansion", *_OF_JUDGING})
_AROUND = frozenset({"prefix", "suffix"})


@dataclass(frozen=True, slots=True)
class FoundCase:
    """One stored input; `prompts` are the labels of the prompts it is for, none where it is for all."""

    line: Mapping[str, Any]
    prompts: tuple[str, ...] = ()


class Tests:
    """The reader of one config's tests."""

    __test__ = False

    def __init__(self, config: Mapping[str, Any], folder: Folder, left: Leftovers) -> None:
        self.config = config
        self.folder = folder
        self.left = left
        self.assertions = Assertions(config, folder, left)
        self.default = self._default()
        self.options = mapping_of(self.default.get("options"))
        self.tests = [
            *self._listed(config.get("tests"), "tests"),
            *scenario_tests(config, folder, left, self._listed),
        ]
        # Where some test has the default assertions otherwise than the rest, or not at all, each test has its own.
        self.apart = any(_OF_JUDGING & mapping_of(test.get("options")).keys() for test, _ in self.tests)

    def default_assertions(self) -> list[dict[str, Any]]:
        """What every test asserts: it becomes the prompt's own `assert:`."""
        return [] if self.apart else self._carried_default(self.options)

    def around(self) -> tuple[str, str]:
        """What stands before and after each prompt: `defaultTest.options.prefix` and `suffix`."""
        before, after = (self.options.get(key) for key in ("prefix", "suffix"))
        return before if isinstance(before, str) else "", after if isinstance(after, str) else ""

    def cases(self) -> list[FoundCase]:
        """Every test as one stored input, or as several where a variable is a list."""
        found: list[FoundCase] = []
        for number, (test, at) in enumerate(self.tests, 1):
            for key in test:
                if key not in _TEST_KEYS:
                    self.left.note(f"'{printable(str(key))}' is not carried over", at=at)
            self._options(mapping_of(test.get("options")), at, _CARRIED_OPTIONS)
            found += self._expanded(test, at, number)
        return found

    def _default(self) -> Mapping[str, Any]:
        default = self.config.get("defaultTest")
        if is_reference(default):
            try:
                path = self.folder.paths(str(default))[0]
                default = loaded(self.folder.text(path), path, self.folder.name(path))
            except FileError as error:
                self.left.note(error.lines()[0], at="defaultTest")
        found = mapping_of(default)
        for key in found:
            if key not in _DEFAULT_KEYS:
                self.left.note(f"'{printable(str(key))}' is not carried over", at="defaultTest")
        self._options(mapping_of(found.get("options")), "defaultTest", _CARRIED_OPTIONS | _AROUND)
        return found

    def _options(self, options: Mapping[str, Any], at: str, carried: frozenset[str]) -> None:
        for key in options:
            if key not in carried:
                self.left.note(f"'options.{printable(str(key))}' is not carried over", at=at)

    def _carried_default(self, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self.assertions.carried(self.default.get("assert"), "defaultTest", options)

    def _listed(self, listed: Any, at: str) -> Iterator[Test]:
        """Each test of a `tests:` with the words for it."""
        entries = listed if isinstance(listed, list) else [listed] * (listed is not None)
        for number, entry in enumerate(entries, 1):
            if isinstance(entry, str):
                yield from self._file_tests(entry, f"{at}[{number}]")
            elif isinstance(entry, dict) and "path" in entry:
                self.left.note(f"'{printable(str(entry['path']))}' makes tests with code", at=f"{at}[{number}]")
            elif isinstance(entry, dict):
                yield entry, f"{at}[{number}]"
            else:
                self.left.note("is no test", at=f"{at}[{number}]")

    def _file_tests(self, reference: str, at: str) -> Iterator[Test]:
        try:
            for path in self.folder.paths(reference):
                name = self.folder.name(path)
                for number, test in enumerate(self._loaded_tests(path), 1):
                    if isinstance(test, dict):
                        yield test, f"{name}[{number}]"
                    else:
                        self.left.note("is no test", at=f"{name}[{number}]")
        except FileError as error:
            self.left.note(error.lines()[0], at=at)

    def _loaded_tests(self, path: Path) -> Iterator[Any]:
        suffix = path.suffix.lower()
        name = self.folder.name(path)
        if suffix not in _FILES:
            self.left.note(f"{name} is no list of tests as data (.yaml, .json, .jsonl, .csv)")
            return
        text = self.folder.text(path)
        if suffix == ".csv":
            yield from (cells.case_of(row) for row in cells.rows(text))
        elif suffix == ".jsonl":
            lines = enumerate(text.splitlines(), 1)
            yield from (parse_json(line, name, first_line=number) for number, line in lines if line.strip())
        else:
            tests = loaded(text, path, name)
            yield from tests if isinstance(tests, list) else [tests]

    def _expanded(self, test: Mapping[str, Any], at: str, number: int) -> list[FoundCase]:
        try:
            values = {**self._vars(self.default.get("vars")), **self._vars(test.get("vars"))}
        except FileError as error:
            self.left.note(f"the test is left out: {error.lines()[0]}", at=at)
            return []
        several = self._product(values, test)
        if several is None:
            self.left.note(f"the test is left out: its lists stand for more than {MAX_EXPANDED:,} cases", at=at)
            return []
        line: dict[str, Any] = {"id": f"t-{number:03}", "vars": {}}
        if assertions := self._assertions(test, at):
            line["assert"] = assertions
        threshold = test.get("threshold", self.default.get("threshold"))
        if threshold is not None:
            self._threshold(line, threshold, at)
        line["source"] = _source(test, mapping_of(self.default.get("metadata")), at)
        labels = test.get("prompts", self.default.get("prompts"))
        prompts = tuple(map(str, labels)) if isinstance(labels, list) else ()
        alone = len(several) == 1
        return [
            FoundCase({**line, "id": line["id"] if alone else f"{line['id']}-{index}", "vars": one}, prompts)
            for index, one in enumerate(several, 1)
        ]

    def _assertions(self, test: Mapping[str, Any], at: str) -> list[dict[str, Any]]:
        options = {**self.options, **mapping_of(test.get("options"))}
        shared = (
            self._carried_default(options) if self.apart and options.get("disableDefaultAsserts") is not True else []
        )
        return [*shared, *self.assertions.carried(test.get("assert"), at, options)]

    def _threshold(self, line: dict[str, Any], value: Any, at: str) -> None:
        """promptfoo's own: a number, or in a CSV file its text."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if 0 <= number <= 1:
            line["threshold"] = number
        else:
            self.left.note(f"'threshold' {printable(str(value))} is no number from 0 to 1", at=at)

    def _vars(self, values: Any) -> dict[str, Any]:
        """Variables with the files that they name read in."""
        if is_reference(values):
            path = self.folder.paths(values)[0]
            values = loaded(self.folder.text(path), path, self.folder.name(path))
        return {str(name): self._value(value) for name, value in mapping_of(values).items()}

    def _value(self, value: Any) -> Any:
        if not is_reference(value):
            return value
        path = self.folder.paths(value)[0]
        text = self.folder.text(path)
        if path.suffix in {".yaml", ".yml"}:
            import json

            return json.dumps(loaded(text, path, self.folder.name(path)), ensure_ascii=False)
        return text.strip()

    def _product(self, values: Mapping[str, Any], test: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """A list is one case a value, unless the test or the default says otherwise; None where that is too many."""
        options = {**self.options, **mapping_of(test.get("options"))}
        if options.get("disableVarExpansion"):
            return [dict(values)]
        choices = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
        if math.prod(map(len, choices.values())) > MAX_EXPANDED:
            return None
        return [dict(zip(choices, chosen, strict=True)) for chosen in itertools.product(*choices.values())]


def _source(test: Mapping[str, Any], shared: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Where the case is from, and what the test said of itself."""
    said = {"description": test.get("description"), "metadata": {**shared, **mapping_of(test.get("metadata"))}}
    return {"from": "promptfoo", "test": at, **{key: value for key, value in said.items() if value}}
