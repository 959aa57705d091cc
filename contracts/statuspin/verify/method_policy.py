"""The policy for responses to methods that the document does not name."""

from statuspin.contract.folder import Contract
from statuspin.coverage.booking import METHOD_REFUSED, Booking
from statuspin.verify.fuzzing import CheckFailure

CONFORMANCE_CHECKS = frozenset(
    {"response_schema_conformance", "response_headers_conformance", "content_type_conformance"}
)
_NOT_IMPLEMENTED = 501
_DOCUMENTED = frozenset({"unsupported_method", "status_code_conformance", *CONFORMANCE_CHECKS})


def is_wanted(failure: CheckFailure, contract: Contract, booking: Booking) -> bool:
    """Return whether a failed check counts under the contract's policy for unsupported methods.

    405 is required if the policy is strict, or if the operation documents it. The rest of the document does not apply
    to other methods. 501 is always accepted. So is any response to OPTIONS, and to HEAD if the path has GET, because
    frameworks implement these methods.
    """
    exchange = failure.exchange
    operation = contract.document.operations.get(failure.operation)
    if exchange is None or operation is None or exchange.sent.method.upper() == operation.method.upper():
        return True
    status = exchange.answer.status if exchange.answer else None
    if failure.check == "not_a_server_error":
        return status not in METHOD_REFUSED
    if failure.check not in _DOCUMENTED:
        return True
    if status == _NOT_IMPLEMENTED or failure.check != "unsupported_method":
        return False
    if booking.is_implicit(exchange.sent.method.upper(), operation.path):
        return False
    is_documented = any(str(each) in (operation.raw.get("responses") or {}) for each in METHOD_REFUSED)
    return is_documented or contract.pins.unsupported_methods == "strict"
