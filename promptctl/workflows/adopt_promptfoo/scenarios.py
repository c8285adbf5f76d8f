"""promptfoo scenarios -> tests: each of a scenario's data sets with each of its tests."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from promptctl.documents import printable
from promptctl.errors import FileError
from promptctl.workflows.adopt_promptfoo.files import Folder, is_reference, loaded, mapping_of
from promptctl.workflows.adopt_promptfoo.leftovers import Leftovers

Test = tuple[Mapping[str, Any], str]  # a test with the words for it


def scenario_tests(
    config: Mapping[str, Any], folder: Folder, left: Leftovers, listed: Callable[[Any, str], Iterator[Test]]
) -> Iterator[Test]:
    """The tests that a config's scenarios stand for. `listed` reads a `tests:`."""
    for number, scenario in enumerate(_items(config.get("scenarios"), "scenarios", folder, left), 1):
        at = f"scenarios[{number}]"
        for key in scenario:
            if key not in {"config", "tests", "description"}:
                left.note(f"'{printable(str(key))}' is not carried over", at=at)
        tests = list(listed(scenario.get("tests", [{}]), f"{at}.tests"))
        for place, data in enumerate(_items(scenario.get("config"), f"{at}.config", folder, left), 1):
            yield from ((_merged(data, test), f"{where} with {at}.config[{place}]") for test, where in tests)


def _items(value: Any, at: str, folder: Folder, left: Leftovers) -> list[Mapping[str, Any]]:
    """The mappings of a list, in which files may stand for what they hold."""
    entries = value if isinstance(value, list) else [value] * (value is not None)
    found: list[Mapping[str, Any]] = []
    for number, entry in enumerate(entries, 1):
        if is_reference(entry):
            found += _in_files(entry, f"{at}[{number}]", folder, left)
        elif isinstance(entry, dict):
            found.append(entry)
        else:
            left.note("is no mapping", at=f"{at}[{number}]")
    return found


def _in_files(reference: str, at: str, folder: Folder, left: Leftovers) -> list[Mapping[str, Any]]:
    try:
        values = [loaded(folder.text(path), path, folder.name(path)) for path in folder.paths(reference)]
    except FileError as error:
        left.note(error.lines()[0], at=at)
        return []
    entries = [entry for value in values for entry in (value if isinstance(value, list) else [value])]
    return [entry for entry in entries if isinstance(entry, dict)]


def _merged(data: Mapping[str, Any], test: Mapping[str, Any]) -> dict[str, Any]:
    """As promptfoo merges them: the test's own before the data set's; assertions of both."""
    merged = {**data, **test}
    for key in ("vars", "options", "metadata"):
        if data.get(key) and test.get(key) and not is_reference(test[key]):
            merged[key] = {**mapping_of(data[key]), **mapping_of(test[key])}
        elif data.get(key) or test.get(key):
            merged[key] = test.get(key) or data.get(key)
    asserted = [*_listed(data.get("assert")), *_listed(test.get("assert"))]
    return {**merged, "assert": asserted} if asserted else merged


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] * (value is not None)
