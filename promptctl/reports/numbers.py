"""Numbers and sides -> the words that every report for people shares."""

from collections.abc import Mapping

from promptctl.reports.sides import SourceView

UNKNOWN = "unknown"
PLACES: Mapping[str, str] = {"WORKTREE": "working tree", "INDEX": "index"}


def place(source: SourceView) -> str:
    """A side as people name it: `main 3f9c2d1`, `working tree`."""
    if source.revision in PLACES:
        return PLACES[source.revision]
    commit = (source.commit or "")[:7]
    return source.revision if not commit or source.revision.startswith(commit) else f"{source.revision} {commit}"


def plural(number: int, noun: str, plural_noun: str = "") -> str:
    """`1 case`, `2,000 cases`."""
    return f"{number:,} {noun if number == 1 else plural_noun or noun + 's'}"


def percent(share: float | None, digits: int = 1) -> str:
    """A fraction as a percentage; a whole one without its zeros."""
    if share is None:
        return UNKNOWN
    text = f"{share * 100:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def points(share: float) -> str:
    """A signed difference of two rates, in points."""
    return f"{signed(share * 100)} points"


def signed(number: float, digits: int = 1) -> str:
    """With its sign; a real minus, and no sign on nothing."""
    text = f"{abs(number):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{'−' if number < 0 else '+'}{text}"


def dollars(amount: float | None) -> str:
    """US dollars, with as many digits as say something; an unknown price is unknown, never 0."""
    if amount is None:
        return UNKNOWN
    if amount == 0:
        return "$0"
    if abs(amount) >= 1:
        return f"${amount:,.2f}"
    if abs(amount) < 0.000001:
        return "<$0.000001"
    text = f"${amount:.3g}"
    return text if "e" not in text else f"${amount:.8f}".rstrip("0")


def duration(milliseconds: float | None) -> str:
    """`610 ms`, `1.24 s`, `3 min 20 s`."""
    if milliseconds is None:
        return UNKNOWN
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s"


def count(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"


def change(old: float | None, new: float | None) -> str:
    """The relative change, `+22%`; empty where one side is unknown or nothing changed."""
    if old is None or new is None or old in {0, new}:
        return ""
    ratio = new / old - 1
    digits = 0 if abs(ratio) >= 0.095 else 1
    text = signed(ratio * 100, digits)
    return f"{text}%" if text[0] in "−+" else ""
