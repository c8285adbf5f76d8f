"""The prompts, inputs and recordings as they stand at one Source."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from promptctl.documents import decode, printable, suggestion
from promptctl.errors import (
    FileError,
    InvalidInputs,
    InvalidPrompt,
    InvalidRecordings,
    NothingSelected,
    Problem,
    UserError,
)
from promptctl.prompts.formats.detection import EXTENSIONS
from promptctl.prompts.prompt import Prompt
from promptctl.settings import Settings
from promptctl.snapshot.naming import Naming, PromptFile, prompt_files
from promptctl.snapshot.patterns import folders, is_read, patterns
from promptctl.snapshot.siblings import INPUTS, inputs_beside, is_sibling, recordings_beside
from promptctl.versions.source import FileEntry, Files, Place, Source

MAX_DATA = 512 * 1024 * 1024  # inputs and recordings are read whole, once


class Snapshot:
    """One side of a comparison. Files are listed at once; prompts are parsed when they are asked for, and kept.

    `settings` holds the folders of prompts and this side's default model and params. `former` are the entries of
    `prompts:` that this side's own settings have in place of those in force.
    """

    def __init__(
        self,
        repo: Files,
        source: Source,
        settings: Settings,
        *,
        problems: Sequence[Problem] = (),
        former: Sequence[str] = (),
    ) -> None:
        self.repo = repo
        self.source = source
        self.settings = settings
        self._former = tuple(former)
        self._given = tuple(problems)
        self._data: dict[str, bytes] = {}
        self._prompts: dict[str, Prompt | InvalidPrompt] = {}

    @cached_property
    def listing(self) -> Mapping[str, FileEntry]:
        """Every file below the folders of prompts, by path."""
        found = patterns((*self.settings.prompts, *self._former))
        return self.repo.files(self.source, folders(found), only=lambda path: is_read(path, found))

    @cached_property
    def _found(self) -> tuple[dict[str, PromptFile], dict[str, list[Problem]]]:
        return self._named(self.settings.prompts)

    def _named(self, entries: Sequence[str]) -> tuple[dict[str, PromptFile], dict[str, list[Problem]]]:
        naming = Naming(patterns(entries), self.settings.formats, self._bytes, self.beside, self.matching)
        return prompt_files(self.listing, naming)

    @property
    def files(self) -> Mapping[str, PromptFile]:
        """The prompts' files by name, sorted."""
        return self._found[0]

    @cached_property
    def former(self) -> Mapping[str, PromptFile]:
        """What was a prompt under this side's own settings, and is none under those in force; by name."""
        if not self._former:
            return {}
        known = {file.path for file in self.files.values()}
        found, _ = self._named(self._former)
        return {name: file for name, file in found.items() if name not in self.files and file.path not in known}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files as such: two of one name, two files of inputs, folders that are not read."""
        return (*self._given, *self._unread, *(problem for found in self._found[1].values() for problem in found))

    @cached_property
    def _unread(self) -> tuple[Problem, ...]:
        below = folders(patterns(self.settings.prompts))
        module = "is a submodule: its prompts are not compared here.", "Run promptctl inside it."
        modules = self.repo.submodules(self.source, below)
        link = "a symbolic link that is not followed as a folder.", "Name the folder itself under 'prompts:'."
        lost = (path for path, entry in self.listing.items() if path not in modules and self._is_lost(entry))
        found = [*((path, *module) for path in modules), *((path, *link) for path in lost)]
        return tuple(Problem(path, message, hint=hint) for path, message, hint in found)

    def _is_lost(self, entry: FileEntry) -> bool:
        """Whether it is a link to a folder, or out of the repository; one that is to be a prompt is named as such."""
        if not entry.symlink or is_sibling(entry.path) or posixpath.basename(entry.path).startswith(("_", ".")):
            return False
        return not entry.path.lower().endswith(EXTENSIONS) and not self.exists(entry.path)

    def prompt(self, name: str) -> Prompt:
        """The prompt of this name, default model and params applied. Raises InvalidPrompt, or NothingSelected."""
        if name not in self._prompts:
            self._prompts[name] = self._parsed(self._file(name))
        found = self._prompts[name]
        if isinstance(found, InvalidPrompt):
            raise found
        return found

    def data(self, name: str) -> bytes:
        """The bytes of a prompt's file. Raises InvalidPrompt."""
        try:
            return self._bytes(self._file(name).path)
        except NothingSelected:
            raise
        except UserError as error:
            raise InvalidPrompt(Problem("", str(error))) from None

    def _bytes(self, path: str) -> bytes:
        if path not in self._data:
            self._data[path] = self.read(path)
        return self._data[path]

    def inputs_file(self, name: str, *, ignored: bool = True) -> FileEntry | None:
        """The file of a prompt's inputs: the one it declares, else the one beside it; None where there is neither.

        In the working tree one that git ignores counts too, unless not `ignored`: people keep personal data out of git.
        Raises InvalidInputs where it is declared and absent, and where two lie beside the prompt.
        """
        file = self._file(name)
        try:
            declared = self.prompt(name).inputs
        except InvalidPrompt:
            declared = None
        if declared is not None:
            return self._declared(file, declared)
        if twice := [problem for problem in self._found[1].get(name, ()) if "inputs" in problem.message]:
            raise InvalidInputs(twice)
        return file.inputs or (self._ignored(*inputs_beside(file.stem)) if ignored else None)

    def inputs(self, name: str) -> tuple[str, bytes] | None:
        """The path and the content of a prompt's inputs; None where it has none. Raises InvalidInputs."""
        entry = self.inputs_file(name)
        if entry is None:
            return None
        try:
            return entry.path, self.repo.read(self.source, entry.path, limit=MAX_DATA)
        except UserError as error:
            raise InvalidInputs(Problem("", str(error))) from None

    def recordings(self, name: str) -> str | None:
        """The text of a prompt's recordings; None where it has none. Raises InvalidRecordings."""
        file = self._file(name)
        entry = file.recordings or self._ignored(recordings_beside(file.stem))
        if entry is None:
            return None
        try:
            return decode(self.repo.read(self.source, entry.path, limit=MAX_DATA), entry.path, limit=MAX_DATA)
        except FileError as error:
            raise InvalidRecordings(error.problems) from None
        except UserError as error:
            raise InvalidRecordings(Problem("", str(error))) from None

    def read(self, path: str) -> bytes:
        """A file of the repository at this Source, 5 MiB at most. Raises UserError."""
        return self.repo.read(self.source, path)

    def exists(self, path: str) -> bool:
        """Whether there is such a file at this Source."""
        return self.repo.entry(self.source, path) is not None

    def include(self, root: str, path: str) -> str | None:
        """The text of a partial below a folder of prompts; None where there is none. Raises FileError."""
        whole = posixpath.normpath(posixpath.join(root, path))
        inside = not root or whole.startswith(f"{root}/")
        return self._text(whole) if inside else None

    def beside(self, file: str, path: str) -> str | None:
        """The text of a file by its path from a prompt's file, below its folder; None where there is none."""
        folder = posixpath.dirname(file)
        whole = posixpath.normpath(posixpath.join(folder, path))
        inside = not whole.startswith("../") and (not folder or whole.startswith(f"{folder}/"))
        return self._text(whole) if inside else None

    def matching(self, file: str, glob: str) -> tuple[str, ...]:
        """The files below the folder of a prompt's file that a glob means, as `beside` takes them; sorted."""
        folder = posixpath.dirname(file)
        wanted = posixpath.normpath(posixpath.join(folder, glob))
        if wanted.startswith("../") or (folder and not wanted.startswith(f"{folder}/")):
            return ()
        only = patterns([wanted])
        found = self.repo.files(self.source, folders(only), only=only[0].holds)
        return tuple(path.removeprefix(f"{folder}/") if folder else path for path in found)

    def _text(self, path: str) -> str | None:
        if not self.exists(path):
            return None
        try:
            return decode(self.read(path), path)
        except FileError:
            raise
        except UserError as error:
            raise FileError(Problem("", str(error))) from None

    def _file(self, name: str) -> PromptFile:
        found = self.files.get(name) or self.former.get(name)
        if found is None:
            where = f"no prompt '{printable(name)}' at {self.source.revision}."
            raise NothingSelected(where, hint=suggestion(name, self.files))
        return found

    def _parsed(self, file: PromptFile) -> Prompt | InvalidPrompt:
        from promptctl.prompts.formats import (
            PromptText,
            read_prompt,
        )  # 30 ms: only a prompt that differs, or is asked for, pays it

        clash = [problem for problem in self._found[1].get(file.name, ()) if "is called" in problem.message]
        if clash:
            return InvalidPrompt(clash)
        try:
            data = self.data(file.name)
            text = PromptText(
                file.name,
                file.path,
                data,
                include=lambda path: self.include(file.root, path),
                beside=lambda path: self.beside(file.path, path),
                matching=lambda glob: self.matching(file.path, glob),
                member=file.member,
            )
            prompt = read_prompt(text, file.format)
        except InvalidPrompt as error:
            return error
        model, params = prompt.model or self.settings.model, {**self.settings.params, **prompt.params}
        return replace(prompt, model=model, params=params)

    def _declared(self, file: PromptFile, declared: str) -> FileEntry:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), declared))
        if not path.lower().endswith(INPUTS):
            message = f"'inputs' names '{printable(declared)}', which is no file of inputs."
            raise InvalidInputs(Problem(file.path, message, hint=f"Known extensions: {', '.join(INPUTS)}."))
        entry = self.repo.entry(self.source, path)
        if entry is None:
            message = f"'inputs' names '{printable(declared)}', which is absent at {self.source.revision}."
            hint = "The path is relative to the prompt's folder, and stays inside the repository."
            raise InvalidInputs(Problem(file.path, message, hint=hint))
        return entry

    def _ignored(self, *paths: str) -> FileEntry | None:
        """The first of these files that is on disk, though git ignores it."""
        if self.source.place is not Place.WORKTREE:
            return None
        return next((entry for path in paths if (entry := self.repo.entry(self.source, path))), None)
