"""What another app shares: the real service worker keeps it until its person has chosen a chat."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from tests.journeys.screen import Screen
from tests.notifications.browser.workers import Worker, wait_until
from tests.realtime_client.proxy import Proxy
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import PASSWORD

WorkerOf = Callable[[Screen], Worker]
# As the browser posts it when the app is chosen in the menu of another one.
POST = """({ file, ...texts }) => {
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: '/share', enctype: 'multipart/form-data' });
  if (texts.action) form.action = texts.action;
  delete texts.action;
  for (const [name, value] of Object.entries(texts)) {
    form.append(Object.assign(document.createElement('input'), { name, value, type: 'hidden' }));
  }
  if (file) {
    const chosen = new DataTransfer();
    for (const [at, content] of [file].flat().entries()) {
      const name = at ? `plan ${at}.txt` : 'plan.txt';
      chosen.items.add(new File([content], name, { type: 'text/plain' }));
    }
    const input = document.createElement('input');
    Object.assign(input, { name: 'files', type: 'file', multiple: true });
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


def share(screen: Screen, **shared: str | list[str]) -> None:
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
    share(alice, text="Never opened", file="Nor this")
    share(alice, title="The ferry", text=f"See {LINK}", url=LINK, file="At nine")
    page = alice.page.locator("share-page")
    expect(page).to_contain_text("plan.txt")
    expect(page).not_to_contain_text("Never opened")
    alice.page.reload()
    expect(page).to_contain_text("plan.txt")
    assert findings(alice.page) == []
    choose(alice, cast.chat)
    expect(alice.composer).to_have_value(f"Look:\nThe ferry\nSee {LINK}")
    expect(alice.page.locator("chat-composer")).to_contain_text("plan.txt")
    assert alice.page.evaluate(STORED) == 0
    alice.go("/share")
    expect(page).to_contain_text("There is nothing to share here any more.")
    expect(page.locator("a.btn")).to_have_attribute("href", "/")


def test_what_is_shared_offline_waits_and_too_much_is_refused(
    allow, worker: WorkerOf, cast, proxy: Proxy
):
    alice = allow(cast.alice, "/people", via=proxy)
    service_worker = worker(alice)
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


def test_files_that_a_chat_cannot_take_stay_and_are_named(allow, worker: WorkerOf, cast):
    alice = allow(cast.alice, "/people")
    worker(alice)
    for names in (["1"] * 9, ["2"] * 3):
        share(alice, text="Plans", file=names)
        page = alice.page.locator("share-page")
        expect(page).to_contain_text("Plans")
        expect(page).not_to_contain_text("Not added")
        page.locator(f"[data-chat='{cast.chat}']").click()
        if names == ["1"] * 9:
            expect(alice.composer).to_have_value("Plans")
    expect(page).to_contain_text("Not added: “plan 1.txt”, “plan 2.txt”.")
    alice.page.reload()
    expect(page.locator("li:not(:has(button)) bdi")).to_have_text(["plan 1.txt", "plan 2.txt"])
    expect(page.locator(".shared-text")).to_have_count(0)


def test_a_website_that_is_named_by_the_browser_cannot_share(allow, worker: WorkerOf, cast):
    alice = allow(cast.alice, "/people")
    worker(alice)
    page = alice.page
    here = page.evaluate("location.origin")
    page.route(
        "http://site.example/", lambda route: route.fulfill(body="", content_type="text/html")
    )
    page.goto("http://site.example/")
    with page.expect_navigation(url=f"{here}/share?problem=lost"):
        page.evaluate(POST, {"action": f"{here}/share", "text": "Planted"})
    alice.go("/share")
    expect(page.locator("share-page")).to_contain_text("There is nothing to share here any more.")
    assert page.evaluate(STORED) == 0


def test_what_comes_while_nobody_is_signed_in_is_for_the_last_person(allow, worker: WorkerOf, cast):
    alice = allow(cast.alice, "/people")
    page = alice.page
    database(
        User.objects.filter(id__in=[cast.alice.id, cast.bob.id]).update,
        password=make_password(PASSWORD),
    )
    worker(alice)
    wait_until(alice, "async () => localStorage.getItem('parley.last-person') !== null")
    for person, sees in ((cast.alice, "Keep me"), (cast.bob, "There is nothing to share")):
        page.context.clear_cookies()
        with page.expect_navigation(url=re.compile("/accounts/login/")):
            page.evaluate(POST, {"text": "Keep me"})
        sign_in(page, person.username)
        expect(page.locator("share-page")).to_contain_text(sees)
    assert page.evaluate(STORED) == 0


@pytest.mark.parametrize("by", ["menu", "settings"])
def test_it_goes_with_every_sign_out(allow, worker: WorkerOf, cast, by: str):
    alice = allow(cast.alice, "/people")
    page = alice.page
    worker(alice)
    share(alice, text="Forget me")
    expect(page.locator("share-page")).to_contain_text("Forget me")
    assert page.evaluate(STORED) == 1
    if by == "menu":
        page.get_by_role("button", name="Settings").click()
    else:
        page.goto(f"{alice.address}/settings/profile")
        page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    wait_until(alice, f"async () => !await ({STORED})() && !document.cookie.includes('_out')")


def sign_in(page: Page, username: str) -> None:
    """Fill in the form for signing in."""
    page.get_by_label("Username or e-mail").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
