"""What changed for a client between two OpenAPI documents."""

from statuspin.diff.comparison import Comparison, compare
from statuspin.diff.matching import DeprecationPolicy
from statuspin.diff.rule import RULES
from statuspin.diff.severities import Severities
from statuspin.diff.waivers import WAIVER_RULES, Waiver, read_waivers, waive, waivers_of
from statuspin.diff.witness.witnesses import USUAL_WITNESS_MS

__all__ = [
    "RULES",
    "USUAL_WITNESS_MS",
    "WAIVER_RULES",
    "Comparison",
    "DeprecationPolicy",
    "Severities",
    "Waiver",
    "compare",
    "read_waivers",
    "waive",
    "waivers_of",
]
