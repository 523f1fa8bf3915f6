"""Reactions, edits, deletions, pins, drafts and saved messages."""

from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.chats.actions import drafts, edits, reactions, saved
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import MessageEdit, Reaction
from apps.chats.queries import drafts as draft_queries
from apps.chats.queries import history, message_rows
from apps.chats.queries import saved as saved_queries
from apps.core.errors import Conflict, Empty, Forbidden, Invalid, NotFound, NotPossible, TooLong
from apps.core.identifiers import new_id
from apps.wire import bodies
from tests.support.people import signed_in


def say(who: User, chat: UUID, text: str = "hello", reply_to: int | None = None) -> Sent:
    send = validated_send(
        sender=who.id, chat=chat, client_id=new_id(), text=text, reply_to=reply_to
    )
    [answer] = send_batch([send])
    assert isinstance(answer, Sent)
    return answer


def seen(chat: UUID, seq: int) -> bodies.Message:
    body = message_rows.one(chat, seq)
    assert body is not None
    return body


def test_reactions_are_counted_and_listed_in_the_order_of_arrival(chat, alice, bob):
    seq = say(alice, chat).seq
    reactions.add_reaction(bob.id, chat, seq=seq, emoji="🎉")
    reactions.add_reaction(alice.id, chat, seq=seq, emoji="👍🏽")
    reactions.add_reaction(alice.id, chat, seq=seq, emoji="🎉")
    reactions.add_reaction(alice.id, chat, seq=seq, emoji="🎉")
    assert [(r.emoji, r.count, r.people) for r in seen(chat, seq).reactions] == [
        ("🎉", 2, [bob.id, alice.id]),
        ("👍🏽", 1, [alice.id]),
    ]
    reactions.remove_reaction(bob.id, chat, seq=seq, emoji="🎉")
    reactions.remove_reaction(alice.id, chat, seq=seq, emoji="🎉")
    reactions.remove_reaction(alice.id, chat, seq=seq, emoji="👍🏽")
    assert seen(chat, seq).reactions == []


@pytest.mark.parametrize("emoji", ["1️⃣", "❤", "❤️", "🇩🇪", "👩🏽‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©", "👨‍👩‍👧‍👦", "☎️"])
def test_any_emoji_may_be_a_reaction(chat, alice, emoji):
    seq = say(alice, chat).seq
    reactions.add_reaction(alice.id, chat, seq=seq, emoji=emoji)
    assert len(seen(chat, seq).reactions) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "1", "#", "🎉🎉", "a🎉", "🎉 ", "<b>", "\u200d", "\ufe0f", "🇩", "é"),
        "❤\u200d" * 31 + "❤",  # too long in the form that is stored
    ],
)
def test_anything_else_is_refused_as_a_reaction(chat, alice, text):
    seq = say(alice, chat).seq
    with pytest.raises(Invalid):
        reactions.add_reaction(alice.id, chat, seq=seq, emoji=text)
    assert not Reaction.objects.exists()


def test_text_and_emoji_presentation_are_one_reaction(chat, alice, bob):
    seq = say(alice, chat).seq
    reactions.add_reaction(alice.id, chat, seq=seq, emoji="❤")
    reactions.add_reaction(bob.id, chat, seq=seq, emoji="❤️")
    assert [r.count for r in seen(chat, seq).reactions] == [2]


@pytest.mark.parametrize(
    ("stored", "given"), [("👍\ufe0f", "👍\ufe0f"), ("❤", "❤"), ("❤\ufe0f", "❤")]
)
def test_a_reaction_of_an_older_server_can_be_removed(chat, alice, stored, given):
    seq = say(alice, chat).seq
    reactions.add_reaction(alice.id, chat, seq=seq, emoji="❤")
    Reaction.objects.update(emoji=stored)
    reactions.remove_reaction(alice.id, chat, seq=seq, emoji=given)
    assert not Reaction.objects.exists()


