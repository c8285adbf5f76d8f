"""The verdicts of promptfoo, case by case, for every type of assertion that promptctl has."""

import json
from pathlib import Path
from typing import Any

import pytest

from promptctl.errors import FileError
from promptctl.models.call import Reply
from promptctl.scoring.code import CodeRunner
from promptctl.scoring.combine import score
from promptctl.scoring.registry import KINDS, parse_all
from promptctl.scoring.result import Context

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "assertions.jsonl"


def _vectors() -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared is not here"))]
    found = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    return [
        pytest.param(vector, id=f"{number}-{vector['assertion']['type']}")
        for number, vector in enumerate(found, 1)
        if _known(vector["assertion"])
    ]


def _known(assertion: dict[str, Any]) -> bool:
    members = assertion.get("assert", [])
    return assertion["type"].removeprefix("not-") in KINDS and all(map(_known, members))


@pytest.fixture(scope="module")
def code():
    with CodeRunner() as runner:
        yield runner


@pytest.mark.parametrize("vector", _vectors())
def test_the_verdict_is_promptfoos(vector, code):
    output, expect = vector["output"], vector["expect"]
    response = vector.get("response", {})
    reply = Reply(
        output if isinstance(output, str) else json.dumps(output, separators=(",", ":")),
        cost_usd=response.get("cost"),
        latency_ms=response.get("latencyMs"),
        finish_reason=response.get("finishReason"),
        logprobs=tuple(response.get("logProbs", ())),
        metadata={**response.get("metadata", {}), "guardrails": response.get("guardrails")},
    )

    try:
        found = score(parse_all([vector["assertion"]], "p.yaml"), Context(reply, vector["vars"]), code=code)
    except FileError:
        # What promptfoo finds out when it scores, promptctl says when it reads.
        assert not expect["pass"]
        assert not expect["score"]
        return

    assert expect["pass"] == found.passed
    assert (expect["score"] or 0) == pytest.approx(found.score)
    # A regular expression that is none fails in promptfoo; here it says that it is none.
    broken = vector["assertion"] == {"type": "regex", "value": "("}
    assert ("error" in expect or broken) == (found.error is not None)


def test_every_type_is_covered():
    if not VECTORS.exists():
        pytest.skip("../shared is not here")
    vectors = map(json.loads, VECTORS.read_text(encoding="utf-8").splitlines())
    types = {vector["assertion"]["type"].removeprefix("not-") for vector in vectors}

    assert types - set(KINDS) == {"no-such-assertion"}
