"""A device with full storage: no message is lost, and the person is told."""

from django.conf import settings
from playwright.sync_api import expect

from tests.journeys.screen import Screen
from tests.realtime_client.disk import Disk
from tests.support.people import session_of


def test_a_device_with_full_storage_says_so_and_still_sends(browse, enter, proxy, cast):
    context = browse(ahead=True)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(cast.alice)}
    context.add_cookies([{**cookie, "url": proxy.url}])
    page = context.new_page()
    page.goto(f"{proxy.url}/readyz")
    disk = Disk(page, proxy.url)
    alice = Screen(context.new_page(), proxy.url).go(f"/c/{cast.chat}")
    bob = enter(cast.bob, f"/c/{cast.chat}")
    disk.fill()
    bob.say("For the cache")
    alice.shows("For the cache")
    note = alice.page.locator(".side [data-notice=warning-circle]")
    expect(note).to_contain_text("chats cannot be read offline")
    note.get_by_role("button", name="Close").click()
    expect(note).to_have_count(0)

    proxy.pages_pass = True  # modules that are still fetched when idle
    proxy.cut()
    alice.write("In memory alone")
    expect(alice.status_banner).to_contain_text("This browser cannot keep 1 unsent message.")
    proxy.mend()
    alice.state("In memory alone", "sent", "delivered", "read")
    bob.shows("For the cache", "In memory alone")
    expect(note).to_have_count(0)
