"""Messages with files: sent, seen, edited, deleted, forwarded and quoted as one."""

import json
from uuid import UUID

import pytest

from apps.chats.actions import edits, groups
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import Attachment, Message
from apps.chats.queries import changes, chat_list, history
from apps.core.errors import Empty, FileGone
from apps.core.identifiers import new_id
from apps.files.actions import deletion
from apps.files.gateways import objects
from apps.files.models import Blob, File
from apps.wire import events as events_
from tests.support.people import in_touch, signed_in
from tests.support.uploads import begin, ready

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def send(sender, chat, *files, text="", reply_to=None, client_id=None):
    [sent] = send_batch(
        [
            validated_send(
                sender=sender.id,
                chat=chat,
                client_id=client_id or new_id(),
                text=text,
                reply_to=reply_to,
                files=files,
            )
        ]
    )
    return sent


def content(user, file):
    return signed_in(user).get(f"/api/v1/files/{file}/content/original").status_code


def test_a_message_with_files_is_one_message(alice, bob, charlie, chat, captured_events):
    one, two = ready(alice, b"one", "one.txt"), ready(alice, b"two", "two.txt")
    assert content(bob, one) == 404
    with captured_events() as events:
        sent = send(alice, chat, one, two, text="both")
    [event] = [item.event for item in events if isinstance(item.event, events_.MessageChanged)]
    [stored] = history.around(chat, seq=sent.seq, limit=1)
    assert event.message == stored
    assert [file.name for file in stored.files] == ["one.txt", "two.txt"]
    assert [content(who, one) for who in (alice, bob, charlie)] == [302, 302, 404]
    missed = changes.since({chat: 0})[chat].publications[-1].event.message
    assert missed == stored
    [listed] = chat_list.by_ids(bob.id, [chat])
    assert listed.last.truncated
    assert [(file.name, file.variants) for file in listed.last.files] == [
        ("one.txt", []),
        ("two.txt", []),
    ]


def test_a_message_may_consist_of_files_alone(alice, chat):
    sent = send(alice, chat, ready(alice))
    edits.edit_message(alice.id, chat, seq=sent.seq, text="with words")
    edits.edit_message(alice.id, chat, seq=sent.seq, text="")
    [stored] = history.around(chat, seq=sent.seq, limit=1)
    assert (stored.text, len(stored.files)) == ("", 1)
    with pytest.raises(Empty):
        send(alice, chat)


def test_a_repeated_send_is_the_first_message_even_without_its_file(alice, chat):
    file, client_id = ready(alice), new_id()
    first = send(alice, chat, file, client_id=client_id)
    edits.delete_message(alice.id, chat, seq=first.seq)
    deletion.delete_unused()
    assert not File.objects.exists()
    again = send(alice, chat, file, client_id=client_id)
    assert (again.seq, again.repeated) == (first.seq, True)


def test_files_that_cannot_be_attached_refuse_their_message_alone(alice, bob, chat):
    file = UUID(begin(signed_in(alice), "a.txt", 10).json()["id"])
    sends = [
        validated_send(sender=alice.id, chat=chat, client_id=new_id(), text="a", files=[one])
        for one in (file, new_id(), ready(bob, b"of bob"), ready(alice))
    ]
    outcomes = send_batch(sends)
    assert [type(each) for each in outcomes[:3]] == [FileGone] * 3
    assert outcomes[3].seq == 1
    assert Message.objects.count() == 1


def test_deleting_a_message_deletes_its_files_and_their_objects(alice, bob, chat):
    file = ready(alice)
    sent = send(alice, chat, file)
    edits.delete_message(alice.id, chat, seq=sent.seq)
    assert content(bob, file) == 404
    deletion.delete_unused()
    assert [table.objects.count() for table in (Attachment, File, Blob)] == [0, 0, 0]
    assert list(objects.listing("")) == []
    [stored] = history.around(chat, seq=sent.seq, limit=1)
    assert (stored.deleted, stored.files) == (True, [])


def test_a_file_can_be_forwarded_by_those_who_see_it(alice, bob, charlie, chat):
    file = ready(alice)
    first = send(alice, chat, file)
    in_touch(bob, charlie)
    crew = groups.create_group(bob.id, "Others", [charlie.id])
    assert isinstance(send(charlie, crew, file), FileGone)
    send(bob, crew, file, text="look")
    assert content(charlie, file) == 302
    edits.delete_message(alice.id, chat, seq=first.seq)
    deletion.delete_unused()
    assert content(charlie, file) == 302
    groups.remove_member(bob.id, crew, person=charlie.id)
    assert content(charlie, file) == 404
    assert File.objects.get().uses == 1


def test_a_quote_names_the_kind_of_the_file(alice, bob, chat, captured_events):
    sent = send(alice, chat, ready(alice))
    with captured_events() as events:
        reply = send(bob, chat, text="thanks", reply_to=sent.seq)
    [event, _] = [item.event for item in events if isinstance(item.event, events_.MessageChanged)]
    [stored] = history.around(chat, seq=reply.seq, limit=1)
    assert event.message.quote == stored.quote
    assert (stored.quote.text, stored.quote.file) == ("", "document")


def test_a_used_file_is_deleted_with_its_message_only(alice, chat):
    file = ready(alice)
    send(alice, chat, file)
    answer = signed_in(alice).delete(f"/api/v1/files/{file}")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")
    assert json.loads(signed_in(alice).get(f"/api/v1/files/{file}").content)["expires_at"] is None
