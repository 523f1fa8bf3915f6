"""Break-glass when two things happen at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.models import Message
from apps.core.errors import NotPossible
from apps.moderation.actions import break_glass
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.break_glass import Asked
from apps.moderation.models import AuditRecord, ReadRequest
from apps.moderation.queries import audit
from apps.moderation.queries.moderators import NoModerator
from tests.chats.factories import write
from tests.moderation.conftest import moderator_named
from tests.support.people import alice, bob, crew
from tests.support.threads import meanwhile, together

# These tests commit: nothing is shared.
__all__ = ["alice", "bob", "crew"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.BREAK_GLASS = True
    settings.BREAK_GLASS_DELAY = 0


@pytest.fixture
def readers(db):
    """Three moderators with the permission for break-glass."""
    users = [moderator_named(name) for name in ("mona", "nick", "olga")]
    for user in users:
        user.user_permissions.add(Permission.objects.get(codename="break_glass"))
    return [By(user.id, Door.API) for user in users]


@pytest.fixture
def row(crew, bob, readers):
    """What the first of them asked for."""
    write(bob, crew, "words")
    since = timezone.now() - timedelta(days=1)
    return break_glass.ask(readers[0], Asked(crew, since, "abuse", "Threats", 1))


def count(action):
    return AuditRecord.objects.filter(action=action).count()


def locked(row):
    ReadRequest.objects.select_for_update().get(id=row.id)


def set_over(row, at):
    ReadRequest.objects.filter(id=row.id).update(over_at=at)


def test_two_decisions_at_once_are_one(row, readers):
    done = together(
        partial(break_glass.approve, readers[1], row.id),
        partial(break_glass.approve, readers[2], row.id),
        partial(break_glass.refuse, readers[2], row.id, reason="No"),
    )
    assert sorted(isinstance(each, NotPossible) for each in done) == [False, True, True]
    assert count("approve_reading") + count("refuse_reading") == 1
    assert audit.verify().intact


def test_one_asks_once_at_a_time(crew, readers, row):
    break_glass.end(readers[0], row.id)
    asked = Asked(crew, timezone.now() - timedelta(days=1), "abuse", "Threats", 1)
    done = together(*[partial(break_glass.ask, readers[0], asked)] * 3)
    assert sorted(isinstance(each, NotPossible) for each in done) == [False, True, True]
    assert count("ask_to_read") == 2


def test_a_view_that_waited_past_the_expiry_shows_nothing(row, readers):
    break_glass.approve(readers[1], row.id)
    refusal = meanwhile(
        partial(locked, row),
        partial(break_glass.read, readers[0], row.id),
        then=partial(set_over, row, timezone.now()),
    )
    assert isinstance(refusal, NotPossible)
    assert count("read_chat") == 0


@pytest.mark.parametrize("who", ["approves", "asked", "reads"])
def test_one_who_loses_the_role_while_waiting_does_nothing(row, readers, who):
    asker, approver, _ = readers
    lost, action, refusal = {
        "approves": (approver, partial(break_glass.approve, approver, row.id), NoModerator),
        "asked": (asker, partial(break_glass.approve, approver, row.id), NotPossible),
        "reads": (asker, partial(break_glass.read, asker, row.id), NoModerator),
    }[who]
    if who == "reads":
        break_glass.approve(approver, row.id)
    done = AuditRecord.objects.count()
    found = meanwhile(
        partial(locked, row),
        action,
        then=partial(User.objects.filter(id=lost.id).update, is_staff=False),
    )
    assert isinstance(found, refusal)
    assert AuditRecord.objects.count() == done


def test_members_are_told_once_by_two_workers_also_of_the_last_view(crew, bob, row, readers):
    break_glass.approve(readers[1], row.id)
    break_glass.read(readers[0], row.id, limit=1)
    break_glass.read(readers[0], row.id)
    set_over(row, timezone.now())
    together(break_glass.tell_members, break_glass.tell_members)
    [entry] = Message.objects.filter(chat_id=crew, kind="moderator_read")
    last = Message.objects.get(chat_id=crew, text="words")
    assert last.created_at.isoformat() in entry.text
    assert count("tell_members") == 1


def test_a_message_and_the_entry_that_tells_get_numbers_without_gaps(crew, bob, row, readers):
    break_glass.approve(readers[1], row.id)
    break_glass.read(readers[0], row.id)
    set_over(row, timezone.now())
    meanwhile(partial(lock_chat, crew), break_glass.tell_members)
    together(*[partial(write, bob, crew) for _ in range(4)], break_glass.tell_members)
    seqs = Message.objects.filter(chat_id=crew).order_by("seq").values_list("seq", flat=True)
    assert [*seqs] == [*range(1, len(seqs) + 1)]
    assert Message.objects.filter(chat_id=crew, kind="moderator_read").count() == 1
