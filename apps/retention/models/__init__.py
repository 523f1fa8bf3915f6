from apps.retention.models.hold import HeldContent, Hold
from apps.retention.models.receipt import DeletionReceipt, PendingObject
from apps.retention.models.rule import InstallationRule

__all__ = ["DeletionReceipt", "HeldContent", "Hold", "InstallationRule", "PendingObject"]
