"""401, 403 for a permission, 404 for a path, 405, 413, 415 and 422 need no database, for every operation.

The database of this service is unreachable, so a request that needs it is a 503. Each response also contains its number
of statements.
"""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.api.operations import (
    JSON,
    MAX_BODY_SIZE,
    MISSING_ID,
    OPERATIONS,
    Operation,
    each_operation,
    each_operation_with_a_body,
)
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


@each_operation
async def test_503_for_a_valid_request(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    assert_database_unavailable(await operation.send(client_without_database, owner.headers()))


@each_operation
async def test_401_without_a_token(client_without_database: httpx2.AsyncClient, operation: Operation) -> None:
    response = await operation.send(client_without_database, {})

    assert_unauthenticated(response)
    assert count_statements(response) == 0


@each_operation
@pytest.mark.parametrize(
    ("message", "claims"),
    [
        ("Token expired", {"lifetime": -1}),
        ("Invalid token", {"employee_id": "not-a-uuid"}),
        ("Invalid token", {"organization_id": "not-a-uuid"}),
    ],
)
async def test_401_for_an_invalid_or_expired_token(
    client_without_database: httpx2.AsyncClient,
    owner: Actor,
    operation: Operation,
    message: str,
    claims: dict[str, object],
) -> None:
    response = await operation.send(client_without_database, owner.headers(**claims))

    assert_error(response, 401, message, {"field": "token", "error": ...})
    assert count_statements(response) == 0


@each_operation
async def test_403_without_the_permission(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    response = await operation.send(client_without_database, owner.headers_without(operation.permission))

    assert_permission_missing(
        response, operation.permission, [p for p in owner.permissions if p != operation.permission]
    )
    assert count_statements(response) == 0


@each_operation
async def test_404_for_an_unknown_path(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    slashes = "//" if operation.path == "/interviews" else "/"  # The list is served with one slash at the end too.
    for path in (f"{operation.path}{slashes}", f"{operation.path}/{MISSING_ID}/messages"):
        assert_path_not_found(await client_without_database.request(operation.method, path, headers=owner.headers()))


@each_operation
@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE"])
async def test_405_for_an_unsupported_method(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation, method: str
) -> None:
    response = await client_without_database.request(method, operation.path, headers=owner.headers())

    assert_method_not_allowed(response, operation.allowed)
    assert count_statements(response) == 0


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(MAX_BODY_SIZE // 65536):
        yield b" " * 65536
    yield b" "


@each_operation_with_a_body
async def test_413_if_the_body_is_larger_than_a_mebibyte(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    for content in (b" " * (MAX_BODY_SIZE + 1), _chunks()):
        headers = {**owner.headers(), **JSON}
        response = await client_without_database.request(
            operation.method, operation.path, content=content, headers=headers
        )

        assert_body_too_large(response)
        assert count_statements(response) == 0


@each_operation_with_a_body
async def test_422_if_a_body_of_a_mebibyte_is_not_json(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation
) -> None:
    headers = {**owner.headers(), **JSON}
    response = await client_without_database.request(
        operation.method, operation.path, content=b" " * MAX_BODY_SIZE, headers=headers
    )

    assert_validation_error(response, ("body", "json_invalid"))
    assert count_statements(response) == 0


@each_operation_with_a_body
@pytest.mark.parametrize(
    "content_type_header", [{}, {"Content-Type": "text/json"}, {"Content-Type": "multipart/form-data"}]
)
async def test_415_if_the_body_is_not_declared_as_json(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation, content_type_header: dict[str, str]
) -> None:
    headers = {**owner.headers(), **content_type_header}
    response = await client_without_database.request(operation.method, operation.path, content=b"{}", headers=headers)

    assert_unsupported_media_type(response)
    assert count_statements(response) == 0


@each_operation_with_a_body
@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "json_invalid"), (b"{", "json_invalid"), (b"[]", "model_type"), (b"null", "model_type")],
)
async def test_422_if_the_body_is_not_a_json_object(
    client_without_database: httpx2.AsyncClient, owner: Actor, operation: Operation, content: bytes, kind: str
) -> None:
    headers = {**owner.headers(), **JSON}
    response = await client_without_database.request(operation.method, operation.path, content=content, headers=headers)

    assert_validation_error(response, ("body", kind))
    assert count_statements(response) == 0


@pytest.mark.parametrize("name", ["get_interview", "change_status", "continue_interview", "export_interview"])
async def test_422_if_the_id_is_not_a_uuid(
    client_without_database: httpx2.AsyncClient, owner: Actor, name: str
) -> None:
    response = await OPERATIONS[name].for_interview("invalid-uuid").send(client_without_database, owner.headers())

    assert_validation_error(response, ("interview_id", "uuid_parsing"))
    assert count_statements(response) == 0


async def test_422_for_invalid_parameters_of_the_list(
    client_without_database: httpx2.AsyncClient, owner: Actor
) -> None:
    query = "page=0&page_size=101&status=x&language=fr&start_date=0&end_date=x"
    response = await client_without_database.get(f"/interviews?{query}", headers=owner.headers())

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
