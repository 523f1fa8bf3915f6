"""How many outgoing webhooks work."""

from django.db.models import Count, Q

from apps.integrations.models import OutgoingWebhook

State = OutgoingWebhook.State


def count_by_state() -> dict[str, int]:
    """The webhooks that are not paused, nor rest in a closed group: `working`, `failing` and
    `failed` (given up)."""
    return OutgoingWebhook.objects.filter(chat__closed_reason="").aggregate(
        working=Count("id", filter=Q(state=State.ACTIVE, failing_since=None)),
        failing=Count("id", filter=Q(state=State.ACTIVE, failing_since__isnull=False)),
        failed=Count("id", filter=Q(state=State.FAILED)),
    )
