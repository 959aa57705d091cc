"""Where requests go: a running server, or the service that pins.yaml starts, as it is and in each failure mode."""

from typing import Protocol

from statuspin.contract.pins import AS_IT_IS


class PreconditionUnavailable(Exception):
    """Why something cannot be brought about here; what needs it is skipped, and reported as skipped.

    kind: the reason in general, `no token for the actor`. name: which one; reports name all of a kind in one line.
    """

    def __init__(self, kind: str, name: str = "") -> None:
        """kind, name: as above."""
        super().__init__(f"{kind} “{name}”" if name else kind)
        self.kind, self.name = kind, name


class Target(Protocol):
    """Where the modes of a server are to be found."""

    async def url(self, mode: str) -> str:
        """The base URL of the server in a mode. Raises PreconditionUnavailable."""
        ...

    async def tokens(self) -> dict[str, object]:
        """Actor to token, or to a login's body; empty where there are none."""
        ...


class RunningServer:
    """A server that runs already; it is in no mode but its own."""

    def __init__(self, url: str, tokens: dict[str, object]) -> None:
        """url: its base URL. tokens: from a tokens file."""
        self._url, self._tokens = url, tokens

    async def url(self, mode: str) -> str:
        """The URL; PreconditionUnavailable for every failure."""
        if mode != AS_IT_IS:
            raise PreconditionUnavailable("a running server cannot be put in the mode", mode)
        return self._url

    async def tokens(self) -> dict[str, object]:
        """What the tokens file says."""
        return self._tokens
