"""Several tabs of one browser share the connection and the session."""

import re

from playwright.sync_api import expect

from tests.journeys.screen import Screen


def test_three_tabs_share_a_connection_that_outlives_the_first(enter, cast, proxy):
    bob = enter(cast.bob, f"/c/{cast.chat}")
    first = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    second, third = (
        enter(cast.alice, f"/c/{cast.chat}", via=proxy, beside=first) for _ in range(2)
    )
    second.say("from the second")
    bob.shows("from the second")
    bob.say("from Bob")
    for tab in (first, second, third, bob):
        tab.shows("from the second", "from Bob")
    debug = third.debug()
    assert (debug["tabs"], debug["host"]) == (3, "shared")
    assert proxy.sockets == debug["socketsOpened"] == 1

    first.page.close()
    third.say("from the third")
    bob.shows("from the second", "from Bob", "from the third")
    bob.say("from Bob again")
    for tab in (second, third, bob):
        tab.shows("from the second", "from Bob", "from the third", "from Bob again")
    second.state("from the third", "delivered", "read")
    assert proxy.sockets == 1


def sign_out(screen: Screen) -> None:
    """Sign out by the menu."""
    screen.page.get_by_role("button", name="Settings").click()
    screen.page.get_by_role("button", name="Sign out").click()
    expect(screen.page.get_by_role("heading", name="Parley")).to_be_visible()


def test_signing_out_in_one_tab_signs_out_all_and_deletes_the_cache(enter, cast):
    cast.dana.set_password("a lamp and a ferry")
    cast.dana.save(update_fields=["password"])
    bob = enter(cast.bob, f"/c/{cast.chat}")
    first = enter(cast.alice, f"/c/{cast.chat}")
    second = enter(cast.alice, beside=first)
    bob.say("For Alice alone")
    first.shows("For Alice alone")
    expect(second.chat(cast.chat)).to_contain_text("For Alice alone")

    sign_out(first)
    expect(second.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(second.page.locator("body")).not_to_contain_text(re.compile("Bob|For Alice alone"))
    expect(second.page).to_have_title("Parley")

    first.page.get_by_label("Username or e-mail").fill(cast.dana.username)
    first.page.get_by_label("Password").fill("a lamp and a ferry")
    first.page.get_by_role("button", name="Sign in").click()
    expect(first.ready().list).to_contain_text("No chats yet.")
    bob.say("For Alice again")
    bob.state("For Alice again", "sent")
    for path in ("/", f"/c/{cast.chat}", "/people"):
        first.go(path)
        expect(first.page.locator("body")).not_to_contain_text("Alice")
    second.page.get_by_role("link", name="Sign in").click()
    expect(second.ready().list).to_contain_text("No chats yet.")
    expect(second.page.locator(".me")).to_contain_text(cast.dana.username)
    kept = "indexedDB.databases().then((all) => all.map(({ name }) => name))"
    caches = [name for name in first.page.evaluate(kept) if name.startswith("parley-cache")]
    assert caches
    assert not [name for name in caches if str(cast.alice.id) in name]
