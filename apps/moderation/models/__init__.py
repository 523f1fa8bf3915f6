from apps.moderation.models.audit import AuditRecord
from apps.moderation.models.report import Evidence, EvidenceFile, Note, Report

__all__ = ["AuditRecord", "Evidence", "EvidenceFile", "Note", "Report"]
