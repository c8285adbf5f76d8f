"""Names, globs and paths -> the prompts they choose."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from promptctl.documents import printable, suggestion
from promptctl.errors import NothingSelected
from promptctl.snapshot.compare import PromptPair
from promptctl.snapshot.naming import PromptFile


def select(pairs: Sequence[PromptPair], patterns: Sequence[str]) -> tuple[PromptPair, ...]:
    """The pairs that any of the patterns means, in their order.

    A pattern is a prompt's name, new or old, a glob of names (`*` crosses `/`), the path of its file or of its inputs
    relative to the repository, or a folder of either. Raises NothingSelected, naming those that match nothing.
    """
    chosen: set[int] = set()
    nothing = []
    for pattern in patterns:
        found = {index for index, pair in enumerate(pairs) if _means(pattern, pair)}
        chosen |= found
        nothing += [] if found else [pattern]
    if nothing:
        names = [file.name for pair in pairs for file in (pair.new, pair.old) if file]
        what = " and ".join(f"'{printable(pattern)}'" for pattern in nothing)
        verb = "matches" if len(nothing) == 1 else "match"
        hint = suggestion(nothing[0], names) or "There are no prompts: see 'prompts' in .promptctl.yaml."
        raise NothingSelected(f"{what} {verb} no prompt.", hint=hint)
    return tuple(pair for index, pair in enumerate(pairs) if index in chosen)


def _means(pattern: str, pair: PromptPair) -> bool:
    return any(_is(pattern, word) for file in (pair.new, pair.old) if file for word in _words(file))


def _words(file: PromptFile) -> tuple[str, ...]:
    # A folder that is one prompt can be named by its file too, with or without the extension.
    stem = file.path.removeprefix(f"{file.root}/").rpartition(".")[0] if file.beside or file.format == "fabric" else ""
    inputs = (file.inputs.path,) if file.inputs else ()
    return (file.name, file.path, *((stem,) if stem else ()), *inputs, *(entry.path for entry in file.beside))


def _is(pattern: str, word: str) -> bool:
    clean = pattern.removeprefix("./").rstrip("/")
    return clean in {word, "."} or word.startswith(f"{clean}/") or fnmatchcase(word, clean)
