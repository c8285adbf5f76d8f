"""The screen of an interactive review. Imported by that alone: prompt_toolkit takes 150 ms."""

import os
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.layout import BufferControl, ConditionalContainer, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from promptctl.cli.review_steps import Steps
from promptctl.reports.safe import one_line
from promptctl.reports.terminal_review import fitted, review_lines, state, title

if TYPE_CHECKING:
    from promptctl.reports.review import Item
    from promptctl.workflows.review import Review

MOST = 2_000  # cases that one steps through at a time
_KEYS = (
    "a accept  w waive  r reject  s skip  u undo  n note  p/f label pass/fail",
    "left/right case  up/down scroll  q quit",
)
_ASKED = ("Enter goes on, Esc gives up", "")
_FIXED = 5  # lines around the case: title, rule, message or question, keys
_STYLE = Style.from_dict({"title": "bold", "state": "reverse", "rule": "ansibrightblack", "keys": "ansibrightblack"})


def step(review: "Review", items: "Sequence[Item]", expires: date) -> int:
    """Let the user decide case after case -> how many are pending at the end."""
    steps = Steps(review, items, expires)
    make_screen(steps).run()
    return steps.pending


def make_screen(steps: Steps, **more: Any) -> Application[None]:
    """The application; `more` is prompt_toolkit's (`input`, `output`), for tests."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    line = Buffer(multiline=False)
    screen = _Screen(steps, line, color=not plain)
    asks = Condition(lambda: steps.form is not None)
    question = BufferControl(buffer=line, input_processors=[BeforeInput(screen.question)])
    body = Window(FormattedTextControl(screen.body, focusable=True, show_cursor=False))
    root = HSplit(
        [
            Window(FormattedTextControl(screen.head), height=1),
            Window(char="-", height=1, style="class:rule"),
            body,
            ConditionalContainer(Window(FormattedTextControl(screen.message), height=1), filter=~asks),
            ConditionalContainer(Window(question, height=1), filter=asks),
            Window(FormattedTextControl(screen.keys), height=2, style="class:keys"),
        ]
    )
    depth = {"color_depth": ColorDepth.DEPTH_1_BIT} if plain else {}
    return Application(
        layout=Layout(root, focused_element=body),
        key_bindings=_bindings(screen, body, question, asks),
        style=_STYLE,
        full_screen=True,
        **{**depth, **more},
    )


class _Screen:
    """What stands on the screen, made from the steps each time it is drawn."""

    def __init__(self, steps: Steps, line: Buffer, *, color: bool) -> None:
        self.steps = steps
        self.line = line
        self._color = color
        self._drawn: tuple[object, int, list[StyleAndTextTuples]] | None = None

    @property
    def rows(self) -> int:
        """Of the terminal, now."""
        return get_app().output.get_size().rows

    @property
    def columns(self) -> int:
        """Of the terminal, now."""
        return get_app().output.get_size().columns

    def head(self) -> StyleAndTextTuples:
        steps = self.steps
        place = f" {steps.at + 1}/{len(steps.items)} "
        now = f" {state(steps.item)} "
        room = max(10, self.columns - len(place) - len(now) - 2)
        return [
            ("class:state", place),
            ("class:title", f" {fitted(title(steps.item), room)} "),
            ("class:state", now),
        ]

    def body(self) -> StyleAndTextTuples:
        height = max(1, self.rows - _FIXED)
        lines = self._lines()
        self.steps.scroll = max(0, min(self.steps.scroll, len(lines) - height))
        shown: StyleAndTextTuples = []
        for line in lines[self.steps.scroll : self.steps.scroll + height]:
            shown += [*line, ("", "\n")]
        return shown

    def message(self) -> StyleAndTextTuples:
        left = len(self._lines()) - self.steps.scroll - max(1, self.rows - _FIXED)
        more = f"({left} more lines below)" if left > 0 else ""
        return [("", fitted(one_line(self.steps.said), self.columns - 1) or more)]

    def question(self) -> StyleAndTextTuples:
        form = self.steps.form
        return [("class:title", f"{form.question}: " if form is not None else "")]

    def keys(self) -> StyleAndTextTuples:
        return [("", "\n".join(_ASKED if self.steps.form is not None else _KEYS))]

    def ask(self) -> None:
        """Put the default answer into the line."""
        form = self.steps.form
        text = "" if form is None else form.default
        self.line.text = text
        self.line.cursor_position = len(text)

    def _lines(self) -> list[StyleAndTextTuples]:
        item, width = self.steps.item, self.columns - 1
        if self._drawn is None or self._drawn[0] is not item or self._drawn[1] != width:
            lines = review_lines(item, width=width, color=self._color)
            self._drawn = item, width, [to_formatted_text(ANSI(line)) for line in lines]
        return self._drawn[2]


def _bindings(screen: _Screen, body: Window, question: BufferControl, asks: Condition) -> KeyBindings:
    keys = KeyBindings()
    for names, act in _acts(screen.steps).items():
        for name in names.split():
            _bind(keys, name, act, screen, question, asks)
    _bind_form(keys, screen, body, asks)
    return keys


def _acts(steps: Steps) -> dict[str, Callable[[], object]]:
    """What each key does while nothing is asked."""

    def scroll(by: int) -> Callable[[], object]:
        def act() -> None:
            steps.scroll += by

        return act

    return {
        "a": steps.accept,
        "w": steps.waive,
        "r": steps.reject,
        "s right tab": lambda: steps.move(1),
        "left s-tab": lambda: steps.move(-1),
        "u": steps.undo,
        "n": steps.note,
        "p": lambda: steps.label("pass"),
        "f": lambda: steps.label("fail"),
        "down j": scroll(1),
        "up k": scroll(-1),
        "pagedown space": scroll(10),
        "pageup": scroll(-10),
    }


def _bind(
    keys: KeyBindings,
    name: str,
    act: Callable[[], object],
    screen: _Screen,
    question: BufferControl,
    asks: Condition,
) -> None:
    @keys.add(name, filter=~asks)
    def _(event: KeyPressEvent) -> None:
        act()
        if screen.steps.form is not None:
            screen.ask()
            event.app.layout.focus(question)


def _bind_form(keys: KeyBindings, screen: _Screen, body: Window, asks: Condition) -> None:
    steps = screen.steps

    @keys.add("q", filter=~asks)
    @keys.add("c-c", filter=~asks)
    @keys.add("c-d", filter=~asks)
    def _(event: KeyPressEvent) -> None:
        event.app.exit()

    @keys.add("enter", filter=asks)
    def _(event: KeyPressEvent) -> None:
        steps.answered(screen.line.text)
        screen.ask()
        if steps.form is None:
            event.app.layout.focus(body)

    @keys.add("escape", filter=asks, eager=True)
    @keys.add("c-c", filter=asks)
    def _(event: KeyPressEvent) -> None:
        steps.cancelled()
        event.app.layout.focus(body)
