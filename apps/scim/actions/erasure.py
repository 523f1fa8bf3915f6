"""Erases what a directory has sent of a person whose account is deleted."""

from uuid import UUID

from apps.accounts.erasure_handlers import Erased
from apps.scim.models import DirectoryEntry


def erase(user_id: UUID) -> Erased:
    """The entry of the directory, which may create an account for the person again."""
    return {"directory entries": DirectoryEntry.objects.filter(user_id=user_id).delete()[0]}
