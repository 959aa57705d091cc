"""The time of tokens if the system clock is set."""

from uuid import UUID

import pytest

from app.domain.errors import TokenExpired
from app.identity.issuing import TokenSubject, issue_token
from app.identity.key_sets import LocalKeySet
from app.identity.tokens import TokenClock, TokenVerifier
from app.settings import Settings

DAY = 86_400.0
SUBJECT = TokenSubject(employee_id=UUID(int=1), organization_id=UUID(int=2), roles=[], permissions=[])


class Clocks:
    """A wall clock that can be set, and a monotonic clock."""

    wall = 1_700_000_000.0
    elapsed = 500.0

    def pass_time(self, seconds):
        self.wall += seconds
        self.elapsed += seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def clock(clocks):
    return TokenClock(lambda: clocks.wall, lambda: clocks.elapsed)


def test_the_time_is_the_wall_clock(clocks, clock):
    clocks.pass_time(10)

    assert clock() == clocks.wall


def test_a_clock_set_back_continues_from_the_time_elapsed(clocks, clock):
    clocks.pass_time(10)
    before = clock()
    clocks.wall -= DAY

    assert clock() == before
    clocks.pass_time(5)
    assert clock() == before + 5


def test_a_clock_set_ahead_and_back_again_has_no_effect(clocks, clock):
    clocks.wall += DAY
    assert clock() == clocks.wall
    clocks.wall -= DAY
    clocks.pass_time(1)

    assert clock() == clocks.wall


async def test_a_clock_set_back_rejects_no_valid_token_and_accepts_no_expired_one(clocks, clock, tmp_path):
    settings = Settings(token_lifetime=60)
    keys = LocalKeySet(tmp_path)
    verifier = TokenVerifier(keys, settings, clock)
    token = issue_token(SUBJECT, await keys.signing_key(), settings, clock=clock)
    clocks.wall -= DAY

    await verifier.verify(token)
    await verifier.verify(issue_token(SUBJECT, await keys.signing_key(), settings, clock=clock))
    clocks.pass_time(60)
    with pytest.raises(TokenExpired):
        await verifier.verify(token)
