"""Who may ask to read a chat, and who decides."""

from functools import partial

import pytest

from apps.chats.actions import groups
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.moderation.actions import break_glass
from apps.moderation.actions.break_glass import Asked
from apps.moderation.models import AuditRecord, ReadRequest
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.moderation.queries.read_requests import NoBreakGlass
from tests.chats.factories import write
from tests.moderation.break_glass.asking import (
    API,
    LONG_AGO,
    WORDS,
    approved,
    ask,
    by,
    reader_named,
    told_in,
)
from tests.moderation.break_glass.test_pages import LIST, page_of
from tests.moderation.test_entries import OPERATOR
from tests.support.people import in_touch, signed_in

ROLES = {
    "member": NoModerator,
    "moderator": NoBreakGlass,
    "operator": NoModerator,
    "reader": None,
    "administrator": None,
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_asks_decides_and_reads_only_if_it_may(
    crew, charlie, moderator, root, mona, nick, role
):
    users = {"member": charlie, "moderator": moderator, "reader": nick, "administrator": root}
    who = by(users[role]) if role in users else OPERATOR
    waiting = ask(mona, crew)
    tried = {
        "ask": lambda: break_glass.ask(who, Asked(crew, LONG_AGO, "abuse", "Threats", 1)),
        "refuse": lambda: break_glass.refuse(who, waiting.id, reason="No"),
        "approve": lambda: break_glass.approve(who, approvable.id),
    }
    before = AuditRecord.objects.count()
    for number, (name, action) in enumerate(tried.items()):
        approvable = ask(reader_named("olga"), crew) if name == "approve" else waiting
        before = AuditRecord.objects.count()
        if ROLES[role]:
            with pytest.raises(ROLES[role]):
                action()
        else:
            action()
        assert (AuditRecord.objects.count() > before) == (ROLES[role] is None), (number, name)
    if ROLES[role]:
        # An operator ends requests, and nobody reads those of others.
        with pytest.raises((Forbidden, NotFound)):
            break_glass.read(who, waiting.id)
        if role != "operator":
            with pytest.raises(ROLES[role]):
                break_glass.end(who, waiting.id)


def test_nobody_decides_on_their_own_request(crew, mona, root):
    for user in (mona, root):
        row = ask(user, crew)
        for decide in (break_glass.approve, partial(break_glass.refuse, reason="No")):
            with pytest.raises(OutOfReach):
                decide(by(user), row.id)
        with pytest.raises(NotPossible):
            ask(user, crew)
        with pytest.raises(NotPossible):
            break_glass.read(by(user), row.id)


def test_members_of_the_chat_neither_ask_nor_see_the_request(crew, alice, bob, mona, nick):
    in_touch(alice, nick)
    groups.add_members(alice.id, crew, [nick.id])
    with pytest.raises(OutOfReach):
        ask(nick, crew)
    row = ask(mona, crew)
    for action in (
        break_glass.approve,
        break_glass.end,
        break_glass.read,
        partial(break_glass.refuse, reason="No"),
    ):
        with pytest.raises(NotFound):
            action(by(nick), row.id)
    assert signed_in(nick).get(API).json()["items"] == []
    assert "Crew" not in signed_in(nick).get(LIST).content.decode()
    assert signed_in(nick).get(page_of(row)).status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"reason": "curiosity"},
        {"text": "  "},
        {"text": "x" * 2_001},
        {"hours": 0},
        {"hours": 25},
    ],
    ids=str,
)
def test_an_invalid_request_is_refused(crew, mona, more):
    with pytest.raises(Invalid):
        ask(mona, crew, **more)
    assert not ReadRequest.objects.exists()


def test_a_chat_that_does_not_exist_cannot_be_asked_for(mona):
    with pytest.raises(NotFound):
        ask(mona, new_id())


def test_switched_off_nothing_is_asked_approved_or_read(crew, alice, bob, mona, nick, settings):
    write(bob, crew, WORDS)
    row, waiting = approved(mona, nick, crew), ask(nick, crew)
    break_glass.read(by(mona), row.id)
    settings.BREAK_GLASS = False
    for action in (
        lambda: ask(mona, crew),
        lambda: break_glass.approve(by(mona), waiting.id),
        lambda: break_glass.read(by(mona), row.id),
    ):
        with pytest.raises(NotPossible):
            action()
    break_glass.refuse(by(mona), waiting.id, reason="It is off")
    break_glass.end(by(mona), row.id)
    settings.BREAK_GLASS_DELAY = 0
    break_glass.tell_members()
    assert len(told_in(crew)) == 1


def test_a_waiting_request_can_be_taken_back_and_a_refused_one_is_over(crew, mona, nick):
    row = ask(mona, crew)
    break_glass.end(by(mona), row.id)
    again = ask(mona, crew)
    break_glass.refuse(by(nick), again.id, reason="Too long a time")
    for request in (row, again):
        for action in (break_glass.approve, break_glass.end):
            with pytest.raises(NotPossible):
                action(by(nick), request.id)
        with pytest.raises(NotPossible):
            break_glass.read(by(mona), request.id)
    assert AuditRecord.objects.latest("number").reason == "Too long a time"
