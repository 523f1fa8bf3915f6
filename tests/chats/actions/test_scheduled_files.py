"""Scheduled messages with files: kept until they are sent, and sent as by hand."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.chats.actions import attachments, edits, groups, scheduled
from apps.chats.models import Scheduled
from apps.chats.queries import history
from apps.chats.queries import scheduled as queries
from apps.core.errors import Empty, FileGone, NotPossible
from apps.core.identifiers import new_id
from apps.files.actions import deletion, uploads
from apps.files.models import File
from apps.files.queries.uploads import used_bytes
from tests.chats.factories import write
from tests.support.people import in_touch, signed_in
from tests.support.uploads import begin, stored_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_storage")]


def plan(user, chat, *files, text="", client_id=None):
    return scheduled.schedule(
        user.id,
        chat,
        client_id=client_id or new_id(),
        text=text,
        files=[file.id for file in files],
        due_at=timezone.now() + timedelta(days=3),
    )


def come_due(row):
    Scheduled.objects.filter(id=row.id).update(due_at=timezone.now() - timedelta(seconds=1))
    assert scheduled.send_due() == 1
    return Scheduled.objects.get(id=row.id)


def change(user, row, *files, text=None):
    """Change the files, and when it is due."""
    ids, due_at = [file.id for file in files], timezone.now() + timedelta(days=3)
    return scheduled.reschedule(user.id, row.id, text=text, due_at=due_at, files=ids)


def uses(*files):
    return [File.objects.get(id=file.id).uses for file in files]


def clean_up_days_later():
    File.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    deletion.delete_unused()


@pytest.fixture
def files(alice):
    return [stored_file(alice, f"{name}.txt", name.encode()) for name in ("one", "two")]


def test_the_files_are_kept_until_they_are_sent_with_the_text(alice, bob, chat, files):
    row = plan(alice, chat, *files, text="both")
    clean_up_days_later()
    [waiting] = queries.of_person(alice.id)
    assert [file.name for file in waiting.files] == ["one.txt", "two.txt"]
    assert used_bytes(alice.id) == 6
    sent = come_due(row)
    assert (sent.state, sent.files, uses(*files)) == ("sent", None, [1, 1])
    [message] = history.newest(chat, limit=1)
    assert (message.text, message.files) == ("both", waiting.files)
    edits.delete_message(alice.id, chat, seq=message.seq)
    deletion.delete_unused()
    assert not File.objects.exists()


def test_a_message_of_files_alone_may_be_scheduled_but_not_be_emptied(alice, chat, files):
    row = plan(alice, chat, files[0])
    with pytest.raises(Empty):
        change(alice, row)
    assert uses(*files) == [1, 0]
    change(alice, row, text="words")
    assert uses(*files) == [0, 0]
    with pytest.raises(Empty):
        plan(alice, chat)


def test_other_files_replace_the_former_ones(alice, chat, files, captured_events):
    one, two = files
    row = plan(alice, chat, one, one, text="words")
    assert uses(one, two) == [1, 0]
    with captured_events() as events:
        change(alice, row, two)
    assert uses(one, two) == [0, 1]
    assert [file.id for file in events[0].event.scheduled.files] == [two.id]
    change(alice, row, two, text="other words")
    scheduled.reschedule(alice.id, row.id, text="more words", due_at=None)
    assert uses(two) == [1]
    assert [file.id for file in queries.of_person(alice.id)[0].files] == [two.id]


def test_a_file_that_waits_to_be_sent_cannot_be_deleted(alice, chat, files):
    plan(alice, chat, files[0])
    with pytest.raises(NotPossible):
        uploads.cancel(alice.id, files[0].id)


def test_cancelling_frees_the_files(alice, chat, files):
    row = plan(alice, chat, *files)
    scheduled.cancel(alice.id, row.id)
    assert Scheduled.objects.get(id=row.id).files is None
    clean_up_days_later()
    assert not File.objects.exists()


def test_the_files_of_a_cancelled_message_can_be_sent_by_hand(alice, chat, files):
    """As "Send now" does, whose message may wait in the browser for a while."""
    row = plan(alice, chat, *files)
    scheduled.cancel(alice.id, row.id)
    deletion.delete_unused()
    write(alice, chat, "both", files=[file.id for file in files])
    assert uses(*files) == [1, 1]


def test_closing_the_account_frees_the_files(alice, chat, files):
    plan(alice, chat, *files)
    plan(alice, chat, files[0])
    accounts.deactivate(alice.id)
    assert uses(*files) == [0, 0]


def test_a_repeated_client_id_counts_once_and_needs_no_file(alice, chat, files):
    client_id = new_id()
    first = plan(alice, chat, files[0], client_id=client_id)
    assert plan(alice, chat, files[0], client_id=client_id).id == first.id
    assert uses(files[0]) == [1]
    scheduled.cancel(alice.id, first.id)
    deletion.delete_unused()
    assert plan(alice, chat, files[0], client_id=client_id).id == first.id


def test_only_files_that_could_be_sent_now_are_accepted(alice, bob, charlie, chat, files):
    in_touch(bob, charlie)
    theirs = stored_file(charlie, "theirs.txt", b"theirs")
    incomplete = File.objects.get(id=begin(signed_in(alice), "big.txt", 500).json()["id"])
    for file in (theirs, incomplete):
        with pytest.raises(FileGone):
            plan(alice, chat, files[0], file)
        row = plan(alice, chat, text="words")
        with pytest.raises(FileGone):
            change(alice, row, files[0], file)
    assert uses(*files, theirs, incomplete) == [0, 0, 0, 0]


def test_a_file_that_is_no_longer_shown_to_the_person_fails_with_a_reason(alice, bob, crew, chat):
    """It was to be forwarded from a group that removed them meanwhile."""
    theirs = stored_file(alice, "theirs.txt", b"theirs")
    write(alice, crew, files=[theirs.id])
    row = plan(bob, chat, theirs, text="look")
    assert uses(theirs) == [2]
    groups.remove_member(alice.id, crew, person=bob.id)
    failed = come_due(row)
    assert (failed.state, failed.reason, uses(theirs)) == ("failed", "file_gone", [2])
    [shown] = queries.of_person(bob.id)
    assert (shown.text, [file.name for file in shown.files]) == ("look", ["theirs.txt"])
    change(bob, row)
    assert (come_due(row).state, uses(theirs)) == ("sent", [1])


def test_a_worker_that_died_after_the_send_leaves_no_use(alice, chat, files, monkeypatch):
    row = plan(alice, chat, files[0])
    with monkeypatch.context() as patched:
        patched.setattr(scheduled, "_finish", lambda *_: None)
        come_due(row)
    assert uses(files[0]) == [2]
    Scheduled.objects.update(claimed_at=timezone.now() - timedelta(minutes=1))
    assert scheduled.send_due() == 1
    assert uses(files[0]) == [1]
    assert len(history.newest(chat, limit=5)) == 1


def test_the_api_takes_files_and_shows_them(alice, chat, files):
    client = signed_in(alice)
    body = {
        "chat": str(chat),
        "client_id": str(new_id()),
        "due_at": (timezone.now() + timedelta(days=1)).isoformat(),
        "files": [str(files[0].id)],
    }
    answer = client.post("/api/v1/scheduled", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201
    assert [file["name"] for file in answer.json()["files"]] == ["one.txt"]
    path = f"/api/v1/scheduled/{answer.json()['id']}"
    for wrong, status in (([str(new_id())], 409), ([str(new_id()) for _ in range(11)], 400)):
        refused = client.patch(path, {"files": wrong}, content_type="application/json")
        assert refused.status_code == status
    changed = client.patch(path, {"files": [], "text": "hi"}, content_type="application/json")
    assert (changed.json()["files"], changed.json()["text"]) == ([], "hi")


def test_no_files_cost_no_query(alice, chat, monkeypatch):
    monkeypatch.setattr(attachments, "FIND", "no SQL")
    monkeypatch.setattr("apps.files.actions.uses.LOCK", "no SQL")
    row = plan(alice, chat, text="words")
    assert come_due(row).state == "sent"
