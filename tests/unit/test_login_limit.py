"""The rate limit of logins, with a clock that the test controls."""

import pytest

from app.domain.errors import TooManyAttempts
from app.identity.login_limit import LoginLimit
from app.settings import Settings


class Clock:
    now = 1_700_000_000.25

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limit(clock):
    return LoginLimit(Settings(login_attempts=3, login_window=60), clock)


def use_all_attempts(limit, address):
    for _ in range(3):
        limit.count(address)


def test_attempts_up_to_the_limit_pass_and_the_next_is_rejected(limit):
    use_all_attempts(limit, "192.0.2.1")

    with pytest.raises(TooManyAttempts) as raised:
        limit.count("192.0.2.1")

    assert isinstance(raised.value.retry_after, int)
    assert raised.value.retry_after == 60


def test_an_attempt_passes_exactly_after_retry_after(limit, clock):
    use_all_attempts(limit, "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        limit.count("192.0.2.1")

    clock.now += 42.5
    with pytest.raises(TooManyAttempts) as raised:
        limit.count("192.0.2.1")
    assert raised.value.retry_after == 18
    clock.now += raised.value.retry_after - 1
    with pytest.raises(TooManyAttempts) as raised:
        limit.count("192.0.2.1")
    assert raised.value.retry_after == 1
    clock.now += 1
    limit.count("192.0.2.1")


def test_a_new_window_starts_a_new_count(limit, clock):
    use_all_attempts(limit, "192.0.2.1")
    clock.now += 61
    use_all_attempts(limit, "192.0.2.1")


def test_addresses_are_counted_separately(limit):
    use_all_attempts(limit, "192.0.2.1")
    limit.count("192.0.2.2")
    limit.count("testclient")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
        ("2001:db8:0:1::1", "2001:0DB8:0:1::1"),
        ("fe80::1%eth0", "fe80::2%eth1"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_addresses_of_one_client_are_counted_together(limit, one, other):
    use_all_attempts(limit, one)
    with pytest.raises(TooManyAttempts):
        limit.count(other)


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8:0:1::1", "2001:db8:0:2::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.2")]
)
def test_neighbouring_networks_are_counted_separately(limit, one, other):
    use_all_attempts(limit, one)
    limit.count(other)


def test_expired_blocks_are_removed_without_another_attempt(limit, clock):
    for number in range(50):
        use_all_attempts(limit, f"192.0.2.{number}")
        with pytest.raises(TooManyAttempts):
            limit.count(f"192.0.2.{number}")
    clock.now += 61

    limit.count("198.51.100.1")

    assert limit._blocked_until == {}
    assert limit._attempts == {"198.51.100.1": 1}


def test_a_block_outlasts_the_window(limit, clock):
    clock.now += 50
    use_all_attempts(limit, "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        limit.count("192.0.2.1")
    clock.now += 30
    limit.count("198.51.100.1")

    with pytest.raises(TooManyAttempts) as raised:
        limit.count("192.0.2.1")

    assert raised.value.retry_after == 30


def test_a_wall_clock_that_is_set_back_does_not_extend_a_block(monkeypatch):
    limit = LoginLimit(Settings(login_attempts=3, login_window=60))
    use_all_attempts(limit, "192.0.2.1")
    monkeypatch.setattr("time.time", lambda: 0.0)

    with pytest.raises(TooManyAttempts) as raised:
        limit.count("192.0.2.1")

    assert raised.value.retry_after <= 60
