"""What a hold keeps, and what goes when it ends."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.actions import deletions, erasing
from apps.accounts.models import Deletion, User
from apps.accounts.tasks import erase_accounts
from apps.chats.actions import edits, hiding, reactions
from apps.chats.models import Chat, Member, Message, Reaction
from apps.chats.queries import history
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.moderation.models import AuditRecord
from apps.plugins.polls import people, voting
from apps.plugins.polls.models import Vote
from apps.plugins.polls.tasks import delete_unused as delete_unused_votes
from apps.retention.actions import deleting, held_content, holds
from apps.retention.models import DeletionReceipt, HeldContent, Hold
from apps.retention.queries import receipts
from apps.retention.tasks import delete_old_messages
from tests.chats.factories import write
from tests.retention.ageing import MARK, STAFF, in_force, poll, seqs
from tests.support.people import person, signed_in

pytestmark = pytest.mark.django_db


def test_a_hold_stops_retention_and_the_operator(old, alice, bob, crew):
    hold = holds.begin(STAFF, reason="a case", person=bob.id)
    in_force(crew, 30)
    delete_old_messages()
    assert old - 1 in seqs(crew)
    with pytest.raises(CommandError):
        call_command("erase", str(crew), "--all", "--reason", "asked to")
    with pytest.raises(NotPossible):
        holds.begin(STAFF, reason="again", person=bob.id)
    with pytest.raises(Invalid):
        holds.begin(STAFF, reason=" ", chat=crew)
    holds.end(STAFF, hold.id)
    with pytest.raises(NotFound):
        holds.end(STAFF, hold.id)
    delete_old_messages()
    assert seqs(crew)[0] == old
    assert [*AuditRecord.objects.order_by("number").values_list("action", flat=True)][-2:] == [
        "hold",
        "end_hold",
    ]


def test_a_hold_stops_a_deletion_that_goes_on(old, crew):
    in_force(crew, 30)
    deleting.begin_due()
    holds.begin(STAFF, reason="a case", chat=crew)
    deleting.go_on()
    row = DeletionReceipt.objects.get()
    assert (row.stopped_by_hold, row.removed) == (True, {})
    assert seqs(crew)[0] == 1


@pytest.mark.parametrize("by_moderator", [False, True])
def test_what_people_delete_under_a_hold_is_kept_until_it_ends(alice, bob, crew, by_moderator):
    seq = write(bob, crew, MARK).seq
    data = {"question": MARK, "options": ["a", "b"], "multiple": False, "closed": False}
    layout = {"plugin": "polls", "data": data}
    Message.objects.filter(chat_id=crew, seq=seq).update(layout=layout)
    voting.vote(alice.id, crew, seq, [1])
    reactions.add_reaction(alice.id, crew, seq=seq, emoji="🎉")
    hold = holds.begin(STAFF, reason="a case", chat=crew)
    if by_moderator:
        hiding.hide_message(crew, seq)
        assert Vote.objects.exists()
        hiding.delete_for_all(crew, seq)
    else:
        edits.delete_message(bob.id, crew, seq=seq)
    assert not Vote.objects.exists()
    assert not Reaction.objects.exists()
    assert history.newest(crew, limit=1)[0].text == ""
    held_content.delete_released()
    held = HeldContent.objects.get()
    assert (held.text, held.layout) == (MARK, layout)
    assert [each["emoji"] for each in held.rows["reactions"]] == ["🎉"]
    [vote] = held.rows["poll_votes"]
    assert (vote["user"], vote["option"]) == (str(alice.id), 1)
    root = signed_in(person("root", is_staff=True, is_superuser=True))
    page = root.get(reverse("admin:retention_hold_change", args=[hold.id])).content.decode()
    assert f"{Chat.objects.get(id=crew).title} ({crew})" in page
    assert '<div class="readonly">1</div>' in page
    listed = root.get(reverse("admin:retention_hold_changelist")).content.decode()
    assert f">{Chat.objects.get(id=crew).title}<" in listed
    holds.end(STAFF, hold.id)
    held_content.delete_released()
    assert not HeldContent.objects.exists()
    edits.delete_message(alice.id, crew, seq=write(alice, crew).seq)
    assert not HeldContent.objects.exists()


def test_a_hold_keeps_the_votes_of_an_account_that_is_deleted(alice, bob, crew):
    voting.vote(bob.id, crew, poll(alice, crew), [1])
    hold = holds.begin(STAFF, reason="a case", chat=crew)
    deletions.start(bob.id, at_once=True)
    erase_accounts()
    assert User.objects.get(id=bob.id).erased_at
    delete_unused_votes()
    assert Vote.objects.filter(user_id=bob.id).exists()
    holds.end(STAFF, hold.id)
    delete_unused_votes()
    assert not Vote.objects.exists()


def test_a_bad_chat_stops_no_deletion_of_what_holds_kept(alice, bob, crew, chat, monkeypatch):
    hold = holds.begin(STAFF, reason="a case", person=bob.id)
    for each in (crew, chat):
        voting.vote(bob.id, each, poll(alice, each), [1])
        edits.delete_message(bob.id, each, seq=write(bob, each, MARK).seq)
    User.objects.filter(id=bob.id).update(erased_at=Now())
    holds.end(STAFF, hold.id)
    for module, delete, left in (
        (held_content, held_content.delete_released, HeldContent.objects.values_list("chat_id")),
        (people, delete_unused_votes, Vote.objects.values_list("poll__chat_id")),
    ):
        tried = []

        def fail_the_first(chat_id, tried=tried, lock=module.lock_chat):
            tried.append(chat_id)
            assert chat_id != tried[0]
            return lock(chat_id)

        monkeypatch.setattr(module, "lock_chat", fail_the_first)
        delete()
        assert list(left) == [(tried[0],)]


def test_a_removed_chat_stops_no_other_deletion(old, alice, bob, crew, chat):
    hold = holds.begin(STAFF, reason="a case", chat=chat)
    edits.delete_message(bob.id, chat, seq=write(bob, chat, MARK).seq)
    holds.end(STAFF, hold.id)
    deleting.begin(Chat.objects.get(id=chat), kind="operator", before=99, reason="asked to")
    Chat.objects.filter(id=chat).delete()
    in_force(crew, 30)
    delete_old_messages()
    assert seqs(crew)[0] == old
    assert not HeldContent.objects.exists()
    assert not DeletionReceipt.objects.filter(finished_at=None).exists()


def test_an_account_on_hold_is_closed_and_erased_afterwards(alice, bob, crew):
    hold = holds.begin(STAFF, reason="a case", person=bob.id)
    deletions.start(bob.id, at_once=True, refuse_identities=True)
    erase_accounts()
    bob.refresh_from_db()
    assert (bob.is_active, bob.erased_at) == (False, None)
    holds.end(STAFF, hold.id)
    Deletion.objects.update(claimed_at=None)
    erase_accounts()
    assert User.objects.get(id=bob.id).erased_at
    receipt = DeletionReceipt.objects.get(person_id=bob.id)
    assert (receipt.kind, receipt.removed["memberships"]) == ("account", 1)
    assert receipt.hash == receipts.hash_of(receipt)


def test_a_hold_stops_an_account_s_deletion_that_goes_on(bob, crew, monkeypatch):
    step = erasing._step

    def put_on_hold(*given):
        if not Hold.objects.exists():
            with CaptureQueriesContext(connection) as queries:
                holds.begin(STAFF, reason="a case", person=bob.id)
            locks = [each["sql"] for each in queries if "FOR " in each["sql"]]
            assert "accounts_deletion" in locks[0]
            assert "left_rev" not in locks[1], "it covers chats that the person has left, too"
        return step(*given)

    monkeypatch.setattr(erasing, "_step", put_on_hold)
    deletions.start(bob.id, at_once=True)
    erase_accounts()
    assert Deletion.objects.filter(user_id=bob.id).exists()
    assert User.objects.get(id=bob.id).erased_at is None
    assert Member.objects.get(user_id=bob.id, chat_id=crew).joined_at


def test_beginning_a_hold_says_how_it_ends(crew):
    out, err = StringIO(), StringIO()
    call_command("hold", "begin", "--chat", str(crew), "--reason", "a case", stdout=out, stderr=err)
    assert out.getvalue().strip() == str(Hold.objects.get().id)
    assert f"manage.py hold end {out.getvalue().strip()}" in err.getvalue()
