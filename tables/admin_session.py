"""The table of sessions of the admin pages."""

from piccolo.apps.user.tables import BaseUser
from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, Timestamptz
from piccolo.table import Table


class AdminSession(Table, tablename="admin_session"):
    """One login, valid until `expires_at`.

    `digest` is the SHA-256 of the token in the browser's cookie, so the table's content does not allow a login.
    """

    id_session = UUID(primary_key=True, default=None)
    user = ForeignKey(BaseUser, on_delete=OnDelete.cascade, null=False, index=True)
    digest = Bytea(null=False, default=b"", unique=True, secret=True)
    expires_at = Timestamptz(null=False, index=True)
