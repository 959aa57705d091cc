"""Rules for webhooks and callbacks.

The rules of operations apply with reversed directions: clients receive the request and send the response.
"""

from statuspin.diff.rule import RULES, Change

OF_REQUESTS = {
    "request-body-added": "payload-added",
    "request-body-removed": "payload-removed",
    "request-body-newly-required": "payload-newly-required",
    "request-body-newly-optional": "payload-newly-optional",
    "request-media-type-added": "payload-media-type-added",
    "request-media-type-removed": "payload-media-type-removed",
    "parameter-added": "payload-parameter-added",
    "required-parameter-added": "payload-parameter-added",
    "parameter-removed": "payload-parameter-removed",
    "parameter-newly-required": "payload-parameter-newly-required",
    "parameter-newly-optional": "payload-parameter-newly-optional",
    "parameter-empty-value-accepted": "payload-parameter-changed",
    "parameter-empty-value-refused": "payload-parameter-changed",
    "parameter-reserved-accepted": "payload-parameter-changed",
    "parameter-reserved-refused": "payload-parameter-changed",
    "request-default-added": "response-default-changed",
    "request-default-changed": "response-default-changed",
    "request-default-removed": "response-default-changed",
    "security-added": "payload-security-changed",
    "security-removed": "payload-security-changed",
    "security-alternative-added": "payload-security-changed",
    "security-alternative-removed": "payload-security-changed",
    "security-scheme-changed": "payload-security-changed",
    "security-scope-added": "payload-security-changed",
    "security-scope-removed": "payload-security-changed",
}
OF_RESPONSES = {
    "success-status-added": "answer-status-added",
    "error-status-added": "answer-status-added",
    "not-acceptable-added": "answer-status-added",
    "success-status-removed": "answer-status-removed",
    "error-status-removed": "answer-status-removed",
    "default-response-removed": "answer-status-removed",
    "success-status-exchanged": "answer-status-exchanged",
    "error-status-exchanged": "answer-status-exchanged",
    "success-status-no-longer-named": "",
    "error-status-no-longer-named": "",
    "response-media-type-added": "answer-media-type-added",
    "response-media-type-removed": "answer-media-type-removed",
    "response-media-type-narrowed": "answer-media-type-removed",
    "response-media-type-widened": "answer-media-type-added",
    "response-header-added": "answer-header-added",
    "response-header-removed": "answer-header-removed",
    "response-header-optional": "answer-header-newly-optional",
    "response-header-required": "answer-header-newly-required",
}
_REVERSED = OF_REQUESTS | OF_RESPONSES
RULES.update(name for name in _REVERSED.values() if name)
RULES.update(("answer-required-header-added", "callback-added", "callback-removed", "webhook-added", "webhook-removed"))


def reverse_change(change: Change) -> Change | None:
    """Return the change that a change of an operation means for a webhook or callback, or None."""
    rule = _REVERSED.get(change.rule, change.rule)
    if rule == "answer-header-added" and change.after == "always sent":
        rule = "answer-required-header-added"
    return Change(rule, change.at, change.before, change.after) if rule else None
