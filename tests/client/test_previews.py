"""Link previews."""

from playwright.sync_api import expect

from apps.chats.models import Message
from tests.client.test_talking import send

HARBOUR = {
    "url": "https://harbour.test/plan",
    "title": "Harbour <b>plan</b>",
    "description": "Who moors where, and until when.",
    "site": "Harbour office",
}


def test_a_preview_is_shown_without_a_request_to_its_host(open_page, cast):
    send(cast, "Look: https://harbour.test/plan", "No link")
    Message.objects.filter(chat_id=cast.chat, seq=1).update(previews=[HARBOUR])
    alice = open_page(cast.alice)
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))
    alice.chat_row("Bob").click()
    cards = alice.page.locator(".card")
    expect(cards).to_have_count(1)
    card = alice.rows.first.locator(".card")
    expect(card.locator(".card-title")).to_have_text("Harbour <b>plan</b>")
    expect(card).to_contain_text("Harbour office")
    expect(card).to_contain_text("Who moors where")
    assert card.get_attribute("href") == HARBOUR["url"]
    assert card.get_attribute("rel") == "noopener noreferrer nofollow"
    expect(alice.last_row).to_contain_text("No link")
    assert [url for url in asked if not url.startswith(alice.url)] == []
