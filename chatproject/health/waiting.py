"""How long work has waited. Each answer is one row of an index, but that of webhooks, which are
few."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Export
from apps.chats.indexed_revisions import lag
from apps.chats.models import LinkPreview
from apps.core.mail import sends_mail
from apps.files.models import File
from apps.integrations.models import CommandCall
from apps.integrations.queries.outgoing_due import oldest_due
from apps.notifications.models import Delivery, Digest, Push


def queue_ages() -> dict[str, float]:
    """Seconds that the oldest due work of each kind has waited; 0 if none waits."""
    now = timezone.now()
    return {
        "push": max(_age(_oldest_push(now), now), _age(_oldest_delivery(now), now)),
        "previews": _age(_oldest_preview(now), now),
        "files": _age(_oldest_file(), now),
        "exports": _age(_oldest_export(), now),
        "digests": _age(_oldest_digest(now), now),
        "webhooks": _age(oldest_due(), now),
        "commands": _age(_oldest_call(), now),
    }


def search_lag() -> int:
    """How many changes of messages the search index does not have yet."""
    with connection.cursor() as cursor:
        cursor.execute(lag("chats_indexed"))
        [changes] = cursor.fetchone()
    return int(changes)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(timedelta(0), now - since).total_seconds()


def _oldest_push(now: datetime) -> datetime | None:
    rows = Push.objects.filter(state=Push.State.PENDING, due_at__lte=now)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()


def _oldest_delivery(now: datetime) -> datetime | None:
    # As `claimable` (notifications.actions.sender): nobody sends the others.
    wanted = Q(kind=Delivery.Kind.CLEAR) | Q(push__open=True)
    rows = Delivery.objects.filter(
        wanted, state=Delivery.State.WAITING, due_at__lte=now, subscription_id__isnull=False
    )
    return rows.order_by("due_at").values_list("due_at", flat=True).first()


def _oldest_digest(now: datetime) -> datetime | None:
    if not sends_mail():
        return None
    rows = Digest.objects.filter(next_at__lte=now)
    return rows.order_by("next_at").values_list("next_at", flat=True).first()


def _oldest_preview(now: datetime) -> datetime | None:
    rows = LinkPreview.objects.filter(state=LinkPreview.State.WAITING, due_at__lte=now)
    return rows.order_by("asked_at").values_list("asked_at", flat=True).first()


def _oldest_file() -> datetime | None:
    rows = File.objects.filter(state=File.State.PROCESSING)
    return rows.order_by("id").values_list("created_at", flat=True).first()


def _oldest_export() -> datetime | None:
    rows = Export.objects.filter(state=Export.State.WAITING, expires_at__gt=timezone.now())
    return rows.order_by("expires_at").values_list("asked_at", flat=True).first()


def _oldest_call() -> datetime | None:
    rows = CommandCall.objects.filter(done=False)
    return rows.order_by("id").values_list("made_at", flat=True).first()
