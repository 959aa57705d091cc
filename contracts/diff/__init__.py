"""What changed for a client between two OpenAPI documents."""

from contracts.diff.changes import RULES
from contracts.diff.comparison import compare
from contracts.diff.severities import Severities
from contracts.diff.waivers import WAIVER_RULES, Waiver, read_waivers, waive

__all__ = ["RULES", "WAIVER_RULES", "Severities", "Waiver", "compare", "read_waivers", "waive"]
