"""The offline app uses the person's current language."""

from playwright.sync_api import expect

from tests.notifications.browser.workers import Worker, wait_until

GERMAN = """async () => {
  for (const name of await caches.keys()) {
    const shell = await (await caches.open(name)).match('/shell', { ignoreVary: true });
    if ((await shell?.text())?.includes('<html lang="de"')) return true;
  }
  return false;
}"""


def test_a_changed_language_is_used_offline_too(allow, proxy, watch, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", via=proxy, permissions=())
    alice.say("Written in time")
    expect(alice.rows.last).to_have_attribute("data-state", "sent")
    Worker.of(alice)
    page = alice.page
    page.goto(f"{alice.address}/settings/profile")
    page.get_by_label("Language").select_option(label="Deutsch")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    alice.go(f"/c/{cast.chat}")
    expect(page.get_by_role("textbox", name="An Bob schreiben")).to_be_visible()
    wait_until(alice, GERMAN)
    proxy.cut()
    page.reload()
    expect(alice.texts.last).to_have_text("Written in time")
    assert page.evaluate("document.body.dataset.shell") == ""
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("textbox", name="An Bob schreiben")).to_be_visible()
    expect(alice.status_banner).to_contain_text("Offline: Was du schreibst, bleibt erhalten")
    # The browser reports that it could not check for a newer service worker, which is no fault.
    watch.faults[:] = [fault for fault in watch.faults if "fetching the script" not in fault]
