"""What changed for a client between two OpenAPI documents."""

from statuspin.diff.changes import RULES
from statuspin.diff.comparison import Comparison, compare
from statuspin.diff.severities import Severities
from statuspin.diff.waivers import WAIVER_RULES, Waiver, read_waivers, waive, waivers_of

__all__ = [
    "RULES",
    "WAIVER_RULES",
    "Comparison",
    "Severities",
    "Waiver",
    "compare",
    "read_waivers",
    "waive",
    "waivers_of",
]
