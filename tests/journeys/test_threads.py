"""Threads and pinned messages, while the timeline is far from them."""

from playwright.sync_api import expect

from apps.chats.actions import edits, hiding
from apps.chats.actions.messages import SendRequest, Sent, send_batch, validated_send
from apps.core.identifiers import new_id
from tests.journeys.conftest import Talk
from tests.support.live import database


def test_what_changes_far_from_the_timeline_changes_beside_it(talk: Talk) -> None:
    alice, chat, bob = talk.alice, talk.chat, talk.cast.bob.id

    def say(*texts: str, reply_to: int | None = None) -> list[int]:
        def send(text: str) -> SendRequest:
            return validated_send(
                sender=bob, chat=chat, client_id=new_id(), text=text, reply_to=reply_to
            )

        sent = database(lambda: send_batch([send(text) for text in texts]))
        return [one.seq for one in sent if isinstance(one, Sent)]

    [root] = say("Root")
    old, older = say("The old code", "The older code")
    far = say(*(f"line {n}" for n in range(300)))
    [reply] = say("bad words", reply_to=root)
    for seq in (far[200], old):
        database(lambda seq=seq: edits.pin_message(bob, chat, seq=seq, pinned=True))

    alice.go(f"/c/{chat}/at/{root}")
    alice.choose("Root", "Open the thread")
    thread = alice.page.locator("chat-thread .text")
    field = alice.page.locator("chat-thread textarea")
    expect(thread).to_have_text(["Root", "bad words"])
    database(lambda: hiding.hide_message(chat, reply))
    expect(thread.nth(1)).not_to_contain_text("bad words")
    field.fill("My reply")
    field.press("Enter")
    expect(thread.nth(2)).to_have_text("My reply")
    expect(alice.page.locator("chat-thread .summary").nth(2)).not_to_contain_text("waiting")
    say("Theirs", reply_to=root)
    expect(thread.nth(3)).to_have_text("Theirs")
    field.fill("Not sent yet")
    database(lambda: edits.delete_message(bob, chat, seq=root))
    expect(thread.first).not_to_contain_text("Root")
    expect(field).to_have_value("Not sent yet")
    field.press("Enter")
    expect(thread.last).to_have_text("Not sent yet")

    # The pinned ones are not loaded, too.
    alice.go(f"/c/{chat}/at/{far[250]}")
    line = alice.page.locator("pins-line")
    link = line.locator(".pins-line-text")
    expect(link).to_contain_text("The old code")
    link.click()
    expect(link).to_contain_text("line 200")
    expect(alice.row("The old code")).to_be_visible()
    expect(line.get_by_role("button")).to_have_text("2 of 2")
    database(lambda: edits.pin_message(bob, chat, seq=older, pinned=True))
    expect(line.get_by_role("button")).to_have_text("3 of 3")
    database(lambda: edits.delete_message(bob, chat, seq=far[200]))
    expect(link).to_contain_text("The older code")
