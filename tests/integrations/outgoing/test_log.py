"""The log of outgoing webhooks has nothing that was deleted, hidden or erased."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import deletions
from apps.accounts.actions.erasing import erase_due
from apps.chats.actions import edits, expiry, groups, hiding, moderating
from apps.chats.queries.changed_messages import head
from apps.core.claims import claim, still_held
from apps.core.errors import NotPossible
from apps.integrations.actions import outgoing, outgoing_log, outgoing_sender, outgoing_turns
from apps.integrations.actions.outgoing_feed import make_deliveries
from apps.integrations.gateways.outgoing import Attempt
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from apps.integrations.queries.data_export import sections
from apps.integrations.tasks import forget_webhook_log
from tests.chats.factories import write
from tests.integrations.receivers import send_due
from tests.support.people import alice, bob, crew
from tests.support.threads import meanwhile, together

# Some of these tests commit: nothing is shared.
__all__ = ["alice", "bob", "crew"]


def texts(hook):
    return [each.body and each.body["text"] for each in hook.log]


def test_the_content_of_a_deleted_message_leaves_the_log_with_it(alice, bob, crew, hook):
    first, second = write(bob, crew, "one"), write(bob, crew, "two")
    send_due()
    edits.edit_message(bob.id, crew, seq=first.seq, text="edited")
    send_due()
    assert texts(hook) == ["one", "two", "edited"]
    edits.delete_message(bob.id, crew, seq=first.seq)
    assert texts(hook) == [None, "two", None]
    with pytest.raises(NotPossible):
        outgoing.send_again(alice.id, crew, hook.id, hook.log[0].id)
    assert second.seq == hook.log[1].seq


def test_that_of_a_hidden_one_too(bob, crew, hook):
    message = write(bob, crew, "insult")
    send_due()
    hiding.hide_message(crew, message.seq)
    assert texts(hook) == [None]


def test_a_receiver_that_repeats_what_it_got_leaves_nothing_in_the_log(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(page.body, status=200)
    first, second = write(bob, crew, "one"), write(bob, crew, "two")
    send_due()
    assert "one" in hook.log[0].response
    edits.delete_message(bob.id, crew, seq=first.seq)
    assert hook.log[0].response == ""
    assert "two" in hook.log[1].response
    assert second.seq == hook.log[1].seq


def test_nor_does_one_that_answers_after_the_deletion(bob, crew, hook):
    message = write(bob, crew, "one")
    [row] = claim(outgoing_sender.claimable([]), limit=1)
    sending = outgoing_turns.next_step(row)
    edits.delete_message(bob.id, crew, seq=message.seq)
    echo = Attempt(status=200, response=sending.request.body.decode())
    outgoing_turns.finish_step(row, sending.delivery, echo, goes_on=False)
    [logged] = hook.log
    assert (logged.state, logged.response) == ("delivered", "")


def test_a_title_that_moderators_reset_leaves_the_log(alice, crew, hook):
    groups.rename_group(alice.id, crew, "You fools")
    send_due()
    assert texts(hook) == ["You fools"]
    moderating.reset_title(crew)
    assert texts(hook) == [None]


def test_what_waits_is_withdrawn(alice, bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"", status=500)
    first = write(bob, crew, "one")
    write(bob, crew, "two")
    send_due()
    edits.delete_message(bob.id, crew, seq=first.seq)
    receiver.answer = lambda page: page.say(b"", status=204)
    hook.set(due_at=timezone.now())
    send_due()
    assert [(each.type, each.text) for each in receiver.received] == [
        ("message.created", "one"),
        ("message.created", "two"),
        ("message.deleted", ""),
    ]
    assert [each.state for each in hook.log] == ["withdrawn", "delivered", "delivered"]


def test_retention_deletes_it_and_counts_it(bob, crew, hook):
    for text in ("one", "two"):
        write(bob, crew, text)
    send_due()
    outgoing.pause(hook.row.owner_id, crew, hook.id)
    last = head(crew).seq
    part = expiry.delete_part(crew, before=last, days=1)
    assert part.counts["webhook_log"] == 1
    assert texts(hook) == [None, "two"]


def test_old_entries_are_forgotten_unless_they_wait(bob, crew, hook, receiver):
    write(bob, crew, "one")
    send_due()
    receiver.answer = lambda page: page.say(b"", status=500)
    write(bob, crew, "two")
    send_due()
    WebhookDelivery.objects.update(made_at=timezone.now() - timedelta(days=8))
    forget_webhook_log()
    assert texts(hook) == ["two"]


def test_an_export_has_the_webhooks_of_a_person_without_secrets(alice, bob, hook):
    written = {name: list(rows) for name, rows in sections(alice.id).items()}
    assert [each["id"] for each in written["outgoing_webhooks"]] == [hook.id]
    assert hook.secret not in str(written)
    assert not list(sections(bob.id)["outgoing_webhooks"])


def test_the_webhooks_of_a_deleted_account_are_deleted(alice, hook):
    deletions.start(alice.id, at_once=True)
    erase_due(alice.id)
    assert not OutgoingWebhook.objects.exists()


def test_the_name_of_an_erased_person_is_not_in_the_log(alice, bob, crew, hook, receiver):
    write(bob, crew, "hello")
    send_due()
    assert "Bob" not in str(hook.log[0].body)
    assert "Bob" in receiver.received[0].body.decode()


def test_secrets_are_stored_sealed(hook):
    row = hook.row
    assert hook.secret.encode() not in bytes(row.secret)
    assert hook.secret.removeprefix("whsec_").encode() not in bytes(row.secret)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_has_read_a_message_leaves_no_copy_behind_its_deletion(
    alice, bob, crew, hook
):
    """The deletion waits for the worker's transaction, and then finds its copy."""
    message = write(bob, crew, "secret")
    [row] = claim(outgoing_sender.claimable([]), limit=1)

    def read():
        held = still_held(row)
        make_deliveries(held)
        held.save()

    meanwhile(read, lambda: edits.delete_message(bob.id, crew, seq=message.seq))
    assert texts(hook) == [None]
    assert [each.state for each in hook.log] == ["withdrawn"]


@pytest.mark.django_db(transaction=True)
def test_old_entries_that_somebody_changes_are_left_for_later(bob, crew, hook):
    """A deletion of messages locks them in another order."""
    for text in ("one", "two"):
        write(bob, crew, text)
    send_due()
    WebhookDelivery.objects.update(made_at=timezone.now() - timedelta(days=8))
    with transaction.atomic():
        WebhookDelivery.objects.select_for_update().get(id=hook.log[0].id)
        together(outgoing_log.delete_old)
    assert texts(hook) == ["one"]
