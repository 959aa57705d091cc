"""The table of accounts: the data of a user of the local issuer."""

from piccolo.apps.user.tables import BaseUser
from piccolo.columns import UUID, Boolean, ForeignKey, OnDelete, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class Account(Table, tablename="account"):
    """The employee, organization and role of a BaseUser, which stores the e-mail address and password.

    `reads_answers`: whether the admin pages show answers to this account. BaseUser's `admin` is the right to log in.
    """

    id_account = UUID(primary_key=True, default=None)
    user = ForeignKey(BaseUser, on_delete=OnDelete.cascade, null=False, unique=True)
    employee_id = UUID(null=False, default=None, unique=True)
    organization_id = UUID(null=False, default=None)
    name = Varchar(length=255, null=False, default="")
    organization_name = Varchar(length=255, null=False, default="")
    role = Varchar(length=32, null=False, default="employee")
    reads_answers = Boolean(null=False, default=False)

    account_role_known = Check("role IN ('employee', 'manager', 'admin')")
