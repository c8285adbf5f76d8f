"""Diffs of prompts as they occur: small edits, renames, tools, unreadable files."""

from dataclasses import replace

from promptctl.prompts.diff import TokensDiff, diff
from promptctl.prompts.prompt import Message, Prompt
from promptctl.reports.diff_view import DiffItem, DiffReport
from promptctl.reports.view import SourceView

SYSTEM = """\
You route support tickets of a software company.

Teams:
- billing: invoices, refunds, payments
- technical: errors, outages, integrations
- account: plans, seats, cancellation
- other: everything else

Answer with the name of one team, in lower case, and with nothing else.
When a ticket concerns several teams, choose the one that must act first.
Never answer the customer.
"""
TRIAGE = Prompt(
    name="support/triage",
    path="prompts/support/triage.yaml",
    model="openai/gpt-5-mini",
    params={"temperature": 0, "max_tokens": 8},
    messages=(Message("system", SYSTEM), Message("user", "{{ ticket }}")),
    assertions=({"type": "equals", "value": "{{ expected }}"},),
)
EDITED = replace(
    TRIAGE,
    model="openai/gpt-5-nano",
    params={"temperature": 0.7, "stop": ["\n"]},
    messages=(
        Message(
            "system",
            SYSTEM.replace(
                "one team, in lower case, and with nothing else", "the team, and explain your choice briefly"
            ),
        ),
        Message("user", "Plan: {{ plan }}\n\n{{ ticket }}"),
    ),
)
TOOL = {
    "type": "function",
    "function": {
        "name": "refund",
        "description": "Give money back",
        "parameters": {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]},
    },
}
PARAGRAPH = (
    "You write replies to customers. Be warm and short, use plain words, promise nothing that the policy does not allow, "
    "and close with the name of the team. " * 4
)
REPLY = Prompt(
    name="support/reply",
    path="prompts/support/reply.md",
    messages=(Message("system", PARAGRAPH), Message("user", "{{ message }}")),
    model="openai/gpt-5",
    tools=(TOOL,),
    partials={"_shared/tone.j2": "Be kind.\nBe brief.\n"},
)
MOVED = replace(
    REPLY,
    name="support/answer",
    path="prompts/support/answer.md",
    messages=(Message("developer", PARAGRAPH.replace("warm and short", "warm but very short", 1)), REPLY.messages[1]),
    tools=({**TOOL, "function": {**TOOL["function"], "description": "Give money back to the card that paid"}},),
    partials={"_shared/tone.j2": "Be kind.\nBe brief.\nBe honest.\n"},
)
ADDED = Prompt("notes/minutes", "prompts/notes/minutes.txt", (Message("user", "Summarise:\n{{ text }}\n"),))


def item(old: Prompt | None, new: Prompt | None, tokens: TokensDiff | None = None) -> DiffItem:
    found = replace(diff(old, new), tokens=tokens)
    return DiffItem(found.name, found.change.value, found.old_name, found.old_path, found)


REPORT = DiffReport(
    SourceView("main", "3f9c2d1e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d"),
    SourceView("WORKTREE"),
    (
        item(TRIAGE, EDITED, TokensDiff(118, 124, approximate=False)),
        item(REPLY, MOVED, TokensDiff(402, 409, approximate=True)),
        item(None, ADDED, TokensDiff(None, 4, approximate=False)),
        item(replace(ADDED, name="notes/old", path="prompts/notes/old.txt"), None),
        DiffItem(
            "billing/dunning",
            "modified",
            problems=("prompts/billing/dunning.yaml: line 7: unknown key 'mesages' Did you mean 'messages'?",),
        ),
    ),
)
SAME = DiffReport(REPORT.old, REPORT.new)
