"""Who is asked first: answers that are known already, from the store, then from recordings."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Protocol

from promptctl.inputs.digests import DigestSet
from promptctl.models.call import Call, Origin, Reply


class Mode(Enum):
    """Who may answer: everybody, nobody over the network, the recordings alone."""

    NORMAL = "normal"
    OFFLINE = "offline"
    FROZEN = "frozen"


class AnswerStore(Protocol):
    """Where answers are remembered. `find` and `add` are called from two different threads, each from one alone."""

    def find(self, fingerprints: Collection[str], *, since: float | None = None) -> dict[str, Reply]:
        """The latest answer to each that has one, of those created at `since` or later."""
        ...

    def add(self, answers: Iterable[tuple[Call, Reply]]) -> None:
        """Remember; durable when it returns."""
        ...


class KnownAnswers:
    """What the store and the recordings know, and how many distinct calls each of them served in this run.

    A call is remembered by sixty bits of its fingerprint: 10 to 20 bytes each.
    """

    def __init__(
        self, store: AnswerStore, recordings: Mapping[str, Reply], mode: Mode, since: float | None = None
    ) -> None:
        self.from_cache = 0
        self.from_recordings = 0
        self._store = store
        self._recordings = recordings
        self._mode = mode
        self._since = since
        self._asked = DigestSet()
        self._served = DigestSet()

    def find(self, fingerprints: Collection[str]) -> dict[str, Reply]:
        """Fingerprint -> answer, for those that have one that may count. Nobody is asked over the network."""
        found: dict[str, Reply] = {}
        if self._mode is not Mode.FROZEN and fingerprints:
            stored = self._store.find(fingerprints, since=self._since)
            found = {one: _from(reply, self._origin(one)) for one, reply in stored.items()}
        for fingerprint in fingerprints if self._recordings else ():
            reply = self._recordings.get(fingerprint)
            if reply is None or fingerprint in found or (self._since is not None and reply.created < self._since):
                continue
            found[fingerprint] = _from(reply, Origin.RECORDING)
        return found

    def learn(self, fingerprint: str) -> None:
        """A provider answered this in this run: where it is found again, it is no cached answer."""
        self._asked.add(_short(fingerprint))

    def serve(self, fingerprint: str, reply: Reply) -> None:
        """Count what did not have to be asked, once each."""
        if reply.origin is Origin.PROVIDER or not self._served.add(_short(fingerprint)):
            return
        self.from_cache += reply.origin is Origin.CACHE
        self.from_recordings += reply.origin is Origin.RECORDING

    def _origin(self, fingerprint: str) -> Origin:
        return Origin.PROVIDER if self._asked and _short(fingerprint) in self._asked else Origin.CACHE


def _short(fingerprint: str) -> int:
    return int(fingerprint[:15], 16)


def _from(reply: Reply, origin: Origin) -> Reply:
    return reply if reply.origin is origin else replace(reply, origin=origin)
