"""A bare callable that answers every request with 401: the limit of the error response."""

import orjson

from tests.benchmarks.peers.bare import Constant
from tests.benchmarks.peers.wire import UNAUTHORIZED


def create_app() -> Constant:
    """Create the application."""
    return Constant(401, orjson.dumps(UNAUTHORIZED))
