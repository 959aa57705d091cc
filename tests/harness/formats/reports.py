"""Reports with everything in them that a format has to escape."""

from statuspin.findings import Finding, Severity
from statuspin.formats import Report, Words

WORDS = Words(error="breaking", warning="to look at", note="additive", nothing="no change")
EVIL = 'a,b:c%d\r\n<e f="g">&]]>\x00\x1b[31m\ud800\U0001f600'


def report(*findings, file="specs/open api.yaml"):
    return Report("statuspin diff", "old → new", file, findings, WORDS)


def finding(severity=Severity.ERROR, **more):
    usual = {"rule": "response-const-changed", "operation": "get_things", "place": "response 404 · message"}
    said = {"message": "It says something else.", "before": '"a"', "after": '"b"', "why": "Clients compare it."}
    return Finding(severity=severity, **(usual | said | more))


def evil():
    texts = dict.fromkeys(("operation", "place", "message", "before", "after", "why"), EVIL)
    return finding(**texts)


def one_of_each():
    return report(*(finding(severity) for severity in Severity), evil())
