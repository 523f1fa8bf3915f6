"""What outgoing webhooks send: events, their order and their signatures."""

import base64
import hashlib
import hmac

import pytest
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from apps.chats.actions import edits, groups, hiding, reactions
from apps.chats.actions.messages import send_batch, validated_send
from apps.core.identifiers import new_id
from apps.integrations.actions import outgoing
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, send_due


def test_an_event_has_the_documented_shape_and_a_valid_signature(bob, crew, hook, receiver):
    message = write(bob, crew, "Ship it")
    send_due()
    [one] = receiver.received
    hook.verify(one)
    assert one.headers["content-type"] == "application/json"
    event = one.event
    assert set(event) == {"type", "timestamp", "data"}
    assert event["type"] == "message.created"
    data = event["data"]
    assert (data["webhook"], data["chat"]) == (str(hook.id), str(crew))
    assert (data["message"]["seq"], data["message"]["text"]) == (message.seq, "Ship it")
    bob_is = {"id": str(bob.id), "username": "bob", "name": "Bob", "bot": False}
    assert data["people"] == [bob_is]
    [logged] = hook.log
    assert (str(logged.id), logged.state, logged.status) == (one.id, "delivered", 204)


def test_the_signature_is_that_of_the_scheme(bob, crew, hook, receiver):
    write(bob, crew)
    send_due()
    [one] = receiver.received
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    text = f"{one.id}.{one.headers['webhook-timestamp']}.".encode() + one.body
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert one.headers["webhook-signature"] == f"v1,{expected}"
    with pytest.raises(WebhookVerificationError):
        hook.verify(one._replace(body=one.body.replace(b"text", b"texd")))


def test_for_a_day_both_secrets_sign(alice, bob, crew, hook, receiver):
    fresh = hook._replace(secret=outgoing.replace_secret(alice.id, crew, hook.id))
    write(bob, crew)
    send_due()
    [one] = receiver.received
    hook.verify(one)
    fresh.verify(one)
    hook.set(former_until=timezone.now())
    write(bob, crew)
    send_due()
    fresh.verify(receiver.received[-1])
    with pytest.raises(WebhookVerificationError):
        hook.verify(receiver.received[-1])


def test_events_come_in_order_and_of_the_chosen_types_alone(alice, bob, crew, receiver):
    write(bob, crew, "before the webhook")
    hook = a_hook(alice, crew, receiver.url)
    few = a_hook(alice, crew, receiver.url + "/few", events=["member.left"])
    first = write(bob, crew, "one")
    send_due()
    write(bob, crew, "two")
    edits.edit_message(bob.id, crew, seq=first.seq, text="edited")
    reactions.add_reaction(alice.id, crew, seq=first.seq, emoji="👍")
    edits.pin_message(alice.id, crew, seq=first.seq, pinned=True)
    groups.rename_group(alice.id, crew, "Ship's crew")
    send_due()
    edits.delete_message(bob.id, crew, seq=first.seq)
    groups.remove_member(bob.id, crew, person=bob.id)
    send_due()
    came = [each for each in receiver.received if each.path == "/hook"]
    assert [each.type for each in came] == [
        "message.created",
        "message.created",
        "message.edited",
        "reactions.changed",
        "chat.renamed",
        "message.deleted",
        "member.left",
    ]
    assert [each.number for each in hook.log] == [*range(1, 8)]
    assert came[2].text == "edited"
    assert came[3].event["data"]["message"]["reactions"][0]["count"] == 1
    assert "text" in came[5].event["data"]["message"]
    assert came[5].text == ""
    assert [each.event for each in few.log] == ["member.left"]


def test_what_changes_between_two_looks_is_seen_as_it_is_then(alice, bob, crew, hook, receiver):
    """The feed has states: of two edits the last one, of a deleted message only that."""
    gone, kept = write(bob, crew, "secret plan"), write(bob, crew, "one")
    edits.edit_message(bob.id, crew, seq=kept.seq, text="two")
    edits.edit_message(bob.id, crew, seq=kept.seq, text="three")
    edits.delete_message(bob.id, crew, seq=gone.seq)
    send_due()
    assert [(each.type, each.text) for each in receiver.received] == [
        ("message.created", "three"),
        ("message.deleted", ""),
    ]
    assert "secret plan" not in str([each.body for each in receiver.received])


def test_a_hidden_message_is_a_deleted_one_until_it_is_restored(bob, crew, hook, receiver):
    message = write(bob, crew, "insult")
    hiding.hide_message(crew, message.seq)
    send_due()
    hiding.restore_message(crew, message.seq)
    send_due()
    assert receiver.types == ["message.deleted", "message.edited"]
    assert receiver.texts == ["", "insult"]


def test_trigger_words_choose_messages(alice, bob, crew, receiver):
    a_hook(alice, crew, receiver.url, words=["deploy", "roll back"])
    # A line may follow the word: https://github.com/mattermost/mattermost/issues/2688
    for text in ("Deploy now!", "deployment", "nothing", "please ROLL BACK", "deploy:\n`1`"):
        write(bob, crew, text)
    send_due()
    assert receiver.texts == ["Deploy now!", "please ROLL BACK", "deploy:\n`1`"]


def test_a_quote_is_not_sent(alice, bob, crew, hook, receiver):
    """A copy of it in the log would outlive the quoted message."""
    quoted = write(bob, crew, "the original")
    send_due()
    [answer] = reply(alice, crew, quoted.seq)
    send_due()
    data = receiver.received[-1].event["data"]["message"]
    assert (data["seq"], data["reply_to"]) == (answer.seq, quoted.seq)
    assert "quote" not in data
    assert "the original" not in str(hook.log[-1].body)


def reply(sender, chat, seq):
    send = validated_send(
        sender=sender.id, chat=chat, client_id=new_id(), text="answer", reply_to=seq
    )
    return send_batch([send])
