"""Makes what is handed to a gateway. Made when it is sent, so that it says what is true then."""

from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec
from django.db.models import Max, Min
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, override

from apps.accounts.models import User
from apps.core.runtime import runtime
from apps.notifications.gateways.base import Destination
from apps.notifications.models import Delivery, Preferences, Push, Subscription
from apps.notifications.notices import Notice, describe

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Longer than a gateway may take for one attempt, shorter than a push may be late.
CLAIM_LEASE = timedelta(seconds=12)
TTL_S = 24 * 3600
# A notification that another one of the same chat follows within this time is updated silently.
QUIET_PERIOD = timedelta(seconds=60)
# The devices of this push host must show something for every push: nothing is cleared there, and
# what was taken away is replaced by a notification that says so (docs/decisions/0081).
MUST_SHOW = ".push.apple.com"


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device receives, as JSON. Without `title` and `body` it only says that there are new
    messages. `silent`: update the notification without a sound. `clear`: remove it. `picture`: a
    file whose variant `thumbnail` may be shown; the device loads it with the person's session.
    `path`: the page that a click opens, of what is no message; `chat` is then a topic's id. `last`:
    the run of messages ends there. `renew`: it replaces a notification; a device that has handled a
    push up to `last` and shows none any more leaves it out."""

    kind: Literal["show", "clear"]
    chat: UUID
    seq: int = 0
    count: int = 0
    title: str = ""
    body: str = ""
    silent: bool = False
    picture: UUID | None = None
    path: str = ""
    last: int = 0
    renew: bool = False


class RetryLater(Exception):
    """Whether a clear is needed depends on a push that is still being tried."""


class PushRequest(msgspec.Struct, frozen=True):
    """One delivery, ready to be handed to its gateway."""

    delivery: Delivery
    gateway: str
    destination: Destination
    payload: bytes
    topic: str
    ttl_s: int
    urgent: bool


Notices = dict[tuple[UUID, int], Notice | None]


def prepare(delivery: Delivery, device: Subscription, notices: Notices) -> PushRequest | None:
    """The request that a claimed delivery needs; None when nothing is left to show or clear.

    `notices` caches the notices of pushes, by push id and last message, for all deliveries of a
    claim. Raises RetryLater.
    """
    push = delivery.push
    clearing = delivery.kind == Delivery.Kind.CLEAR
    renewing = delivery.kind == Delivery.Kind.RENEW
    if clearing and _shows_unread(push, device):
        return None
    notice = None
    if renewing:
        notice = _what_is_left(push)
    elif not clearing:
        notice = _cached_notice(push, device, notices)
    if notice is not None:
        payload = _show_payload(push, notice, small=delivery.small)
        if renewing:
            payload = msgspec.structs.replace(payload, silent=True, renew=True)
    elif renewing and device.host.endswith(MUST_SHOW):
        payload = _gone_payload(push)
    elif clearing or renewing:
        payload = Payload(kind="clear", chat=push.chat_id)
    else:
        return None
    return PushRequest(
        delivery=delivery,
        gateway=device.gateway,
        destination=Destination(device.endpoint, device.keys),
        payload=msgspec.json.encode(payload),
        topic=topic_of(push.user_id, push.chat_id),
        ttl_s=TTL_S,
        urgent=not (clearing or renewing),
    )


def _gone_payload(push: Push) -> Payload:
    """Nothing is left of a notification that cannot be cleared."""
    locale = User.objects.values_list("locale", flat=True).get(id=push.user_id)
    with override(locale):
        words = gettext("Message deleted")
    return Payload(kind="show", chat=push.chat_id, title="Parley", body=words, silent=True)


def topic_of(person: UUID, chat: UUID) -> str:
    """The name of a person's chat towards push hosts. Always the same, and a keyed hash: hosts
    learn nothing from it, not even that two people share a chat."""
    return salted_hmac("push.topic", f"{person} {chat}", algorithm="sha256").hexdigest()[:32]


def _cached_notice(push: Push, device: Subscription, notices: Notices) -> Notice | None:
    run = (push.id, _last_of_notice(push, device))
    if run not in notices:
        notices[run] = describe(push.user_id, push.chat_id, first=push.first_seq, last=run[1])
    return notices[run]


def _last_of_notice(push: Push, device: Subscription) -> int:
    """The last message that the notification may show: that of the push, unless the device shows a
    newer one, which the notification is going to replace."""
    newer = Delivery.objects.filter(
        subscription=device,
        kind=Delivery.Kind.SHOW,
        state=Delivery.State.SENT,
        push__in=_unread_pushes(push).filter(last_seq__gt=push.last_seq),
    )
    return max(newer.values_list("push__last_seq", flat=True), default=push.last_seq)


def _what_is_left(push: Push) -> Notice | None:
    """The notice of all that the person was told of and has not read: also of earlier pushes that
    this one replaced."""
    told = Push.objects.filter(
        user_id=push.user_id, chat_id=push.chat_id, state=Push.State.SENT
    ).aggregate(first=Min("first_seq"), last=Max("last_seq"))
    first = min(push.first_seq, told["first"] or push.first_seq)
    last = max(push.last_seq, told["last"] or push.last_seq)
    return describe(push.user_id, push.chat_id, first=first, last=last)


def _unread_pushes(push: Push) -> "QuerySet[Push]":
    """Pushes of the same person and chat that were sent, or are being sent, and are not read."""
    states = (Push.State.RELEASED, Push.State.SENT)
    rows = Push.objects.filter(user_id=push.user_id, chat_id=push.chat_id)
    return rows.filter(open=True, state__in=states)


def _shows_unread(push: Push, device: Subscription) -> bool:
    """Whether the device shows a notification of the chat that is not read: it has replaced the
    read one, so nothing is left to clear. Raises RetryLater when such a one is still being sent."""
    later = Delivery.objects.filter(
        subscription=device,
        kind=Delivery.Kind.SHOW,
        state__in=(Delivery.State.WAITING, Delivery.State.SENT),
        push__in=_unread_pushes(push),
    )
    states = set(later.values_list("state", flat=True))
    if Delivery.State.SENT not in states and states:
        raise RetryLater
    return bool(states)


def _show_payload(push: Push, notice: Notice, *, small: bool) -> Payload:
    chosen = Preferences.objects.filter(user_id=push.user_id).values_list("content", flat=True)
    with_content = runtime.PUSH_CONTENT and chosen.first() is not False and not small
    with_content = with_content or bool(notice.path)  # of a topic: nobody's words
    recent = _unread_pushes(push).filter(state=Push.State.SENT, ended_at__gt=Now() - QUIET_PERIOD)
    return Payload(
        kind="show",
        chat=notice.chat,
        seq=notice.seq,
        count=notice.count,
        title=notice.title if with_content else "",
        body=notice.body if with_content else "",
        picture=notice.picture if with_content else None,
        silent=recent.exclude(id=push.id).exists(),
        path=notice.path,
        last=0 if notice.path else notice.last,
    )
