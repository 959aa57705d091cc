"""The tables of the documentation page describe the members of a schema."""

from app.openapi import contract
from app.pages.members import Member, describe_type, list_members


def test_members_of_a_response_are_listed_with_those_of_its_envelope() -> None:
    listed = contract()["components"]["responses"]["InterviewsListed"]["content"]["application/json"]["schema"]
    members = {member.path: member for member in list_members(listed)}

    assert members["message"].type == '"Interviews retrieved successfully"'
    assert members["data"] == Member("data", "array of object", True, "The result.")
    assert members["data[].id_interview"].type == "string (uuid)"
    assert members["data[].completed_at"].type == "string (date-time) or null"
    assert members["data[].total_messages"] == Member("data[].total_messages", "integer, at least 0", True, "")
    assert members["meta.filters.status"].type == '"in_progress" or "completed" or "cancelled" or null'
    assert not members["meta.filters.employee_id"].required


def test_limits_are_described_with_their_unit() -> None:
    assert describe_type({"type": "string", "minLength": 1}) == "string, at least 1 character"
    assert describe_type({"type": "string", "minLength": 1, "maxLength": 5000}) == "string, 1 to 5000 characters"
    assert describe_type({"type": ["integer", "null"], "maximum": 9}) == "integer or null, at most 9"
    assert describe_type({"oneOf": [{"type": "string"}, {"properties": {}}]}) == "string or object"
