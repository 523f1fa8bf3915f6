"""Moderation in the Django admin: the queue of reports, warnings, slowdowns, suspended
people, and the audit log."""

from apps.moderation.admin.audit import AuditRecordAdmin
from apps.moderation.admin.measures import SlowdownAdmin, WarningAdmin
from apps.moderation.admin.reports import ReportAdmin
from apps.moderation.admin.suspensions import SuspensionAdmin

__all__ = ["AuditRecordAdmin", "ReportAdmin", "SlowdownAdmin", "SuspensionAdmin", "WarningAdmin"]
