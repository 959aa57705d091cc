"""False alarms of a run, untested operations, and faults that several parts of a run observe."""

from pathlib import Path
from typing import Any

import pytest

from statuspin.findings import Severity
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.fuzzing import Fuzzer
from statuspin.verify.target import RunningServer
from statuspin.verify.untested import find_untested
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Plan, Result, Verification
from tests.harness.contract.samples import body_response, contract, raw
from tests.harness.http.server import Answers, ReceivedRequest, Response, serve

ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
QUERY = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
ERROR = {"description": "an error"}
FEW = Budget(examples=4, seconds=5)
SECURED = {
    "security": [{"b": []}],
    "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}},
}
NOT_ALLOWED = Response(405, {"message": "no"}, {"Allow": "GET"})


def api(*statuses: str, **more: Any) -> dict[str, Any]:
    responses = {"200": body_response(ITEM), **dict.fromkeys(statuses, ERROR)}
    return {**raw({"/item": {"get": {"operationId": "get_item", "parameters": QUERY, "responses": responses}}}), **more}


async def verify(
    folder: Path,
    document: dict[str, Any],
    answers: Answers,
    *rows: dict[str, Any],
    only_pins: bool = False,
    **more: Any,
) -> Result:
    pins = {"get_item": {"rows": list(rows or ({"actor": "any", "answer": 200},))}}
    read = contract(folder, document, {"pins": pins, **more})
    plan = Plan(fuzz=not only_pins, workers=1, budget=Budget(examples=4, seconds=5))
    with serve(answers) as server:
        return await Verification(read, RunningServer(server.url, {"caller": "tok"}), plan).run()


def list_errors(result: Result) -> list[tuple[str, str, str]]:
    return [(each.rule, each.operation, each.message) for each in findings(result) if each.severity == Severity.ERROR]


def cells(result: Result) -> dict[tuple[str, str], str]:
    return {(cell.operation, cell.key): cell.state.value for cell in result.coverage.cells() if cell.count}


def answer_with(**others: Response) -> Answers:
    """Return an API that answers GET with an item, `others` as given, and other methods with 405."""

    def answer(asked: ReceivedRequest) -> Response:
        return others.get(asked.method, Response(200, {"id": 1}) if asked.method == "GET" else NOT_ALLOWED)

    return answer


async def test_responses_to_undocumented_methods_have_separate_rows(tmp_path: Path):
    answers = answer_with(HEAD=Response(200, {"id": 1}), OPTIONS=Response(204, None, {"Allow": "GET, HEAD, OPTIONS"}))
    result = await verify(tmp_path, api("405"), answers)
    assert list_errors(result) == []
    assert cells(result)["get_item", "200"] == "observed"
    assert cells(result)["get_item", "405"] == "observed"
    assert cells(result)["OPTIONS /item", "204"] == "answer to a method that is not documented"
    assert ("get_item", "204") not in cells(result)


@pytest.mark.parametrize("status", [401, 404, 405, 501])
async def test_405_is_not_required_if_the_document_never_names_it(tmp_path: Path, status):
    others = {method: Response(status, {}) for method in ("PUT", "POST", "PATCH", "DELETE", "TRACE", "QUERY")}
    result = await verify(tmp_path, api(), answer_with(**others))
    assert list_errors(result) == []


async def test_the_strict_policy_requires_405_of_every_path(tmp_path: Path):
    result = await verify(tmp_path, api(), answer_with(PUT=Response(404, {})), unsupported_methods="strict")
    assert {(rule, operation) for rule, operation, _ in list_errors(result)} == {
        ("fuzzer-unsupported-method", "get_item")
    }


@pytest.mark.parametrize("policy", ["lenient", "strict"])
async def test_501_is_a_good_response_to_an_unknown_method(tmp_path: Path, policy: str):
    answers = answer_with(QUERY=Response(501, b"", {"Content-Type": "text/html"}))
    result = await verify(tmp_path, api("405"), answers, unsupported_methods=policy)
    assert list_errors(result) == []


async def test_an_undocumented_method_that_succeeds_is_a_warning(tmp_path: Path):
    for policy, severity in (("lenient", Severity.WARNING), ("strict", Severity.ERROR)):
        result = await verify(tmp_path / policy, api(), answer_with(PUT=Response(200, {})), unsupported_methods=policy)
        found = [each for each in findings(result) if each.rule == "method-undocumented"]
        assert [(each.severity, each.operation, each.message) for each in found] == [
            (severity, "PUT /item", "PUT returns 200, but openapi.yaml does not document the method")
        ]


