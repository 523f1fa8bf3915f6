"""Messages that a rule holds: they wait for a moderator, who sends or refuses them."""

import json
import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.actions import erasing, slowdowns
from apps.accounts.models import Deletion
from apps.chats.actions import (
    drafts,
    edits,
    groups,
    held,
    holding,
    moderating,
    scheduled,
)
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import Draft, Message, Scheduled
from apps.chats.queries import data_export
from apps.chats.queries import scheduled as queries
from apps.core.errors import (
    AgainstRules,
    ChatClosed,
    FileGone,
    Held,
    Invalid,
    NotAsEdit,
    NotFound,
    NotPossible,
    TooManyHeld,
)
from apps.files.models import File
from apps.moderation.actions import held as decisions
from apps.moderation.actions import people, rules
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord, Report
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.wire import bodies
from tests.chats.factories import give_back_connection
from tests.support.people import in_touch, signed_in
from tests.support.uploads import stored_file

OPERATOR = By(None, Door.COMMAND)
LIST = "/admin/moderation/heldmessage/"
API = "/api/v1/moderation/held-messages"
TEXT = "Cheap pills, see below"


@pytest.fixture(autouse=True)
def _rule(db, monkeypatch):
    monkeypatch.setattr(rules, "_known", rules._Known())
    add("cheap pills")


def add(pattern, effect="hold"):
    """Add a rule, which this process then knows: tests commit nothing."""
    rule = rules.add(OPERATOR, kind="words", pattern=pattern, effect=effect)
    rules.forget()
    rules.refresh()
    return rule


def send(sender, chat, text=TEXT, client_id=None, **fields):
    given = {"sender": sender.id, "chat": chat, "client_id": client_id or uuid4(), "text": text}
    [outcome] = send_batch([validated_send(**given, **fields)])
    return outcome


def hold(sender, chat, text=TEXT, **fields):
    """A message that waits."""
    assert isinstance(send(sender, chat, text, **fields), Held)
    return Scheduled.objects.filter(user_id=sender.id).latest("held_at")


def by(moderator):
    return By(moderator.id, Door.ADMIN)


def texts(chat):
    rows = Message.objects.filter(chat_id=chat, kind="text").order_by("seq")
    return list(rows.values_list("text", flat=True))


def actions():
    rows = AuditRecord.objects.exclude(action="add_rule").order_by("number")
    return list(rows.values_list("action", flat=True))


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
    assert round(days) == configured.HELD_DAYS
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


def test_an_approved_message_is_sent_as_its_sender(alice, crew, moderator, captured_events):
    asked = send(alice, crew, "what do you sell?")
    client_id = uuid4()
    row = hold(alice, crew, client_id=client_id, reply_to=asked.seq)
    add("see below", effect="flag")
    with captured_events() as events:
        done = decisions.approve(by(moderator), row.id)
    assert (done.state, done.seq) == ("sent", asked.seq + 1)
    states = [i.event.scheduled.state for i in events if hasattr(i.event, "scheduled")]
    assert states == ["waiting", "sent"]
    message = Message.objects.get(chat_id=crew, seq=done.seq)
    assert (message.sender_id, message.text, message.reply_to) == (alice.id, TEXT, asked.seq)
    # The sender's client repeats it: it is the same message.
    again = send(alice, crew, client_id=client_id)
    assert (again.seq, again.repeated) == (done.seq, True)
    with pytest.raises(NotPossible):
        decisions.approve(by(moderator), row.id)
    assert not Report.objects.exists()
    assert actions() == ["approve_held"]


def test_an_approved_message_of_a_program_is_drawn_as_it_was_sent(alice, crew, moderator):
    layout = bodies.Layout(plugin="polls", data={"question": TEXT})
    row = hold(alice, crew, layout=layout)
    done = decisions.approve(by(moderator), row.id)
    message = Message.objects.get(chat_id=crew, seq=done.seq)
    assert message.layout == msgspec.to_builtins(layout)
    assert Scheduled.objects.get(id=row.id).layout is None
    changed = hold(alice, crew, layout=layout)
    decisions.refuse(by(moderator), changed.id, reason="No adverts, please.")
    due = timezone.now() + timedelta(hours=1)
    scheduled.reschedule(alice.id, changed.id, text="Sweets", due_at=due)
    assert Scheduled.objects.get(id=changed.id).layout is None


