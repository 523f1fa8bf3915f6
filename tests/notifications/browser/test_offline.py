"""The app without the server: it starts and shows what was read before."""

from playwright.sync_api import expect

from tests.notifications.browser.workers import CACHED, Worker, wait_until


def test_read_messages_are_available_offline_after_a_reload(allow, proxy, watch, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", via=proxy, permissions=())
    alice.say("Written in time")
    expect(alice.rows.last).to_have_attribute("data-state", "sent")
    Worker.of(alice)
    alice.page.reload()
    alice.ready()
    proxy.cut()
    alice.page.reload()
    expect(alice.texts.last).to_have_text("Written in time")
    assert alice.page.evaluate("document.body.dataset.shell") == ""
    alice.write("Written offline")
    expect(alice.rows.last).to_have_attribute("data-state", "pending")
    alice.page.goto(f"{alice.address}/")
    expect(alice.chat(cast.chat)).to_contain_text("Written offline")
    proxy.mend()
    alice.ready()
    alice.open(cast.chat)
    expect(alice.rows.last).to_have_attribute("data-state", "sent")
    # The browser reports that it could not check for a newer service worker, which is no fault.
    watch.faults[:] = [fault for fault in watch.faults if "fetching the script" not in fault]


def test_the_cached_app_contains_no_personal_data_and_no_api_responses(allow, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}")
    alice.say("Between us")
    expect(alice.rows.last).to_have_attribute("data-state", "sent")
    Worker.of(alice)
    alice.page.reload()
    alice.ready()
    [name] = alice.page.evaluate(CACHED)
    kept = alice.page.evaluate(
        """async (name) => {
          const cache = await caches.open(name);
          const paths = (await cache.keys()).map(({ url }) => new URL(url).pathname);
          return { paths, shell: await (await cache.match('/shell')).text() };
        }""",
        name,
    )
    release = alice.page.evaluate("document.body.dataset.release")
    assert name == f"parley-shell-{release}"
    others = [one for one in kept["paths"] if not one.startswith(f"/static/{release}/")]
    assert others == ["/shell"]
    assert str(cast.alice.id) not in kept["shell"]
    assert cast.alice.username not in kept["shell"]


def test_the_cache_of_a_release_without_pages_is_removed(allow, cast):
    alice = allow(cast.alice)
    Worker.of(alice)
    alice.page.evaluate(
        """async () => {
          await caches.open('parley-shell-older');
          await caches.open('parley-shell-open');
          await new Promise((held) => {
            navigator.locks.request('parley-release-open', { mode: 'shared' }, () => {
              held();
              return new Promise(() => {});
            });
          });
        }"""
    )
    alice.page.evaluate(
        "async () => (await navigator.serviceWorker.ready).active.postMessage({ kind: 'sweep' })"
    )
    wait_until(alice, "async () => !(await caches.keys()).includes('parley-shell-older')")
    assert "parley-shell-open" in alice.page.evaluate(CACHED)


def test_a_signed_out_person_is_not_known_offline(allow, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", permissions=())
    Worker.of(alice)
    alice.page.reload()
    alice.ready()
    alice.page.get_by_role("button", name="Settings").click()
    alice.page.get_by_role("button", name="Sign out").click()
    alice.page.wait_for_url("**/accounts/login/**")
    assert alice.page.evaluate("localStorage.getItem('parley.known')") is None
