"""The bearer token of the Authorization header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import AuthenticationRequired
from app.http.request import bearer_token


@pytest.mark.parametrize(
    "header", ["Bearer abc.def-_", "bearer abc.def-_", "BEARER abc.def-_", "bEaReR   abc.def-_", " Bearer abc.def-_ "]
)
def test_the_scheme_is_case_insensitive(header):
    assert bearer_token(header) == "abc.def-_"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "   ",
        "Bearer",
        "Bearer ",
        "Bearer    ",
        "abc.def",
        "Basic YTpi",
        "Bearerabc",
        "Bearer\tabc",
        "Bearer:abc",
        "Bearer=abc",
        "XBearer abc",
        "Bearer abc def",
        "Bearer abc\tdef",
        "Bearer abc\xa0def",
        "Bearer abc, Bearer def",
        "Bearer\xa0abc",
        "Token Bearer abc",
        "\u0412earer abc",
    ],
)
def test_authentication_is_required_if_the_header_is_missing_or_malformed(header):
    with pytest.raises(AuthenticationRequired):
        bearer_token(header)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: f"Bearer {text}"))
def test_any_header_is_one_token_without_whitespace_or_rejected(header):
    try:
        token = bearer_token(header)
    except AuthenticationRequired:
        return
    assert token
    assert token.split() == [token]
