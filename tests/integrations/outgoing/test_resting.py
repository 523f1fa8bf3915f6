"""When an outgoing webhook sends nothing: paused, without its owner, or in a closed group."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.chats.actions import groups
from apps.chats.models import Chat
from apps.core.errors import ChatClosed, Forbidden, NotPossible
from apps.integrations.actions import outgoing, outgoing_sender
from apps.integrations.models import OutgoingWebhook
from apps.integrations.queries.outgoing_due import oldest_due
from apps.integrations.queries.outgoing_states import count_by_state
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, send_due


def test_a_pause_holds_everything_and_a_resume_may_skip_it(alice, bob, crew, hook, receiver):
    outgoing.pause(alice.id, crew, hook.id)
    write(bob, crew, "one")
    send_due()
    assert receiver.received == []
    outgoing.resume(alice.id, crew, hook.id, skip=True)
    write(bob, crew, "two")
    send_due()
    assert receiver.texts == ["two"]


def test_it_rests_when_its_owner_may_not_manage_the_group(alice, bob, crew, receiver):
    groups.change_role(alice.id, crew, person=bob.id, role="owner")
    hook = a_hook(bob, crew, receiver.url)
    groups.remove_member(bob.id, crew, person=bob.id)
    write(alice, crew, "not for Bob")
    send_due()
    assert (hook.row.state, receiver.received) == ("unowned", [])
    outgoing.resume(alice.id, crew, hook.id, skip=False)
    send_due()
    assert "not for Bob" in receiver.texts
    assert hook.row.owner_id == alice.id


def test_it_rests_when_the_account_of_its_owner_is_closed(alice, bob, crew, receiver):
    groups.change_role(alice.id, crew, person=bob.id, role="owner")
    hook = a_hook(bob, crew, receiver.url)
    write(alice, crew, "one")
    send_due()
    accounts.deactivate(bob.id)
    write(alice, crew, "two")
    send_due()
    assert (hook.row.state, receiver.texts) == ("unowned", ["one"])


def test_the_time_in_which_its_group_was_closed_is_none_of_failures(
    alice, bob, crew, hook, receiver
):
    receiver.answer = lambda page: page.say(b"", status=500)
    write(bob, crew, "one")
    send_due()
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    assert count_by_state() == {"working": 0, "failing": 0, "failed": 0}
    before = timezone.now() - timedelta(days=2)
    hook.set(due_at=before, failing_since=before - timedelta(minutes=5))
    Chat.objects.filter(id=crew).update(closed_reason="")
    send_due()
    assert (hook.row.state, hook.row.failures) == ("active", 2)
    assert timezone.now() - hook.row.failing_since < timedelta(hours=1)


def test_a_turn_ends_when_its_group_is_closed(bob, crew, hook, receiver, monkeypatch):
    for text in ("one", "two"):
        write(bob, crew, text)
    finish = outgoing_sender.finish_step

    def finish_and_close(*args, **options):
        goes_on = finish(*args, **options)
        Chat.objects.filter(id=crew).update(closed_reason="spam")
        return goes_on

    monkeypatch.setattr(outgoing_sender, "finish_step", finish_and_close)
    send_due()
    assert (hook.row.state, receiver.texts) == ("active", ["one"])


def test_it_rests_in_a_closed_group_where_it_can_be_paused_and_deleted(
    alice, bob, crew, hook, receiver
):
    write(bob, crew, "before")
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    send_due()
    assert (receiver.received, oldest_due()) == ([], None)
    with pytest.raises(Forbidden):
        outgoing.pause(bob.id, crew, hook.id)
    outgoing.pause(alice.id, crew, hook.id)
    with pytest.raises(ChatClosed):
        outgoing.resume(alice.id, crew, hook.id, skip=False)
    Chat.objects.filter(id=crew).update(closed_reason="")
    outgoing.resume(alice.id, crew, hook.id, skip=False)
    send_due()
    assert receiver.texts == ["before"]
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    outgoing.delete(alice.id, crew, hook.id)
    assert not OutgoingWebhook.objects.filter(id=hook.id).exists()


def test_administrators_switch_all_of_them_off(alice, bob, crew, hook, receiver, settings):
    settings.OUTGOING_WEBHOOKS = False
    write(bob, crew, "one")
    send_due()
    assert (receiver.received, oldest_due()) == ([], None)
    with pytest.raises(NotPossible):
        a_hook(alice, crew, receiver.url)
    settings.OUTGOING_WEBHOOKS = True
    send_due()
    assert receiver.texts == ["one"]
