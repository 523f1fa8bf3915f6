"""Break-glass: reading a part of a chat that one is not in.

One moderator asks, another one approves, the first one reads until it expires, and some time later
the chat's members are told. Each step, and each page that is read, writes an audit record.
Decision 0059 has the reasons.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.chats.actions import moderating
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.models import Chat, Member, Message
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.runtime import runtime
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By, Door
from apps.moderation.actions.people import checked_reason
from apps.moderation.models import ReadRequest
from apps.moderation.queries import read_requests
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.moderation.queries.read_requests import NoBreakGlass, ReadEntry

logger = logging.getLogger(__name__)
PAGE_SIZE = 50
MAX_AT_ONCE = 100
State = ReadRequest.State


class Asked(NamedTuple):
    """What a moderator asks for: the entries of a chat from `since` to `until` (None: to now), to
    be read for some hours. `reason` is a `ReadRequest.Reason`, which the members are told; `text`
    says more, for other moderators."""

    chat: UUID
    since: datetime
    reason: str
    text: str
    hours: int
    until: datetime | None = None


class Page(NamedTuple):
    """A page of a chat. `following`: the seq to read on after; None at the end."""

    request: ReadRequest
    entries: list[ReadEntry]
    following: int | None


@transaction.atomic
def ask(by: By, asked: Asked) -> ReadRequest:
    """Ask to read a part of a chat. Another moderator has to approve it.

    Raises NoModerator, NoBreakGlass, NotFound, Invalid, OutOfReach for a chat that one is in, and
    NotPossible when it is switched off, nothing was written in that time, or one has asked already.
    """
    moderator = _checked(by)
    _check_switched_on()
    if asked.reason not in ReadRequest.Reason.values:
        raise Invalid(gettext_noop("Unknown reason."), pointer="#/reason")
    most = runtime.BREAK_GLASS_MAX_HOURS
    if not 1 <= asked.hours <= most:
        raise Invalid(gettext("Choose 1 to {n} hours.").format(n=most), pointer="#/hours")
    text = checked_reason(asked.text)
    chat = Chat.objects.filter(id=asked.chat).first()
    if chat is None:
        raise NotFound
    if Member.objects.filter(chat=chat, user_id=moderator, left_rev=None).exists():
        raise OutOfReach(gettext_noop("You are in this chat."))
    now = timezone.now()
    since = max(asked.since, chat.created_at)
    until = min(asked.until or now, now)
    first, last = read_requests.part_of(chat.id, since, until)
    try:
        with transaction.atomic():
            row = ReadRequest.objects.create(
                chat_id=chat.id,
                since=since,
                until=until,
                from_seq=first,
                to_seq=last,
                reason=asked.reason,
                text=text,
                hours=asked.hours,
                asked_by_id=moderator,
                asked_at=now,
            )
    except IntegrityError as error:
        raise NotPossible(gettext_noop("You have asked already; it waits for approval.")) from error
    telling.of_read_request(row, by=moderator, new=True)
    part = {"from": first, "to": last, "hours": asked.hours, "kind": asked.reason}
    _record("ask_to_read", by, row, reason=text, details=part)
    return row


@transaction.atomic
def approve(by: By, request_id: UUID) -> ReadRequest:
    """Let the moderator who asked read, from now until it expires.

    Raises NotFound, NoModerator, NoBreakGlass, OutOfReach for one's own request, and NotPossible
    when it is switched off, decided already, or the one who asked may not read any more.
    """
    row = _locked_for_decision(by, request_id)
    _check_switched_on()
    try:
        _checked(By(row.asked_by_id, by.door))
    except (NoModerator, NoBreakGlass):
        raise NotPossible(
            gettext_noop("The moderator who asked may no longer read chats.")
        ) from None
    now = timezone.now()
    hours = min(row.hours, runtime.BREAK_GLASS_MAX_HOURS)
    row.state, row.decided_by_id, row.decided_at = State.APPROVED, by.id, now
    row.over_at = now + timedelta(hours=hours)
    row.save(update_fields=["state", "decided_by", "decided_at", "over_at"])
    telling.of_read_request(row, by=by.id)
    _record("approve_reading", by, row, details={"until": row.over_at.isoformat()})
    return row


@transaction.atomic
def refuse(by: By, request_id: UUID, *, reason: str) -> ReadRequest:
    """Refuse a request. Raises as `approve`, and Invalid without a reason."""
    row = _locked_for_decision(by, request_id)
    reason = checked_reason(reason)
    row.state, row.decided_by_id, row.decided_at = State.REFUSED, by.id, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    telling.of_read_request(row, by=by.id)
    _record("refuse_reading", by, row, reason=reason)
    return row


@transaction.atomic
def end(by: By, request_id: UUID) -> ReadRequest:
    """End reading before it expires, or take a waiting request back. Every moderator who may read
    chats can end it, and an operator.

    Raises NotFound, NoModerator, NoBreakGlass, and NotPossible when it is over.
    """
    row = _locked(by, request_id)
    now = timezone.now()
    if row.state != State.WAITING and not row.is_open(now):
        raise NotPossible(gettext_noop("This request is over."))
    row.state, row.over_at = State.ENDED, now
    row.save(update_fields=["state", "over_at"])
    telling.of_read_request(row, by=by.id)
    _record("end_reading", by, row)
    return row


@transaction.atomic
def read(by: By, request_id: UUID, *, after: int = 0, limit: int = PAGE_SIZE) -> Page:
    """A page of the chat for the moderator who asked, as its members see it. It is recorded.

    Raises NotFound, also for a deleted chat, NoModerator, NoBreakGlass, OutOfReach for others, and
    NotPossible before the approval, after the end, and when it is switched off.
    """
    row = _locked(by, request_id)
    if row.asked_by_id != by.id:
        raise OutOfReach(gettext_noop("Only the moderator who asked can read."))
    _check_switched_on()
    if not row.is_open(timezone.now()):
        raise NotPossible(
            gettext_noop("You cannot read this chat: it is not approved, or no longer.")
        )
    if not Chat.objects.filter(id=row.chat_id).exists():
        raise NotFound
    entries = read_requests.entries(row, after=after, limit=limit)
    if not entries:
        return Page(row, [], None)
    first, last = entries[0].seq, entries[-1].seq
    row.first_read = min(row.first_read or first, first)
    row.last_read = max(row.last_read or last, last)
    row.save(update_fields=["first_read", "last_read"])
    _record("read_chat", by, row, seq=first, details={"first": first, "last": last})
    return Page(row, entries, last if last < row.to_seq else None)


def tell_members() -> None:
    """Tell the members of chats that were read, some time after reading ended. Safe to run
    concurrently anywhere."""
    due = _due().order_by("over_at").values_list("id", "chat_id")
    for request_id, chat_id in due[:MAX_AT_ONCE]:
        try:
            _tell(request_id, chat_id)
        except NotFound:  # the chat is deleted: there is nobody to tell
            ReadRequest.objects.filter(id=request_id).update(told_at=timezone.now())
        except Exception:  # the next pass tries again; the others must not wait for it
            logger.exception("the members of chat %s cannot be told of a reading", chat_id)


@transaction.atomic
def _tell(request_id: UUID, chat_id: UUID) -> None:
    lock_chat(chat_id)
    row = _due().select_for_update(no_key=True).filter(id=request_id).first()
    if row is None:  # another worker did
        return
    ends = Q(seq=row.first_read) | Q(seq=row.last_read)
    messages = Message.objects.filter(ends, chat_id=chat_id).order_by("seq")
    times = list(messages.values_list("created_at", flat=True))
    row.told_at = timezone.now()
    row.save(update_fields=["told_at"])
    moderating.tell_of_reading(chat_id, first=times[0], last=times[-1], reason=row.reason)
    _record("tell_members", By(None, Door.WORKER), row)


def _due() -> QuerySet[ReadRequest]:
    late = timezone.now() - timedelta(hours=runtime.BREAK_GLASS_DELAY)
    return ReadRequest.objects.filter(first_read__isnull=False, told_at=None, over_at__lte=late)


def _checked(by: By) -> UUID:
    """The moderator. Raises NoModerator (also for an operator and a program), NoBreakGlass."""
    if by.id is None:
        raise NoModerator
    read_requests.check_may(by.id)
    return by.id


def _check_switched_on() -> None:
    if not settings.BREAK_GLASS:
        raise NotPossible(
            gettext_noop("Reading chats is switched off on this server (BREAK_GLASS).")
        )


def _locked(by: By, request_id: UUID) -> ReadRequest:
    """The request, locked. Raises NoModerator, NoBreakGlass, and NotFound."""
    row = ReadRequest.objects.select_for_update(no_key=True).filter(id=request_id).first()
    if by.id is not None:
        _checked(by)  # under the lock: roles change while one waits
        if row and not read_requests.visible_to(by.id).filter(id=row.id).exists():
            raise NotFound
    if row is None:
        raise NotFound
    return row


def _locked_for_decision(by: By, request_id: UUID) -> ReadRequest:
    row = _locked(by, request_id)
    _checked(by)
    if row.asked_by_id == by.id:
        raise OutOfReach(gettext_noop("Another moderator has to decide on your request."))
    if row.state != State.WAITING:
        raise NotPossible(gettext_noop("This request is decided already."))
    return row


def _record(
    action: str,
    by: By,
    row: ReadRequest,
    *,
    reason: str = "",
    seq: int | None = None,
    details: Mapping[str, object] = MappingProxyType({}),
) -> None:
    about = About(chat=row.chat_id, seq=seq)
    more = {"request": str(row.id), **details}
    audit.record(action, by=by, about=about, reason=reason, details=more)
