"""The target of a run: a running server, or the service that pins.yaml describes, with its failure modes."""

from typing import Protocol

from statuspin.contract.pins import AS_IT_IS


class PreconditionUnavailable(Exception):
    """A precondition of a pin cannot be set up on this target, so the pin is skipped.

    kind: the general reason, such as `no token for the actor`. name: the actor, mode or row. Reports list the names of
    the same kind on one line.
    """

    def __init__(self, kind: str, name: str = "") -> None:
        """kind: the general reason. name: appended to the message in quotation marks."""
        super().__init__(f"{kind} “{name}”" if name else kind)
        self.kind, self.name = kind, name


class Target(Protocol):
    """A server with its modes and tokens."""

    async def url(self, mode: str) -> str:
        """Return the base URL of the server in a mode. Raises PreconditionUnavailable if it does not have the mode."""
        ...

    async def tokens(self) -> dict[str, object]:
        """Return actor to token, or to the body of a login."""
        ...


class RunningServer:
    """A server that is already running. It has only the default mode."""

    def __init__(self, url: str, tokens: dict[str, object]) -> None:
        """url: the base URL. tokens: the contents of the tokens file."""
        self._url, self._tokens = url, tokens

    async def url(self, mode: str) -> str:
        """Return the base URL. Raises PreconditionUnavailable for every failure mode."""
        if mode != AS_IT_IS:
            raise PreconditionUnavailable("a running server cannot be put in the mode", mode)
        return self._url

    async def tokens(self) -> dict[str, object]:
        """Return the contents of the tokens file."""
        return self._tokens
