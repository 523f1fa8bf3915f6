from apps.moderation.models.appeal import Appeal
from apps.moderation.models.audit import AuditRecord
from apps.moderation.models.read_request import ReadRequest
from apps.moderation.models.report import Evidence, EvidenceFile, Note, Report

__all__ = ["Appeal", "AuditRecord", "Evidence", "EvidenceFile", "Note", "ReadRequest", "Report"]
