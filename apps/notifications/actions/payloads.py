"""What is handed to a gateway: made when it is sent, of what is true then."""

from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from apps.notifications.gateways.base import Destination
from apps.notifications.models import Delivery, Preferences, Push, Subscription
from apps.notifications.notices import Notice, describe

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Longer than a gateway takes for one attempt, shorter than what lateness is allowed.
CLAIM_LEASE = timedelta(seconds=12)
TTL_S = 24 * 3600
# Another message of a chat this soon after a notification changes it without a sound.
QUIET_PERIOD = timedelta(seconds=60)


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


class RetryLater(Exception):
    """Whether a clear is needed depends on a push that is still tried: ask again later."""


class PushRequest(msgspec.Struct, frozen=True):
    """One delivery, ready to be sent."""

    delivery: Delivery
    gateway: str
    destination: Destination
    payload: bytes
    topic: str
    ttl_s: int
    urgent: bool


Notices = dict[UUID, Notice | None]


def prepare(delivery: Delivery, device: Subscription, notices: Notices) -> PushRequest | None:
    """The request that a claimed delivery needs; None when nothing is left to show or clear.

    `notices` holds the notices, by push id, that were made for deliveries of the same claim.
    Raises RetryLater.
    """
    push = delivery.push
    clearing = delivery.kind == Delivery.Kind.CLEAR
    if clearing and _shows_later(push, device):
        return None
    if clearing:
        payload = Payload(kind="clear", chat=push.chat_id)
    else:
        if push.id not in notices:
            notices[push.id] = _describe(push)
        notice = notices[push.id]
        if notice is None:
            return None
        payload = _told(push, notice, small=delivery.small)
    return PushRequest(
        delivery=delivery,
        gateway=device.gateway,
        destination=Destination(device.endpoint, device.keys),
        payload=msgspec.json.encode(payload),
        topic=topic_of(push.user_id, push.chat_id),
        ttl_s=TTL_S,
        urgent=not clearing,
    )


def topic_of(person: UUID, chat: UUID) -> str:
    """What a person's chat is called towards push hosts: the same each time, and nothing to them,
    not even that two people have it in common."""
    return salted_hmac("push.topic", f"{person} {chat}", algorithm="sha256").hexdigest()[:32]


def _describe(push: Push) -> Notice | None:
    last = max(_told_of(push).values_list("last_seq", flat=True), default=push.last_seq)
    return describe(push.user_id, push.chat_id, first=push.first_seq, last=last)


def _told_of(push: Push) -> "QuerySet[Push]":
    """What the person was told of in the chat, or is about to be, and has not read."""
    states = (Push.State.RELEASED, Push.State.SENT)
    rows = Push.objects.filter(user_id=push.user_id, chat_id=push.chat_id)
    return rows.filter(open=True, state__in=states)


def _shows_later(push: Push, device: Subscription) -> bool:
    """Whether the device shows something of the chat that is not read: what was read is no longer
    there then. Raises RetryLater when it is to show such a thing."""
    later = Delivery.objects.filter(
        subscription=device,
        kind=Delivery.Kind.SHOW,
        state__in=(Delivery.State.WAITING, Delivery.State.SENT),
        push__in=_told_of(push),
    )
    states = set(later.values_list("state", flat=True))
    if Delivery.State.SENT not in states and states:
        raise RetryLater
    return bool(states)


def _told(push: Push, notice: Notice, *, small: bool) -> Payload:
    chosen = Preferences.objects.filter(user_id=push.user_id).values_list("content", flat=True)
    shows = settings.PUSH_CONTENT and chosen.first() is not False and not small
    sounded = _told_of(push).filter(state=Push.State.SENT, ended_at__gt=Now() - QUIET_PERIOD)
    return Payload(
        kind="show",
        chat=notice.chat,
        seq=notice.seq,
        count=notice.count,
        title=notice.title if shows else "",
        body=notice.body if shows else "",
        silent=sounded.exclude(id=push.id).exists(),
    )
