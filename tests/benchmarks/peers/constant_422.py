"""A bare callable that answers every request with 422: the limit of the error response."""

import orjson

from tests.benchmarks.peers.bare import Constant
from tests.benchmarks.peers.wire import INVALID_ANSWER


def create_app() -> Constant:
    """Create the application."""
    return Constant(422, orjson.dumps(INVALID_ANSWER))
