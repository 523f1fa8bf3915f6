"""Gives up the files of a person whose account is deleted."""

from uuid import UUID

from django.db.models.functions import Now

from apps.accounts.erasure_handlers import Erased
from apps.files.models import File


def erase(user_id: UUID) -> Erased:
    """Let the files expire that nothing shows; those in messages stay with the messages."""
    unused = File.objects.filter(owner_id=user_id, uses=0, expires_at__gt=Now())
    return {"unused files": unused.update(expires_at=Now())}
