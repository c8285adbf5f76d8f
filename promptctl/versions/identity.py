"""Who works here, as git names them."""

from promptctl.errors import UserError
from promptctl.versions.git import Repository


def who(repo: Repository) -> str | None:
    """`Ada <ada@example.org>`, as git would write it into a commit; None where git does not know."""
    try:
        return repo.output(["var", "GIT_AUTHOR_IDENT"]).rpartition(">")[0] + ">"
    except UserError:
        return None
