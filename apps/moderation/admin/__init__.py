"""Moderation in the Django admin: the queue of reports, suspended people, and the audit
log."""

from apps.moderation.admin.audit import AuditRecordAdmin
from apps.moderation.admin.reports import ReportAdmin
from apps.moderation.admin.rules import ContentRuleAdmin
from apps.moderation.admin.suspensions import SuspensionAdmin

__all__ = ["AuditRecordAdmin", "ContentRuleAdmin", "ReportAdmin", "SuspensionAdmin"]
