"""The files that a review writes: each whole or not at all, and taken back to the byte."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from promptctl.errors import UserError
from promptctl.verdict.waiver_editing import edited_waivers, says_nothing
from promptctl.verdict.waiver_file import HEAD, read_waivers
from promptctl.verdict.waiver_file import PATH as WAIVERS
from promptctl.verdict.waivers import Waivers
from promptctl.versions.git import Repository
from promptctl.versions.ignoring import is_ignored

LABELS = ".promptctl/labels.jsonl"
_IGNORED = Path(".promptctl/.gitignore")
_KEEP = "!waivers.yaml\n"
_KEPT_TEXT = 100_000  # characters of a file that are remembered, to give it back as it was


class ReviewFiles:
    """The working tree's files, by their path from the root."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo

    def read(self, path: str) -> bytes | None:
        """A file's content; None where there is none."""
        try:
            return self._place(path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror or error}.") from None

    def write(self, path: str, data: bytes | None) -> None:
        """Put a file in place of the one that is there; None removes it. A link is followed inside the repository."""
        target = self._place(path)
        fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
        try:
            if data is None:
                target.unlink(missing_ok=True)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(data)
            with suppress(FileNotFoundError):
                shutil.copymode(target, fresh)
            fresh.replace(target)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise UserError(f"{path}: cannot be written: {error.strerror or error}.") from None

    def waivers(self) -> Waivers:
        """The working tree's waivers. Raises InvalidWaivers."""
        data = self.read(WAIVERS)
        return Waivers() if data is None else read_waivers(data)

    def write_waivers(self, waivers: Waivers) -> Mapping[str, Any]:
        """Write them -> what `restore` needs to take that back."""
        before = self.read(WAIVERS)
        kept = None if before is None else before.decode("utf-8", "surrogateescape")
        after: str | None = edited_waivers(kept or HEAD, waivers)
        if waivers == Waivers() and says_nothing(after or ""):
            after = None
        self.write(WAIVERS, None if after is None else after.encode())
        if (kept is not None and len(kept) > _KEPT_TEXT) or len(after or "") > _KEPT_TEXT:
            return {}
        return {"before": kept, "after": after}

    def restore(self, written: Mapping[str, Any]) -> bool:
        """The file as it was before `write_waivers`; False where it has changed since."""
        now = self.read(WAIVERS)
        if "after" not in written or now != _bytes(written["after"]):
            return False
        self.write(WAIVERS, _bytes(written["before"]))
        return True

    def let_git_have_waivers(self) -> str | None:
        """See to it that git does not ignore the waivers -> what was done for it, or what stands in the way."""
        if not is_ignored(self._repo, WAIVERS):
            return None
        path = self._repo.root / _IGNORED
        text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else ""
        if text and _KEEP.strip() not in text.splitlines():
            end = "" if text.endswith("\n") else "\n"
            self.write(_IGNORED.as_posix(), f"{text}{end}{_KEEP}".encode("utf-8", "surrogateescape"))
            if not is_ignored(self._repo, WAIVERS):
                return f"{_IGNORED.as_posix()} kept {WAIVERS} out of git: it has the line {_KEEP.strip()} now."
        return f"git ignores {WAIVERS} (`git check-ignore -v {WAIVERS}` says why): add it with `git add -f {WAIVERS}`."

    def append_label(self, line: str) -> None:
        """One more label."""
        before = self.read(LABELS) or b""
        end = b"\n" if before and not before.endswith(b"\n") else b""
        self.write(LABELS, before + end + line.encode())

    def remove_label(self, line: str) -> bool:
        """Take the last such label out; False where it is not there."""
        before = self.read(LABELS) or b""
        head, found, tail = before.rpartition(line.encode())
        if not found or (head and not head.endswith(b"\n")):
            return False
        self.write(LABELS, head + tail or None)
        return True

    def _place(self, path: str) -> Path:
        root = self._repo.root.resolve()
        target = (self._repo.root / path).resolve()
        if not target.is_relative_to(root):
            raise UserError(f"{path}: a symbolic link leads out of the repository.")
        return target


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogateescape")
