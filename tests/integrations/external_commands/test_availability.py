"""Who can run and manage a command that another server answers, and when it rests."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.accounts.models import Deletion
from apps.chats.actions import groups, invite_links
from apps.chats.invite_secrets import secret_of
from apps.chats.models import Member
from apps.chats.models.member import Role
from apps.core.errors import Forbidden, NotFound, UnknownCommand
from apps.integrations.actions import bots, calls
from apps.integrations.actions import external_commands as actions
from apps.integrations.actions.run_command import run_command
from apps.integrations.queries import commands, external_commands
from apps.integrations.queries.bots import of_owner
from tests.integrations.external_commands.receiver import answer_later, notes_of, run, written


def test_a_command_of_all_groups_brings_its_bot(alice, bob, crew, receiver):
    shared = actions.make_for_all(alice.id, name="ask", url=receiver.origin)
    assert not Member.objects.filter(chat_id=crew, user_id=shared.bot_id).exists()
    receiver.says({"response_type": "in_channel", "text": "yes"})
    run(bob, crew, "/ask it")
    assert written(crew) == [(shared.bot_id, "yes")]


def test_nobody_reads_by_the_bot_of_a_command_of_all_groups(alice, receiver):
    shared = actions.make_for_all(alice.id, name="ask", url=receiver.origin)
    assert of_owner(alice.id) == []
    with pytest.raises(NotFound):
        bots.make_token(alice.id, shared.bot_id, name="x", scopes=["chats:read"])
    actions.delete_row(shared, by=alice.id)
    assert Deletion.objects.filter(user_id=shared.bot_id).exists()
    assert of_owner(alice.id) == []


def test_a_command_of_the_group_wins_over_that_of_all(alice, bob, crew, weather, receiver):
    actions.make_for_all(alice.id, name="weather", url=f"{receiver.origin}/of-all")
    assert run(bob, crew).command_id == weather.id
    [listed] = [each for each in commands.of_chat(bob.id, crew) if each.name == "weather"]
    assert (listed.hint, listed.source) == ("city", "chat")


def test_an_administrator_switches_them_off(bob, crew, weather, settings):
    settings.EXTERNAL_COMMANDS = False
    with pytest.raises(UnknownCommand):
        run(bob, crew)
    assert "weather" not in [each.name for each in commands.of_chat(bob.id, crew)]


def test_what_began_before_that_goes_to_no_server_and_takes_no_answer(
    bob, crew, weather, receiver, settings
):
    run(bob, crew)
    run_command(bob.id, crew, client_id=uuid4(), text="/weather again")
    settings.EXTERNAL_COMMANDS = False
    assert calls.post_due() == 1
    assert len(receiver.requests) == 1
    assert notes_of(bob) == ["`/weather` could not be reached. Nothing was done."]
    assert answer_later(receiver, {"text": "late"}).content == b"expired_url"


def test_without_its_owner_a_command_is_not_there(alice, bob, crew, weather):
    weather.bot.bot_owner.is_active = False
    weather.bot.bot_owner.save()
    with pytest.raises(UnknownCommand):
        run(bob, crew)


def test_a_command_of_a_group_rests_without_its_maker(alice, bob, crew, weather, receiver):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    shared = actions.make_for_all(alice.id, name="ask", url=receiver.origin)
    receiver.says({"response_type": "in_channel", "text": "yes"})
    run(bob, crew, "/ask it")
    sent = len(receiver.requests)
    groups.leave_group(alice.id, crew)
    with pytest.raises(UnknownCommand):
        run(bob, crew)
    run(bob, crew, "/ask again")
    assert written(crew) == [(shared.bot_id, "yes"), (shared.bot_id, "yes")]
    assert len(receiver.requests) == sent + 1
    assert [each.name for each in external_commands.of_chat(bob.id, crew)] == ["weather"]
    # With its maker, it is back, and its bot as soon as it has something to say.
    link = invite_links.create_link(bob.id, crew, lifetime=timedelta(days=1), most_uses=None)
    invite_links.join_by_link(alice.id, secret_of(link.id))
    run(bob, crew)
    assert written(crew)[2:] == [(weather.bot_id, "yes")]


def test_an_outsider_runs_and_manages_nothing(bob, charlie, crew, weather, receiver):
    with pytest.raises(NotFound):
        run(charlie, crew)
    for user, refusal in ((charlie, NotFound), (bob, Forbidden)):
        for attempt in (
            lambda me: actions.make(me, crew, name="mine", url=receiver.origin),
            lambda me: actions.change(me, crew, weather.id, hint="x"),
            lambda me: actions.replace_secret(me, crew, weather.id),
            lambda me: actions.try_out(me, crew, weather.id),
            lambda me: actions.delete(me, crew, weather.id),
        ):
            with pytest.raises(refusal):
                attempt(user.id)
    assert receiver.requests == []
    weather.refresh_from_db()
    assert weather.hint == "city"
    run(bob, crew)
    assert len(receiver.requests) == 1
