"""No property test depends on the machine's speed."""

from hypothesis import HealthCheck, settings


def test_hypothesis_has_no_deadline_and_no_health_check_of_speed():
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check
