"""A moderator sends or refuses a held message."""

import json
import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.actions import slowdowns
from apps.chats.actions import groups, moderating, scheduled
from apps.chats.models import Message, Scheduled
from apps.chats.queries import scheduled as queries
from apps.core.errors import AgainstRules, Held, Invalid, NotPossible
from apps.moderation.actions import held as decisions
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord, Report
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.wire import bodies
from tests.moderation.held.holding import TEXT, actions, add, by, hold, send, texts
from tests.support.people import in_touch, signed_in

LIST = "/admin/moderation/heldmessage/"
API = "/api/v1/moderation/held-messages"


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
