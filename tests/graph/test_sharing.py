"""Who can share what, the page of it, and what becomes of it with an account."""

import pytest

from apps.accounts.access_handlers import Scope
from apps.core.errors import Conflict, Invalid, NotFound
from apps.graph.actions import links
from apps.graph.models import Link
from apps.graph.queries import data_export
from apps.integrations.actions import bots
from tests.graph.conftest import ALICE, poll, shared, status_of
from tests.support.people import signed_in, with_mail

PAGE = "/settings/microsoft"


def test_nobody_shares_without_asking_for_it(ms, alice, bob):
    with_mail(alice)
    with_mail(bob)
    links.connect(bob.id)
    poll()
    assert list(Link.objects.values_list("user_id", flat=True)) == [bob.id]


def test_charlie_shares_nothing_for_alice_and_ends_nothing_of_hers(ms, alice, charlie):
    shared(alice, ALICE)
    browser = signed_in(with_mail(charlie))
    browser.post(PAGE, {"stop": "", "user": str(alice.id)})
    assert Link.objects.filter(user=alice).exists()
    browser.post(PAGE, {"share": "", "user": str(alice.id), "email": "alice@example.org"})
    assert Link.objects.get(user=charlie).email == "charlie@example.org"


def test_an_address_that_nobody_has_confirmed_shares_nothing(ms, charlie):
    with pytest.raises(Invalid):
        links.connect(charlie.id)
    with_mail(charlie, "alice@example.org", verified=False)
    with pytest.raises(Invalid):
        links.connect(charlie.id)
    refused = signed_in(charlie).post(PAGE, {"share": ""})
    assert refused.status_code == 400
    assert "Confirm your e-mail address first." in refused.content.decode()
    assert not Link.objects.exists()


def test_a_bot_has_no_presence(ms, alice):
    robot = bots.make(alice.id, username="robot", name="Robot")
    with pytest.raises(NotFound):
        links.connect(robot)


def test_the_page_begins_and_ends_it(ms, alice):
    browser = signed_in(with_mail(alice))
    assert "Share my presence" in browser.get(PAGE).content.decode()
    shown = browser.post(PAGE, {"share": ""}, follow=True).content.decode()
    assert "Microsoft is being asked." in shown
    ms.presences[ALICE] = ("Busy", "Busy")
    poll()
    assert "Last heard of on" in browser.get(PAGE).content.decode()
    shown = browser.post(PAGE, {"stop": ""}, follow=True).content.decode()
    assert "Share my presence" in shown
    assert status_of(alice)[0] == ""


def test_a_refusal_is_said_on_the_page(ms, alice, monkeypatch):
    def refuse(user_id):
        raise Conflict

    monkeypatch.setattr(links, "disconnect", refuse)
    said = signed_in(alice).post(PAGE, {"stop": ""})
    assert (said.status_code, Conflict.detail in said.content.decode()) == (400, True)


def test_the_page_says_why_nobody_was_found(ms, alice):
    browser = signed_in(with_mail(alice))
    Link.objects.create(user=alice, email=alice.email)
    said = set()
    for problem in Link.Problem.values:
        Link.objects.update(problem=problem)
        shown = browser.get(PAGE).content.decode()
        assert "Look again" in shown
        said.add(shown.partition('class="row-more">')[2].partition("<")[0].strip())
    assert len(said) == 4
    browser.post(PAGE, {"share": ""})
    assert Link.objects.get().problem == ""


def test_there_is_no_page_without_the_settings(alice):
    browser = signed_in(with_mail(alice))
    assert browser.get(PAGE).status_code == 404
    assert PAGE not in browser.get("/settings/appearance").content.decode()
    with pytest.raises(NotFound):
        links.connect(alice.id)


def test_the_settings_lead_there(ms, alice):
    browser = signed_in(alice)
    assert f'href="{PAGE}"' in browser.get("/settings/appearance").content.decode()
    assert f'data-teams="{PAGE}"' in browser.get("/").content.decode()


def test_a_closed_account_shares_nothing_and_a_suspended_one_shares_again(ms, alice):
    shared(alice, ALICE)
    links.end_of_scope(Scope(alice.id))
    links.end_of_scope(Scope(alice.id, account=True, for_a_time=True))
    assert Link.objects.exists()
    assert links.end_of_scope(Scope(alice.id, account=True)).counts == {"shared presences": 1}
    assert not Link.objects.exists()


def test_a_deleted_account_leaves_nothing(ms, alice):
    shared(alice, ALICE)
    assert links.erase(alice.id) == {"shared presences": 1}
    assert links.erase(alice.id) == {"shared presences": 0}


def test_an_export_has_it(ms, alice, bob):
    shared(alice, ALICE)
    [row] = data_export.sections(alice.id)["microsoft_presence"]
    assert row["email"] == "alice@example.org"
    assert str(row["object_id"]) == ALICE
    assert list(data_export.sections(bob.id)["microsoft_presence"]) == []
