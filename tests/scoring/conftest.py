"""One way to ask for a score."""

import pytest

from promptctl.inputs.case import MISSING
from promptctl.models.call import Reply
from promptctl.scoring.code import CodeRunner
from promptctl.scoring.combine import score
from promptctl.scoring.registry import parse_all
from promptctl.scoring.result import Context


@pytest.fixture(scope="session")
def scored():
    """The Score of one answer; extra keywords belong to the Reply."""

    def scored(
        specs,
        output="",
        values=None,
        expected=MISSING,
        *,
        code=None,
        threshold=None,
        files=None,
        plugins=None,
        request=None,
        **reply,
    ):
        context = Context(Reply(output, **reply), values or {}, expected, request)
        found = parse_all(specs, "p.yaml", files=files)
        return score(found, context, code=code, plugins=plugins, threshold=threshold)

    return scored


@pytest.fixture(scope="session")
def judged(scored):
    """The result of a single assertion."""

    def judged(spec, output="", values=None, expected=MISSING, **options):
        (result,) = scored([spec], output, values, expected, **options).assertions
        return result

    return judged


@pytest.fixture(scope="session")
def code():
    with CodeRunner() as runner:
        yield runner
