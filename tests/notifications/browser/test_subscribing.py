"""Asking for permission, registering the device at the server, and removing it at sign-out."""

import pytest
from playwright.sync_api import Browser, Response, expect

from apps.notifications.models import Subscription
from tests.journeys.screen import Screen
from tests.notifications.browser.workers import Worker, reload_with, wait_until

NOT_ASKED = "() => void Object.defineProperty(Notification, 'permission', { value: 'default' })"

# Registering the device fails with 503 while `failing`; `attempts` counts the attempts.
REGISTRATION_FAILS = """
window.attempts = 0;
window.failing = true;
const real = window.fetch;
window.fetch = async (...asked) => {
  const [address, { method } = {}] = asked;
  const registers = method === 'POST' && String(address).endsWith('/push/devices');
  if (registers) window.attempts += 1;
  if (registers && window.failing) return new Response('{}', { status: 503 });
  return real(...asked);
};
"""


@pytest.fixture
def chromium(whole_chromium: Browser) -> Browser:
    """The whole Chromium: the headless shell shows no notifications."""
    return whole_chromium


def say(screen: Screen, text: str) -> None:
    """Send a message, and wait until it is committed."""
    screen.say(text)
    expect(screen.rows.last).to_have_attribute("data-state", "sent")


def registers(response: Response) -> bool:
    """Whether this response registers a device; the same address lists them."""
    return response.url.endswith("/push/devices") and response.request.method == "POST"


def test_permission_is_requested_only_after_the_first_message(allow, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", permissions=())
    # Headless browsers deny without asking; a browser that has not asked yet says "default".
    alice.page.add_init_script(f"({NOT_ASKED})()")
    alice.page.evaluate("localStorage.removeItem('parley.known')")
    alice.page.reload()
    alice.ready()
    # Wait for the module that asks: it loads after the first paint.
    wait_until(alice, "async () => Boolean(localStorage.getItem('parley.known'))")
    asked = alice.page.locator(".side [data-notice=permission]")
    expect(asked).to_have_count(0)
    say(alice, "My first")
    expect(asked).to_contain_text("Notify you on this device")
    asked.get_by_role("button", name="Not now").click()
    expect(asked).to_have_count(0)
    say(alice, "My second")
    alice.page.reload()
    alice.ready()
    say(alice, "My third")
    expect(asked).to_have_count(0)


def test_a_device_is_known_to_the_server_until_sign_out(allow, cast):
    alice = allow(cast.alice, "/settings/notifications")
    state = alice.page.locator("[data-push]")
    expect(state).to_have_attribute("data-push", "on")
    [row] = Subscription.objects.filter(user_id=cast.alice.id)
    assert row.name == "Chrome on Linux"
    expect(alice.page.locator("li.device")).to_contain_text("this device")
    alice.page.reload()
    alice.ready()
    expect(state).to_have_attribute("data-push", "on")
    assert Subscription.objects.filter(user_id=cast.alice.id).count() == 1
    alice.page.get_by_role("link", name="Sign out").click()
    alice.page.get_by_role("button", name="Sign out").click()
    alice.page.wait_for_url("**/accounts/login/**")
    assert not Subscription.objects.filter(user_id=cast.alice.id).exists()
    wait_until(alice, "async () => localStorage.getItem('test.subscription') === null")


def test_push_can_be_turned_off_and_on_again(allow, cast):
    alice = allow(cast.alice, "/settings/notifications")
    state = alice.page.locator("[data-push]")
    expect(state).to_have_attribute("data-push", "on")
    alice.page.get_by_role("button", name="Turn off").click()
    expect(state).to_have_attribute("data-push", "off")
    assert not Subscription.objects.filter(user_id=cast.alice.id).exists()
    alice.page.reload()
    alice.ready()
    expect(state).to_have_attribute("data-push", "off")
    alice.page.get_by_role("button", name="Turn on").click()
    expect(state).to_have_attribute("data-push", "on")
    assert Subscription.objects.filter(user_id=cast.alice.id).count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_a_denied_permission_is_explained(allow, cast, width):
    size = {"width": width, "height": 800}
    alice = allow(cast.alice, "/settings/notifications", permissions=(), viewport=size)
    expect(alice.page.locator("[data-push=denied]")).to_contain_text("To undo that")


def test_a_subscription_that_the_browser_changes_is_sent_to_the_server(allow, cast):
    alice = allow(cast.alice, "/settings/notifications")
    worker = Worker.of(alice)
    expect(alice.page.locator("[data-push]")).to_have_attribute("data-push", "on")
    before = Subscription.objects.get(user_id=cast.alice.id).endpoint
    alice.page.evaluate("localStorage.removeItem('test.subscription')")
    with alice.page.expect_response(registers) as response:
        worker.lose_subscription()
    assert response.value.ok
    [after] = Subscription.objects.filter(user_id=cast.alice.id)
    assert after.endpoint != before


def test_a_failed_registration_of_the_device_is_repeated(allow, proxy, cast):
    alice = allow(cast.alice, "/settings/notifications", via=proxy)
    expect(alice.page.locator("li.device")).to_have_count(1)
    Subscription.objects.filter(user_id=cast.alice.id).delete()
    reload_with(alice, REGISTRATION_FAILS)
    wait_until(alice, "async () => window.attempts > 0")
    assert not Subscription.objects.filter(user_id=cast.alice.id).exists()
    alice.page.evaluate("window.failing = false")
    proxy.cut()
    expect(alice.status_banner).not_to_have_text("")
    proxy.mend()
    alice.ready()
    expect(alice.page.locator("li.device")).to_have_count(1)
    assert Subscription.objects.filter(user_id=cast.alice.id).count() == 1