async def test_a_crash_of_an_undocumented_method_is_an_error(tmp_path: Path):
    result = await verify(tmp_path, api(), answer_with(PUT=Response(500, {})))
    assert [(rule, operation) for rule, operation, _ in list_errors(result)] == [("status-never", "PUT /item")]


async def test_a_pin_may_promise_a_response_to_an_undocumented_method(tmp_path: Path):
    rows = (
        {"actor": "any", "answer": 200},
        {"actor": "any", "input": "o", "with": {"method": "OPTIONS"}, "answer": 204},
    )
    result = await verify(tmp_path, api(), answer_with(OPTIONS=Response(204)), *rows, only_pins=True)
    assert list_errors(result) == []


async def test_an_undocumented_status_may_be_forbidden(tmp_path: Path):
    result = await verify(tmp_path, api(), answer_with(GET=Response(503, {})), only_pins=True, forbidden=[503])
    assert list_errors(result) == [("status-never", "get_item", "503 was observed once, but is forbidden")]


async def test_a_crash_is_one_finding_with_the_evidence_of_pin_matrix_and_fuzzer(tmp_path: Path):
    result = await verify(tmp_path, api(), answer_with(GET=Response(500, {})))
    (fault,) = [each for each in findings(result) if each.severity == Severity.ERROR and each.rule != "coverage-level"]
    assert (fault.rule, fault.operation, fault.place, fault.after) == ("status-never", "get_item", "status 500", "500")
    assert "pin get_item · anonymous → promised 200, observed 500" in fault.evidence
    assert "200 of get_item is promised, but was not observed because of this fault" in fault.evidence
    assert any(each.startswith("fuzzer Server error (GET /item") for each in fault.evidence)


async def test_an_invalid_body_is_one_finding_for_several_pins(tmp_path: Path):
    rows = [{"actor": "any", "input": name, "answer": 200} for name in ("a", "b", "c")]
    result = await verify(tmp_path, api("405"), answer_with(GET=Response(200, {"id": "x"})), *rows)
    (fault,) = [each for each in findings(result) if each.severity == Severity.ERROR]
    assert (fault.rule, fault.operation, fault.place) == ("pin-broken", "get_item", "anonymous · a")
    assert [each.split(" → ")[0] for each in fault.evidence[:2]] == [
        "pin get_item · anonymous · b", "pin get_item · anonymous · c",
    ]  # fmt: skip
    assert any(each.startswith("fuzzer Response violates schema") for each in fault.evidence)


async def test_a_state_that_cannot_be_created_is_one_finding_for_all_pins(tmp_path: Path):
    document = api("404")
    step = {"operation": "get_item", "actor": "anonymous", "answer": 404}
    pins = {"get_item": {"states": ["new"], "rows": [{"actor": "any", "input": name, "answer": 200} for name in "abc"]}}
    read = contract(tmp_path, document, {"states": {"new": {"steps": [step]}}, "pins": pins})
    with serve(answer_with()) as server:
        result = await Verification(read, RunningServer(server.url, {}), Plan(fuzz=False, workers=1)).run()
    (fault,) = findings(result)
    assert (fault.rule, len(fault.evidence)) == ("pin-broken", 2)
    assert "the state “new” could not be created" in fault.message


class Doorkeeper:
    """An API that answers the first requests with an item, and every later GET with an error response."""

    def __init__(self, status: int, good: int) -> None:
        self._status, self._good = status, good

    def __call__(self, asked: ReceivedRequest) -> Response:
        if asked.method != "GET":
            return NOT_ALLOWED
        self._good -= 1
        return Response(200, {"id": 1}) if self._good >= 0 else Response(self._status, {"message": "no"})


CALLER = {"actors": {"anonymous": {"anonymous": True}, "caller": {"token": "tok"}}, "fuzzer": "caller"}
ROWS = ({"actor": "caller", "answer": 200},)


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_an_operation_is_untested_if_it_rejects_the_fuzzer(tmp_path: Path, status):
    result = await verify(tmp_path, api(str(status), "405", **SECURED), Doorkeeper(status, 1), *ROWS, **CALLER)
    assert list(find_untested(result)) == ["get_item"]
    (message,) = [message for rule, operation, message in list_errors(result) if rule == "operation-untested"]
    assert message.startswith("not tested: ")
    assert f"responses to the fuzzer are rejections ({status} × " in message
    assert result.criteria.level < 4  # the only requests with `q` were rejected


