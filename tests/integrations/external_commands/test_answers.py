"""What becomes of a server's answer to a command."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from django.utils import timezone

from apps.accounts.actions import slowdowns
from apps.accounts.actions.registration import register
from apps.accounts.models import Slowdown
from apps.chats.actions import groups
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import LinkPreview, Message
from apps.core import limits
from apps.core.errors import Slowed
from apps.core.limits import NEWCOMER_LINK_MESSAGES
from apps.integrations.actions.notes import MAX_CARD_BYTES
from apps.integrations.models import CommandNote
from apps.integrations.queries import notes
from apps.wire import bodies
from tests.integrations.external_commands.receiver import answer_later, notes_of, run, written
from tests.support.people import PASSWORD, in_touch


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (b"", []),
        ({"text": "12 &lt; 20"}, ["12 < 20"]),
        ({"response_type": "ephemeral", "text": "rain"}, ["rain"]),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "sun"}}]}, ["sun"]),
        ({"attachments": [{"text": "snow"}]}, ["snow"]),
        ({}, []),
        (b"{not json", ["`/weather` was done, but its answer cannot be shown."]),
    ],
)
def test_an_answer_for_the_one_who_asked(bob, crew, weather, receiver, answer, shown):
    receiver.says(answer)
    call = run(bob, crew)
    assert notes_of(bob) == shown
    assert written(crew) == []
    assert (call.done, call.text) == (True, "")


def test_an_answer_names_members_by_the_ids_that_it_got(bob, charlie, crew, weather, receiver):
    text = f"<@{bob.id}> asked <@{charlie.id}>"
    receiver.says({"response_type": "in_channel", "text": text})
    run(bob, crew)
    assert written(crew) == [(weather.bot_id, f"@bob asked @{charlie.id}")]
    assert answer_later(receiver, {"text": text}).content == b"ok"
    assert notes_of(bob) == [f"@bob asked @{charlie.id}"]


def test_an_answer_in_plain_text(bob, crew, weather, receiver):
    receiver.says(b"fog", Content_Type="text/plain")
    run(bob, crew)
    assert notes_of(bob) == ["fog"]


def test_an_answer_for_everybody_is_written_by_the_bot(alice, bob, crew, weather, receiver):
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    call = run(bob, crew)
    assert written(crew) == [(weather.bot_id, "12 degrees")]
    assert weather.bot.bot_owner_id == alice.id
    assert call.seq is not None
    assert notes_of(bob) == []
    link = {"response_type": "in_channel", "text": "https://a.test/wind"}
    cards = {"attachments": [{"title": "https://a.test/", "text": "dry"}]}
    receiver.says({"response_type": "in_channel"} | cards)
    run(bob, crew)
    assert not LinkPreview.objects.exists(), "cards say what their links are about"
    answer_later(receiver, link)
    answer_later(receiver, link | {"text": "https://a.test/rain", "replace_original": True})
    assert LinkPreview.objects.count() == 2


def test_blocks_in_place_of_an_answer_are_its_cards(bob, crew, weather, receiver):
    def blocks(text):
        return {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]}

    receiver.says(blocks("12 degrees") | {"response_type": "in_channel"})
    run(bob, crew)
    replacing = {"replace_original": True}
    assert answer_later(receiver, blocks("13 degrees") | replacing).content == b"ok"
    message = Message.objects.get(chat_id=crew, sender_id=weather.bot_id, kind="text")
    assert message.text == "**13 degrees**"
    ran = {"parts": [{"type": "run", "person": str(bob.id), "command": "/weather"}]}
    [asked, card] = message.layout["cards"]
    assert (asked, card["parts"][0]["text"]) == (ran, "13 degrees")
    rev = message.rev
    assert answer_later(receiver, blocks("13 degrees") | replacing).content == b"ok"
    message.refresh_from_db()
    assert message.rev == rev
    answer_later(receiver, {"text": "dry"} | replacing)
    message.refresh_from_db()
    shown = {"parts": [{"type": "text", "text": "dry"}]}
    assert (message.text, message.layout["cards"]) == ("dry", [ran, shown])
    assert not message.mentions, "nobody is told of their own command"


def test_an_answer_for_one_has_the_cards_that_one_for_everybody_has(bob, crew, weather, receiver):
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "12 degrees"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_000}},
    ]
    receiver.says({"blocks": blocks, "attachments": [{"text": "dry", "color": "good"}]})
    run(bob, crew)
    [note] = notes.of_chat(bob.id, crew)
    [said, attached] = note.cards
    assert [type(part) for part in said.parts] == [bodies.CardHeader, bodies.CardText]
    assert attached == bodies.Card(parts=[bodies.CardText(text="dry")], color="#2eb886")
    assert note.text.startswith("**12 degrees**\nxxx")
    # Each snapshot has them: what is too much is left out there, and stays in the text.
    many = {"blocks": [blocks[1]] * 20, "replace_original": True}
    assert answer_later(receiver, many).content == b"ok"
    [note] = notes.of_chat(bob.id, crew)
    assert len(msgspec.json.encode(note.cards)) <= MAX_CARD_BYTES + 100
    assert note.cards[0].parts[-1] == bodies.CardContext(text="…")
    assert answer_later(receiver, {"text": "dry", "replace_original": True}).content == b"ok"
    [note] = notes.of_chat(bob.id, crew)
    assert (note.text, note.cards) == ("dry", [])
    # A later release may have written kinds of cards that this one does not know.
    CommandNote.objects.update(cards=[{"parts": [{"type": "table"}]}])
    [note] = notes.of_chat(bob.id, crew)
    assert (note.text, note.cards) == ("dry", [])


def test_a_bot_that_was_removed_stays_out(alice, bob, crew, weather, receiver):
    groups.remove_member(alice.id, crew, person=weather.bot_id)
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    run(bob, crew)
    assert written(crew) == []
    assert notes_of(bob) == ["The answer of `/weather` could not be written into the chat."]


def test_an_answer_for_everybody_is_a_message_of_a_slowed_person(bob, crew, weather, receiver):
    until = timezone.now() + timedelta(days=1)
    slowdowns.begin(bob.id, interval_s=60, until=until, reason="Spam")
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    run(bob, crew)
    run(bob, crew)
    answer_later(receiver, {"response_type": "in_channel", "text": "13 degrees"})
    assert written(crew) == [(weather.bot_id, "12 degrees")]
    send = validated_send(sender=bob.id, chat=crew, client_id=uuid4(), text="me, too")
    assert isinstance(send_batch([send])[0], Slowed)
    Slowdown.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    answer_later(receiver, {"response_type": "in_channel", "text": "14 degrees"})
    assert [text for _, text in written(crew)] == ["12 degrees", "14 degrees"]


def test_the_links_of_an_answer_count_for_a_new_account(alice, crew, weather, receiver, settings):
    settings.NEWCOMER_HOURS = 24
    nina = register("nina", password=PASSWORD)
    in_touch(alice, nina)
    groups.add_members(alice.id, crew, [nina.id])
    link = {"response_type": "in_channel", "text": "<https://example.org/>"}
    receiver.says(link)
    limits.check(NEWCOMER_LINK_MESSAGES, nina.id, uses=NEWCOMER_LINK_MESSAGES.amount - 1)
    for _ in range(2):
        run(nina, crew)
    assert len(written(crew)) == 1
    receiver.says({"response_type": "in_channel", "text": "dry"})
    run(nina, crew)
    answer_later(receiver, link | {"replace_original": True})
    assert written(crew)[-1] == (weather.bot_id, "dry")
