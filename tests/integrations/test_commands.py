"""Built-in commands over the API, and their answers that one person sees."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions import groups
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import send_batch
from apps.chats.models import Chat, Member, Message
from apps.contacts.actions import contacts
from apps.core.errors import Refused
from apps.core.reads import read, result_of
from apps.integrations.actions import bots
from apps.integrations.actions import notes as actions
from apps.integrations.actions.erasure import erase
from apps.integrations.commands import registry
from apps.integrations.commands.registry import Command, Note, register, unregister
from apps.integrations.models import CommandNote
from apps.integrations.queries import notes
from apps.integrations.queries.data_export import sections
from apps.realtime import change_feed
from tests.integrations.programs import program
from tests.support.people import chat, dana, in_touch, signed_in
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "chat", "crew", "dana", "shared_people"]


@pytest.fixture(autouse=True)
def _sends(monkeypatch):
    """Send in the transaction of the test, which the thread that commits would not see."""

    def send(one):
        [outcome] = send_batch([one])
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    monkeypatch.setattr(group_commit, "send", send)


def run(user, chat_id, text, *, client_id=None, **more):
    body = {"client_id": str(client_id or uuid4()), "text": text, **more}
    return signed_in(user).post(
        f"/api/v1/chats/{chat_id}/commands", body, content_type="application/json"
    )


def noted(user, chat_id, text):
    """The text of the note that a command answers with."""
    answer = run(user, chat_id, text)
    assert answer.status_code == 200, answer.content
    assert answer.json()["message"] is None
    return answer.json()["note"]["text"]


def texts(chat_id):
    found = Message.objects.filter(chat_id=chat_id, kind="text").order_by("seq")
    return list(found.values_list("text", flat=True))


def test_me_and_shrug_are_messages_of_the_person(alice, bob, crew):
    first = run(alice, crew, "/me waves\nand *smiles*")
    assert first.json()["note"] is None
    assert first.json()["message"]["sender"] == str(alice.id)
    run(bob, crew, "/shrug no idea", reply_to=first.json()["message"]["seq"])
    run(bob, crew, "/shrug")
    assert texts(crew) == [
        "_waves_\n_and *smiles*_",
        "no idea ¯\\_(ツ)_/¯",
        "¯\\_(ツ)_/¯",
    ]
    assert Message.objects.get(chat_id=crew, text__startswith="no idea").reply_to
    assert run(alice, crew, "/me").json()["code"] == "empty"


def test_a_repeated_client_id_does_nothing_twice(alice, crew):
    for text in ("/me waves", "/help"):
        once = uuid4()
        first, again = (run(alice, crew, text, client_id=once).json() for _ in range(2))
        assert first == again
    assert len(texts(crew)) == CommandNote.objects.count() == 1


def test_a_status_is_set_and_ended(alice, chat):
    assert noted(alice, chat, "/status 🌴 On the beach") == "Your status: 🌴 On the beach"
    alice.refresh_from_db()
    assert (alice.status_emoji, alice.status_text) == ("🌴", "On the beach")
    assert noted(alice, chat, "/status :palm_tree: On the beach") == "Your status: 🌴 On the beach"
    noted(alice, chat, "/status Writing")
    alice.refresh_from_db()
    assert (alice.status_emoji, alice.status_text) == ("", "Writing")
    assert noted(alice, chat, "/status") == "You have no status now."
    alice.refresh_from_db()
    assert (alice.status_emoji, alice.status_text) == ("", "")


def test_do_not_disturb_lasts_as_long_as_was_said(alice, chat):
    def until():
        alice.refresh_from_db()
        return alice.dnd_until and round((alice.dnd_until - timezone.now()) / timedelta(minutes=1))

    assert "You are not notified until" in noted(alice, chat, "/dnd 30m")
    assert until() == 30
    noted(alice, chat, "/dnd")
    assert until() == 60
    assert "Say how long" in noted(alice, chat, "/dnd later")
    assert until() == 60
    assert noted(alice, chat, "/dnd off") == "You are notified again."
    assert until() is None


def test_a_person_reads_answers_in_their_language(alice, chat):
    User.objects.filter(id=alice.id).update(locale="de")
    assert noted(alice, chat, "/dnd off") == "Du wirst wieder benachrichtigt."
    listed = signed_in(alice).get(f"/api/v1/chats/{chat}/commands").json()["items"]
    assert "Achselzucken" in next(each for each in listed if each["name"] == "shrug")["description"]


def test_contacts_are_invited_by_their_names(alice, crew, dana):
    assert "`dana`" in noted(alice, crew, "/invite @dana")
    assert "Name your contacts" in noted(alice, crew, "/invite")
    in_touch(alice, dana)
    assert "`nobody`" in noted(alice, crew, "/invite @dana @nobody")
    assert not Member.objects.filter(chat_id=crew, user_id=dana.id).exists()
    robot = bots.make(alice.id, username="robot", name="Robot")
    said = noted(alice, crew, "/invite @dana @robot")
    assert said.startswith("`robot`: a bot can read everything in the group")
    assert not Member.objects.filter(chat_id=crew, user_id__in=[dana.id, robot]).exists()
    assert run(alice, crew, "/invite @Dana").json() == {"message": None, "note": None}
    assert Member.objects.filter(chat_id=crew, user_id=dana.id, left_rev=None).exists()


def test_a_group_is_renamed_by_those_who_may(alice, bob, crew):
    run(alice, crew, "/topic Garden party")
    assert Chat.objects.get(id=crew).title == "Garden party"
    assert "new name" in noted(alice, crew, "/topic")
    assert run(bob, crew, "/topic Mine").json()["code"] == "forbidden"
    assert Chat.objects.get(id=crew).title == "Garden party"


def test_a_person_leaves_a_group(alice, bob, crew):
    run(bob, crew, "/leave")
    assert not Member.objects.filter(chat_id=crew, user_id=bob.id, left_rev=None).exists()


def test_help_lists_what_can_be_used_here(alice, crew, chat):
    in_group, in_direct = (noted(alice, place, "/help") for place in (crew, chat))
    assert "- `/topic new name` Rename this group" in in_group
    assert "/topic" not in in_direct
    assert "- `/help` " in in_direct


@pytest.mark.parametrize("text", ["/nothing here", "/call"])
def test_an_unknown_command_is_refused(alice, crew, text):
    refused = run(alice, crew, text)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_command")
    assert texts(crew) == []


def test_a_command_of_groups_is_unknown_in_a_direct_chat(alice, chat):
    assert run(alice, chat, "/topic x").json()["code"] == "unknown_command"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "invalid"),
        ("/usr/bin/x", "invalid"),
        (" ", "empty"),
        ("/me " + "x" * 10_000, "too_long"),
    ],
)
def test_what_is_no_command_is_refused(alice, crew, text, code):
    assert run(alice, crew, text).json()["code"] == code


def test_an_outsider_runs_nothing_and_sees_no_answer(alice, bob, charlie, crew):
    noted(bob, crew, "/help")
    [note] = CommandNote.objects.all()
    assert run(charlie, crew, "/help").status_code == 404
    outsider = signed_in(charlie)
    for path in ("commands", "notes"):
        assert outsider.get(f"/api/v1/chats/{crew}/{path}").status_code == 404
    assert outsider.delete(f"/api/v1/chats/{crew}/notes/{note.id}").status_code == 404
    # A member neither sees nor dismisses the answer of another one.
    member = signed_in(alice)
    assert member.get(f"/api/v1/chats/{crew}/notes").json() == {"items": []}
    assert member.delete(f"/api/v1/chats/{crew}/notes/{note.id}").status_code == 204
    mine = signed_in(bob).get(f"/api/v1/chats/{crew}/notes").json()["items"]
    assert [each["id"] for each in mine] == [str(note.id)]


def test_after_a_contact_ends_nothing_is_run(alice, bob, chat):
    contacts.block(bob.id, alice.id)
    assert run(alice, chat, "/status x").json()["code"] == "not_contacts"


def missed_by(user, since):
    """The changes of a person's stream after a revision, as a resume reads them, and up to where
    they are complete; None: up to the head."""
    changes = change_feed.PersonChangesReading({user.id: since})
    read(*changes.reads)
    return changes.of(user.id)


def test_an_answer_goes_to_all_devices_of_its_person_and_is_dismissed_on_all(
    alice, crew, captured_events
):
    since = change_feed.person_head(alice.id)
    with captured_events() as events:
        noted(alice, crew, "/help")
    [told] = [each for each in events if each.event.__struct_config__.tag == "note"]
    assert (told.stream, told.to) == ("person", alice.id)
    note = told.event.note
    [missed], end = missed_by(alice, since)
    assert (missed.event, end) == (told.event, None)
    assert notes.of_chat(alice.id, crew) == [note]
    actions.dismiss_note(alice.id, crew, note.id)
    [missed], _ = missed_by(alice, since)
    assert missed.event.gone
    assert missed.event.note.text == ""
    assert notes.of_chat(alice.id, crew) == []
    actions.dismiss_note(alice.id, crew, note.id)  # on another device, too


def test_a_stream_with_many_answers_is_read_in_parts(alice, crew, monkeypatch):
    since = change_feed.person_head(alice.id)
    for _ in range(5):
        noted(alice, crew, "/help")
    monkeypatch.setattr(change_feed, "MAX_NOTES", 2)
    found, end = [], since
    while end is not None:
        part, end = missed_by(alice, end)
        found += [each.event.note.id for each in part]
    assert found == list(CommandNote.objects.order_by("person_rev").values_list("id", flat=True))


def test_an_answer_is_kept_for_a_day(alice, crew):
    for _ in range(2):
        noted(alice, crew, "/help")
    CommandNote.objects.update(at=timezone.now() - timedelta(hours=25))
    noted(alice, crew, "/help")
    actions.forget_old()
    [left] = CommandNote.objects.all()
    assert [each.id for each in notes.of_chat(alice.id, crew)] == [left.id]
    # The row of the newest revision stays, empty: a client may resume from the revision before.
    CommandNote.objects.update(at=timezone.now() - timedelta(hours=25))
    actions.forget_old()
    [left] = CommandNote.objects.all()
    assert (left.text, left.gone) == ("", True)


def test_answers_in_a_group_that_was_left_are_not_shown(bob, crew):
    noted(bob, crew, "/help")
    shown = notes.reading([bob.id])
    assert len(result_of(shown)[bob.id]) == 1
    groups.leave_group(bob.id, crew)
    assert result_of(notes.reading([bob.id])) == {bob.id: []}


def test_plugins_add_commands(alice, chat):
    seen = []
    register(Command("ping", run=lambda context: seen.append(context) or Note("pong")))
    try:
        assert noted(alice, chat, "/ping  a b ") == "pong"
    finally:
        unregister("ping")
    [context] = seen
    assert (context.person, context.chat, context.text) == (alice.id, chat, "a b")
    assert registry.registered("ping") is None


def test_a_bot_runs_what_is_open_to_bots(alice, crew, robot):
    groups.add_members(alice.id, crew, [robot])
    app = program(alice.id, robot, "commands:run")

    def ask(text):
        body = {"client_id": str(uuid4()), "text": text}
        return app.request("POST", f"chats/{crew}/commands", body).status_code

    assert ask("/me builds") == 200
    assert ask("/dnd 1h") == 403
    without = program(alice.id, robot, "chats:read")
    assert without.request("GET", f"chats/{crew}/commands").status_code == 403


def test_answers_are_exported_and_erased_with_the_account(alice, crew):
    noted(alice, crew, "/help")
    [exported] = sections(alice.id)["command_answers"]
    assert exported["command"] == "help"
    assert erase(alice.id)["answers of commands"] == 1
    assert not CommandNote.objects.exists()
