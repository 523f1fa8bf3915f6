"""Accounts in the Django admin."""

from apps.accounts.admin.endings import EndingAdmin
from apps.accounts.admin.invites import InviteAdmin
from apps.accounts.admin.people import UserAdmin

__all__ = ["EndingAdmin", "InviteAdmin", "UserAdmin"]
