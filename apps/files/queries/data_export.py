"""What is stored of a person's files, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.files.models import BytesSaved, File


def sections(user_id: UUID) -> Sections:
    """The person's uploads, without the contents, and what their data saver saved."""
    files = File.objects.filter(owner_id=user_id).order_by("id")
    saved = BytesSaved.objects.filter(user_id=user_id).order_by("device_id")
    return {
        "files": stream(files.values("id", "name", "size", "state", "body", "kept", "created_at")),
        "bytes_saved": stream(saved.values("device_id", "month", "bytes")),
    }
