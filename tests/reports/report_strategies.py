"""Any report at all."""

from hypothesis import strategies as st

from promptctl.inputs.case import MISSING
from promptctl.reports.edit import EditLine, EditText, EditValue, EditView
from promptctl.reports.json import COUNTS
from promptctl.reports.view import (
    AssertionView,
    CaseView,
    DeltaView,
    GateView,
    MetricSideView,
    MetricView,
    PromptView,
    ReplayReport,
    RunTotals,
    SideView,
    SourceView,
    TokensView,
    TotalsView,
)

text = st.text(max_size=12)
maybe_text = st.none() | text
number = st.floats(allow_nan=False, allow_infinity=False, width=32)
maybe = st.none() | number
share = st.floats(0, 1)
natural = st.integers(0, 10**9)
json_value = st.recursive(
    st.none() | st.booleans() | natural | number | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
status = st.sampled_from(["unaffected", "pass", "fail", "improved", "regressed", "flaky", "unscored", "error"])
verdict = st.sampled_from(["passed", "regressed", "inconclusive", "error", "unaffected"])
tokens = st.builds(TokensView, *[st.none() | natural] * 4)
assertion = st.recursive(
    st.builds(AssertionView, text, st.booleans(), share, text, maybe_text),
    lambda inner: st.builds(
        AssertionView, text, st.booleans(), share, text, maybe_text, st.lists(inner, max_size=2).map(tuple)
    ),
    max_leaves=3,
)
side = st.builds(
    SideView,
    output=maybe_text,
    passed=st.none() | st.booleans(),
    score=maybe,
    samples=natural,
    origin=st.none() | st.sampled_from(["cache", "recording", "provider"]),
    model=maybe_text,
    cost_usd=maybe,
    latency_ms=maybe,
    tokens=tokens,
    error=maybe_text,
    assertions=st.lists(assertion, max_size=2).map(tuple),
    fresh_passes=natural,
    fresh_score=st.none() | st.floats(0, 1),
    fresh_samples=natural,
)
case = st.builds(
    CaseView,
    id=text,
    status=status,
    confirmed=st.booleans(),
    suspected=st.booleans(),
    changed=st.booleans(),
    tags=st.lists(text, max_size=2).map(tuple),
    old=st.none() | side,
    new=st.none() | side,
    vars=st.dictionaries(text, json_value, max_size=2),
    expected=json_value | st.just(MISSING),
)
totals = st.builds(TotalsView, maybe, maybe, maybe, maybe, maybe, tokens)
delta = st.builds(DeltaView, maybe, st.none() | st.tuples(number, number), maybe, maybe, text, maybe, maybe)
edit_line = st.builds(
    EditLine,
    st.sampled_from([" ", "-", "+", "<", ">", "…"]),
    st.lists(st.tuples(text, st.booleans()), max_size=2).map(tuple),
    natural,
)
edit_values = st.lists(st.builds(EditValue, text, maybe_text, maybe_text, text), max_size=2).map(tuple)
edit = st.builds(
    EditView,
    path=text,
    change=text,
    added=natural,
    removed=natural,
    also=text,
    values=edit_values,
    texts=st.lists(st.builds(EditText, text, st.lists(edit_line, max_size=2).map(tuple), edit_values), max_size=2).map(
        tuple
    ),
    warnings=st.lists(text, max_size=1).map(tuple),
    remarks=st.lists(text, max_size=1).map(tuple),
    ranges=st.lists(st.tuples(natural, natural), max_size=2).map(tuple),
)
metric_side = st.builds(MetricSideView, number, natural, natural)
prompt = st.builds(
    PromptView,
    prompt=text,
    verdict=verdict,
    reasons=st.lists(text, max_size=2).map(tuple),
    counts=st.fixed_dictionaries(dict.fromkeys(COUNTS, natural)),
    old_name=maybe_text,
    old_path=maybe_text,
    old=st.none() | totals,
    new=st.none() | totals,
    delta=st.none() | delta,
    gates=st.lists(st.builds(GateView, text, number, maybe, st.booleans()), max_size=2).map(tuple),
    cases=st.lists(case, max_size=3).map(tuple),
    warnings=st.lists(text, max_size=1).map(tuple),
    metrics=st.lists(st.builds(MetricView, text, *[st.none() | metric_side] * 2), max_size=2).map(tuple),
    edit=st.none() | edit,
)
report = st.builds(
    ReplayReport,
    run=text,
    created=text,
    exit_code=st.sampled_from([0, 1, 3, 4]),
    verdict=verdict,
    old=st.builds(SourceView, text, maybe_text),
    new=st.builds(SourceView, text, maybe_text),
    prompts=st.lists(prompt, max_size=2).map(tuple),
    totals=st.builds(RunTotals, natural, natural, natural, natural, maybe, st.floats(0, 1e6)),
    notes=st.lists(text, max_size=1).map(tuple),
)
