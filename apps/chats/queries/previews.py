"""Which messages wait for links that are fetched, and what those links show."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.chats.models import LinkPreview, PreviewWait


def settled(*, most: int) -> list[tuple[UUID, int]]:
    """Messages, as (chat, seq), some link of which is no longer waited for."""
    done = LinkPreview.objects.exclude(state=LinkPreview.State.WAITING).values("url_hash")
    waits = PreviewWait.objects.filter(url_hash__in=done).order_by("chat_id", "seq")
    return list(waits.values_list("chat_id", "seq").distinct()[:most])


def ready(hashes: "QuerySet[Any, Any]") -> dict[str, dict[str, str]]:
    """What these links show, by link; those without anything to show are left out."""
    found = LinkPreview.objects.filter(url_hash__in=hashes, state=LinkPreview.State.READY)
    fields = ("url", "title", "description", "site")
    return {row[0]: dict(zip(fields, row, strict=True)) for row in found.values_list(*fields)}
