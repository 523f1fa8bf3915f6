from apps.moderation.models.appeal import Appeal
from apps.moderation.models.audit import AuditRecord
from apps.moderation.models.held import HeldMessage
from apps.moderation.models.moderated_chat import ModeratedChat
from apps.moderation.models.read_request import ReadRequest
from apps.moderation.models.report import Evidence, EvidenceFile, Note, Report
from apps.moderation.models.rule import ContentRule

__all__ = [
    "Appeal",
    "AuditRecord",
    "ContentRule",
    "Evidence",
    "EvidenceFile",
    "HeldMessage",
    "ModeratedChat",
    "Note",
    "ReadRequest",
    "Report",
]
