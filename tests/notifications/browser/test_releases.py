"""A page of one release in front of a server of the next."""

from playwright.sync_api import expect

from tests.notifications.browser.workers import Worker, wait_until
from tests.support.live import LOOSE, fresh_servers
from tests.support.newer_release import RELEASE
from tests.support.static import collected_static

__all__ = ["fresh_servers"]


def test_a_page_updates_to_a_newer_release_without_losing_data(fresh_servers, proxy, allow, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", via=proxy, permissions=())
    Worker.of(alice)
    alice.say("To the older one")
    alice.state("To the older one", "sent")
    alice.composer.fill("Half a thought")
    [newer] = fresh_servers(
        program="tests.support.newer_release", STATIC_ROOT=str(collected_static()), **LOOSE
    )
    proxy.cut()
    proxy.server = newer.url
    proxy.mend()
    expect(alice.status_banner).to_contain_text("A newer Parley is here.")
    alice.status_banner.get_by_role("button", name="Load it").click()
    expect(alice.page.locator(f"body[data-release={RELEASE}]")).to_be_attached()
    alice.ready()
    alice.shows("To the older one")
    expect(alice.composer).to_have_value("Half a thought")
    expect(alice.status_banner).to_have_text("")
    alice.composer.press("Enter")
    alice.state("Half a thought", "sent")
    # Nothing of the older app stays in the cache.
    wait_until(alice, f"async () => (await caches.keys()).join() === 'parley-shell-{RELEASE}'")
