"""What rendering raises, whatever the language."""

from promptctl.errors import PromptctlError


class RenderError(PromptctlError):
    """A template that cannot be rendered with these values.

    `variable` names the one that is absent or of the wrong type, if it is that; `refused` says that the sandbox did.
    """

    def __init__(self, reason: str, variable: str | None = None, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.variable = variable
        self.refused = refused
