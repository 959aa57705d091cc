"""Check that the files of a contract are valid, complete and consistent."""

from statuspin.lint.document import document_findings
from statuspin.lint.matrix import matrix_findings

__all__ = ["document_findings", "matrix_findings"]
