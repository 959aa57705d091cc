"""The table of responses to requests with an Idempotency-Key."""

from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from tables.interview import Interview


class IdempotencyRecord(Table, tablename="idempotency_record"):
    """One stored response, written in the same transaction as the effect of the request.

    `fingerprint` is the SHA-256 of the request body. `answer` is the envelope of the response (JSON, UTF-8).
    """

    id_record = UUID(primary_key=True, default=None)
    organization_id = UUID(null=False, default=None)
    employee_id = UUID(null=False, default=None)
    operation = Varchar(length=32, null=False, default="")
    key = Varchar(length=255, null=False, default="")
    fingerprint = Bytea(null=False, default=b"")
    answer = Bytea(null=False, default=b"")
    interview_id = ForeignKey(Interview, on_delete=OnDelete.cascade, null=False, index=True)
    created_at = Timestamptz(null=False, index=True)

    idempotency_record_key_unique = Unique([organization_id, employee_id, operation, key])
