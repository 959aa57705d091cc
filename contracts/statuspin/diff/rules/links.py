"""Rules for the links of responses."""

from typing import Any

from statuspin.diff import wording
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, RuleResult
from statuspin.diff.rules.media import shared_statuses
from statuspin.diff.schema.json_values import text_of


@OPERATIONS.rule("link-added", "link-changed", "link-removed")
def links(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report removed, added and changed links."""
    for before, after in shared_statuses(old, new):
        one, other = (
            side.mapping(side.responses[status].get("links")) for side, status in ((old, before), (new, after))
        )
        for name in sorted(one.keys() | other.keys()):
            place = f"response {after if before == 'default' else before} · link {name}"
            texts = [_text(each.get(name)) for each in (one, other)]
            if texts[0] != texts[1]:
                kind = "added" if name not in one else "changed" if name in other else "removed"
                yield Change(f"link-{kind}", place, *map(wording.short, texts))


def _text(link: dict[str, Any] | None) -> str:
    if link is None:
        return "not there"
    return text_of({key: value for key, value in link.items() if key != "description" and not key.startswith("x-")})
