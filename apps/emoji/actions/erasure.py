"""Forgets who made custom emoji, when that account is deleted. The emoji stay."""

from uuid import UUID

from apps.accounts.erasure_handlers import Erased
from apps.emoji.models import Emoji


def erase(user_id: UUID) -> Erased:
    """Others use them, in texts and reactions."""
    return {"names beside emoji": Emoji.objects.filter(made_by=user_id).update(made_by=None)}
