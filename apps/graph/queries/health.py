"""How the presence of Microsoft Teams is doing: for the health and the metrics."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone
from msgspec import Struct

from apps.graph.models import Link, ServiceState, Subscription

# Polls come every minute.
MAX_AGE = timedelta(minutes=5)


class Health(Struct, frozen=True):
    """`kind`: empty if it works, else sign_in, refused, unavailable, late or account; `said` is
    what Microsoft said. `age_s`: of the newest presence; None while nobody is known."""

    kind: str
    said: str
    age_s: float | None
    subscriptions: int


def health() -> Health:
    """Reads a few rows."""
    now = timezone.now()
    state = ServiceState.objects.filter(id=1).first() or ServiceState()
    newest = Link.objects.aggregate(newest=Max("known_at"))["newest"]
    age = None if newest is None else (now - newest).total_seconds()
    live = Subscription.objects.filter(expires_at__gt=now).exclude(graph_id="").count()
    kind, said = state.kind, state.problem
    waiting = Link.objects.exclude(object_id=None).filter(
        due_at__lt=now - MAX_AGE, user__is_active=True
    )
    broken = Subscription.objects.exclude(problem="").order_by("account").first()
    paused = state.paused_until is not None and state.paused_until > now
    if not kind and not paused and waiting.exists():
        kind = "late"
    elif not kind and broken is not None:
        kind, said = "account", f"{broken.account}: {broken.problem}"
    return Health(kind, said, age, live)
