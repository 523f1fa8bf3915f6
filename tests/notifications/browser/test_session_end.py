"""However a session ends, only unsent messages stay on the device."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import expect

from apps.accounts.actions import sessions
from apps.accounts.models import User
from tests.journeys.conftest import Cast
from tests.journeys.screen import Screen
from tests.notifications.browser.conftest import Allow
from tests.notifications.browser.workers import Worker, wait_until
from tests.realtime_client.proxy import Proxy
from tests.support.live import database
from tests.support.people import session_of

SECRET = "Between us alone"
STORED = """async () => (await indexedDB.databases())
  .map(({ name }) => name).filter((name) => name.startsWith('parley-')).sort()"""

# Whether the drafts in a database of unsent messages are those, by who has them.
DRAFTS_ARE = """async () => {
  const result = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const db = await result(indexedDB.open('%s'));
  const drafts = await result(db.transaction('drafts').objectStore('drafts').getAll());
  db.close();
  return String(drafts.map(({ unsaved }) => (unsaved ? 'unsaved' : 'saved'))) === '%s';
}"""


def enter_chat(allow: Allow, proxy: Proxy, cast: Cast) -> Screen:
    """Alice's screen, with a chat that she can read offline."""
    alice = allow(cast.alice, f"/c/{cast.chat}", via=proxy, permissions=())
    alice.say(SECRET)
    alice.state(SECRET, "sent", "delivered", "read")
    Worker.of(alice)
    alice.page.reload()
    return alice.ready()


def cache_of(person: User) -> str:
    """The name of the database with the messages for offline reading."""
    return f"parley-cache-5-{person.id}"


def files_of(person: User) -> str:
    """The name of the database with the contents of files."""
    return f"parley-files-1-{person.id}"


def unsent_of(person: User) -> str:
    """The name of the database with unsent messages."""
    return f"parley-mine-{person.id}"


def wait_for_databases(screen: Screen, *names: str) -> None:
    """Wait until exactly these databases exist."""
    wait_until(screen, f"async () => String(await ({STORED})()) === '{','.join(sorted(names))}'")


def nothing_offline(screen: Screen, proxy: Proxy, person: User) -> None:
    """The cached app shows nothing of the person, even to somebody who knows their id."""
    proxy.cut()
    screen.page.evaluate(
        "(person) => localStorage.setItem('parley.known', JSON.stringify({ person }))",
        str(person.id),
    )
    screen.page.goto(f"{screen.address}/")
    expect(screen.status_banner).to_contain_text("Offline")
    expect(screen.page.locator("body")).not_to_contain_text(SECRET)
    expect(screen.list.locator("a[data-chat]")).to_have_count(0)
    proxy.mend()


@pytest.fixture
def new_password(cast: Cast) -> Callable[[User], str]:
    """`new_password(user)`: set a new password and return it."""

    def make(user: User) -> str:
        user.set_password("a lamp and a ferry")
        user.save(update_fields=["password"])
        return "a lamp and a ferry"

    return make


def test_signing_out_on_the_profile_page(allow, proxy, cast):
    alice = enter_chat(allow, proxy, cast)
    alice.composer.fill("Half a thought")
    wait_until(alice, DRAFTS_ARE % (unsent_of(cast.alice), "saved"))
    alice.page.goto(f"{alice.address}/settings/profile")
    alice.page.get_by_role("link", name="Sign out").click()
    alice.page.get_by_role("button", name="Sign out").click()
    alice.page.wait_for_url("**/accounts/login/**")
    wait_for_databases(alice, unsent_of(cast.alice))
    wait_until(alice, DRAFTS_ARE % (unsent_of(cast.alice), ""))
    assert alice.page.evaluate("localStorage.getItem('parley.known')") is None
    nothing_offline(alice, proxy, cast.alice)


def test_a_session_that_ends_elsewhere(allow, proxy, cast):
    alice = enter_chat(allow, proxy, cast)
    # The notice asks whether the account is suspended; the line is cut afterwards.
    with alice.page.expect_response("**/suspended/state"):
        database(sessions.sign_out_everywhere, cast.alice.id)
    expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    wait_for_databases(alice, unsent_of(cast.alice))
    nothing_offline(alice, proxy, cast.alice)


def test_a_session_that_ended_while_the_app_was_closed(allow, proxy, cast):
    alice = enter_chat(allow, proxy, cast)
    alice.page.goto("about:blank")
    database(sessions.sign_out_everywhere, cast.alice.id)
    alice.page.goto(alice.address)
    alice.page.wait_for_url("**/accounts/login/**")
    wait_for_databases(alice, unsent_of(cast.alice))


def test_a_password_that_was_changed_elsewhere(
    allow,
    enter,
    proxy,
    cast,
    new_password,
):
    password = new_password(cast.alice)
    alice = enter_chat(allow, proxy, cast)
    other = enter(cast.alice)
    other.page.goto(f"{other.address}/accounts/password/change/")
    for label, words in (
        ("Current Password", password),
        ("New Password", "a ferry and a lamp"),
        ("New Password (again)", "a ferry and a lamp"),
    ):
        other.page.get_by_label(label, exact=True).fill(words)
    other.page.get_by_role("button", name="Change it").click()
    expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    wait_for_databases(alice, unsent_of(cast.alice))


def test_the_next_person_finds_no_data_and_unsent_text_waits_for_the_first(allow, proxy, cast):
    alice = enter_chat(allow, proxy, cast)
    proxy.cut()
    alice.write("Said in the tunnel")
    alice.state("Said in the tunnel", "pending")
    context = alice.page.context
    alice.page.goto("about:blank")
    proxy.mend()
    for person in (cast.bob, cast.alice):
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(person)}
        context.add_cookies([{**cookie, "url": alice.address}])
        alice.go(f"/c/{cast.chat}")
        if person == cast.bob:
            alice.shows(SECRET)
            ours = (cache_of(cast.bob), files_of(cast.bob), unsent_of(cast.bob))
            wait_for_databases(alice, *ours, unsent_of(cast.alice))
    alice.state("Said in the tunnel", "sent", "delivered", "read")
