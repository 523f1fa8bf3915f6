"""What is handed to a gateway: made when it is sent, of what is true then."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from apps.notifications.gateways.base import Destination
from apps.notifications.models import Delivery, Preferences, Push, Subscription
from apps.notifications.notices import Notice, describe

# Longer than a gateway takes for one attempt, shorter than what lateness is allowed.
LEASE = timedelta(seconds=12)
KEPT = 24 * 3600
# Another message of a chat this soon after a notification changes it without a sound.
QUIET = timedelta(seconds=60)


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device gets, as JSON. Without `title` and `body` it says only that there is
    something. `silent`: change what is shown without a sound. `clear`: take it away."""

    kind: Literal["show", "clear"]
    chat: UUID
    seq: int = 0
    count: int = 0
    title: str = ""
    body: str = ""
    silent: bool = False


class Parcel(msgspec.Struct, frozen=True):
    """One delivery, ready to be sent."""

    delivery: Delivery
    gateway: str
    destination: Destination
    payload: bytes
    topic: str
    seconds: int
    urgent: bool


def pack(delivery: Delivery, device: Subscription) -> Parcel | None:
    """The parcel of a claimed delivery; None when there is nothing (left) to tell of."""
    push = delivery.push
    clearing = delivery.kind == Delivery.Kind.CLEAR
    if clearing:
        payload = Payload(kind="clear", chat=push.chat_id)
    else:
        notice = describe(push.user_id, push.chat_id, first=push.first_seq, last=push.last_seq)
        if notice is None:
            return None
        payload = _told(push, notice, small=delivery.small)
    return Parcel(
        delivery=delivery,
        gateway=device.gateway,
        destination=Destination(device.endpoint, device.keys),
        payload=msgspec.json.encode(payload),
        topic=topic_of(push.chat_id),
        seconds=KEPT,
        urgent=not clearing,
    )


def topic_of(chat: UUID) -> str:
    """What a chat is called towards push hosts: the same each time, and nothing to them."""
    return salted_hmac("push.topic", str(chat), algorithm="sha256").hexdigest()[:32]


def _told(push: Push, notice: Notice, *, small: bool) -> Payload:
    chosen = Preferences.objects.filter(user_id=push.user_id).values_list("content", flat=True)
    shows = settings.PUSH_CONTENT and chosen.first() is not False and not small
    sounded = Push.objects.filter(
        user_id=push.user_id,
        chat_id=push.chat_id,
        state=Push.State.SENT,
        open=True,
        ended_at__gt=Now() - QUIET,
    )
    return Payload(
        kind="show",
        chat=notice.chat,
        seq=notice.seq,
        count=notice.count,
        title=notice.title if shows else "",
        body=notice.body if shows else "",
        silent=sounded.exclude(id=push.id).exists(),
    )
