"""Messages that a rule holds wait, and their sender may withdraw them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.accounts.actions import erasing
from apps.accounts.models import Deletion
from apps.chats.actions import drafts, edits, held, holding, moderating, scheduled
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import Draft, Scheduled
from apps.chats.queries import data_export
from apps.chats.queries import scheduled as queries
from apps.core.errors import (
    AgainstRules,
    ChatClosed,
    FileGone,
    Held,
    NotAsEdit,
    NotFound,
    NotPossible,
    TooManyHeld,
)
from apps.core.runtime import runtime
from apps.files.models import File
from apps.moderation.actions import held as decisions
from apps.moderation.actions import people
from tests.chats.factories import give_back_connection
from tests.moderation.held.holding import TEXT, add, by, hold, send, texts
from tests.support.people import signed_in
from tests.support.uploads import stored_file


def test_a_held_message_waits_and_only_its_sender_sees_it(alice, bob, crew, captured_events):
    drafts.save_draft(alice.id, crew, text=TEXT, reply_to=None)
    client_id = uuid4()
    with captured_events() as events:
        hold(alice, crew, client_id=client_id)
    assert texts(crew) == []
    told = [(item.to, type(item.event).__name__) for item in events]
    assert told == [(alice.id, "ScheduledChanged"), (alice.id, "DraftChanged")]
    [mine] = queries.of_person(alice.id)
    assert (mine.state, mine.client_id, mine.text) == ("held", client_id, TEXT)
    days = (mine.due_at - timezone.now()) / timedelta(days=1)
    assert round(days) == runtime.HELD_DAYS
    assert queries.of_person(bob.id) == []
    assert Draft.objects.get(user_id=alice.id).text == ""


def test_a_repeat_is_the_same_held_message(alice, crew, captured_events):
    client_id = uuid4()
    first = hold(alice, crew, client_id=client_id)
    with captured_events() as events:
        assert isinstance(send(alice, crew, client_id=client_id), Held)
    assert not events
    one, other = (
        validated_send(sender=alice.id, chat=crew, client_id=uuid4(), text=TEXT),
        validated_send(sender=alice.id, chat=crew, client_id=client_id, text=TEXT),
    )
    outcomes = send_batch([one, other, one])
    assert [type(outcome) for outcome in outcomes] == [Held, Held, Held]
    assert Scheduled.objects.filter(client_id=client_id).get().id == first.id
    assert Scheduled.objects.count() == 2


def test_others_of_the_batch_are_sent(alice, bob, crew):
    sends = [
        validated_send(sender=sender.id, chat=crew, client_id=uuid4(), text=text)
        for sender, text in ((alice, TEXT), (bob, "hello"), (alice, "bye"))
    ]
    first, *others = send_batch(sends)
    assert isinstance(first, Held)
    assert all(isinstance(outcome, Sent) for outcome in others)
    assert texts(crew) == ["hello", "bye"]


def test_what_cannot_be_sent_is_not_held(alice, bob, charlie, crew, chat):
    assert isinstance(send(charlie, crew), NotFound)
    assert isinstance(send(alice, crew, reply_to=99), NotFound)
    assert isinstance(send(alice, crew, files=[uuid4()]), FileGone)
    assert isinstance(send(alice, chat), Sent)  # direct chats are private
    add("bad words", effect="refuse")
    assert isinstance(send(alice, crew, f"{TEXT} and bad words"), AgainstRules)
    moderating.set_closed(crew, "Adverts")
    assert isinstance(send(alice, crew), ChatClosed)
    assert not Scheduled.objects.exists()


def test_only_so_many_may_wait(alice, bob, crew, monkeypatch):
    monkeypatch.setattr(holding, "MAX_HELD", 1)
    row = hold(alice, crew)
    assert isinstance(send(alice, crew), TooManyHeld)
    hold(bob, crew)
    held.withdraw(alice.id, row.id)
    hold(alice, crew)


def test_an_edit_cannot_wait(alice, crew):
    sent = send(alice, crew, "hello")
    with pytest.raises(NotAsEdit):
        edits.edit_message(alice.id, crew, seq=sent.seq, text=TEXT)
    assert texts(crew) == ["hello"]


def test_its_sender_withdraws_it(alice, bob, crew):
    client_id = uuid4()
    row = hold(alice, crew, client_id=client_id)
    path = f"/api/v1/scheduled/{row.id}"
    assert signed_in(bob).post(f"{path}/withdraw").status_code == 404
    # A browser that sends a scheduled message now deletes it: that must not withdraw it.
    client = signed_in(alice)
    assert client.delete(path).status_code == 409
    assert client.post(f"{path}/withdraw").status_code == 204
    assert client.post(f"{path}/withdraw").status_code == 409
    row.refresh_from_db()
    assert (row.state, row.text) == ("cancelled", "")
    assert isinstance(send(alice, crew, client_id=client_id), Held)
    assert queries.of_person(alice.id) == []


def test_a_scheduled_message_is_held_when_it_is_due(alice, crew):
    due = timezone.now() + timedelta(hours=1)
    row = scheduled.schedule(alice.id, crew, client_id=uuid4(), text=TEXT, due_at=due)
    Scheduled.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert scheduled.send_due() == 1
    [mine] = queries.of_person(alice.id)
    assert (mine.id, mine.state) == (row.id, "held")
    assert scheduled.send_due() == 0


def test_a_scheduled_message_that_is_sent_now_is_held_in_its_place(alice, crew):
    due = timezone.now() + timedelta(hours=1)
    row = scheduled.schedule(alice.id, crew, client_id=uuid4(), text=TEXT, due_at=due)
    scheduled.cancel(alice.id, row.id)
    again = hold(alice, crew, client_id=row.client_id)
    assert (again.id, again.text) == (row.id, TEXT)


@pytest.mark.usefixtures("files_storage")
def test_files_are_kept_while_the_message_waits_and_sent_with_it(alice, crew, moderator):
    file = stored_file(alice, "prices.txt", b"cheap")
    row = hold(alice, crew, files=[file.id])
    assert File.objects.get(id=file.id).uses == 1
    shown = decisions.read(by(moderator), row.id)
    assert shown.files == ["prices.txt"]
    assert decisions.approve(by(moderator), row.id).state == "sent"
    assert File.objects.get(id=file.id).uses == 1
    gone = hold(alice, crew, files=[file.id])
    held.withdraw(alice.id, gone.id)
    assert File.objects.get(id=file.id).uses == 1


def test_a_suspension_ends_what_waits(alice, bob, crew, moderator):
    row = hold(bob, crew)
    people.suspend(by(moderator), bob.id, until=None, reason="Spam")
    row.refresh_from_db()
    assert (row.state, row.text) == ("cancelled", "")
    with pytest.raises(NotPossible):
        decisions.approve(by(moderator), row.id)


def test_what_nobody_decides_goes_back(alice, crew):
    row = hold(alice, crew)
    assert held.end_undecided() == 0
    Scheduled.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert held.end_undecided() == 1
    [mine] = queries.of_person(alice.id)
    assert (mine.state, mine.reason, mine.text) == ("failed", "undecided", TEXT)
    # Sent again, it waits again.
    assert hold(alice, crew, client_id=row.client_id).id == row.id


def test_the_senders_export_has_it_and_deletion_removes_it(alice, bob, crew, moderator):
    row = hold(bob, crew)
    decisions.refuse(by(moderator), row.id, reason="No adverts, please.")
    hold(bob, crew)
    rows = list(data_export.sections(bob.id)["scheduled_messages"])
    assert [(each["text"], each["state"]) for each in rows] == [(TEXT, "failed"), (TEXT, "held")]
    assert rows[0]["answer"] == "No adverts, please."
    Deletion.objects.create(user=bob, asked_at=timezone.now(), due_at=timezone.now())
    erasing.erase_due()
    assert not Scheduled.objects.filter(user_id=bob.id).exists()


@pytest.mark.django_db(transaction=True)
def test_the_api_says_that_it_waits(alice, crew):
    add("green pills")
    body = {"client_id": str(uuid4()), "text": "green pills"}
    path = f"/api/v1/chats/{crew}/messages"
    for _ in range(2):
        response = signed_in(alice).post(path, body, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (409, "held")
    [mine] = signed_in(alice).get("/api/v1/scheduled").json()["items"]
    assert (mine["state"], mine["client_id"]) == ("held", body["client_id"])
    give_back_connection(group_commit)
