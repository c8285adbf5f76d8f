"""Assertions on the answer as HTML: is-html and contains-html."""

import re
from functools import cache
from typing import Any

from promptctl.scoring.result import Context, Outcome
from promptctl.scoring.text import quoted
from promptctl.scoring.tokens import SPACE

LIMIT = 10 * 1024 * 1024  # Characters, as in promptfoo.

# The elements of the HTML standard that count as HTML; so does every custom element, whose name holds a hyphen.
_ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "address",
        "area",
        "article",
        "aside",
        "audio",
        "b",
        "base",
        "bdi",
        "bdo",
        "blockquote",
        "body",
        "br",
        "button",
        "canvas",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "datalist",
        "dd",
        "del",
        "details",
        "dfn",
        "dialog",
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "li",
        "link",
        "main",
        "map",
        "mark",
        "math",
        "menu",
        "meta",
        "meter",
        "nav",
        "noscript",
        "object",
        "ol",
        "optgroup",
        "option",
        "output",
        "p",
        "param",
        "picture",
        "pre",
        "progress",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "script",
        "section",
        "select",
        "slot",
        "small",
        "source",
        "span",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "table",
        "tbody",
        "td",
        "template",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "track",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
    ]
)
_COMMON = (
    "html|head|body|div|span|p|a|img|h[1-6]|ul|ol|li|table|tr|td|th|form|input|button|script|style|link|meta|br|hr"
)
_LEAD = r"(?:\s+|<!--.*?-->|<!doctype[^>]*>|<![^-][^>]*>|<\?[^>]*>|</(?!head|body|html|br)[a-z][^>]*>)*+"
_PROBE = "data-promptctl-given"


def is_html(context: Context, _value: None, _threshold: float | None) -> Outcome:
    """The whole answer is HTML: a known element is there, and no text stands outside of elements."""
    text = context.output.strip()
    wrong = _mistake(text)
    if wrong is not None:
        return Outcome(False, 0.0, f"{wrong}: {quoted(text)}")
    return Outcome(True, 1.0, "is HTML")


def _mistake(text: str) -> str | None:
    if not text:
        return "is empty"
    if len(text) > LIMIT:
        raise ValueError(f"the answer is too long for is-html: {len(text):,} characters.")
    if re.match(r"<\?xml", text, re.IGNORECASE):
        return "is XML"
    given = _given_body(text)
    body = _parsed(text).body
    if not given and body is not None and any(node.is_text_node and node.text_content.strip() for node in _below(body)):
        return "has text outside of HTML elements"
    if not given and not _has_element(text):
        return "has no HTML element"
    return None


def _parsed(text: str) -> Any:
    from selectolax.lexbor import LexborHTMLParser  # 15 ms: only is-html pays it

    return LexborHTMLParser(text.encode("utf-8", "replace"))


def _below(node: Any) -> Any:
    return node.iter(include_text=True)


def _has_element(text: str) -> bool:
    lowered = text.lower()
    wrapper = re.match(
        rf"{_LEAD}<html(?=[\s>/])|{_LEAD}(?:<html(?:\s[^>]*)?>)?{_LEAD}<head(?=[\s>/])", lowered, re.DOTALL
    )
    if wrapper:
        return True
    names = {node.tag for node in _parsed(text).root.traverse(include_text=False)} - {"html", "head", "body"}
    return any(name in _ELEMENTS or "-" in name.lstrip("-!") for name in names if name and name[0].isalpha())


def _given_body(text: str) -> bool:
    """Whether <body> stands in the text as a tag, before anything that would open it unsaid."""
    found = re.search(r"<body(?=[\s>/])", text, re.IGNORECASE)
    if found is None:
        return False
    if re.search(r"</(?:body|html|br)[\s/>]", text[: found.start()], re.IGNORECASE):
        return False
    marked = f"{text[: found.end()]} {_PROBE}{text[found.end() :]}"
    body = _parsed(marked).body
    if body is None or _PROBE not in body.attributes:
        return False
    before = _parsed(text[: found.start()]).body
    return before is None or next(iter(_below(before)), None) is None


@cache
def _tag() -> re.Pattern[str]:
    return re.compile(rf"<[a-zA-Z][a-zA-Z0-9-]*+(?:[{SPACE}]|\Z)")


def contains_html(context: Context, _value: None, _threshold: float | None) -> Outcome:
    """Two signs of HTML or more, as promptfoo weighs them: tags, entities, attributes, a doctype, a comment."""
    text = context.output
    if len(text) > LIMIT:
        raise ValueError(f"the answer is too long for contains-html: {len(text):,} characters.")
    if _signs(text) >= 2:
        return Outcome(True, 1.0, "contains HTML")
    return Outcome(False, 0.0, f"contains no HTML: {quoted(text)}")


def _signs(text: str) -> int:
    # A tag is looked for between one > and the next, so that a text of a million < takes no time.
    pieces = text.split(">")[:-1]
    opening = any(_tag().search(piece) for piece in pieces)
    closing = re.search(rf"</[a-zA-Z][a-zA-Z0-9-]*+[{SPACE}]*+>", text) is not None
    closed = any(_tag().search(piece.removesuffix("/")) for piece in pieces if piece.endswith("/"))
    common = re.search(rf"<(?:{_COMMON})\b", text, re.IGNORECASE | re.ASCII) is not None
    entity = re.search(r"&(?:[a-zA-Z]++|#[0-9]++|#x[0-9a-fA-F]++);", text) is not None
    doctype = re.search(rf"<!doctype[{SPACE}]+html", text, re.IGNORECASE) is not None
    comment = re.search(r"<!--[^-]*+(?:-[^-]++)*+-->", text) is not None
    attribute = re.search(rf"[{SPACE}][a-zA-Z-]++=[{SPACE}]*+[\"'][^\"']*+[\"']", text) is not None
    return opening + closing + closed + entity + 2 * doctype + comment + attribute + 2 * common
