"""The tables in the admin pages over HTTP: visible and hidden values, and no changes."""

import asyncpg
import pytest

from tables.admin_views import HIDDEN
from tests.admin.visitor import AdminService, Visitor

TABLES = ("interview", "interview_message", "account", "piccolo_user")


async def test_200_lists_the_tables_and_their_rows(clerk: Visitor, admin_service: AdminService) -> None:
    assert clerk.get("/tables/").json() == sorted(TABLES)
    (interview,) = clerk.rows("interview")
    assert (interview["id_interview"], interview["total_messages"]) == (admin_service.interview_id, 4)
    messages = clerk.rows("interview_message", __order="sequence_number", __readable="true")
    assert [row["sequence_number"] for row in messages] == [1, 2, 3, 4]
    assert {row["interview_id_readable"] for row in messages} == {admin_service.interview_id}
    assert {row["user_readable"] for row in clerk.rows("account", __readable="true")} == {
        admin_service.reader,
        admin_service.clerk,
        admin_service.employee,
    }


@pytest.mark.parametrize("path", ["/tables/", "/user/", *(f"/tables/{table}/" for table in TABLES)])
def test_401_without_a_session(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 401
    visitor.http.cookies.set("id", "no such session")
    assert visitor.get(path).status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("table", TABLES)
async def test_405_if_a_request_writes(clerk: Visitor, admin_service: AdminService, table: str, method: str) -> None:
    before = await _fetch_all_rows(admin_service)
    key = next(iter(clerk.rows(table)[0].values()))

    for path in (f"/api/tables/{table}/", f"/api/tables/{table}/{key}/"):
        assert clerk.send(method, path, {"status": "cancelled", "content": "x", "active": False}).status_code == 405

    assert await _fetch_all_rows(admin_service) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_403_if_a_write_has_no_csrf_token(clerk: Visitor, method: str) -> None:
    assert clerk.send(method, "/api/tables/interview/", {}, csrf=None).status_code == 403


def test_answers_and_questions_that_quote_them_are_hidden_without_the_right(
    clerk: Visitor,
) -> None:
    rows = clerk.rows("interview_message", __order="sequence_number")

    assert [row["content"] for row in rows] == ["said in confidence 1", HIDDEN, HIDDEN, HIDDEN]
    for row in rows[1:]:
        assert clerk.get(f"/tables/interview_message/{row['id_message']}/").json()["content"] == HIDDEN


@pytest.mark.parametrize("match", ["contains", "exact", "starts", "ends"])
def test_a_search_does_not_find_hidden_answers(clerk: Visitor, match: str) -> None:
    query = {"content": "said in confidence 2", "content__match": match}

    assert clerk.rows("interview_message", **query) == []
    assert clerk.get("/tables/interview_message/count/", **query).json()["count"] == 0


def test_hidden_answers_are_ordered_by_their_placeholder(clerk: Visitor) -> None:
    rows = clerk.rows("interview_message", __order="-content,sequence_number")

    assert [row["sequence_number"] for row in rows] == [1, 2, 3, 4]


def test_answers_are_visible_while_the_account_has_the_right(visitor: Visitor, admin_service: AdminService) -> None:
    visitor.login(admin_service.reader)
    rows = visitor.rows("interview_message", content="confidence 2")
    assert [row["content"] for row in rows] == ["said in confidence 2"]

    visitor.login(admin_service.clerk)
    assert visitor.rows("interview_message", content="confidence 2") == []


@pytest.mark.parametrize("table", ["piccolo_user", "account"])
def test_password_hashes_are_hidden_and_cannot_be_ordered_or_searched(
    visitor: Visitor, admin_service: AdminService, table: str
) -> None:
    visitor.login(admin_service.reader)
    key = next(iter(visitor.rows(table)[0].values()))
    texts = [visitor.get(f"/tables/{table}/{path}").text for path in ("", f"{key}/", "schema/", "new/", "ids/?limit=5")]

    assert not [text for text in texts if "pbkdf2" in text or '"password"' in text]
    assert visitor.get(f"/tables/{table}/", __visible_fields="password").status_code == 400
    for query in ({"__order": "password"}, {"password": "pbkdf2"}, {"__visible_fields": "user.password"}):
        assert visitor.get(f"/tables/{table}/", **query).status_code in (400, 422)


@pytest.mark.parametrize(
    "query",
    [
        {"__order": "nonsense"},
        {"__page_size": "-1"},
        {"__page": "9" * 30},
        {"user_name": "a\0b"},
        {"total_messages": "many"},
        {"total_messages": "9" * 30},
        {"started_at": "yesterday"},
    ],
    ids=str,
)
def test_422_if_the_query_is_invalid(clerk: Visitor, query: dict[str, str]) -> None:
    assert clerk.get("/tables/interview/", **query).status_code == 422


@pytest.mark.parametrize("limit", [{}, {"limit": "1001"}, {"limit": "all"}])
def test_404_for_the_list_of_all_ids(clerk: Visitor, limit: dict[str, str]) -> None:
    assert clerk.get("/tables/interview/ids/", **limit).status_code in (400, 422)
    assert clerk.get("/tables/interview/ids/", limit="5").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/api/docs/", "/api/openapi.json", "/openapi.json", "/public/docs/", "/api/media/", "/api/change-password/"],
)
def test_404_for_paths_that_the_pages_do_not_use(clerk: Visitor, path: str) -> None:
    response = clerk.http.get(path)

    assert (response.status_code, response.json()["message"]) == (404, "Not found")


