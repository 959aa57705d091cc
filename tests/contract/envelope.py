"""The members of an error envelope, which openapi.yaml leaves open so that later versions may add some."""

from urllib.parse import unquote

from statuspin.http.exchange import Exchange

MEMBERS = ["status", "code", "message", "data", "errors", "meta"]


def check_error_envelope(exchange: Exchange) -> None:
    """Assert that an error response has these members in this order, names its request, and has no other members.

    A response without a body (HEAD), and that of an unready service, which has data, are not checked.
    """
    answer = exchange.answer
    assert answer is not None
    if answer.status < 400 or exchange.sent.method == "HEAD" or answer.json["data"] is not None:
        return
    assert list(answer.json) == MEMBERS
    invalid = answer.status == 422
    request = {"endpoint": unquote(exchange.sent.path), "method": exchange.sent.method} if invalid else {}
    assert answer.json["meta"] == {**request, "request_id": answer.headers["x-request-id"]}
    errors = answer.json["errors"]
    assert len(errors) == 1 or (invalid and errors)
    members = {"field", "error"}
    if invalid:
        members |= {"type"}
    elif answer.json["message"] == "Insufficient permissions":
        members |= {"user_permissions"}
    for error in errors:
        assert set(error) == members
