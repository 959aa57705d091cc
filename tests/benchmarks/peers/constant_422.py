"""A bare callable that answers 422 whatever is asked: the limit of the refusal."""

import orjson

from tests.benchmarks.peers.bare import Constant
from tests.benchmarks.peers.wire import INVALID_ANSWER


def create_app() -> Constant:
    """Make it."""
    return Constant(422, orjson.dumps(INVALID_ANSWER))
