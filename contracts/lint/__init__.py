"""Whether the files of a contract are valid, complete, and say the same."""

from contracts.lint.document import document_findings
from contracts.lint.matrix import matrix_findings

__all__ = ["document_findings", "matrix_findings"]