@pytest.mark.parametrize("by", ["pins.yaml", "the plan"])
async def test_a_note_if_the_operation_may_reject_the_fuzzer(tmp_path: Path, by):
    more = {**CALLER, "fuzz": {"allow_untested": ["get_item"]} if by == "pins.yaml" else {}}
    document = api("401", "405", **SECURED)
    read = contract(tmp_path, document, {"pins": {"get_item": {"rows": list(ROWS)}}, **more})
    allowed = ("get_item",) if by == "the plan" else ()
    plan = Plan(workers=1, budget=Budget(examples=4, seconds=5), allow_untested=allowed)
    with serve(Doorkeeper(401, 1)) as server:
        result = await Verification(read, RunningServer(server.url, {}), plan).run()
    notes = [each for each in findings(result) if each.rule == "operation-untested"]
    assert [(each.severity, each.message[:12], each.message[-16:]) for each in notes] == [
        (Severity.NOTE, "not tested: ", "That is allowed.")
    ]
    assert list_errors(result) == []


@pytest.mark.parametrize(("good", "names"), [(0, ["get_item"]), (1, [])])
async def test_404_counts_as_untested_only_if_the_operation_never_succeeded(tmp_path: Path, good, names):
    result = await verify(tmp_path, api("404", "405"), Doorkeeper(404, good))
    assert list(find_untested(result)) == names


async def test_a_run_without_requests_is_untested(tmp_path: Path):
    document = api("405", **SECURED)
    read = contract(
        tmp_path, document, {"pins": {"get_item": {"rows": list(ROWS)}}, "actors": {"caller": {}}, "fuzzer": "caller"}
    )
    with serve(answer_with()) as server:
        result = await Verification(read, RunningServer(server.url, {}), Plan(workers=1)).run()
    assert ("operation-untested", "", "not tested: no pin was run, and no operation was fuzzed") in list_errors(result)


async def test_warnings_of_schemathesis_are_reported(tmp_path: Path):
    result = await verify(tmp_path, api("404", "405"), Doorkeeper(404, 1))
    (found,) = [each for each in findings(result) if each.rule == "fuzzer-warning"]
    meaning = "the operation returns mostly 404, because the server lacks test data"
    assert (found.severity, found.operation) == (Severity.WARNING, "get_item")
    assert found.message == f"Schemathesis warns: {meaning} (get_item)"


async def test_another_documented_status_does_not_break_an_assumed_row(tmp_path: Path):
    rows = ({"actor": "any", "input": "unknown", "answer": 404, "assumed": True},)
    result = await verify(tmp_path, api("404"), answer_with(), *rows, only_pins=True)
    (found,) = [each for each in findings(result) if each.rule == "pins-skipped"]
    assert list_errors(result) == []
    assert found.message == (
        "1 pin skipped: an assumption of `init` is wrong; confirm or change the row of “get_item · anonymous · unknown”"
    )


@pytest.mark.parametrize(
    ("answer", "rule"), [(Response(418, {}), "status-undocumented"), (Response(200, {"id": "x"}), "pin-broken")]
)
async def test_an_assumed_row_is_broken_by_an_answer_that_the_document_does_not_allow(tmp_path: Path, answer, rule):
    rows = ({"actor": "any", "input": "unknown", "answer": 404, "assumed": True},)
    result = await verify(tmp_path, api("404"), answer_with(GET=answer), *rows, only_pins=True)
    assert [found[0] for found in list_errors(result)] == [rule]


async def test_an_undocumented_rejection_of_valid_data_is_one_finding(tmp_path: Path):
    result = await verify(tmp_path, api("405"), answer_with(GET=Response(400, {})))
    (fault,) = [each for each in findings(result) if each.after == "400" and each.severity == Severity.ERROR]
    assert fault.rule == "status-undocumented"
    assert any("Schema-valid request rejected" in each for each in fault.evidence)


@pytest.mark.parametrize(("draft", "severity"), [(True, Severity.WARNING), (False, Severity.ERROR)])
async def test_a_promise_that_was_not_observed_is_a_warning_in_a_draft(tmp_path: Path, draft, severity):
    result = await verify(tmp_path, api("404", "405"), answer_with(), draft=draft)
    (found,) = [each for each in findings(result) if each.rule == "status-unobserved"]
    assert (found.severity, found.place) == (severity, "status 404")