def test_a_refused_message_goes_back_with_the_reason(alice, crew, moderator):
    client_id = uuid4()
    row = hold(alice, crew, client_id=client_id)
    with pytest.raises(Invalid):
        decisions.refuse(by(moderator), row.id, reason=" ")
    decisions.refuse(by(moderator), row.id, reason="No adverts, please.")
    [mine] = queries.of_person(alice.id)
    assert (mine.state, mine.reason) == ("failed", "refused")
    assert (mine.answer, mine.text) == ("No adverts, please.", TEXT)
    assert isinstance(send(alice, crew, client_id=client_id), AgainstRules)
    assert actions() == ["refuse_held"]
    record = AuditRecord.objects.get(action="refuse_held")
    assert (record.person, record.chat) == (alice.id, crew)
    assert json.loads(record.details)["rules"] == "words: cheap pills"
    assert TEXT not in record.details
    # Changed, it is sent.
    due = timezone.now() + timedelta(hours=1)
    scheduled.reschedule(alice.id, row.id, text="Sweets", due_at=due)
    Scheduled.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    scheduled.send_due()
    assert texts(crew) == ["Sweets"]


def test_approval_says_when_it_cannot_be_sent_any_more(alice, bob, crew, moderator):
    row = hold(bob, crew)
    groups.remove_member(alice.id, crew, person=bob.id)
    done = decisions.approve(by(moderator), row.id)
    assert (done.state, done.reason, done.text) == ("failed", "not_found", TEXT)
    row = hold(alice, crew)
    moderating.set_closed(crew, "Adverts")
    assert decisions.approve(by(moderator), row.id).reason == "chat_closed"
    moderating.set_closed(crew, "")
    row = hold(alice, crew)
    add("see below", effect="refuse")
    assert decisions.approve(by(moderator), row.id).reason == "against_rules"
    assert texts(crew) == []


def test_a_suspension_ends_what_waits(alice, bob, crew, moderator):
    row = hold(bob, crew)
    people.suspend(by(moderator), bob.id, until=None, reason="Spam")
    row.refresh_from_db()
    assert (row.state, row.text) == ("cancelled", "")
    with pytest.raises(NotPossible):
        decisions.approve(by(moderator), row.id)


def test_an_approved_message_of_a_slowed_person_waits_for_its_turn(bob, crew, moderator):
    until = timezone.now() + timedelta(days=1)
    slowdowns.begin(bob.id, interval_s=60, until=until, reason="Spam")
    row = hold(bob, crew)
    send(bob, crew, "hello")
    done = decisions.approve(by(moderator), row.id)
    assert (done.state, done.approved) == ("waiting", True)
    # The sender's client, which had no response, repeats it: it is not held again.
    assert isinstance(send(bob, crew, client_id=row.client_id), Held)
    assert Scheduled.objects.get(id=row.id).approved
    # With other words, it is not what was approved.
    scheduled.reschedule(bob.id, row.id, text="More cheap pills", due_at=until)
    assert not Scheduled.objects.get(id=row.id).approved


def test_nobody_decides_on_their_own_message(alice, crew, moderator, root):
    in_touch(alice, moderator)
    groups.add_members(alice.id, crew, [moderator.id])
    row = hold(moderator, crew)
    for action in (
        lambda who: decisions.read(who, row.id),
        lambda who: decisions.approve(who, row.id),
        lambda who: decisions.refuse(who, row.id, reason="x"),
    ):
        with pytest.raises(OutOfReach):
            action(by(moderator))
        with pytest.raises(NoModerator):
            action(By(alice.id, Door.API))
    assert str(row.id) not in signed_in(moderator).get(LIST).content.decode()
    assert str(row.id) in signed_in(root).get(LIST).content.decode()
    assert decisions.approve(by(root), row.id).state == "sent"


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


