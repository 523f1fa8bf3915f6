"""Reporting an entry, a person or a chat to the moderators."""

from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from msgspec import Struct

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.models import Chat, Member, Message
from apps.chats.queries.access import get_membership
from apps.contacts.queries import contacts
from apps.contacts.queries.people import get_person
from apps.core.errors import Invalid, NotFound
from apps.core.limits import REPORTS, limited
from apps.moderation.actions import evidence, telling
from apps.moderation.models import Report

MAX_WORDS = 2_000
MAX_CONTEXT = 20
Kind, Reason, Severity = Report.Kind, Report.Reason, Report.Severity
SEVERITIES = {
    Reason.SPAM: Severity.LOW,
    Reason.OTHER: Severity.LOW,
    Reason.HARASSMENT: Severity.MEDIUM,
    Reason.HATE: Severity.MEDIUM,
    Reason.VIOLENCE: Severity.HIGH,
    Reason.SEXUAL: Severity.HIGH,
    Reason.ILLEGAL: Severity.HIGH,
    Reason.SELF_HARM: Severity.HIGH,
}


class Reported(Struct, frozen=True):
    """What somebody reports: an entry (`chat` and `seq`), a person (who may be met in `chat`), or a
    chat. `context`: how many entries on each side of it, or of the end of the chat, go along."""

    kind: str
    reason: str
    chat: UUID | None = None
    seq: int | None = None
    person: UUID | None = None
    text: str = ""
    context: int = 0


class Created(NamedTuple):
    """The report, and whether it is new: an open report of the same thing is returned as it is."""

    report: Report
    new: bool


@limited(REPORTS)
@transaction.atomic
def create_report(user_id: UUID, asked: Reported) -> Created:
    """Report something that the person can see. What they saw is copied, see `evidence`.

    Raises NotFound for what they cannot see, also for a deleted message, and Invalid.
    """
    text = _checked(asked)
    profiles.get_active_user(user_id)
    if asked.chat is not None:
        # No message is edited or deleted between the check, the copy, and the commit.
        lock_chat(asked.chat)
        get_membership(user_id, asked.chat)
    person = _person(user_id, asked)
    row = Report(
        reporter_id=user_id,
        kind=asked.kind,
        subject=_subject(asked),
        chat_id=asked.chat,
        seq=asked.seq,
        person=person,
        reason=asked.reason,
        severity=SEVERITIES[Reason(asked.reason)],
        text=text,
        shown=_shown(user_id, asked, person),
        created_at=timezone.now(),
    )
    if (known := _known(row)) is not None:
        return Created(known, new=False)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same request, at the same time
        if (known := _known(row)) is None:
            raise
        return Created(known, new=False)
    evidence.copy(row, context=asked.context)
    telling.of_report(row, new=True)
    return Created(row, new=True)


def _checked(asked: Reported) -> str:
    """The words, cleaned. Raises Invalid for fields that do not belong to the kind."""
    needed = {
        Kind.ENTRY: {"chat", "seq"},
        Kind.PERSON: {"person"},
        Kind.CHAT: {"chat"},
    }[Kind(asked.kind)]
    may_have = needed | ({"chat"} if asked.kind == Kind.PERSON else set())
    for name in ("chat", "seq", "person"):
        is_given = getattr(asked, name) is not None
        if is_given != (name in needed) and not (is_given and name in may_have):
            reason = f"This report {'has no' if is_given else 'needs a'} {name}."
            raise Invalid(reason, pointer=f"#/{name}", reason=reason)
    if not 0 <= asked.context <= MAX_CONTEXT:
        raise Invalid(f"At most {MAX_CONTEXT} entries on each side.", pointer="#/context")
    if len(asked.text) > MAX_WORDS or "\x00" in asked.text:
        words = gettext("Use at most {n} characters.").format(n=MAX_WORDS)
        raise Invalid(words, pointer="#/text")
    return asked.text.strip()


def _person(user_id: UUID, asked: Reported) -> User | None:
    """Who is reported. Raises NotFound, and Invalid for the reporter."""
    if asked.chat is not None and asked.seq is not None:
        entry = Message.objects.filter(chat_id=asked.chat, seq=asked.seq, deleted_at=None).first()
        if entry is None:
            raise NotFound
        sender = User.objects.filter(id=entry.sender_id).first()
        if sender is None:  # that moderators read the chat: nobody's entry
            raise NotFound
        person = sender
    elif asked.person is None:
        return None
    elif asked.chat is None:
        person = get_person(user_id, asked.person)
    else:
        # Also somebody who has blocked the reporter, or left.
        met = Member.objects.select_related("user").filter(
            chat_id=asked.chat, user_id=asked.person, user__erased_at=None
        )
        if (member := met.first()) is None:
            raise NotFound
        person = member.user
    if person.id == user_id:
        pointer = "#/seq" if asked.kind == Kind.ENTRY else "#/person"
        raise Invalid("You cannot report yourself.", pointer=pointer)
    return person


def _subject(asked: Reported) -> str:
    if asked.chat is not None and asked.seq is not None:
        # A message that was edited since it was reported can be reported again, with its new text.
        found = Message.objects.filter(chat_id=asked.chat, seq=asked.seq)
        edited_at = found.values_list("edited_at", flat=True).get()
        version = f"@{edited_at.isoformat()}" if edited_at else ""
        return f"entry:{asked.chat}/{asked.seq}{version}"
    return f"{asked.kind}:{asked.person if asked.kind == Kind.PERSON else asked.chat}"


def _shown(user_id: UUID, asked: Reported, person: User | None) -> dict[str, str]:
    """What the reporter saw of the reported person, also with an invitation that waits for the
    reporter, or the title of the chat."""
    if asked.chat is not None and person is None:
        return {"title": Chat.objects.values_list("title", flat=True).get(id=asked.chat)}
    if person is None:
        return {}
    greeting = contacts.greeting_of(person.id, to=user_id)
    return profile_shown(person) | ({"greeting": greeting} if greeting else {})


def profile_shown(person: User) -> dict[str, str]:
    """A person's profile as a report shows it."""
    return {"username": person.username, "name": person.name, "about": person.about}


def _known(row: Report) -> Report | None:
    """The report of the same thing by the same person that is not decided yet."""
    same = Report.objects.filter(reporter=row.reporter_id, subject=row.subject)
    return same.exclude(state=Report.State.DECIDED).first()
