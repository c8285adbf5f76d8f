"""What an application imports: `load("support/triage").render(ticket="...")`.

Importing this costs a few milliseconds; YAML, Jinja or git are imported when a prompt that takes them is loaded.
"""

TYPE_CHECKING = False  # without `typing`: see the package's own module
if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from pathlib import Path
    from typing import Any

    from promptctl.prompts.prompt import Prompt as _Read
    from promptctl.snapshot import Snapshot

__all__ = ["Prompt", "load"]


class Prompt:
    """A prompt, ready to be rendered any number of times, from any thread.

    `name`, `model` (as LiteLLM calls it; None where neither the prompt nor the settings name one), `params`,
    `variables` (the names that its templates look up) and `description` say what it is.
    """

    __slots__ = ("_prompt", "_renderer")

    def __init__(self, prompt: "_Read") -> None:
        from promptctl.prompts.template import Renderer

        self._prompt = prompt
        self._renderer: Renderer = Renderer(prompt)

    def __repr__(self) -> str:
        return f"<Prompt {self.name!r}>"

    @property
    def name(self) -> str:
        """Its path below the prompts folder, without the extension."""
        return self._prompt.name

    @property
    def description(self) -> str:
        """What it is for; "" where it does not say."""
        return self._prompt.description

    @property
    def model(self) -> str | None:
        """The model that it names, else the settings' default."""
        return self._prompt.model

    @property
    def params(self) -> "dict[str, Any]":
        """Its parameters: temperature, max_tokens and so on."""
        return dict(self._prompt.params)

    @property
    def variables(self) -> frozenset[str]:
        """The names that its templates look up."""
        from promptctl.prompts.template import variables

        return variables(self._prompt)

    def render(self, values: "Mapping[str, Any] | None" = None, /, **more: "Any") -> "dict[str, Any]":
        """What `litellm.completion(**...)` takes: model, messages, parameters, tools, response_format.

        Variables are given by name; those that are no names of Python's in a mapping before them. Raises RenderError
        (`promptctl.prompts.template`), which names the variable, where one is absent or of the wrong type.
        """
        prompt = self._prompt
        request: dict[str, Any] = {} if prompt.model is None else {"model": prompt.model}
        messages = self._renderer.render({**(values or {}), **more})
        request["messages"] = [message.to_json() for message in messages]
        request.update(prompt.params)
        if prompt.tools:
            request["tools"] = [dict(tool) for tool in prompt.tools]
        if prompt.response_format is not None:
            request["response_format"] = dict(prompt.response_format)
        return request


def load(
    name: str,
    *,
    rev: str | None = None,
    root: "str | PathLike[str] | None" = None,
    package: str | None = None,
) -> Prompt:
    """The prompt of this name.

    Read from the files around `root` (the current folder, where it is None): those below the folders that
    `.promptctl.yaml` names, there or in a folder above; `prompts` where there are no settings. With `rev`, as they
    stand at a revision of the git repository around it. With `package`, from an installed package's own data, which may
    lie in a zip.

    Raises NothingSelected where there is no such prompt, InvalidPrompt where it cannot be read, InvalidSettings,
    NotARepository or UnknownRevision (`promptctl.errors`).
    """
    if package is not None:
        from importlib.resources import files

        from promptctl.versions.folder import Folder

        return Prompt(_in_folder(Folder(files(package))).prompt(name))
    from pathlib import Path

    start = Path.cwd() if root is None else Path(root)
    if rev is not None:
        return Prompt(_at_revision(start, rev, name))
    from promptctl.versions.folder import Folder

    return Prompt(_in_folder(Folder(_root(start))).prompt(name))


def _root(start: "Path") -> "Path":
    """The folder with the settings, there or above; else the one with a folder `prompts`; else the start itself."""
    from promptctl.settings import FILE

    above = (start.resolve(), *start.resolve().parents)
    with_settings = (folder for folder in above if (folder / FILE).is_file())
    with_prompts = (folder for folder in above if (folder / "prompts").is_dir())
    return next(with_settings, None) or next(with_prompts, start)


def _in_folder(folder: "Any") -> "Snapshot":
    from promptctl.snapshot import Snapshot, settings_at
    from promptctl.versions.source import WORKTREE

    return Snapshot(folder, WORKTREE, settings_at(folder, WORKTREE))


def _at_revision(start: "Path", rev: str, name: str) -> "_Read":
    from promptctl.snapshot import open_snapshots, settings_at
    from promptctl.versions.git import Repository
    from promptctl.versions.source import WORKTREE, Place, Revisions, Source

    with Repository.open(start) as repo:
        source = Source(Place.COMMIT, rev, repo.commit(rev))
        side, _ = open_snapshots(repo, Revisions(source, source), settings_at(repo, WORKTREE))
        return side.prompt(name)
