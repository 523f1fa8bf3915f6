"""The app by keyboard."""

from playwright.sync_api import Route, expect

from tests.client.test_talking import send


def test_the_timeline_has_one_tab_stop_and_arrow_keys(open_page, cast):
    send(cast, "One https://a.test/1", "Two https://a.test/2", "Three")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(3)
    stops = alice.page.locator(".timeline li[tabindex='0']")
    expect(stops).to_have_count(1)
    alice.last_row.focus()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.rows.nth(1)).to_be_focused()
    alice.page.keyboard.press("Tab")
    expect(alice.rows.nth(1).locator("a")).to_be_focused()
    alice.rows.nth(1).focus()
    alice.page.keyboard.press("Home")
    expect(alice.rows.first).to_be_focused()
    alice.page.keyboard.press("Escape")
    expect(alice.box).to_be_focused()


def test_keys_cycle_through_regions_and_open_the_search(open_page, cast):
    send(cast, "Hello")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.focus()
    find = alice.page.get_by_role("button", name="Find people, chats, messages")
    keyboard = alice.page.keyboard
    keyboard.press("Control+F6")
    expect(find).to_be_focused()
    keyboard.press("Control+F6")
    expect(alice.chat_row("Bob")).to_be_focused()
    keyboard.press("Control+F6")
    expect(alice.last_row).to_be_focused()
    keyboard.press("Control+F6")
    expect(alice.box).to_be_focused()
    keyboard.press("Control+k")
    expect(alice.page.get_by_role("searchbox")).to_be_focused()


def test_a_jump_to_a_day_leads_the_focus_to_its_first_message(open_page, cast):
    send(cast, "One", "Two")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(2)
    alice.page.get_by_role("button", name="Go to a day").click()
    today = alice.page.evaluate("new Date().toLocaleDateString('sv')")
    alice.page.locator("#jump input").fill(today)
    alice.page.keyboard.press("Enter")
    expect(alice.rows.first).to_be_focused()


def test_the_search_opens_a_chat_by_name(open_page, cast):
    alice = open_page(cast.alice)
    expect(alice.chat_row("Bob")).to_be_visible()
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type("bob")
    alice.page.keyboard.press("Enter")
    alice.settle()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Bob")


def test_text_typed_before_the_search_is_loaded_becomes_the_query(open_page, cast):
    alice = open_page(cast.alice)
    held: list[Route] = []
    alice.page.route("**/joined/on-demand-*.js", lambda route: held.append(route))
    alice.page.reload()
    expect(alice.chat_row("Bob")).to_be_visible()
    keyboard = alice.page.keyboard
    keyboard.press("Control+k")
    keyboard.type("bobb")
    keyboard.press("Backspace")
    keyboard.press("Enter")
    expect(alice.page.get_by_role("dialog")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Bob")


def test_a_message_can_be_typed_before_the_chat_is_loaded(open_page, cast):
    send(cast, "Hello")
    alice = open_page(cast.alice)
    expect(alice.chat_row("Bob")).to_be_visible()
    for draft, whole in (("", "hi"), ("Dear Bob", "Dear Bob\nhi")):
        alice.run(
            """async (module) => {
              const { connect } = await import(module);
              connect().draft = () => new Promise((resolve) => { window.answer = resolve; });
            }""",
            alice.module("realtime/client.js"),
        )
        alice.chat_row("Bob").click()
        expect(alice.box).to_be_focused()
        alice.page.keyboard.type("hi")
        alice.run("(text) => window.answer({ text, reply: null })", draft)
        expect(alice.last_row).to_contain_text("Hello")
        expect(alice.box).to_have_value(whole)
        alice.box.fill("")
        alice.go("/people")
