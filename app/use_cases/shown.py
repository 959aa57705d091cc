"""The tables that the admin pages show: Piccolo Admin makes its queries itself, and use cases alone know tables."""

from tables.shown import ShownAccount, ShownInterview, ShownMessage, ShownUser

__all__ = ["ShownAccount", "ShownInterview", "ShownMessage", "ShownUser"]
