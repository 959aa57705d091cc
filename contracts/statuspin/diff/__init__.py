"""Compare two OpenAPI documents, and report the changes for clients."""

from statuspin.diff.comparison import Comparison, compare
from statuspin.diff.matching import DeprecationPolicy
from statuspin.diff.rule import RULES
from statuspin.diff.severities import Severities
from statuspin.diff.waivers import WAIVER_RULES, Waiver, parse_waivers, read_waivers, waive
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
    "parse_waivers",
    "read_waivers",
    "waive",
]