def test_moderators_decide_in_the_admin(alice, bob, crew, moderator):
    client, row = signed_in(moderator), hold(bob, crew)
    page = f"{LIST}{row.id}/change/"
    listed = client.get(LIST).content.decode()
    assert "Crew" in listed, "the group by its title"
    assert str(row.chat_id) not in listed
    assert "Bob" in listed
    assert "see below" not in listed
    assert actions() == []
    shown = client.get(page).content.decode()
    assert "see below" in shown
    assert "words: cheap pills" in shown
    assert actions() == ["view_held"]
    said = client.post(page, {"_approve": "1"}, follow=True).content.decode()
    assert "Approved, and sent." in said
    assert texts(crew) == [TEXT]
    row = hold(bob, crew)
    page = f"{LIST}{row.id}/change/"
    assert "required" in client.post(page, {"_refuse": "1", "reason": ""}).content.decode()
    client.post(page, {"_refuse": "1", "reason": "No adverts"})
    assert Scheduled.objects.get(id=row.id).answer == "No adverts"
    assert "does not wait" in client.get(page, follow=True).content.decode()
    row = hold(bob, crew)
    moderating.set_closed(crew, "Adverts")
    said = client.post(f"{LIST}{row.id}/change/", {"_approve": "1"}, follow=True).content.decode()
    assert "the group is closed" in said
    assert actions() == ["view_held", "approve_held", "view_held", "refuse_held", "approve_held"]
    assert signed_in(alice).get(page).status_code in (302, 403, 404)


def test_moderators_decide_over_the_api(alice, bob, crew, moderator):
    client = signed_in(moderator)
    rows = [hold(bob, crew), hold(alice, crew), hold(bob, crew)]
    first = client.get(f"{API}?limit=2").json()
    assert [item["id"] for item in first["items"]] == [str(row.id) for row in rows[:2]]
    assert "text" not in json.dumps(first)
    rest = client.get(API, {"cursor": first["next"]}).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([str(rows[2].id)], None)
    shown = client.get(f"{API}/{rows[0].id}").json()
    assert (shown["text"], shown["message"]["rules"]) == (TEXT, ["words: cheap pills"])
    assert client.post(f"{API}/{rows[0].id}/approve").json()["state"] == "sent"
    refusal = {"reason": "No adverts"}
    answer = client.post(f"{API}/{rows[1].id}/refuse", refusal, content_type="application/json")
    assert answer.status_code == 204
    assert client.post(f"{API}/{rows[1].id}/approve").status_code == 409
    assert actions() == ["view_held", "approve_held", "refuse_held"]
    for path in (API, f"{API}/{rows[2].id}"):
        assert signed_in(alice).get(path).status_code == 403


def test_nobody_decides_on_a_text_that_they_have_not_read(bob, crew, moderator, root):
    """One moderator has it open while another one gives it back, and its sender changes it."""
    row = hold(bob, crew)
    client, page = signed_in(moderator), f"{LIST}{row.id}/change/"
    shown = client.get(f"{API}/{row.id}").json()
    fields = dict(
        re.findall(r'name="(held_at)" value="([^"]+)"', client.get(page).content.decode())
    )
    decisions.refuse(by(root), row.id, reason="No adverts")
    due = timezone.now() + timedelta(hours=1)
    scheduled.reschedule(bob.id, row.id, text="Dearer cheap pills", due_at=due)
    Scheduled.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    scheduled.send_due()
    assert Scheduled.objects.get(id=row.id).state == "held"
    query = urlencode({"held_at": shown["message"]["held_at"]})
    assert client.post(f"{API}/{row.id}/approve?{query}").status_code == 409
    for button in ({"_approve": "1"}, {"_refuse": "1", "reason": "Again?"}):
        said = client.post(page, {**button, **fields}, follow=True).content.decode()
        assert "Its sender has changed this message." in said
    assert texts(crew) == []
    query = urlencode({"held_at": client.get(f"{API}/{row.id}").json()["message"]["held_at"]})
    assert client.post(f"{API}/{row.id}/approve?{query}").json()["state"] == "sent"


def test_operators_decide_by_command(alice, crew, capsys):
    def moderate(*words):
        call_command("moderate", "--json", *map(str, words))
        return json.loads(capsys.readouterr().out)

    first, second = hold(alice, crew), hold(alice, crew)
    assert [each["id"] for each in moderate("held")["messages"]] == [str(first.id), str(second.id)]
    assert moderate("read-held", first.id)["text"] == TEXT
    assert moderate("approve-held", first.id)["state"] == "sent"
    moderate("refuse-held", second.id, "--reason", "No adverts")
    with pytest.raises(CommandError, match="does not wait"):
        moderate("approve-held", second.id)
    assert actions() == ["view_held", "approve_held", "refuse_held"]


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
