"""Display of names, days and very long words."""

from datetime import UTC, datetime

from playwright.sync_api import Request, expect

from apps.accounts.models import User
from apps.chats.models import Message
from tests.client.test_talking import send

LONG = "Bartholomew Christopherson-Featherstonehaugh of the northern harbour office"


def test_mentions_show_names_in_saved_and_found_messages(open_page, cast):
    send(cast, f"@{cast.alice.username} has the lighthouse key")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.last_row.locator(".mention")).to_have_text("@Alice")
    expect(alice.page.locator(".chat-last")).to_have_text("@Alice has the lighthouse key")
    alice.last_row.focus()
    alice.page.keyboard.press("Enter")
    alice.page.get_by_role("button", name="Save").click()
    expect(alice.last_row).to_contain_text("saved")
    alice.page.get_by_role("button", name="Settings").click()
    alice.page.get_by_role("button", name="Saved messages").click()
    saved = alice.page.get_by_role("dialog", name="Saved messages")
    expect(saved.locator(".text")).to_have_text("@Alice has the lighthouse key")
    saved.get_by_role("button", name="Close").click()
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type("lighthouse")
    hit = alice.page.locator(".hit-text")
    expect(hit).to_have_text("@Alice has the lighthouse key")
    expect(hit.locator("mark")).to_have_text("lighthouse")


def test_a_long_name_does_not_hide_the_online_dot(open_page, cast):
    User.objects.filter(id=cast.bob.id).update(name=LONG)
    open_page(cast.bob)
    alice = open_page(cast.alice)
    dot = alice.page.locator(".chat .dot")
    expect(dot).to_be_visible()
    seen = dot.evaluate("""(dot) => {
      const { left, right, top } = dot.getBoundingClientRect();
      return right - left === 8 && document.elementFromPoint((left + right) / 2, top + 4) === dot;
    }""")
    assert seen


def test_days_begin_in_the_time_zone_of_the_profile(open_page, cast):
    send(cast, "On the 20th in London, on the 21st in Auckland")
    Message.objects.filter(chat_id=cast.chat).update(
        created_at=datetime(2026, 11, 20, 20, tzinfo=UTC)
    )
    User.objects.filter(id=cast.alice.id).update(
        time_zone="Pacific/Auckland", time_zone_chosen=True
    )
    alice = open_page(cast.alice)
    asked: list[str] = []

    def note(request: Request) -> None:
        if "on=2026-11-21" in request.url:
            asked.append(request.url)

    # Run the owner in the tab, where Playwright sees its requests.
    alice.page.add_init_script("delete globalThis.SharedWorker")
    alice.page.on("request", note)
    alice.go(f"/c/{cast.chat}/on/2026-11-21")
    expect(alice.last_row).to_contain_text("in Auckland")
    assert asked
    assert all("tz=Pacific%2FAuckland" in url for url in asked)


def test_a_word_of_100_000_letters_can_be_pasted(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.fill("W" + "AV" * 49_000)
    alice.box.press("End")
    alice.page.keyboard.type("!")
    expect(alice.page.locator(".composer-left")).to_have_count(0)
    assert alice.box.evaluate("(box) => getComputedStyle(box).fontKerning") == "none"
    assert alice.box.input_value().endswith("V!")
