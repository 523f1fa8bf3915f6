"""Back on a wide screen closes what is open, the last first."""

from playwright.sync_api import expect

from tests.journeys.conftest import Talk


def test_back_closes_menus_and_panels_before_it_leaves_the_chat(talk: Talk) -> None:
    alice, page = talk.alice, talk.alice.page
    chat = f"{alice.address}/c/{talk.chat}"
    panel, menu = page.locator(".panel"), page.locator("#chat-menu")
    talk.bob.say("one", "two")
    expect(alice.texts).to_have_count(2)
    before = page.evaluate("history.length")

    # A menu above a panel.
    page.get_by_role("button", name="Who is in this group").click()
    page.get_by_role("button", name="More about this chat").click()
    expect(menu).to_be_visible()
    page.go_back()
    expect(menu).not_to_be_visible()
    expect(panel).to_be_visible()
    page.go_back()
    expect(panel).to_have_count(0)
    expect(page).to_have_url(chat)
    alice.act("one", "More")
    expect(alice.menu.get_by_role("button", name="Copy a link")).to_be_visible()
    page.go_back()
    expect(alice.menu.get_by_role("button", name="Copy a link")).not_to_be_visible()

    alice.choose("one", "Select")
    expect(page.locator(".selection-count")).to_have_text("1 selected")
    page.go_back()
    expect(page.locator(".selection-count")).to_have_count(0)
    expect(page).to_have_url(chat)

    # What is closed in another way leaves nothing that Back would have to close.
    alice.choose("two", "Pin for everyone")
    page.wait_for_function("() => history.state === null")
    assert page.evaluate("history.length") == before + 1  # as Forward

    # A link of a panel: first the panel is closed, then its page is left.
    alice.mark("Pinned messages")
    panel.get_by_role("link", name="Go to this message").click()
    expect(page).to_have_url(f"{chat}/at/4")
    expect(panel).to_be_visible()
    page.go_back()
    expect(panel).to_have_count(0)
    expect(page).to_have_url(f"{chat}/at/4")
    page.go_back()
    expect(page).to_have_url(chat)

    # A link of a menu takes the place of its entry.
    page.locator(".me").click()
    page.locator("#me-menu").get_by_role("link", name="Notifications").click()
    expect(page).to_have_url(f"{alice.address}/settings/notifications")
    page.go_back()
    expect(page).to_have_url(chat)
    expect(alice.texts).to_have_count(2)
