"""Reminders: when people mean, sending them once, listing, cancelling, and how they end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.accounts.export_handlers import all_sections
from apps.accounts.models import User
from apps.chats.actions import groups
from apps.chats.models import Chat, Message
from apps.contacts.actions import contacts
from apps.core.errors import Full, Invalid, NotFound, RateLimited
from apps.core.identifiers import new_id
from apps.integrations.commands.registry import CommandContext
from apps.integrations.models import PluginBot
from apps.plugins.reminders import commands, people, sending, setting, tasks, times
from apps.plugins.reminders.models import Reminder
from tests.chats.factories import timeline, write
from tests.support.people import signed_in
from tests.support.runtime import runtime_settings

__all__ = ["runtime_settings"]
State = Reminder.State
BERLIN = ZoneInfo("Europe/Berlin")
# A Wednesday in winter: 12:00 in Berlin.
NOON = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)


def a_reminder(person, chat, text="call Bob", *, here=False, client_id=None, minutes=10):
    at = timezone.now() + timedelta(minutes=minutes)
    given = {"text": text, "due_at": at, "here": here, "client_id": client_id or new_id()}
    return setting.set_reminder(person.id, chat, **given)


def send_all():
    """Let time pass until all are due, and a worker look."""
    Reminder.objects.filter(state=State.WAITING).update(due_at=timezone.now())
    tasks.send_due()


def state_of(row):
    return Reminder.objects.values_list("state", "reason").get(id=row.id)


@pytest.mark.parametrize(
    ("text", "at", "rest"),
    [
        ("in 10 minutes to call Bob", NOON + timedelta(minutes=10), "call Bob"),
        ("in 1 hour: call Bob", NOON + timedelta(hours=1), "call Bob"),
        ("in an hour call Bob", NOON + timedelta(hours=1), "call Bob"),
        ("in 3d to toast", NOON + timedelta(days=3), "toast"),
        ("in 2 Wochen an Kuchen denken", NOON + timedelta(weeks=2), "Kuchen denken"),
        ("in einer Stunde anrufen", NOON + timedelta(hours=1), "anrufen"),
        ("at 15:30 to go", datetime(2026, 12, 2, 14, 30, tzinfo=UTC), "go"),
        ("at 9 to go", datetime(2026, 12, 3, 8, 0, tzinfo=UTC), "go"),
        ("at 3pm to go", datetime(2026, 12, 2, 14, 0, tzinfo=UTC), "go"),
        ("um 15 Uhr los", datetime(2026, 12, 2, 14, 0, tzinfo=UTC), "los"),
        ("tomorrow to go", datetime(2026, 12, 3, 8, 0, tzinfo=UTC), "go"),
        ("morgen um 7:15 los", datetime(2026, 12, 3, 6, 15, tzinfo=UTC), "los"),
        ("on 2027-07-01 at 9:00 to go", datetime(2027, 7, 1, 7, 0, tzinfo=UTC), "go"),
        ("2027-07-01 go", datetime(2027, 7, 1, 7, 0, tzinfo=UTC), "go"),
        ("2027-07-01 17:00 go", datetime(2027, 7, 1, 15, 0, tzinfo=UTC), "go"),
        # github.com/scottleedavis/mattermost-plugin-remind/issues/125
        ("tomorrow 15:00 go", datetime(2026, 12, 3, 14, 0, tzinfo=UTC), "go"),
        ("morgen 15 Uhr los", datetime(2026, 12, 3, 14, 0, tzinfo=UTC), "los"),
        ("tomorrow 5 people come", datetime(2026, 12, 3, 8, 0, tzinfo=UTC), "5 people come"),
        ("today at 5pm: go", datetime(2026, 12, 2, 16, 0, tzinfo=UTC), "go"),
        # github.com/anoadragon453/matrix-reminder-bot/issues/38
        ("in 1h30m go", NOON + timedelta(minutes=90), "go"),
        ("in 1 hour 30 minutes to go", NOON + timedelta(minutes=90), "go"),
        ("in 2 Tagen und 1 Stunde los", NOON + timedelta(days=2, hours=1), "los"),
        ("in 2 days at 9:00 to go", datetime(2026, 12, 4, 8, 0, tzinfo=UTC), "go"),
        ("in 1 Woche um 15 Uhr: los", datetime(2026, 12, 9, 14, 0, tzinfo=UTC), "los"),
        ("in 1 hour 5 people come", NOON + timedelta(hours=1), "5 people come"),
        # Days end at the same time by the clock: github.com/shaunduncan/helga/issues/54
        ("in 17 weeks go", datetime(2027, 3, 31, 10, 0, tzinfo=UTC), "go"),
        ("in 17 weeks 1 hour go", datetime(2027, 3, 31, 11, 0, tzinfo=UTC), "go"),
        ("tomorrow", datetime(2026, 12, 3, 8, 0, tzinfo=UTC), ""),
    ],
)
def test_a_time_is_read_by_the_clocks_of_the_person(text, at, rest):
    assert times.parse(text, now=NOON, zone=BERLIN) == (at, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "call Bob",
        "in 10 apples to eat",
        "at 25:00 go",
        "at 13pm go",
        "on 2026-02-30 go",
        "inside",
        "10.50 euros for Bob",
        "in 1.5 hours go",
        "in 2 days at 25:00 go",
        "in" + " 9999 weeks" * 900 + " go",
    ],
)
def test_what_is_no_time_is_none(text):
    assert times.parse(text, now=NOON, zone=BERLIN) is None


@pytest.mark.parametrize("text", ["me\nin 10 minutes eat", "HERE  in 10 minutes eat", "in 10m eat"])
def test_any_blank_is_between_the_words_of_a_command(alice, crew, text):
    """As https://github.com/mattermost/mattermost/issues/13642 asks for."""
    commands.remind(CommandContext(alice.id, crew, text, new_id()))
    row = Reminder.objects.get()
    assert (row.text, row.here) == ("eat", text.startswith("HERE"))


