"""What could not be carried over, by name: nothing is dropped in silence."""

SHOWN = 3  # Places named of one kind of leftover; of the others their number.


class Leftovers:
    """Notes in the order in which they came up; the same one at many places is one line."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}

    def note(self, what: str, *, at: str = "") -> None:
        """`what` was left out, and why; `at` is the place, where there may be several."""
        places = self._places.setdefault(what, [])
        if at and at not in places:
            places.append(at)

    def lines(self) -> tuple[str, ...]:
        """One line a kind of leftover."""
        return tuple(_line(what, places) for what, places in self._places.items())


def _line(what: str, places: list[str]) -> str:
    if not places:
        return what
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return f"{', '.join(places[:SHOWN])}{more}: {what}"
