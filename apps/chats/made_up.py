"""Made-up people in group chats, for `manage.py loadcheck` and benchmarks, and their removal.

They are marked by their ids (`made_up_id`), which nobody can choose. They have no e-mail address
and no device, so that they get neither mails nor pushes, and searches of people leave them out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from msgspec import Struct

from apps.accounts.models import Stream, User
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import (
    Chat,
    Indexed,
    LinksIndexed,
    Member,
    Message,
    MessageLink,
    Searchable,
)
from apps.contacts.models import Contact
from apps.core.identifiers import MADE_UP_END, made_up_id

# Held by the session of the process that uses made-up people: PostgreSQL releases it when that
# process dies. No other advisory lock has this number.
LOCK_NUMBER = 7203
BATCH = 1_000
REMOVED_TOGETHER = 500
# Less than the time limit of a worker's task.
TASK_S = 30.0
# Their rows are not deleted with the chat.
OF_CHATS = (Message, Searchable, Indexed, MessageLink, LinksIndexed)
# A hash of no password (Django: unusable).
NOBODY = "!"
TEXT = "The second draft is in the folder; please have a look at the figures on page three."


class MadeUp(Struct, frozen=True):
    """A made-up person, and the chat that they are in."""

    id: UUID
    username: str
    chat: UUID


def make(
    *, chats: int, size: int, password: str = NOBODY, messages: int = 0, chats_each: int = 1
) -> list[MadeUp]:
    """Make `chats` circles of `size` people, who have `chats_each` chats, with so many
    `messages` in each. Two people have one direct chat. Each two neighbours are contacts.

    `password`: the hash that all of them have, by default one that lets nobody in. Returns the
    people circle by circle, each with the first chat.
    """
    stem = f"loadcheck-{uuid4().hex[:6]}"
    with transaction.atomic():
        users = User.objects.bulk_create(
            (
                User(
                    id=made_up_id(),
                    username=f"{stem}-{n}",
                    name=f"Load check {n}",
                    password=password,
                )
                for n in range(chats * size)
            ),
            batch_size=BATCH,
        )
        ids = [user.pk for user in users]
        crews = [ids[start : start + size] for start in range(0, len(ids), size)]
        made = _make_chats([crew for crew in crews for _ in range(chats_each)])
        _make_contacts([(crew[n], crew[n + 1]) for crew in crews for n in range(0, size - 1, 2)])
        Stream.objects.bulk_create(Stream(user_id=person, rev=2) for person in ids)
    _write([(chat, crew[n % size]) for n in range(messages) for chat, crew in made])
    return [
        MadeUp(user.pk, user.username, made[n // size * chats_each][0])
        for n, user in enumerate(users)
    ]


def exist() -> bool:
    """Whether there are made-up people, or rows of their chats: an index may be written while they
    are removed."""
    if User.objects.filter(id__lt=MADE_UP_END).exists():
        return True
    return any(_of_chats(model).exists() for model in OF_CHATS)


@contextmanager
def reserved() -> Iterator[bool]:
    """Keep others from using made-up people until the block ends. Yields False if somebody does.

    Behind PgBouncer the lock is that of a transaction, as sessions are shared: only for short work.
    """
    if settings.PGBOUNCER:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_NUMBER])
            yield cursor.fetchone()[0]
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_NUMBER])
        [got] = cursor.fetchone()
    try:
        yield got
    finally:
        # With a connection that was lost, the lock is released already.
        if got and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_NUMBER])


def remove(*, seconds: float = float("inf")) -> int:
    """Delete all made-up people with their chats, or as many as it can in about so many seconds.
    Returns the number of people."""
    deadline = monotonic() + seconds
    count = 0
    while monotonic() < deadline and (chats := _some(Chat)):
        with transaction.atomic():
            Chat.objects.filter(id__in=chats).delete()
            for model in OF_CHATS:
                model._base_manager.filter(chat_id__in=chats).delete()
    while monotonic() < deadline and (people := _some(User)):
        with transaction.atomic():
            User.objects.filter(id__in=people).delete()
        count += len(people)
    if monotonic() < deadline:
        for model in OF_CHATS:
            _of_chats(model).delete()
    return count


def remove_left_over() -> int:
    """Delete made-up people of a run that died, unless another one runs: a part of them if there
    are many, as a task may take only so long. Returns their number."""
    if not exist():
        return 0
    with reserved() as alone:
        return remove(seconds=TASK_S) if alone else 0


def _some(model: type[Chat] | type[User]) -> list[UUID]:
    ids = model._base_manager.filter(id__lt=MADE_UP_END).values_list("id", flat=True)
    return list(ids[:REMOVED_TOGETHER])


def _of_chats(model: type[Model]) -> QuerySet[Any]:
    return model._base_manager.filter(chat_id__lt=MADE_UP_END)


def _make_chats(crews: list[list[UUID]]) -> list[tuple[UUID, list[UUID]]]:
    now = timezone.now()
    chats = Chat.objects.bulk_create(
        (Chat(id=made_up_id(), active_at=now, created_at=now, **_kind(crew)) for crew in crews),
        batch_size=BATCH,
    )
    made = [(chat.pk, crew) for chat, crew in zip(chats, crews, strict=True)]
    Member.objects.bulk_create(
        (
            Member(chat_id=chat, user_id=person, person_rev=2)
            for chat, crew in made
            for person in crew
        ),
        batch_size=BATCH,
    )
    return made


def _kind(crew: list[UUID]) -> dict[str, object]:
    if len(crew) > 2:
        return {"kind": "group", "title": f"{len(crew)} people"}
    low, high = sorted(crew)
    return {"kind": "direct", "low": low, "high": high}


def _make_contacts(couples: list[tuple[UUID, UUID]]) -> None:
    """Make contacts of these pairs of people, at the first revision of their streams."""
    Contact.objects.bulk_create(
        (
            Contact(
                owner_id=one, other_id=other, state="contact", since=timezone.now(), owner_rev=1
            )
            for couple in couples
            for one, other in (couple, reversed(couple))
        ),
        batch_size=BATCH,
    )


def _write(messages: list[tuple[UUID, UUID]]) -> None:
    """Send a message in each of these chats by one of its people."""
    for start in range(0, len(messages), BATCH):
        sent = send_batch(
            [
                validated_send(sender=sender, chat=chat, client_id=uuid4(), text=TEXT)
                for chat, sender in messages[start : start + BATCH]
            ]
        )
        for outcome in sent:
            if not isinstance(outcome, Sent):
                raise outcome
