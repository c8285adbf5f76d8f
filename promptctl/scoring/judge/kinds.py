"""The types of assertions that a model judges."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from promptctl.scoring.ask import AskingScorer
from promptctl.scoring.assertion import OPTIONAL_SHARE, Kind, Need
from promptctl.scoring.judge import comparing, graded, retrieval, vectors
from promptctl.scoring.judge.material import criteria, criterion, optional_criterion
from promptctl.scoring.judge.options import model_problems, problems
from promptctl.scoring.similarity import reference


def _nothing(_value: Any) -> None:
    """An assertion without a value has nothing to prepare."""


def _judged(asks: AskingScorer, prepare: Any = criterion, **more: Any) -> Kind:
    given: dict[str, Any] = {"options": ("provider", "rubricPrompt"), "check": problems, **more}
    return Kind(prepare, None, asks=asks, **given)


_SHARE = {"threshold": Need.REQUIRED, "unit": "shares from 0 to 1; without one it could never fail", "share": True}
_SIMILAR = Kind(
    vectors.references,
    None,
    asks=vectors.similar(),
    options=("provider",),
    check=model_problems,
    **OPTIONAL_SHARE,
)

JUDGED: Mapping[str, Kind] = {
    "llm-rubric": _judged(graded.llm_rubric, threshold=Need.OPTIONAL),
    "model-graded-closedqa": _judged(graded.closed_qa),
    "factuality": _judged(graded.factuality, reference),
    "model-graded-factuality": _judged(graded.factuality, reference),
    "g-eval": _judged(graded.g_eval, criteria, **OPTIONAL_SHARE),
    "classifier": _judged(graded.classifier, **OPTIONAL_SHARE),
    "answer-relevance": _judged(retrieval.answer_relevance, _nothing, value=Need.NONE, **_SHARE),
    "context-recall": _judged(retrieval.context_recall, **_SHARE),
    "context-relevance": _judged(retrieval.context_relevance, _nothing, value=Need.NONE, reads=False, **_SHARE),
    "context-faithfulness": _judged(retrieval.context_faithfulness, _nothing, value=Need.NONE, **_SHARE),
    "pairwise": _judged(comparing.pairwise, optional_criterion, value=Need.OPTIONAL, compares=True, **OPTIONAL_SHARE),
    "select-best": _judged(comparing.pairwise, compares=True),
    "max-score": Kind(comparing.best_of, None, Need.OPTIONAL, ranks=comparing.max_score, compares=True, reads=False),
    "similar": _SIMILAR,
    "similar:cosine": _SIMILAR,
    "similar:dot": replace(_SIMILAR, asks=vectors.similar("dot"), share=False),
    "similar:euclidean": replace(_SIMILAR, asks=vectors.similar("euclidean"), share=False),
    "moderation": Kind(
        vectors.categories,
        None,
        Need.OPTIONAL,
        asks=vectors.moderation,
        options=("provider",),
        check=model_problems,
    ),
}
