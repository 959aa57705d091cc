"""401, 403 of a permission, 404 of a path, 405, 413, 415 and 422 of every operation ask no database.

Proved in two ways: the database of this service is out of reach, so that whatever asks it is a 503; and each answer
tells how many statements it cost.
"""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.api.operations import JSON, MAX_BODY_SIZE, NOBODYS, OPERATIONS, Operation, each, each_with_a_body
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_body_too_large,
    assert_database_unavailable,
    assert_error,
    assert_method_not_allowed,
    assert_path_not_found,
    assert_permission_missing,
    assert_unauthenticated,
    assert_unsupported_media_type,
    assert_validation_error,
    count_statements,
)


@each
async def test_503_when_the_request_is_good(adrift: httpx2.AsyncClient, owner: Actor, operation: Operation) -> None:
    assert_database_unavailable(await operation.send(adrift, owner.headers()))


@each
async def test_401_without_a_token(adrift: httpx2.AsyncClient, operation: Operation) -> None:
    response = await operation.send(adrift, {})

    assert_unauthenticated(response)
    assert count_statements(response) == 0


@each
@pytest.mark.parametrize(
    ("message", "claims"),
    [
        ("Token expired", {"lifetime": -1}),
        ("Invalid token", {"employee_id": "not-a-uuid"}),
        ("Invalid token", {"organization_id": "not-a-uuid"}),
    ],
)
async def test_401_when_the_token_is_none_of_ours_or_not_any_more(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation, message: str, claims: dict[str, object]
) -> None:
    response = await operation.send(adrift, owner.headers(**claims))

    assert_error(response, 401, message, {"field": "token", "error": ...})
    assert count_statements(response) == 0


@each
async def test_403_without_the_permission(adrift: httpx2.AsyncClient, owner: Actor, operation: Operation) -> None:
    response = await operation.send(adrift, owner.headers_without(operation.permission))

    assert_permission_missing(
        response, operation.permission, [p for p in owner.permissions if p != operation.permission]
    )
    assert count_statements(response) == 0


@each
async def test_404_when_nothing_lives_at_the_path(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    for path in (f"{operation.path}/", f"{operation.path}/{NOBODYS}/messages"):
        assert_path_not_found(await adrift.request(operation.method, path, headers=owner.headers()))


@each
@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE"])
async def test_405_when_the_path_has_no_such_method(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation, method: str
) -> None:
    response = await adrift.request(method, operation.path, headers=owner.headers())

    assert_method_not_allowed(response, operation.allowed)
    assert count_statements(response) == 0


async def _chunked() -> AsyncIterator[bytes]:
    for _ in range(MAX_BODY_SIZE // 65536):
        yield b" " * 65536
    yield b" "


@each_with_a_body
async def test_413_when_the_body_has_more_than_a_mebibyte(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    for content in (b" " * (MAX_BODY_SIZE + 1), _chunked()):
        headers = {**owner.headers(), **JSON}
        response = await adrift.request(operation.method, operation.path, content=content, headers=headers)

        assert_body_too_large(response)
        assert count_statements(response) == 0


@each_with_a_body
async def test_422_when_the_body_has_a_mebibyte_and_is_no_json(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    headers = {**owner.headers(), **JSON}
    response = await adrift.request(operation.method, operation.path, content=b" " * MAX_BODY_SIZE, headers=headers)

    assert_validation_error(response, ("body", "json_invalid"))
    assert count_statements(response) == 0


@each_with_a_body
@pytest.mark.parametrize("declared", [{}, {"Content-Type": "text/json"}, {"Content-Type": "multipart/form-data"}])
async def test_415_when_the_body_is_not_declared_as_json(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation, declared: dict[str, str]
) -> None:
    headers = {**owner.headers(), **declared}
    response = await adrift.request(operation.method, operation.path, content=b"{}", headers=headers)

    assert_unsupported_media_type(response)
    assert count_statements(response) == 0


@each_with_a_body
@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "json_invalid"), (b"{", "json_invalid"), (b"[]", "model_type"), (b"null", "model_type")],
)
async def test_422_when_the_body_is_no_json_object(
    adrift: httpx2.AsyncClient, owner: Actor, operation: Operation, content: bytes, kind: str
) -> None:
    headers = {**owner.headers(), **JSON}
    response = await adrift.request(operation.method, operation.path, content=content, headers=headers)

    assert_validation_error(response, ("body", kind))
    assert count_statements(response) == 0


@pytest.mark.parametrize("name", ["get_interview", "change_status", "continue_interview", "export_interview"])
async def test_422_when_the_id_is_no_uuid(adrift: httpx2.AsyncClient, owner: Actor, name: str) -> None:
    response = await OPERATIONS[name].about("invalid-uuid").send(adrift, owner.headers())

    assert_validation_error(response, ("interview_id", "uuid_parsing"))
    assert count_statements(response) == 0


async def test_422_when_a_parameter_of_the_list_is_wrong(adrift: httpx2.AsyncClient, owner: Actor) -> None:
    query = "page=0&page_size=101&status=x&language=fr&start_date=0&end_date=x"
    response = await adrift.get(f"/interviews?{query}", headers=owner.headers())

    assert_validation_error(
        response,
        ("status", "enum"),
        ("language", "enum"),
        ("start_date", "datetime_parsing"),
        ("end_date", "datetime_parsing"),
        ("page", "greater_than_equal"),
        ("page_size", "less_than_equal"),
    )
    assert count_statements(response) == 0
