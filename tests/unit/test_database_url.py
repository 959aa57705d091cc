"""Database URLs with one and with several hosts."""

import pytest
from pydantic import ValidationError

from app.cli.environment import describe_database
from app.database_url import Host, parse_hosts
from app.settings import Settings


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql:///interviews", [Host("localhost", 5432)]),
        ("postgresql://db/interviews", [Host("db", 5432)]),
        ("postgresql://me:p%40ss@db:6432/interviews", [Host("db", 6432)]),
        ("postgresql://me@[::1]:6432/interviews", [Host("::1", 6432)]),
        ("postgresql://me@a:1,b,c:3/interviews", [Host("a", 1), Host("b", 5432), Host("c", 3)]),
        ("postgresql://me@/interviews?host=/run/postgresql&port=5433", [Host("/run/postgresql", 5433)]),
        ("postgresql:///interviews?host=a,b&port=1,2", [Host("a", 1), Host("b", 2)]),
        ("postgresql:///interviews?host=a,b&port=1", [Host("a", 1), Host("b", 1)]),
        ("postgresql://%2Frun%2Fpostgresql/interviews", [Host("/run/postgresql", 5432)]),
    ],
)
def test_the_hosts_of_a_url(url: str, hosts: list[Host]) -> None:
    assert list(parse_hosts(url)) == hosts


_ROLE = "target_session_attrs=read-write"
_WRITE = f"URL with several hosts should have {_ROLE}"
_PORT = "Port should be between 1 and 65535"
_ROLES = "target_session_attrs should be one of any, read-write, primary, read-only, standby"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://a:0/x", _PORT),
        (f"postgresql://a:1,b:65536/x?{_ROLE}", _PORT),
        (f"postgresql://a,b:c/x?{_ROLE}", _PORT),
        (f"postgresql://a,b:1:2/x?{_ROLE}", "Host should be a name or an address with an optional port"),
        (f"postgresql:///x?host=a,b,c&port=1,2&{_ROLE}", "URL has 3 hosts and 2 ports"),
        ("postgresql://a,b/x", _WRITE),
        ("postgresql://a,b/x?target_session_attrs=standby", _WRITE),
        ("postgresql://a/x?target_session_attrs=leader", _ROLES),
    ],
)
def test_an_error_if_the_database_url_names_no_usable_hosts(url: str, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(database_url=url)

    assert [error["msg"] for error in raised.value.errors()] == [f"Value error, {message}"]


def test_an_error_if_several_hosts_of_the_replica_url_may_be_the_primary() -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(database_url="postgresql://a/x", replica_url="postgresql://a,b/x")

    message = "Value error, URL with several hosts should have target_session_attrs=standby"
    assert [error["msg"] for error in raised.value.errors()] == [message]


@pytest.mark.parametrize("attribute", ["read-write", "primary"])
def test_several_hosts_are_accepted_if_the_url_asks_for_the_primary(attribute: str) -> None:
    url = f"postgresql://me:secret@a:1,b:2/interviews?target_session_attrs={attribute}"

    settings = Settings(database_url=url, replica_url=url.replace(attribute, "standby"))

    assert settings.database_url == url
    assert describe_database(settings) == "interviews on a port 1, b port 2"