def test_one_person_has_at_most_twenty_reactions_on_a_message(chat, alice):
    seq = say(alice, chat).seq
    for code in range(0x1F600, 0x1F600 + reactions.MAX_EMOJI_PER_PERSON):
        reactions.add_reaction(alice.id, chat, seq=seq, emoji=chr(code))
    with pytest.raises(NotPossible):
        reactions.add_reaction(alice.id, chat, seq=seq, emoji="🎉")


def test_an_edit_stores_the_former_text(chat, alice, captured_events):
    seq = say(alice, chat, "first").seq
    with captured_events() as published:
        edits.edit_message(alice.id, chat, seq=seq, text="second")
        edits.edit_message(alice.id, chat, seq=seq, text="third")
        edits.edit_message(alice.id, chat, seq=seq, text="third")
    assert [item.rev for item in published] == [2, 3]
    assert seen(chat, seq).text == "third"
    assert seen(chat, seq).edited_at is not None
    former = MessageEdit.objects.filter(chat_id=chat, seq=seq).order_by("version")
    assert [row.text for row in former] == ["first", "second"]


def test_the_last_former_texts_are_stored_and_paged(chat, alice, bob, charlie, monkeypatch):
    monkeypatch.setattr(edits, "MAX_FORMER_TEXTS", 3)
    seq = say(alice, chat, "0").seq
    for number in range(1, 6):
        edits.edit_message(alice.id, chat, seq=seq, text=str(number))
    path = f"/api/v1/chats/{chat}/messages/{seq}/edits"
    reader = signed_in(bob)
    first = reader.get(path, {"limit": 2}).json()
    second = reader.get(path, {"limit": 2, "cursor": first["next"]}).json()
    assert [one["text"] for one in first["items"]] == ["2", "3"]
    assert [one["text"] for one in second["items"]] == ["4"]
    assert second["next"] is None
    assert reader.get(path, {"limit": 11}).status_code == 400
    assert signed_in(charlie).get(path).status_code == 404


def test_an_edit_of_an_outdated_text_is_a_conflict(chat, alice, bob, captured_events):
    seq = say(alice, chat, "first").seq
    began = seen(chat, seq).at
    edits.edit_message(alice.id, chat, seq=seq, text="from the phone", base_at=began)
    with captured_events() as published:
        with pytest.raises(Conflict):
            edits.edit_message(alice.id, chat, seq=seq, text="from the laptop", base_at=began)
        # A retry of an edit that succeeded has nothing left to do.
        edits.edit_message(alice.id, chat, seq=seq, text="from the phone", base_at=began)
    assert published == []
    assert seen(chat, seq).text == "from the phone"
    edits.edit_message(alice.id, chat, seq=seq, text="from both", base_at=seen(chat, seq).edited_at)
    assert seen(chat, seq).text == "from both"
    reactions.add_reaction(bob.id, chat, seq=seq, emoji="🎉")
    edits.edit_message(alice.id, chat, seq=seq, text="and more", base_at=seen(chat, seq).edited_at)
    assert seen(chat, seq).text == "and more"


@pytest.mark.parametrize(
    ("text", "refusal"), [("", Empty), ("x" * 100_000, TooLong), ("a\x00", Invalid)]
)
def test_an_edit_is_validated_like_a_send(chat, alice, text, refusal):
    seq = say(alice, chat, "first").seq
    with pytest.raises(refusal):
        edits.edit_message(alice.id, chat, seq=seq, text=text)
    assert seen(chat, seq).text == "first"


def test_other_peoples_messages_cannot_be_edited_nor_deleted_in_a_direct_chat(chat, alice, bob):
    seq = say(alice, chat).seq
    with pytest.raises(Forbidden):
        edits.edit_message(bob.id, chat, seq=seq, text="mine")
    with pytest.raises(Forbidden):
        edits.delete_message(bob.id, chat, seq=seq)


