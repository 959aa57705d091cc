"""The tests. Assertions in tests/support are shown as those of the tests themselves."""

import pytest

pytest.register_assert_rewrite("tests.support")
