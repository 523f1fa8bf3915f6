"""The pages on which a group's outgoing webhooks are managed."""

import re

import pytest
from django.urls import reverse

from apps.integrations.actions import outgoing as actions
from apps.integrations.queries import outgoing as webhooks
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, send_due
from tests.support.people import signed_in


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def page_of(name, *args):
    return reverse(name, args=args)


def test_one_is_made_and_its_secret_shown_once(browser, alice, crew):
    page = page_of("chat-outgoing", crew)
    assert "There are none." in browser.get(page).content.decode()
    asked = {
        "url": "https://hooks.example.org/in",
        "name": "Deploys",
        "events": ["message.created", "member.joined"],
        "words": "deploy, roll back,",
    }
    made = browser.post(page, asked)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    [secret] = re.findall(r'value="(whsec_[^"]+)"', made.content.decode())
    [one] = webhooks.of_chat(alice.id, crew)
    assert (one.name, one.words) == ("Deploys", ("deploy", "roll back"))
    shown = browser.get(page_of("outgoing-webhook", crew, one.id)).content.decode()
    assert secret not in shown
    assert 'value="deploy, roll back"' in shown
    assert re.findall(r'value="([\w.]+)"[^>]* checked', shown) == [*one.events]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://hooks.example.org", "events": ["message.created"]}, "https://"),
        ({"url": "https://hooks.example.org"}, "required"),
    ],
)
def test_a_refused_one_keeps_what_was_typed(browser, crew, given, said):
    refused = browser.post(page_of("chat-outgoing", crew), {**given, "name": "Kept"})
    assert refused.status_code == 400
    assert said in refused.content.decode()
    assert 'value="Kept"' in refused.content.decode()


def test_it_is_managed_by_hand(browser, alice, bob, crew, receiver):
    hook = a_hook(alice, crew, receiver.url)
    write(bob, crew, "Hello <b>there</b>")
    send_due()
    page = page_of("outgoing-webhook", crew, hook.id)
    shown = browser.get(page).content.decode()
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in shown
    assert "Status 204" in shown
    again = page_of("outgoing-again", crew, hook.id, hook.log[0].id)
    for url in (again, page_of("outgoing-test", crew, hook.id)):
        assert browser.post(url, follow=True).status_code == 200
        send_due()
    assert receiver.types == ["message.created", "message.created", "ping"]
    paused = browser.post(page_of("outgoing-pause", crew, hook.id), follow=True)
    assert "Paused." in paused.content.decode()
    resumed = browser.post(page_of("outgoing-resume", crew, hook.id), {"skip": ""}, follow=True)
    assert "Sends." in resumed.content.decode()
    fresh = browser.post(page_of("outgoing-secret", crew, hook.id))
    assert "whsec_" in fresh.content.decode()
    changed = {"url": receiver.url, "name": "Other", "events": ["message.edited"], "words": ""}
    assert "Other" in browser.post(page, changed, follow=True).content.decode()
    deletion = page_of("outgoing-delete", crew, hook.id)
    assert "cannot be undone" in browser.get(deletion).content.decode()
    browser.post(deletion)
    assert webhooks.of_chat(alice.id, crew) == []


def test_the_log_has_pages(browser, alice, bob, crew, receiver):
    hook = a_hook(alice, crew, receiver.url)
    for number in range(21):
        write(bob, crew, f"text {number}.")
    send_due()
    page = page_of("outgoing-webhook", crew, hook.id)
    shown = browser.get(page).content.decode()
    assert "text 20." in shown
    assert "text 0." not in shown
    [older] = re.findall(r'href="(\?before=\d+)"', shown)
    assert "text 0." in browser.get(page + older).content.decode()


def test_others_find_no_page(bob, charlie, alice, crew, receiver):
    hook = a_hook(alice, crew, receiver.url)
    for person in (bob, charlie):
        other = signed_in(person)
        assert other.get(page_of("chat-outgoing", crew)).status_code == 404
        assert other.get(page_of("outgoing-webhook", crew, hook.id)).status_code == 404
        assert other.post(page_of("outgoing-test", crew, hook.id)).status_code == 404
        assert other.post(page_of("outgoing-delete", crew, hook.id)).status_code == 404
    assert len(webhooks.of_chat(alice.id, crew)) == 1
    assert hook.log == []


def test_one_that_somebody_deletes_meanwhile_is_not_there_any_more(
    browser, alice, crew, monkeypatch
):
    """The page of the refused change would show its log."""
    hook = a_hook(alice, crew, "https://hooks.example.org/in")
    monkeypatch.setattr(actions, "_checked", lambda **fields: hook.row.delete() or {"url": ""})
    asked = {"url": "https://hooks.example.org/in", "events": ["message.created"]}
    assert browser.post(page_of("outgoing-webhook", crew, hook.id), asked).status_code == 404


def test_a_refused_word_is_named_at_its_field(browser, crew):
    asked = {"url": "https://hooks.example.org", "events": ["message.created"], "words": "x" * 99}
    shown = browser.post(page_of("chat-outgoing", crew), asked).content.decode()
    assert re.search(r'id="id_words"[^>]*aria-invalid="true"', shown)
