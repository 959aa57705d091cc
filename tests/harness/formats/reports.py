"""Reports with texts that a format must escape."""

from statuspin.findings import Finding, Severity
from statuspin.formats import Report, Words

WORDS = Words(error="breaking", note="additive", nothing="no change")
HOSTILE = 'a,b:c%d\r\n<e f="g">&]]>\x00\x1b[31m\ud800\U0001f600'


def report(*findings, file="specs/open api.yaml"):
    return Report("statuspin diff", "old → new", file, findings, WORDS)


def finding(severity=Severity.ERROR, **more):
    usual = {"rule": "response-const-changed", "operation": "get_things", "place": "response 404 · message"}
    texts = {"message": "It says something else.", "before": '"a"', "after": '"b"', "why": "Clients compare it."}
    return Finding(severity=severity, **(usual | texts | more))


def hostile_finding():
    texts = dict.fromkeys(("operation", "place", "message", "before", "after", "why"), HOSTILE)
    return finding(**texts)


def report_of_each_severity():
    return report(*(finding(severity) for severity in Severity), hostile_finding())
