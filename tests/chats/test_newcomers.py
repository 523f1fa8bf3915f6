"""What new accounts can do a few times only, and what they can do as everybody."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.accounts.actions import external
from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.accounts.newcomers import check_newcomer
from apps.chats.actions import edits, groups, invite_links
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.contacts.actions import contacts
from apps.core.errors import NewAccount
from apps.core.limits import NEWCOMER_GROUPS, NEWCOMER_INVITATIONS, NEWCOMER_LINK_MESSAGES
from tests.support.people import PASSWORD, person, signed_in

LINK = "look: https://example.org/"


@pytest.fixture(autouse=True)
def _as_it_is_shipped(settings):
    settings.NEWCOMER_HOURS = 24


@pytest.fixture
def newcomer(db):
    return register("nina", password=PASSWORD)


def send(sender, chat, text, client_id=None):
    given = {"sender": sender.id, "chat": chat, "client_id": client_id or uuid4(), "text": text}
    [outcome] = send_batch([validated_send(**given)])
    return outcome


def use_up_groups(user):
    for number in range(NEWCOMER_GROUPS.amount):
        groups.create_group(user.id, f"Group {number}", [])


def test_a_new_account_makes_a_few_groups(newcomer, settings):
    use_up_groups(newcomer)
    response = signed_in(newcomer).post(
        "/api/v1/groups", {"title": "One more"}, content_type="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (403, "new_account")
    settings.NEWCOMER_HOURS = 0
    groups.create_group(newcomer.id, "One more", [])


def test_bots_are_no_newcomers(alice, settings):
    settings.NEWCOMER_SSO = True
    bot = person("robot", is_bot=True, bot_owner=alice)
    for _ in range(NEWCOMER_GROUPS.amount + 1):
        check_newcomer(NEWCOMER_GROUPS, bot.id)


def test_invitations_and_invite_links_count_together(newcomer, alice):
    chat = groups.create_group(newcomer.id, "Crew", [])
    for _ in range(NEWCOMER_INVITATIONS.amount - 1):
        link = invite_links.create_link(
            newcomer.id, chat, lifetime=timedelta(days=1), most_uses=None
        )
    invite_links.revoke_link(newcomer.id, chat, link_id=link.id)
    contacts.invite(newcomer.id, alice.id)
    with pytest.raises(NewAccount):
        contacts.invite(newcomer.id, person("bob").id)
    with pytest.raises(NewAccount):
        invite_links.create_link(newcomer.id, chat, lifetime=timedelta(days=1), most_uses=None)
    # Who is invited by others is not held up.
    contacts.invite(alice.id, newcomer.id)


def test_a_new_account_sends_a_few_links_and_any_number_of_words(newcomer):
    chat = groups.create_group(newcomer.id, "Crew", [])
    sent = uuid4()
    assert isinstance(send(newcomer, chat, LINK, sent), Sent)
    for _ in range(NEWCOMER_LINK_MESSAGES.amount - 1):
        assert isinstance(send(newcomer, chat, LINK), Sent)
    assert isinstance(send(newcomer, chat, LINK), NewAccount)
    assert isinstance(send(newcomer, chat, "no link: `https://example.org/`"), Sent)
    # Its sender had no response: the message is there.
    repeated = send(newcomer, chat, LINK, sent)
    assert isinstance(repeated, Sent)
    assert repeated.repeated


def test_a_message_that_is_tried_again_counts_once(newcomer):
    chat = groups.create_group(newcomer.id, "Crew", [])
    client_id = uuid4()
    # Its chat was locked, or its client had no response, again and again.
    for _ in range(NEWCOMER_LINK_MESSAGES.amount + 5):
        assert isinstance(send(newcomer, chat, LINK, client_id), Sent)
    for _ in range(NEWCOMER_LINK_MESSAGES.amount - 1):
        assert isinstance(send(newcomer, chat, LINK), Sent)
    assert isinstance(send(newcomer, chat, LINK), NewAccount)


def test_editing_links_into_messages_counts(newcomer):
    chat = groups.create_group(newcomer.id, "Crew", [])
    for number in range(NEWCOMER_LINK_MESSAGES.amount):
        sent = send(newcomer, chat, "words")
        edits.edit_message(newcomer.id, chat, seq=sent.seq, text=f"{LINK}{number}")
    # One that has links already may have others.
    edits.edit_message(newcomer.id, chat, seq=sent.seq, text=f"{LINK}?corrected")
    last = send(newcomer, chat, "words")
    with pytest.raises(NewAccount):
        edits.edit_message(newcomer.id, chat, seq=last.seq, text=LINK)
    edits.edit_message(newcomer.id, chat, seq=last.seq, text="other words")


def test_a_refused_link_does_not_stop_the_others_of_its_batch(newcomer, alice):
    chat = groups.create_group(newcomer.id, "Crew", [])
    theirs = groups.create_group(alice.id, "Choir", [])
    for _ in range(NEWCOMER_LINK_MESSAGES.amount):
        send(newcomer, chat, LINK)
    requests = [
        validated_send(sender=sender, chat=where, client_id=uuid4(), text=text)
        for sender, where, text in (
            (newcomer.id, chat, LINK),
            (alice.id, theirs, "hello"),
            (newcomer.id, chat, "hello"),
        )
    ]
    outcomes = send_batch([*requests, requests[0]])
    assert [type(outcome) for outcome in outcomes] == [NewAccount, Sent, Sent, NewAccount]
    assert (outcomes[1].seq, outcomes[2].chat) == (2, chat)


def test_staff_are_not_limited(newcomer):
    User.objects.filter(id=newcomer.id).update(is_staff=True)
    use_up_groups(newcomer)
    groups.create_group(newcomer.id, "One more", [])


def test_people_of_the_provider_are_limited_by_a_setting(db, settings):
    nina = external.register("nina")
    use_up_groups(nina)
    groups.create_group(nina.id, "One more", [])
    settings.NEWCOMER_SSO = True
    use_up_groups(nina)
    with pytest.raises(NewAccount):
        groups.create_group(nina.id, "One more", [])


def test_an_older_account_is_not_limited(newcomer, settings, monkeypatch):
    use_up_groups(newcomer)
    in_a_day = newcomer.date_joined + timedelta(hours=24, seconds=1)
    monkeypatch.setattr("apps.accounts.newcomers.timezone.now", lambda: in_a_day)
    groups.create_group(newcomer.id, "One more", [])


def test_a_new_account_puts_few_links_into_greetings(newcomer, alice):
    contacts.invite(newcomer.id, alice.id)
    for _ in range(NEWCOMER_LINK_MESSAGES.amount):
        check_newcomer(NEWCOMER_LINK_MESSAGES, newcomer.id)
    for link in (LINK, "WWW.example.org"):
        with pytest.raises(NewAccount):
            contacts.greet(newcomer.id, alice.id, link)
    contacts.greet(newcomer.id, alice.id, "It is me")