def test_a_reminder_to_oneself_comes_from_the_bot_of_the_plugin(alice, crew):
    User.objects.filter(id=alice.id).update(locale="de")
    row = a_reminder(alice, crew)
    again = a_reminder(alice, crew, "another")
    assert Message.objects.filter(text__contains="call Bob").count() == 0
    send_all()
    bot = User.objects.get(id=PluginBot.objects.get(plugin="reminders").user_id)
    assert (bot.is_bot, bot.bot_owner_id, bot.name) == (True, None, "Reminders")
    [chat] = Chat.objects.filter(low=min(alice.id, bot.id), high=max(alice.id, bot.id))
    said = Message.objects.filter(chat_id=chat.id, kind="text").values_list("sender_id", "text")
    assert sorted(said) == [(bot.id, "Erinnerung: another"), (bot.id, "Erinnerung: call Bob")]
    assert state_of(row) == state_of(again) == (State.SENT, "")
    assert Reminder.objects.exclude(text="").count() == 0


def test_a_reminder_here_is_a_message_of_the_person(alice, crew):
    a_reminder(alice, crew, "bring cake", here=True)
    send_all()
    last = Message.objects.filter(chat_id=crew).latest("seq")
    assert (last.sender_id, last.text) == (alice.id, "Reminder: bring cake")


def test_a_reminder_that_is_set_in_a_thread_is_said_there(alice, bob, crew):
    """Not as https://github.com/mattermost/mattermost/issues/2201."""
    first = write(bob, crew).seq
    for text in ("here in 10 minutes bring cake", "me in 10 minutes eat it"):
        commands.remind(CommandContext(alice.id, crew, text, new_id(), reply_to=first))
    send_all()
    assert Message.objects.filter(chat_id=crew).latest("seq").reply_to == first
    assert state_of(Reminder.objects.get(here=False)) == (State.SENT, "")


def test_a_worker_that_dies_after_the_send_leaves_one_message(alice, crew):
    row = a_reminder(alice, crew, "bring cake", here=True)
    Reminder.objects.update(due_at=timezone.now())
    sending.send(row)  # the worker dies here
    before = timeline(crew)
    send_all()
    assert timeline(crew) == before
    assert state_of(row) == (State.SENT, "")


def test_two_workers_send_once(alice, crew, monkeypatch):
    row = a_reminder(alice, crew, "bring cake", here=True)
    Reminder.objects.update(due_at=timezone.now())
    send = sending.send

    def slowly(claimed):
        assert sending.send_due() == 0, "another worker claimed it, too"
        return send(claimed)

    monkeypatch.setattr(sending, "send", slowly)
    assert sending.send_due() == 1
    assert [text for _, _, text in timeline(crew)].count("Reminder: bring cake") == 1
    assert state_of(row) == (State.SENT, "")


def test_a_reminder_that_comes_too_fast_is_sent_later(alice, crew, monkeypatch):
    row = a_reminder(alice, crew)

    def too_fast(*args, **given):
        raise RateLimited(retry_after=20)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "direct_chat", too_fast)
        send_all()
    assert state_of(row) == (State.WAITING, "")
    row.refresh_from_db()
    assert timedelta(seconds=15) < row.due_at - timezone.now() <= timedelta(seconds=20)
    send_all()
    assert state_of(row) == (State.SENT, "")


def test_a_reminder_here_ends_with_the_membership(alice, bob, crew):
    row = a_reminder(bob, crew, here=True)
    before = timeline(crew)
    groups.remove_member(alice.id, crew, person=bob.id)
    after = timeline(crew)
    send_all()
    assert len(after) == len(before) + 1
    assert timeline(crew) == after
    assert state_of(row) == (State.FAILED, "not_found")


def test_who_has_blocked_the_bot_is_not_reminded(alice, crew):
    a_reminder(alice, crew, "first")
    send_all()
    bot = PluginBot.objects.get(plugin="reminders").user_id
    contacts.block(alice.id, bot)
    row = a_reminder(alice, crew, "second")
    send_all()
    assert state_of(row)[0] == State.FAILED
    assert not Message.objects.filter(text__contains="second").exists()


