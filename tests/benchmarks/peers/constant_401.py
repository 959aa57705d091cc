"""A bare callable that answers 401 whatever is asked: the limit of the refusal."""

import orjson

from tests.benchmarks.peers.bare import Constant
from tests.benchmarks.peers.wire import UNAUTHORIZED


def create_app() -> Constant:
    """Make it."""
    return Constant(401, orjson.dumps(UNAUTHORIZED))
