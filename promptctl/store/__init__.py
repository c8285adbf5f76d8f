"""What is remembered: answers and runs."""

from promptctl.store.answers import AnswerStats, ModelStats
from promptctl.store.cases import CaseRow
from promptctl.store.exchange import Kept, Unwanted
from promptctl.store.reviews import ReviewRow
from promptctl.store.runs import RunRecord, RunState
from promptctl.store.store import Store, open_store

__all__ = [
    "AnswerStats",
    "CaseRow",
    "Kept",
    "ModelStats",
    "ReviewRow",
    "RunRecord",
    "RunState",
    "Store",
    "Unwanted",
    "open_store",
]
