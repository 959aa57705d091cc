"""Schemas: the elements of arrays."""

from statuspin.diff.changes import Said
from statuspin.diff.graph import SCHEMAS, Meeting


@SCHEMAS.rule()
def elements(meeting: Meeting) -> Said:
    """Elements are compared: those of prefixItems by place, the others by `items`."""
    old, new = meeting.old, meeting.new
    for place in range(max(len(old.prefix), len(new.prefix))):
        one, other = (shape.prefix[place] if place < len(shape.prefix) else shape.items for shape in (old, new))
        yield meeting.below(f"[{place}]", one, other)
    if old.items is not True or new.items is not True:
        yield meeting.below("[]", old.items, new.items)
