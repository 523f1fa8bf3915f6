"""Two people talk: delivery status, formatting, hostile and too long texts."""

import pytest
from playwright.sync_api import expect

from tests.journeys.screen import Screen
from tests.support.live import database
from tests.support.people import direct_chat

MAX_LENGTH = 99_999
FORMATTED = """First line
second line, with **bold**, _italic_ and `code`
https://example.org/a?b=1&c=2, and then

```python
print("hello")
```"""
HOSTILE = [
    "<img src=x onerror=\"window.hit='img'\">",
    "<script>window.hit='script'</script>",
    "[a](javascript:window.hit='link')",
    "javascript:window.hit='plain'",
    "https://example.org/\"onmouseover=\"window.hit='attribute'",
    "**<b onclick=\"window.hit='bold'\">bold</b>**",
    "`</code><svg onload=\"window.hit='svg'\">`",
    "{{ 7 * 7 }} ${7 * 7} <!--lit-part-->?lit$123$",
    "</textarea><iframe src=\"javascript:parent.hit='frame'\"></iframe>",
]


def test_a_message_is_sent_then_delivered_then_read(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.say("Are you there?")
    alice.state("Are you there?", "sent")

    bob = enter(cast.bob)
    alice.state("Are you there?", "delivered")
    expect(alice.row("Are you there?")).to_contain_text("delivered")
    bob.open(cast.chat)
    alice.state("Are you there?", "read")
    expect(alice.row("Are you there?")).to_contain_text("seen")
    bob.say("I am")
    alice.shows("Are you there?", "I am")
    bob.state("I am", "read")


def html_of_last_message(screen: Screen) -> str:
    """HTML of the last message after highlighting, without lit-html comments and tab stops."""
    expect(screen.texts.last.locator("pre .code-name")).to_have_text("print")
    return screen.texts.last.evaluate(
        """(text) => text.innerHTML.replace(/<!--.*?-->/g, '').replace(/ tabindex="-?\\d"/g, '')"""
    )


def test_formatted_text_is_the_same_for_both_and_after_a_reload(talk):
    alice, bob = talk.alice, talk.bob
    alice.say(FORMATTED)
    expect(bob.rows).to_have_count(1)
    drawn = html_of_last_message(bob)
    assert drawn == html_of_last_message(alice)
    text = bob.texts.last
    expect(text.locator("strong")).to_have_text("bold")
    expect(text.locator("em")).to_have_text("italic")
    expect(text.locator("code").first).to_have_text("code")
    expect(text.locator("pre")).to_have_text('print("hello")')
    link = text.get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.org/a?b=1&c=2")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    shown = text.inner_text().split("\n")
    assert shown[:2] == ["First line", "second line, with bold, italic and code"]
    alice.page.reload()
    expect(alice.ready().rows).to_have_count(1)
    assert html_of_last_message(alice) == drawn


def test_hostile_text_stays_text(talk):
    alice, bob, chat, _ = talk
    bob.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    alice.say(*HOSTILE)
    expect(bob.rows).to_have_count(len(HOSTILE))
    for screen in (alice, bob):
        plain = screen.texts.nth(0)
        expect(plain).to_have_text(HOSTILE[0])
        expect(screen.texts.nth(5)).to_have_text(HOSTILE[5].strip("*"))
        expect(screen.texts.nth(7)).to_have_text(HOSTILE[7])
        within = "li.row .text"
        assert (
            screen.page.locator(
                f"{within} :is(img, script, svg, iframe, b, [onclick], [onload], [onmouseover])"
            ).count()
            == 0
        )
        hrefs = screen.page.locator(f"{within} a").evaluate_all("all => all.map((a) => a.href)")
        assert hrefs == ["https://example.org/"]
        for text in screen.texts.all():
            text.hover()
        assert screen.page.evaluate("window.hit ?? null") is None
    expect(bob.chat(chat).locator(".chat-last")).to_have_text(f"Alice: {HOSTILE[-1]}")


def test_the_list_shows_last_message_and_unread_count(enter, cast):
    other = database(direct_chat, cast.bob, cast.charlie)
    alice, bob, charlie = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob), enter(cast.charlie)
    charlie.open(other).say("First")
    alice.say("One", "Two", "**Three**")
    line = bob.chat(cast.chat)
    expect(line.locator(".chat-last")).to_have_text("Three")
    expect(line.locator("[data-unread]")).to_have_attribute("data-unread", "3")
    # The chat with the newest message comes first.
    expect(bob.list.locator(".chat-name")).to_contain_text(["Alice", "Charlie"])
    expect(bob.page).to_have_title("(2) Parley")
    charlie.say("Second")
    expect(bob.list.locator(".chat-name")).to_contain_text(["Charlie", "Alice"])
    bob.open(cast.chat)
    expect(line.locator("[data-unread]")).to_have_count(0)
    expect(bob.page).to_have_title("(1) Alice · Parley")
    bob.say("Four")
    expect(line.locator(".chat-last")).to_have_text("You: Four")


def test_a_text_that_is_too_long_stays_in_the_composer(talk):
    alice, bob = talk.alice, talk.bob
    alice.composer.fill("word " * (MAX_LENGTH // 5) + "words")
    expect(alice.page.locator(".composer-left")).to_have_text("1 too many")
    alice.composer.press("Enter")
    expect(alice.page.get_by_role("alert")).to_contain_text("too long to send. Nothing is lost")
    assert len(alice.composer.input_value()) == MAX_LENGTH + 1
    expect(alice.rows).to_have_count(0)

    alice.composer.press("Backspace")
    expect(alice.page.locator(".composer-left")).to_have_text("0 left")
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value("")
    expect(bob.rows).to_have_count(1)
    expect(bob.page.get_by_role("button", name="Show all of it")).to_be_visible()
    bob.page.get_by_role("button", name="Show all of it").click()
    assert len(bob.texts.inner_text()) == MAX_LENGTH
