"""Moderators take names, words and pictures away; who is concerned is told why, live."""

import pytest

from apps.accounts.models import PersonWarning, User
from apps.chats.actions import groups
from apps.chats.models import Chat, Message
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.files.models import File
from apps.moderation.actions import chats, people, resets
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import OutOfReach
from apps.wire.events import ContactChanged, MeChanged, MessageChanged, TitleChanged
from tests.chats.factories import write
from tests.moderation.conftest import moderator_named
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, in_touch
from tests.support.uploads import stored_picture

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew"]
pytestmark = pytest.mark.usefixtures("files_storage")
OPERATOR = By(None, Door.COMMAND)
WHY = "Insulting"


def told(user):
    """What the person has to acknowledge."""
    return [*PersonWarning.objects.filter(user=user).values_list("text", flat=True)]


def events_of(publications, user):
    """The events of this person's own stream."""
    return [each.event for each in publications if each.to == user.id]


def test_a_name_is_gone_for_everybody_at_once(alice, bob, charlie, captured_events):
    in_touch(alice, bob)
    User.objects.filter(id=bob.id).update(name="You fools", locale="de")
    with captured_events() as sent:
        resets.reset_name(OPERATOR, bob.id, reason=WHY)
    assert User.objects.get(id=bob.id).name == ""
    [seen] = events_of(sent, alice)
    assert isinstance(seen, ContactChanged)
    assert seen.contact.person.name == "bob", "the username"
    assert {type(event) for event in events_of(sent, bob)} == {MeChanged}
    assert not events_of(sent, charlie)
    assert told(bob) == [f"Moderatoren haben deinen Namen entfernt: {WHY}"]
    row = AuditRecord.objects.get()
    assert (row.action, row.person, row.reason) == ("reset_name", bob.id, WHY)
    with pytest.raises(NotPossible):
        resets.reset_name(OPERATOR, bob.id, reason=WHY)


def test_words_about_oneself_go_with_the_status(bob):
    User.objects.filter(id=bob.id).update(about="Fools", status_text="Fools all", status_emoji="🦊")
    resets.reset_about(OPERATOR, bob.id, reason=WHY)
    user = User.objects.get(id=bob.id)
    assert (user.about, user.status_text, user.status_emoji) == ("", "", "")
    assert told(bob) == [f"Moderators removed what you wrote about yourself: {WHY}"]


def test_a_picture_is_used_by_nothing_any_more(bob):
    picture = stored_picture(bob)
    File.objects.filter(id=picture).update(uses=1)
    User.objects.filter(id=bob.id).update(picture=picture)
    resets.reset_picture(OPERATOR, bob.id, reason=WHY)
    assert User.objects.get(id=bob.id).picture is None
    assert File.objects.get(id=picture).uses == 0
    assert told(bob) == [f"Moderators removed your picture: {WHY}"]


def test_also_of_a_suspended_person(bob):
    User.objects.filter(id=bob.id).update(name="You fools")
    people.suspend(OPERATOR, bob.id, until=None, reason=WHY)
    resets.reset_name(OPERATOR, bob.id, reason=WHY)
    assert User.objects.get(id=bob.id).name == ""


def test_a_change_without_a_reason_or_a_person_changes_nothing(bob):
    User.objects.filter(id=bob.id).update(name="Bob")
    with pytest.raises(Invalid):
        resets.reset_name(OPERATOR, bob.id, reason=" ")
    with pytest.raises(NotFound):
        resets.reset_name(OPERATOR, new_id(), reason=WHY)
    assert User.objects.get(id=bob.id).name == "Bob"
    assert not AuditRecord.objects.exists()
    assert not told(bob)