def test_a_closed_account_has_no_reminders(alice, crew):
    row = a_reminder(alice, crew)
    assert people.left(alice.id) == {"reminders": 1}
    accounts.deactivate(alice.id)
    assert people.left(alice.id) == {}
    assert state_of(row) == (State.CANCELLED, "")


def test_a_person_sets_as_many_as_may_wait(alice, bob, crew, runtime_settings, settings):
    settings.REMINDERS_PER_PERSON = 2
    mine = new_id()
    rows = [a_reminder(alice, crew, client_id=mine), a_reminder(alice, crew)]
    with pytest.raises(Full):
        a_reminder(alice, crew)
    assert a_reminder(alice, crew, client_id=mine) == rows[0], "a repeat is the same one"
    a_reminder(bob, crew)
    setting.cancel(alice.id, rows[1].id)
    a_reminder(alice, crew)


@pytest.mark.parametrize("minutes", [-1, 60 * 24 * 367])
def test_a_reminder_is_in_the_next_year(alice, crew, minutes):
    with pytest.raises(Invalid):
        a_reminder(alice, crew, minutes=minutes)


def test_an_outsider_sets_and_cancels_nothing(alice, bob, charlie, crew):
    row = a_reminder(alice, crew)
    with pytest.raises(NotFound):
        a_reminder(charlie, crew)
    for other in (bob, charlie):
        with pytest.raises(NotFound):
            setting.cancel(other.id, row.id)
        assert setting.waiting(other.id) == []
    client = signed_in(charlie)
    assert client.get(f"/plugins/reminders/{crew}").status_code == 404
    assert client.post(f"/plugins/reminders/{crew}").status_code == 404
    client.post(f"/plugins/reminders/{crew}/{row.id}/cancel")
    assert state_of(row) == (State.WAITING, "")


def test_the_page_lists_and_cancels(alice, bob, crew):
    row = a_reminder(alice, crew, "call Bob & Eve", here=True)
    a_reminder(bob, crew, "of Bob's")
    client = signed_in(alice)
    page = client.get(f"/plugins/reminders/{crew}").content.decode()
    assert "call Bob &amp; Eve" in page
    assert "of Bob" not in page
    done = client.post(f"/plugins/reminders/{crew}/{row.id}/cancel", follow=True)
    assert "The reminder is cancelled." in done.content.decode()
    assert state_of(row) == (State.CANCELLED, "")


def test_the_form_sets_one_by_the_clocks_of_the_person(alice, crew):
    User.objects.filter(id=alice.id).update(time_zone="Europe/Berlin")
    client, page = signed_in(alice), f"/plugins/reminders/{crew}"
    day = (timezone.now() + timedelta(days=2)).date()
    given = {"text": "bring cake", "day": day, "clock": "09:00", "client_id": new_id()}
    for wrong in ({"clock": ""}, {"day": "2020-01-01"}, {"text": " "}, {"day": "2999-01-01"}):
        answer = client.post(page, given | wrong)
        assert answer.status_code == 400
        assert 'value="bring cake"' in answer.content.decode() or "text" in wrong
    for _ in "twice":
        done = client.post(page, given | {"here": "on"}, follow=True)
        assert "The reminder is set." in done.content.decode()
    [row] = Reminder.objects.all()
    clock = row.due_at.astimezone(BERLIN)
    assert (row.text, row.here, clock.date(), clock.hour) == ("bring cake", True, day, 9)


def run(person, chat, text):
    return commands.remind(CommandContext(person.id, chat, text, new_id()))


def test_the_command_sets_and_lists(alice, crew):
    assert run(alice, crew, "list").text == "You have no reminders."
    assert run(alice, crew, "me in 10 minutes to call Bob").text.startswith("I will remind you: ")
    assert run(alice, crew, "here tomorrow at 9:00 cake").text.startswith("I will say it here: ")
    assert run(alice, crew, "in 5 min tea").text.startswith("I will remind you: ")
    listed = run(alice, crew, "").text
    assert [listed.index(text) for text in ("tea", "call Bob", "cake")] == sorted(
        listed.index(text) for text in ("tea", "call Bob", "cake")
    )
    for wrong in ("me", "me call Bob", "me in 10 minutes", "here"):
        with pytest.raises(Invalid):
            run(alice, crew, wrong)


def test_what_is_stored_goes_with_the_account_and_after_some_days(alice, bob, crew):
    a_reminder(alice, crew, "mine")
    a_reminder(bob, crew, "theirs")
    [row] = all_sections(alice.id)["reminders"]
    assert row["text"] == "mine"
    assert people.erase(alice.id) == {"reminders": 1}
    send_all()
    Reminder.objects.update(ended_at=timezone.now() - tasks.KEPT)
    tasks.forget_done()
    assert not Reminder.objects.exists()
