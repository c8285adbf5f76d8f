"""What people type for a prompt -> the prompt: a name, NAME@REV, or a path, of a file that nobody declared too."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn, TypeVar

from promptctl.documents import printable
from promptctl.errors import NothingSelected, UnknownRevision
from promptctl.prompts.formats.detection import EXTENSIONS
from promptctl.prompts.prompt import Prompt
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot, settings_at
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE, Place, Source

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class ChosenPrompt:
    """The prompt that `name` is to be at a Source; `settings` are those in force, with its file where none had it."""

    repo: Repository
    settings: Settings
    snapshot: Snapshot
    name: str

    def prompt(self) -> Prompt:
        """The prompt itself. Raises NothingSelected where there is none, with what next."""
        try:
            return self.snapshot.prompt(self.name)
        except NothingSelected as error:
            say_undeclared(self.repo, self.settings, [self.name], error)


@contextmanager
def chosen_prompt(text: str) -> Iterator[ChosenPrompt]:
    """NAME, NAME@REV, or a path instead of the name. Whether there is such a prompt is not asked."""
    with Repository.open(Path.cwd()) as repo:
        settings = settings_at(repo, WORKTREE, os.environ)
        word, revision = _split(repo, Snapshot(repo, WORKTREE, settings), text)
        source = WORKTREE if revision is None else Source(Place.COMMIT, revision, repo.commit(revision))
        snapshot = Snapshot(repo, source, settings)
        path = from_root(repo.root, word)
        found = _name(snapshot, word) or _name(snapshot, path)
        if found is None:
            wide = Snapshot(repo, source, _with(repo, settings, [source], [path]))
            found = _name(wide, path)
            snapshot = wide if found else snapshot
        yield ChosenPrompt(repo, snapshot.settings, snapshot, found or word)


def among(
    repo: Repository,
    settings: Settings,
    sources: Sequence[Source],
    chosen: Sequence[str],
    find: Callable[[Settings], Found],
) -> Found:
    """What `find` finds of `chosen` (as seen from the root); where it finds nothing, also among undeclared files."""
    try:
        return find(settings)
    except NothingSelected as error:
        wide = _with(repo, settings, sources, chosen)
        if wide is settings:
            say_undeclared(repo, settings, chosen, error)
    try:
        return find(wide)
    except NothingSelected as error:
        say_undeclared(repo, settings, chosen, error)


def say_undeclared(repo: Repository, settings: Settings, chosen: Sequence[str], error: NothingSelected) -> NoReturn:
    """Raise the error; where a file or a folder is meant that no entry of `prompts:` names, with the entry to write."""
    path = next((path for path in chosen if (repo.root / _file(path)).exists()), None)
    if path is None or error.hint.startswith("Did"):
        raise error
    entries = ", ".join(dict.fromkeys((*settings.prompts, printable(path, limit=200))))
    hint = f"If it holds prompts, declare it in .promptctl.yaml: prompts: [{entries}]"
    if (repo.root / path).is_file() and not path.lower().endswith((*EXTENSIONS, ".py")):
        hint += f" and formats: {{{printable(path, limit=200)}: text}}"
    raise NothingSelected(error.message, hint=hint) from None


def from_root(root: Path, word: str) -> str:
    """A word as seen from the root: a path that is there from where one stands is turned round."""
    file = _file(word)
    here = Path(os.path.normpath(Path.cwd() / file))
    if file and here.exists() and here.is_relative_to(root) and here != root:
        return here.relative_to(root).as_posix() + word.removeprefix(file)
    return word


def _with(repo: Repository, settings: Settings, sources: Sequence[Source], chosen: Sequence[str]) -> Settings:
    """The settings with the chosen files that stand at one of the sources; the same where there are none.

    These alone where all are files: others might have their names.
    """
    added = [path for path in chosen if any(repo.entry(source, _file(path)) for source in sources)]
    if not added:
        return settings
    return replace(settings, prompts=(*(() if len(added) == len(chosen) else settings.prompts), *added))


def _file(word: str) -> str:
    """The file of `path.py:NAME`."""
    path, code, _ = word.partition(".py:")
    return f"{path}.py" if code else word


def _split(repo: Repository, now: Snapshot, text: str) -> tuple[str, str | None]:
    """A name and a revision, both of which may hold an @ themselves: the first split whose revision there is."""
    if "@" not in text or text in now.files or repo.entry(WORKTREE, from_root(repo.root, text)):
        return text, None
    places = [place for place, letter in enumerate(text) if letter == "@" and place]
    for place in places:
        try:
            repo.commit(text[place + 1 :])
        except UnknownRevision:
            continue
        return text[:place], text[place + 1 :]
    name, _, revision = text.partition("@")
    return name, revision or None


def _name(snapshot: Snapshot, word: str) -> str | None:
    """The name of the prompt that a word means by name or by path. Raises NothingSelected where a file has several."""
    if word in snapshot.files:
        return word
    names = [name for name, file in snapshot.files.items() if file.path == word]
    if len(names) > 1:
        known = ", ".join(map(printable, names[:20]))
        raise NothingSelected(f"{printable(word)} holds {len(names)} prompts.", hint=f"Name one of them: {known}")
    return names[0] if names else None