def test_a_reset_without_reach_is_undone_as_a_whole(bob, monkeypatch):
    """Bob becomes staff while the moderator waits for the locks."""
    User.objects.filter(id=bob.id).update(name="Bob")
    moderator = By(moderator_named("mona").id, Door.API)
    clean = resets.checked_reason

    def meanwhile(reason):
        User.objects.filter(id=bob.id).update(is_staff=True)
        return clean(reason)

    monkeypatch.setattr(resets, "checked_reason", meanwhile)
    with pytest.raises(OutOfReach):
        resets.reset_name(moderator, bob.id, reason=WHY)
    assert User.objects.get(id=bob.id).name == "Bob"
    assert not told(bob)


def test_a_group_gets_a_neutral_title_and_no_picture(alice, bob, crew, captured_events):
    picture = stored_picture(alice)
    File.objects.filter(id=picture).update(uses=1)
    Chat.objects.filter(id=crew).update(title="You fools", picture=picture)
    with captured_events() as sent:
        resets.reset_title(OPERATOR, crew, reason=WHY)
        resets.reset_group_picture(OPERATOR, crew, reason=WHY)
    row = Chat.objects.get(id=crew)
    assert (row.title, row.picture) == ("Group", None)
    assert File.objects.get(id=picture).uses == 0
    lines = Message.objects.filter(chat_id=crew, kind__endswith="_reset").order_by("seq")
    assert [(line.kind, line.sender_id.int) for line in lines] == [
        ("title_reset", 0),
        ("picture_reset", 0),
    ]
    heads = [each.event for each in sent if isinstance(each.event, TitleChanged)]
    assert [head.title for head in heads] == ["Group", "Group"]
    assert heads[1].picture is None
    for reset in (resets.reset_title, resets.reset_group_picture):
        with pytest.raises(NotPossible):
            reset(OPERATOR, crew, reason=WHY)
    found = AuditRecord.objects.order_by("number").values_list("action", "chat")
    assert [*found] == [("reset_title", crew), ("reset_group_picture", crew)]


def test_a_removed_title_leaves_the_timeline(alice, captured_events):
    crew = groups.create_group(alice.id, "You fools", [])
    for title in ("Crew", "You fools"):
        groups.rename_group(alice.id, crew, title)
    write(alice, crew, "You fools")
    rev = Chat.objects.get(id=crew).rev
    with captured_events() as sent:
        resets.reset_title(OPERATOR, crew, reason=WHY)
    entries = Message.objects.filter(chat_id=crew).order_by("seq")
    assert [(line.kind, line.text) for line in entries if line.kind != "joined"] == [
        ("created", ""),
        ("renamed", "Crew"),
        ("renamed", ""),
        ("text", "You fools"),
        ("title_reset", "Group"),
    ]
    changed = {line.rev: line.seq for line in entries if line.rev > rev}
    assert len(changed) == 3, "each has a revision of its own"
    told = [each.event for each in sent if isinstance(each.event, MessageChanged)]
    assert {each.rev: each.message.seq for each in told} == changed
    assert [each.message.text for each in told] == ["", "", "Group"]


def test_a_direct_chat_has_nothing_to_take_away(chat):
    for reset in (resets.reset_title, resets.reset_group_picture):
        with pytest.raises(NotPossible):
            reset(OPERATOR, chat, reason=WHY)


def test_a_moderator_reaches_reported_groups_only(crew):
    moderator = By(moderator_named("mona").id, Door.API)
    for reset in (resets.reset_title, resets.reset_group_picture):
        with pytest.raises(NotFound):
            reset(moderator, crew, reason=WHY)


def test_who_is_removed_from_a_group_is_told_why(alice, bob, crew, captured_events):
    Chat.objects.filter(id=crew).update(title="Crew")
    with captured_events() as sent:
        chats.remove_member(OPERATOR, crew, bob.id, reason="Spam")
    assert told(bob) == ["Moderators removed you from the group “Crew”: Spam"]
    assert MeChanged in {type(event) for event in events_of(sent, bob)}
    assert not told(alice)
    assert [*AuditRecord.objects.values_list("action", flat=True)] == ["remove_member"]