async def test_operations_without_security_are_fuzzed_if_the_actor_has_no_credentials(tmp_path: Path):
    document = api("401", "405", **SECURED)
    document["paths"]["/open"] = {"get": {"operationId": "get_open", "security": [], "responses": {"200": ERROR}}}
    read = contract(tmp_path, document, {"pins": {}, "actors": {"caller": {}}, "fuzzer": "caller"})
    with serve(answer_with()) as server:
        result = await Verification(read, RunningServer(server.url, {}), Plan(workers=1)).run()
    assert result.fuzzed
    assert set(result.fuzzed.operations) == {"get_open"}
    (found,) = [each.message for each in findings(result) if each.rule == "fuzzer-hindered"]
    assert found.startswith(
        "only operations that need no credentials were fuzzed: the tokens file contains no token for"
    )


API_KEY = {
    "security": [{"k": []}],
    "components": {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
}


@pytest.mark.parametrize("rows", [(), ({"actor": "anonymous", "answer": 401},)])
@pytest.mark.parametrize(("secured", "caller"), [(SECURED, {"token": "tok"}), (API_KEY, {"api_key": "key"})])
async def test_an_operation_that_ignores_credentials_is_one_finding(tmp_path: Path, secured, caller, rows):
    actors = {"anonymous": {"anonymous": True}, "caller": caller}
    rows = ({"actor": "caller", "answer": 200}, *rows)
    document = api("401", "405", **secured)
    read = contract(tmp_path, document, {"pins": {"get_item": {"rows": rows}}, "actors": actors, "fuzzer": "caller"})
    with serve(answer_with()) as server:
        result = await Verification(read, RunningServer(server.url, {}), Plan(workers=1, budget=FEW)).run()
    rules = ("fuzzer-ignored-auth", "fuzzer-missing-required-header", "pin-broken")
    found = [each for each in findings(result) if each.rule in rules]
    assert len(found) == 1
    assert any("Missing required header accepted" in each for each in (found[0].message, *found[0].evidence))


async def test_a_missing_content_type_is_one_finding(tmp_path: Path):
    answers = answer_with(GET=Response(200, b'{"id": 1}', {"Content-Type": []}))
    with serve(answers) as server:
        read = contract(tmp_path, api("405"), {"pins": {}})
        result = await Verification(read, RunningServer(server.url, {}), Plan(workers=1)).run()
    found = [each for each in findings(result) if "Missing Content-Type header" in each.message]
    assert len(found) == 1
    assert any("Missing Content-Type header" in each for each in found[0].evidence)


XML = Response(200, b"<item><id>1</id></item>", {"Content-Type": "application/xml"})
REFERENCE = {"$ref": "#/components/schemas/Item"}


@pytest.mark.parametrize("schema", [ITEM, REFERENCE, {"allOf": [REFERENCE]}])
async def test_xml_that_encodes_an_object_is_not_compared_and_named(tmp_path: Path, schema: dict[str, Any]):
    content = {"application/json": {"schema": ITEM}, "application/xml": {"schema": schema}}
    document = api("405", components={"schemas": {"Item": ITEM}})
    document["paths"]["/item"]["get"]["responses"]["200"] = {"description": "", "content": content}
    result = await verify(tmp_path, document, answer_with(GET=XML))
    assert list_errors(result) == []
    notes = [each for each in findings(result) if each.rule == "fuzzer-warning" and each.severity == Severity.NOTE]
    assert [(each.operation, each.message) for each in notes] == [
        (
            "get_item",
            "Schemathesis warns: bodies of a media type cannot be read, so they were not compared (get_item)",
        )
    ]


async def test_text_is_compared_if_its_schema_is_a_string(tmp_path: Path):
    content = {"text/plain": {"schema": {"$ref": "#/components/schemas/Name"}}}
    document = api("405", components={"schemas": {"Name": {"type": "string", "maxLength": 2}}})
    document["paths"]["/item"]["get"]["responses"]["200"] = {"description": "", "content": content}
    result = await verify(tmp_path, document, answer_with(GET=Response(200, b"long", {"Content-Type": "text/plain"})))
    assert [rule for rule, _, _ in list_errors(result)] == ["fuzzer-response-schema-conformance"]


async def test_only_reading_requests_are_fuzzed_of_the_chosen_operations(tmp_path: Path):
    document = api("405")
    document["paths"]["/item"]["post"] = {"operationId": "make_item", "responses": {"200": ERROR}}
    read = contract(tmp_path, document, {"pins": {}})
    budget = Budget(examples=4, seconds=5, operations=("make_item", "get_item"), methods=("GET",))
    with serve(answer_with()) as server:
        Fuzzer(read.document, server.url, budget).run(lambda exchange: None)
    assert "POST" not in {each.method for each in server.asked}
    assert "GET" in {each.method for each in server.asked}
