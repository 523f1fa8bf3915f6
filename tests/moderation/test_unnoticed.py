"""The reported person does not learn of a report: they see the same as without one."""

import pytest

from apps.chats.actions import edits
from apps.files.actions.deletion import delete_unused
from apps.moderation.actions import queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from tests.chats.factories import write
from tests.support.people import signed_in
from tests.support.uploads import stored_file

FILES = "/api/v1/files"
OPERATOR = By(None, Door.COMMAND)


def seen_by(user, file):
    """What the person can see of a file of theirs, and do with it."""
    client = signed_in(user)
    answers = [
        client.get(FILES),
        client.get(f"{FILES}/{file}"),
        client.get(f"{FILES}/{file}/content/original"),
        client.patch(f"{FILES}/{file}", {"name": "other.txt"}, content_type="application/json"),
        client.get(f"{FILES}/storage"),
        client.get("/api/v1/me"),
    ]
    return [(answer.status_code, str(file) in answer.content.decode()) for answer in answers], [
        answers[-2].content
    ]


@pytest.mark.parametrize("reported", ["after the send", "not"])
def test_a_file_whose_message_was_deleted_is_gone_for_its_owner(crew, alice, bob, reported):
    file = stored_file(bob, "plan.txt", b"the plan").id
    seq = write(bob, crew, "words", files=[file]).seq
    asked = Reported(kind="entry", reason="violence", chat=crew, seq=seq)
    report = create_report(alice.id, asked).report if reported != "not" else None
    edits.delete_message(bob.id, crew, seq=seq)
    delete_unused()
    codes, [storage] = seen_by(bob, file)
    assert [code for code, _ in codes[:4]] == [200, 404, 404, 404]
    assert not codes[0][1]
    assert b'"used":0' in storage.replace(b" ", b"")
    if report is not None:
        assert queue.open_file(OPERATOR, report.id, file).size == len(b"the plan")