def test_413_if_the_body_is_too_large(clerk: Visitor) -> None:
    assert clerk.send("POST", "/api/tables/interview/", "x" * 2**20, csrf=None).status_code == 413


async def test_503_if_a_table_stays_locked(clerk: Visitor, admin_service: AdminService) -> None:
    connection = await asyncpg.connect(admin_service.database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE interview IN ACCESS EXCLUSIVE MODE")
            response = clerk.get("/tables/interview/")
    finally:
        await connection.close()

    assert (response.status_code, response.json()["message"]) == (503, "Service temporarily unavailable")
    assert int(response.headers["retry-after"]) >= 1


def test_every_page_has_a_content_security_policy(clerk: Visitor) -> None:
    for response in (clerk.page, clerk.get("/tables/"), clerk.http.get("/api/nothing/")):
        assert response.headers.get_list("content-security-policy") == [
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        ]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-request-id"]


def test_admin_without_a_slash_redirects_to_the_pages(admin_service: AdminService, visitor: Visitor) -> None:
    response = visitor.http.get(f"{admin_service.url}/admin")

    assert (response.status_code, response.headers["location"]) == (307, "/admin/")


@pytest.mark.parametrize(("name", "kind"), [("admin.css", "text/css"), ("admin.js", "text/javascript")])
def test_200_for_the_additional_files_of_the_pages(visitor: Visitor, name: str, kind: str) -> None:
    response = visitor.http.get(f"/static/{name}")

    assert (response.status_code, response.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert f"./static/{name}" in visitor.page.text


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/", "/static/../gate.py", "/static/%2e%2e/gate.py"])
def test_404_if_the_file_does_not_exist(visitor: Visitor, path: str) -> None:
    response = visitor.http.get(path)

    assert (response.status_code, response.json()["message"]) == (404, "Not found")


def test_405_if_a_request_writes_a_file(visitor: Visitor) -> None:
    response = visitor.send("PUT", "/static/admin.css", {})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


async def _fetch_all_rows(admin_service: AdminService) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(admin_service.database_url)
    try:
        return [
            row
            for table in TABLES
            for row in await connection.fetch(
                f"SELECT to_jsonb(it) - 'last_login' AS it FROM \"{table}\" it ORDER BY 1"
            )
        ]
    finally:
        await connection.close()
