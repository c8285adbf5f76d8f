"""What a person sees while a replay asks."""

import io
import threading
from dataclasses import dataclass

from promptctl.cli.progress import Progress, download_progress


@dataclass
class Stats:
    spent_usd: float | None = 0.5
    retries: int = 0
    calls: int = 0
    in_flight: int = 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticking(step: float):
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    return clock


def test_without_a_terminal_a_line_every_ten_seconds(capsys):
    progress = Progress(clock=ticking(4.0), stats=lambda: Stats(retries=2), quiet=False)
    progress.expect(10)

    for _ in range(6):
        progress.answered(asked=True)

    lines = capsys.readouterr().err.splitlines()
    assert 1 < len(lines) < 6
    assert all("/10 answers" in line and "2 retries" in line and "$0.5000 spent" in line for line in lines)


def test_the_rate_counts_from_the_first_answer_on(capsys):
    now = [0.0]
    progress = Progress(clock=lambda: now[0], stats=Stats, quiet=False)
    progress.expect(100)
    for moment in (60.0, 65.0, 70.0):
        now[0] = moment
        progress.answered(asked=True)

    first, last = capsys.readouterr().err.splitlines()

    assert "1/100 answers" in first
    assert "left" not in first, "one answer has no rate"
    assert "3/100 answers, 0.2/s, $0.5000 spent, about 485 s left" in last


def test_known_answers_and_quiet_show_nothing(capsys):
    loud = Progress(clock=ticking(100.0), stats=Stats, quiet=False)
    quiet = Progress(clock=ticking(100.0), stats=Stats, quiet=True)

    loud.answered(asked=False)
    quiet.answered(asked=True)
    quiet.say("hello")

    assert "" == capsys.readouterr().err


def test_while_an_answer_is_waited_for_a_line_comes_too(capsys):
    now, stats = [0.0], Stats()
    progress = Progress(clock=lambda: now[0], stats=lambda: stats, quiet=False)
    progress.expect(8)

    now[0] = 30.0
    progress.waiting()
    assert "" == capsys.readouterr().err, "nobody was asked yet"
    stats.in_flight = 8
    for now[0] in (30.0, 35.0, 40.0, 41.0):
        progress.waiting()
    assert ["promptctl: 0/8 answers, 0.0/s, $0.5000 spent"] * 2 == capsys.readouterr().err.splitlines()
    progress.end()
    now[0] = 60.0
    progress.waiting()
    assert "" == capsys.readouterr().err, "the report has the terminal"


def test_it_is_looked_whether_time_passes(monkeypatch):
    monkeypatch.setattr("promptctl.cli.progress.EVERY", 0.0)
    looked = threading.Event()

    def stats():
        looked.set()
        return Stats()

    with Progress(clock=ticking(1.0), stats=stats, quiet=False):
        assert looked.wait()


def test_on_a_terminal_a_bar_that_goes_away(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with Progress(clock=ticking(0.1), stats=lambda: Stats(spent_usd=None), quiet=False) as progress:
        progress.expect(2)
        progress.answered(asked=True)
        progress.answered(asked=True)
        progress.say("done")

    assert progress.bar is None
    assert "cost unknown" in screen.getvalue()
    assert screen.getvalue().endswith("promptctl: done\n")


def test_a_download_shows_its_beginning_and_end(monkeypatch, capsys):
    for done in (0, 1 << 20, 2 << 20):
        download_progress(done, 2 << 20)
    assert 2 == len(capsys.readouterr().err.splitlines())

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    download_progress(1 << 20, 2 << 20)
    download_progress(2 << 20, 2 << 20)
    assert "[############            ] 1/2 MiB" in screen.getvalue()
    assert screen.getvalue().endswith("\n")