def test_a_deletion_keeps_an_empty_entry(chat, alice, bob):
    seq = say(alice, chat, "secret").seq
    edits.edit_message(alice.id, chat, seq=seq, text="still secret")
    reactions.add_reaction(bob.id, chat, seq=seq, emoji="🎉")
    edits.pin_message(bob.id, chat, seq=seq, pinned=True)
    edits.delete_message(alice.id, chat, seq=seq)
    left = seen(chat, seq)
    assert (left.deleted, left.text, left.reactions, left.pinned) == (True, "", [], False)
    assert not MessageEdit.objects.exists()
    for attempt in (
        lambda: edits.edit_message(alice.id, chat, seq=seq, text="again"),
        lambda: edits.delete_message(alice.id, chat, seq=seq),
        lambda: reactions.add_reaction(bob.id, chat, seq=seq, emoji="🎉"),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_reply_has_a_quote_and_belongs_to_a_thread(chat, alice, bob):
    root = say(alice, chat, "who has the key?").seq
    first = say(bob, chat, "not me", reply_to=root).seq
    second = say(alice, chat, "then who?", reply_to=first).seq
    quote = seen(chat, second).quote
    assert quote is not None
    assert (quote.seq, quote.sender, quote.text) == (first, bob.id, "not me")
    thread = history.thread(chat, root=root, after_seq=0, limit=10)
    assert [entry.seq for entry in thread] == [first, second]
    edits.delete_message(bob.id, chat, seq=first)
    quote = seen(chat, second).quote
    assert quote is not None
    assert (quote.text, quote.deleted) == ("", True)


def test_pins_are_listed_newest_first(chat, alice, bob):
    one, two = say(alice, chat).seq, say(bob, chat).seq
    edits.pin_message(bob.id, chat, seq=one, pinned=True)
    edits.pin_message(alice.id, chat, seq=two, pinned=True)
    assert [entry.seq for entry in history.pinned(chat, limit=10)] == [two, one]
    edits.pin_message(alice.id, chat, seq=two, pinned=False)
    assert [entry.seq for entry in history.pinned(chat, limit=10)] == [one]


def test_mentions_name_members_and_change_with_an_edit(chat, alice, bob, charlie):
    seq = say(alice, chat, "ask @bob or @charlie, not x@bob.org").seq
    assert seen(chat, seq).mentions == [bob.id]
    edits.edit_message(alice.id, chat, seq=seq, text="never mind")
    assert seen(chat, seq).mentions == []


def test_drafts_and_saved_messages_are_private(chat, alice, bob, captured_events):
    seq = say(bob, chat).seq
    with captured_events() as published:
        saved.save_message(alice.id, chat, seq=seq, saved=True)
        saved.save_message(alice.id, chat, seq=seq, saved=True)
        drafts.save_draft(alice.id, chat, text="half a thou", reply_to=None)
        drafts.save_draft(alice.id, chat, text="half a thou", reply_to=None)
    assert [item.to for item in published] == [alice.id, alice.id]
    assert [(c, m.seq) for c, m in saved_queries.messages_of(alice.id)[0]] == [(chat, seq)]
    assert [draft.text for draft in draft_queries.of_person(alice.id)] == ["half a thou"]
    assert saved_queries.messages_of(bob.id) == ([], None)
    drafts.save_draft(alice.id, chat, text="", reply_to=None)
    saved.save_message(alice.id, chat, seq=seq, saved=False)
    assert draft_queries.of_person(alice.id) == []
    assert saved_queries.messages_of(alice.id) == ([], None)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda who, chat: reactions.add_reaction(who, chat, seq=1, emoji="🎉"),
        lambda who, chat: reactions.remove_reaction(who, chat, seq=1, emoji="🎉"),
        lambda who, chat: edits.edit_message(who, chat, seq=1, text="mine"),
        lambda who, chat: edits.delete_message(who, chat, seq=1),
        lambda who, chat: edits.pin_message(who, chat, seq=1, pinned=True),
        lambda who, chat: saved.save_message(who, chat, seq=1, saved=True),
        lambda who, chat: drafts.save_draft(who, chat, text="x", reply_to=None),
    ],
)
def test_an_outsider_gets_not_found(chat, alice, charlie, attempt):
    say(alice, chat)
    attempt_of_a_member = attempt
    attempt_of_a_member(alice.id, chat)
    with pytest.raises(NotFound):
        attempt(charlie.id, chat)
