"""The notification settings: the page, the dialog of a chat, and the record of a message."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import expect

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.contacts.actions.profile import update
from apps.notifications.models import Digest, Preferences
from tests.chats.factories import write
from tests.notifications.browser.workers import until_notifying
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import session_of

PAGE = "/settings/notifications"
# The first request for the settings fails with 503.
FIRST_LOAD_FAILS = """
let asked = 0;
const real = window.fetch;
window.fetch = async (...all) => {
  if (!String(all[0]).endsWith('/notifications/settings') || asked++) return real(...all);
  return new Response('{}', { status: 503 });
};
"""
# The device has been carried to Berlin.
IN_BERLIN = """() => {
  const options = Intl.DateTimeFormat.prototype.resolvedOptions;
  Intl.DateTimeFormat.prototype.resolvedOptions = function () {
    return { ...options.call(this), timeZone: 'Europe/Berlin' };
  };
}"""


def test_a_device_in_another_time_zone_tells_it_when_it_is_looked_at(enter, cast):
    database(update, cast.alice.id, version=None, device_time_zone="Asia/Tokyo")
    page = until_notifying(enter(cast.alice, timezone_id="Asia/Tokyo")).page
    told = []
    page.on("request", lambda one: "time-zone" in one.url and told.append(one.post_data_json))
    # Another device is used in Lima. This one has not moved, and keeps silent.
    database(update, cast.alice.id, version=None, device_time_zone="America/Lima")
    looked_at = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(looked_at)
    page.evaluate(IN_BERLIN)
    with page.expect_response("**/me/time-zone"):
        page.evaluate(looked_at)
    assert told == [{"device": "Europe/Berlin"}]
    assert database(profiles.me, cast.alice.id).time_zone == "Europe/Berlin"


def test_a_change_is_previewed_then_saved_and_live_on_every_device(enter, cast):
    for text in ("Lunch?", "We deploy at noon"):
        database(write, cast.bob, cast.chat, text)
    alice, phone = enter(cast.alice, PAGE), enter(cast.alice, PAGE)
    alice.page.get_by_label("Keywords (notify like a mention)").fill("deploy")
    alice.page.get_by_role("button", name="Add").click()
    alice.page.get_by_label("Mentions only").check()
    tried = alice.page.locator(".dry-run")
    expect(tried).to_contain_text(
        "you are notified about 2 as it is, and would be notified about 1"
    )
    tried.get_by_text("Show the one that differs").click()
    expect(tried.locator("li")).to_contain_text("Lunch?")
    assert not Preferences.objects.filter(user_id=cast.alice.id).exists()
    alice.page.get_by_role("button", name="Save", exact=True).click()
    expect(alice.page.get_by_text("Saved, for all your devices.")).to_be_visible()
    expect(phone.page.get_by_label("Mentions only")).to_be_checked()
    expect(phone.page.locator(".chip")).to_contain_text("deploy")
    row = Preferences.objects.get(user_id=cast.alice.id)
    assert (row.level, row.keywords) == ("mentions", ["deploy"])


def test_a_chat_is_muted_for_an_hour_and_shows_it(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    phone = enter(cast.alice)
    alice.mark("Notifications")
    dialog = alice.page.get_by_role("dialog", name="Notifications for this chat")
    dialog.get_by_role("button", name="For an hour").click()
    expect(dialog).to_contain_text("Muted until")
    expect(phone.chat(cast.chat).get_by_role("img", name="muted")).to_be_visible()
    dialog.get_by_role("button", name="Unmute", exact=True).click()
    expect(dialog).to_contain_text("It is not muted.")
    expect(phone.chat(cast.chat).get_by_role("img", name="muted")).to_have_count(0)
    dialog.get_by_label("Mentions only").check()
    alice.page.reload()
    alice.ready().mark("Notifications")
    expect(dialog.get_by_label("Mentions only")).to_be_checked()


def test_a_choice_that_could_not_be_saved_is_reverted(enter, proxy, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    alice.mark("Notifications")
    dialog = alice.page.get_by_role("dialog", name="Notifications for this chat")
    expect(dialog.get_by_label("Default (All messages)")).to_be_checked()
    proxy.pages_pass = True
    proxy.cut()
    dialog.get_by_label("Mentions only").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(dialog.get_by_label("Default (All messages)")).to_be_checked()
    expect(dialog.get_by_label("Mentions only")).not_to_be_checked()


def test_settings_that_failed_to_load_can_be_loaded_again(browse, proxy, db, cast):
    # Block the socket, too: it would bring the settings.
    proxy.times = lambda event: 0
    context = browse()
    context.add_init_script(FIRST_LOAD_FAILS)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(cast.alice)}
    context.add_cookies([{**cookie, "url": proxy.url}])
    page = context.new_page()
    page.goto(proxy.url + PAGE)
    wrong = page.locator("notification-settings").get_by_role("alert")
    expect(wrong).to_contain_text("Nothing was changed")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Mentions only")).to_be_visible()
    expect(wrong).to_have_count(0)
    page.close()


def give_address(person):
    """A confirmed address that no other test has."""
    address = f"{person.id}@example.org"
    User.objects.filter(id=person.id).update(email=address)
    return address


def test_a_digest_is_chosen_and_asked_for(enter, cast):
    address = give_address(cast.alice)
    User.objects.filter(id=cast.alice.id).update(time_zone="Asia/Tokyo")
    page = enter(cast.alice, PAGE).page
    part = page.get_by_role("region", name="Digest by e-mail")
    expect(part).to_contain_text(address)
    part.get_by_role("combobox", name="How often").select_option("Once a week")
    part.get_by_role("combobox", name="On", exact=True).select_option("Friday")
    part.get_by_label("At", exact=True).fill("17:30")
    part.get_by_label("Quote messages").uncheck()
    expect(part).to_contain_text("By the clock of Asia/Tokyo.")
    part.get_by_role("button", name="Save", exact=True).click()
    expect(part).to_contain_text("The next one: Friday")
    row = Digest.objects.get(user=cast.alice.id)
    assert (row.frequency, row.day, row.at, row.texts) == ("weekly", 5, time(17, 30), False)
    part.get_by_role("button", name="Send me one now").click()
    expect(part.get_by_role("status")).to_have_text("It will be in your mailbox in a minute.")
    row.refresh_from_db()
    assert row.trial
    # The mail server has refused the address since.
    Digest.objects.filter(user=cast.alice.id).update(refused=address)
    page.reload()
    expect(part.get_by_text("refused the last digest")).to_be_visible()
    part.get_by_role("button", name="Send them again").click()
    expect(part.get_by_text("refused the last digest")).to_have_count(0)


def test_muted_until_ends_by_itself(enter, cast):
    alice = enter(cast.alice)
    until = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    alice.page.evaluate(
        """async ([chat, until]) => {
          const { release } = document.body.dataset;
          const { connect } = await import(`/static/${release}/realtime/client.js`);
          await connect().command({ type: 'chat.marks', chat, muted_until: until });
        }""",
        [str(cast.chat), until],
    )
    muted = alice.chat(cast.chat).get_by_role("img", name="muted")
    expect(muted).to_be_visible()
    expect(muted).to_have_count(0)


def test_the_reason_for_no_notification_is_explained(enter, cast):
    database(write, cast.bob, cast.chat, "Did you hear?")
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.choose("Did you hear?", "Why was I (not) notified?")
    dialog = alice.page.get_by_role("dialog", name="Why was I (not) notified?")
    expect(dialog).to_contain_text("You were not notified.")
    expect(dialog).to_contain_text("No device of yours had notifications on.")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_notification_settings_are_accessible(enter, cast, width):
    size = {"width": width, "height": 800}
    give_address(cast.alice)
    Digest.objects.create(user_id=cast.alice.id, frequency="weekly")
    alice = enter(cast.alice, PAGE, viewport=size)
    expect(alice.page.get_by_label("How often")).to_be_visible()
    alice.page.get_by_label("Keywords (notify like a mention)").fill("deploy")
    alice.page.get_by_role("button", name="Add").click()
    expect(alice.page.locator(".dry-run")).to_be_visible()
    assert findings(alice.page) == []
    alice.go(f"/c/{cast.chat}")
    alice.mark("Notifications")
    expect(alice.page.get_by_role("dialog")).to_be_visible()
    assert findings(alice.page) == []
