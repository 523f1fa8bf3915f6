"""Moderation in the Django admin: the queue of reports, chats, messages that wait, warnings,
slowdowns, suspended people, rules about messages, reading chats, custom emoji, and the audit
log."""

from apps.moderation.admin.audit import AuditRecordAdmin
from apps.moderation.admin.chats import ModeratedChatAdmin
from apps.moderation.admin.emoji import EmojiAdmin
from apps.moderation.admin.held import HeldMessageAdmin
from apps.moderation.admin.measures import SlowdownAdmin, WarningAdmin
from apps.moderation.admin.read_requests import ReadRequestAdmin
from apps.moderation.admin.reports import ReportAdmin
from apps.moderation.admin.rules import ContentRuleAdmin
from apps.moderation.admin.suspensions import SuspensionAdmin

__all__ = [
    "AuditRecordAdmin",
    "ContentRuleAdmin",
    "EmojiAdmin",
    "HeldMessageAdmin",
    "ModeratedChatAdmin",
    "ReadRequestAdmin",
    "ReportAdmin",
    "SlowdownAdmin",
    "SuspensionAdmin",
    "WarningAdmin",
]
