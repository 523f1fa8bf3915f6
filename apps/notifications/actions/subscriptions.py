"""Registers and removes the devices that receive pushes."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from apps.accounts.access_handlers import SESSIONS, Ended, Scope
from apps.accounts.actions import streams
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.limits import PUSH_DEVICES, limited
from apps.notifications.gateways import gateway
from apps.notifications.gateways.base import Destination
from apps.notifications.models import Subscription

MAX_DEVICES = 20
KIND = "push subscriptions"


@limited(PUSH_DEVICES)
def subscribe(
    user_id: UUID,
    *,
    session_key: str,
    endpoint: str,
    keys: Mapping[str, str],
    name: str = "",
    gateway_name: str = "webpush",
) -> Subscription:
    """Push to this device from now on, until its session ends. For a known endpoint this updates
    the session, the keys and the name.

    A device belongs to one person. A known endpoint with the same keys is the same browser, now
    signed in as another person; with other keys it is refused. A session is one browser: when its
    push service has given it a new endpoint, the old one is dead and is removed. A person has at
    most MAX_DEVICES devices; the oldest makes room. Raises Invalid, NotPossible.
    """
    destination = Destination(endpoint, dict(keys))
    try:
        host = gateway(gateway_name).check(destination)
    except KeyError as error:
        raise Invalid("Unknown gateway.", pointer="#/gateway") from error
    hashed = sha256(endpoint.encode()).hexdigest()
    with transaction.atomic():
        # The lock makes the count below exact when two devices subscribe at the same time.
        streams.lock([user_id])
        known = Subscription.objects.select_for_update().filter(endpoint_hash=hashed).first()
        if known is not None and known.user_id != user_id:
            if known.keys != destination.keys:
                raise NotPossible("This endpoint belongs to another device.")
            known.delete()
            known = None
        mine = Subscription.objects.filter(user_id=user_id)
        replaced = mine.filter(session_id=session_key, gateway=gateway_name)
        replaced.exclude(endpoint_hash=hashed).delete()
        if known is None and mine.count() >= MAX_DEVICES:
            mine.order_by("created_at")[:1].get().delete()
        row, _ = Subscription.objects.update_or_create(
            endpoint_hash=hashed,
            defaults={
                "user_id": user_id,
                "session_id": session_key,
                "gateway": gateway_name,
                "endpoint": endpoint,
                "host": host,
                "keys": destination.keys,
                "name": name,
            },
        )
    return row


def move(session_key: str, new_key: str) -> None:
    """The handler of `accounts.access_handlers`: a device keeps its pushes when its session gets a
    new key."""
    Subscription.objects.filter(session_id=session_key).update(session_id=new_key)


def end_of_scope(scope: Scope) -> Ended:
    """The handler of `accounts.access_handlers`: count the devices of sessions that end. The
    database deletes them with their sessions; waiting pushes then find no device."""
    streams.lock([scope.user_id])  # as `subscribe` does, so that the count stays right
    found = Subscription.objects.filter(user_id=scope.user_id)
    keys = scope.named(SESSIONS)
    return Ended({KIND: (found if keys is None else found.filter(session_id__in=keys)).count()})


def left(user_id: UUID) -> Mapping[str, int]:
    """How many devices the person has."""
    return {KIND: Subscription.objects.filter(user_id=user_id).count()}


@limited(PUSH_DEVICES)
def unsubscribe(user_id: UUID, subscription_id: UUID) -> None:
    """Stop pushing to one of the person's devices. Raises NotFound."""
    deleted, _ = Subscription.objects.filter(id=subscription_id, user_id=user_id).delete()
    if not deleted:
        raise NotFound
