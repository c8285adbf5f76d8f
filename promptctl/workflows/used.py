"""What is remembered of the answers that a prompt's verdict rests on."""

from dataclasses import dataclass, field

from promptctl.models.call import Call, Origin, Reply
from promptctl.models.fallbacks import answered_call


@dataclass(slots=True)
class Used:
    """`brought` are the fingerprints of recordings that the new side alone has, `forgeable` those that were used.

    `models` says by which names of theirs the models that were asked have answered. `answers` holds the answers
    themselves, by fingerprint, only where they are to be recorded (`keep`). `fallbacks` counts the answers that other
    models gave in place of those that were asked, by both names.
    """

    brought: frozenset[str] = frozenset()
    keep: bool = False
    forgeable: set[str] = field(default_factory=set)
    models: dict[str, set[str]] = field(default_factory=dict)
    answers: dict[str, tuple[Call, Reply]] = field(default_factory=dict)
    fallbacks: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, call: Call, reply: Reply) -> None:
        """One more answer."""
        if reply.fallback is not None:
            names = (call.model, reply.fallback)
            self.fallbacks[names] = self.fallbacks.get(names, 0) + 1
            call = answered_call(call, reply)
        if reply.model is not None:
            self.models.setdefault(call.model, set()).add(reply.model)
        if reply.origin is Origin.RECORDING and call.fingerprint in self.brought:
            self.forgeable.add(call.fingerprint)
        if self.keep:
            self.answers[call.fingerprint] = (call, reply)
