"""What another app shares: the real service worker keeps it until its person has chosen a chat."""

import re
from collections.abc import Callable

from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from apps.accounts.models import User
from tests.journeys.screen import Screen
from tests.notifications.browser.workers import Worker
from tests.realtime_client.proxy import Proxy
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import PASSWORD

WorkerOf = Callable[[Screen], Worker]
# As the browser posts it when the app is chosen in the menu of another one.
POST = """({ file, ...texts }) => {
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: '/share', enctype: 'multipart/form-data' });
  for (const [name, value] of Object.entries(texts)) {
    form.append(Object.assign(document.createElement('input'), { name, value, type: 'hidden' }));
  }
  if (file) {
    const chosen = new DataTransfer();
    chosen.items.add(new File([file], 'plan.txt', { type: 'text/plain' }));
    const input = Object.assign(document.createElement('input'), { name: 'files', type: 'file' });
    input.files = chosen.files;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""
STORED = """async () => {
  const all = await indexedDB.databases();
  if (!all.some(({ name }) => name === 'parley-shared')) return 0;
  const settled = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const db = await settled(indexedDB.open('parley-shared'));
  const count = await settled(db.transaction('shared').objectStore('shared').count());
  db.close();
  return count;
}"""
LINK = "https://example.org/ferry"


def share(screen: Screen, **shared: str) -> None:
    """Share something with the app, from its menu in another one."""
    with screen.page.expect_navigation(url="**/share*"):
        screen.page.evaluate(POST, shared)


def choose(screen: Screen, chat: object) -> None:
    """Choose the chat for it."""
    screen.page.locator(f"share-page [data-chat='{chat}']").click()
    expect(screen.composer).to_be_visible()


def test_shared_texts_and_files_become_a_draft(allow, worker: WorkerOf, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}")
    worker(alice)
    alice.composer.fill("Look:")
    expect(alice.chat(cast.chat)).to_contain_text("Look:")
    share(alice, title="The ferry", text=f"See {LINK}", url=LINK, file="At nine")
    share(alice, text="And this")
    page = alice.page.locator("share-page")
    expect(page).to_contain_text("plan.txt")
    alice.page.reload()
    expect(page).to_contain_text("plan.txt")
    assert findings(alice.page) == []
    choose(alice, cast.chat)
    expect(alice.composer).to_have_value(f"Look:\nThe ferry\nSee {LINK}\nAnd this")
    expect(alice.page.locator("chat-composer")).to_contain_text("plan.txt")
    assert alice.page.evaluate(STORED) == 0
    alice.go("/share")
    expect(page).to_contain_text("There is nothing to share here any more.")


def test_what_is_shared_offline_waits_and_too_much_is_refused(
    allow, worker: WorkerOf, cast, proxy: Proxy
):
    alice = allow(cast.alice, "/people", via=proxy)
    service_worker = worker(alice)
    # The hint below the composer has italics, which would be missed offline.
    alice.page.evaluate("Promise.allSettled([...document.fonts].map((font) => font.load()))")
    proxy.cut()
    share(alice, text="From the ferry")
    expect(alice.page.locator("share-page")).to_contain_text("From the ferry")
    choose(alice, cast.chat)
    expect(alice.composer).to_have_value("From the ferry")
    proxy.mend()
    service_worker.limit_shared(5)
    share(alice, text="Too much")
    expect(alice.page.locator("share-page")).to_contain_text("too much to share at once")
    assert alice.page.evaluate(STORED) == 0


def test_it_waits_for_the_sign_in_and_goes_with_the_sign_out(allow, worker: WorkerOf, cast):
    alice = allow(cast.alice, "/people")
    page = alice.page
    database(User.objects.filter(id=cast.alice.id).update, password=make_password(PASSWORD))
    worker(alice)
    page.context.clear_cookies()
    with page.expect_navigation(url=re.compile("/accounts/login/")):
        page.evaluate(POST, {"text": "Keep me"})
    page.get_by_label("Username or e-mail").fill(cast.alice.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("share-page")).to_contain_text("Keep me")
    # Nobody else sees it, and it does not outlive the sign-out.
    assert page.evaluate(STORED) == 1
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert page.evaluate(STORED) == 0
