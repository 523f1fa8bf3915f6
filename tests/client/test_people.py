"""The people page."""

from playwright.sync_api import expect


def test_the_write_button_opens_the_direct_chat(open_page, cast):
    alice = open_page(cast.alice, "/people")
    alice.person("contact", "Bob").get_by_role("button", name="Message").click()
    alice.settle()
    assert alice.page.url.endswith(f"/c/{cast.chat}")


def test_one_letter_sends_no_search(open_page, cast):
    asked: list[str] = []
    charlie = open_page(cast.charlie, "/people")
    charlie.page.context.on("request", lambda request: asked.append(request.url))
    field = charlie.page.get_by_label("Find people by name or username")
    field.fill("a")
    field.fill("alice")
    expect(charlie.page.locator("#people-found")).to_be_visible()
    assert not any(url.endswith("q=a") for url in asked)


def test_the_shortcuts_of_the_installed_app_open(open_page, cast):
    alice = open_page(cast.alice, "/?new")
    expect(alice.page.get_by_role("dialog", name="New group or chat")).to_be_visible()
    alice.page.goto(f"{alice.page.url}?search")
    expect(alice.page.get_by_role("dialog", name="Search")).to_be_visible()
