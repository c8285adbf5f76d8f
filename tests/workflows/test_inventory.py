"""One prompt as it stands, rendered."""

import pytest
from git_repository import GitRepository

from promptctl.errors import InvalidPrompt
from promptctl.settings import Settings
from promptctl.snapshot import Snapshot
from promptctl.versions.git import Repository
from promptctl.versions.source import WORKTREE
from promptctl.workflows.inventory import rendered


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Hi {{ name }}",
            "prompts/a.txt: message 1 (user): undefined variable 'name'. Give it with --var name=VALUE or --input ID.",
        ),
        (
            "{{ x['a' * 10000000] }}",
            "prompts/a.txt: message 1 (user): the sandbox refused it: a text of more than 5 MiB. Mend the template.",
        ),
    ],
)
def test_what_cannot_be_rendered_says_where_and_what_next(tmp_path, text, said):
    GitRepository(tmp_path).write("prompts/a.txt", text)
    with Repository.open(tmp_path) as repo:
        snapshot = Snapshot(repo, WORKTREE, Settings())

        with pytest.raises(InvalidPrompt) as caught:
            rendered(snapshot, snapshot.prompt("a"), input_id=None, values={"other": "x"})

    assert (said,) == caught.value.lines()
