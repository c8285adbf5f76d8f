"""What a person sees while a replay asks: a bar on a terminal, a line every ten seconds without one."""

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from promptctl.cli.shell import say

EVERY = 10.0  # seconds between lines where there is no terminal


class Progress:
    """Done, rate, retries, spent and time left, on stderr. Nothing is shown until there is something to wait for.

    As a context manager it also speaks while no answer comes, from a thread of its own.
    """

    def __init__(self, *, clock: Callable[[], float], stats: Callable[[], Any], quiet: bool) -> None:
        self.clock = clock
        self.stats = stats
        self.quiet = quiet
        self.total = 0
        self.done = 0
        self.first: float | None = None  # when the first answer came
        self.shown = clock()
        self.bar: Any = None
        self._over = threading.Event()
        self._lock = threading.RLock()  # two threads draw

    def __enter__(self) -> Self:
        if not self.quiet:
            threading.Thread(target=self._keep_speaking, name="promptctl-progress", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Nothing more is asked: the terminal is the report's."""
        self._over.set()
        self.stop()

    def _keep_speaking(self) -> None:
        while not self._over.wait(EVERY / 10):
            self.waiting()

    def waiting(self) -> None:
        """Time passes: speak where it is time to, if anybody was asked."""
        stats = self.stats()
        if stats.calls or stats.in_flight:
            self._show()

    def say(self, text: str) -> None:
        """A message between two steps of the bar."""
        if self.quiet:
            return
        with self._lock:
            self.stop()
            say(text)

    def expect(self, count: int) -> None:
        """That many more answers have to be asked for."""
        self.total += count

    def answered(self, *, asked: bool) -> None:
        """One more answer. Those that were known already take no time, and are not counted."""
        if self.quiet or not asked:
            return
        if self.first is None:
            self.first = self.clock()  # what came before was preparation, and says nothing of the rate
        self.done += 1
        self._show()

    def _show(self) -> None:
        with self._lock:
            if self._over.is_set():
                return
            if sys.stderr.isatty():
                self._draw()
            elif self.clock() - self.shown >= EVERY:
                self.shown = self.clock()
                say(self._line())

    def stop(self) -> None:
        """Take the bar away; the terminal is free again."""
        with self._lock:
            if self.bar is not None:
                self.bar.stop()
                self.bar = None

    def _line(self) -> str:
        stats = self.stats()
        took = 0.0 if self.first is None else self.clock() - self.first
        rate = (self.done - 1) / took if took > 0 else 0.0
        left = f", about {max(self.total - self.done, 0) / rate:.0f} s left" if rate else ""
        spent = "cost unknown" if stats.spent_usd is None else f"${stats.spent_usd:.4f} spent"
        total = max(self.total, self.done)
        retries = f", {stats.retries} retries" if stats.retries else ""
        return f"{self.done}/{total} answers, {rate:.1f}/s{retries}, {spent}{left}"

    def _draw(self) -> None:
        if self.bar is None:
            from rich.console import Console  # 53 ms: only where a provider is asked on a terminal
            from rich.live import Live

            self.bar = Live("", console=Console(stderr=True), transient=True, refresh_per_second=8)
            self.bar.start()
        self.bar.update(self._picture())

    def _picture(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        row = Table.grid(padding=(0, 1), expand=False)
        row.add_row(ProgressBar(total=max(self.total, self.done, 1), completed=self.done, width=24), self._line())
        return row


def download_progress(done: int, total: int) -> None:
    """One step of a model's download, on stderr: a bar on a terminal, the beginning and the end without one."""
    mib = 1024 * 1024
    if sys.stderr.isatty():
        share = done / total if total else 0.0
        bar = "#" * round(24 * share)
        end = "\n" if total and done >= total else ""
        text = f"\rpromptctl: fetching the model [{bar:<24}] {done // mib}/{total // mib} MiB"
        print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201 - a bar that is drawn over itself
    elif total and (done == 0 or done >= total):
        say(f"fetching the model: {done // mib} of {total // mib} MiB")
