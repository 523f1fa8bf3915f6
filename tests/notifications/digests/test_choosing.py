"""Choosing a digest, over HTTP and by the link in each mail; export and erasure."""

from datetime import UTC, time

import pytest
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.core.identifiers import new_id
from apps.notifications.actions import erasure
from apps.notifications.actions.digests import plan_changed
from apps.notifications.models import Digest, DigestPosition
from apps.notifications.queries import data_export
from apps.notifications.queries.digests import unsubscribe_url
from tests.notifications.digests.conftest import give_address, make_due, send
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
DIGEST = "/api/v1/notifications/digest"


def patch(person, **body):
    return signed_in(person).patch(DIGEST, data=body, content_type="application/json")


def stop_link(person):
    return unsubscribe_url(person.id).removeprefix("http://127.0.0.1:8000")


def test_a_digest_is_off_until_it_is_chosen(bob, mail_server):
    give_address(bob, "bob@example.org", time_zone="Europe/Berlin")
    assert signed_in(bob).get(DIGEST).json() == {
        "frequency": "off",
        "by_default": True,
        "day": 1,
        "at": "08:00",
        "texts": True,
        "may_quote": True,
        "zone": "Europe/Berlin",
        "email": "bob@example.org",
        "problem": "",
        "next_at": None,
        "sent_at": None,
    }
    response = patch(bob, frequency="weekly", day=5, at="17:30", texts=False)
    assert response.status_code == 200
    found = response.json()
    assert (found["frequency"], found["day"], found["at"]) == ("weekly", 5, "17:30")
    assert (found["texts"], found["by_default"]) == (False, False)
    local = Digest.objects.get(user=bob).next_at.astimezone(UTC)
    assert local.isoweekday() == 5
    # Fields that are left out stay.
    assert patch(bob, day=4).json()["at"] == "17:30"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"frequency": "hourly"}, "#/frequency"),
        ({"day": 0}, "#/day"),
        ({"day": 8}, "#/day"),
        ({"at": "24:00"}, "#/at"),
        ({"at": "8"}, "#/at"),
        ({"email": "eve@example.org"}, "#/email"),
    ],
)
def test_a_wrong_choice_changes_nothing(bob, body, pointer):
    response = patch(bob, **body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not Digest.objects.exists()


def test_why_nothing_is_sent_is_said(bob, mail_server, settings):
    assert patch(bob, frequency="daily").json()["problem"] == "no_address"
    assert Digest.objects.get(user=bob).next_at is None
    assert signed_in(bob).post(f"{DIGEST}/now").status_code == 409
    give_address(bob, "bob@example.org")
    plan_changed()
    assert Digest.objects.get(user=bob).next_at > timezone.now()
    assert signed_in(bob).post(f"{DIGEST}/now").status_code == 200
    settings.EMAIL_BACKEND = "chatproject.console.EmailBackend"
    assert signed_in(bob).get(DIGEST).json()["problem"] == "no_mail"
    assert signed_in(bob).post(f"{DIGEST}/now").status_code == 409


def test_the_default_of_the_server_is_for_those_who_chose_nothing(
    alice, bob, charlie, mail_server, settings
):
    for each, zone in ((alice, "UTC"), (bob, "Asia/Tokyo")):
        give_address(each, f"{each.username}@example.org", time_zone=zone)
    patch(alice, frequency="off")
    assert plan_changed() == 0
    settings.DIGEST = "daily"
    assert plan_changed() == 1
    assert plan_changed() == 0
    assert not Digest.objects.filter(user=charlie).exists()
    assert Digest.objects.get(user=alice).next_at is None
    assert Digest.objects.get(user=bob).next_at.time() == time(23)
    # People move, and defaults change.
    give_address(bob, bob.email, time_zone="UTC")
    assert plan_changed() == 1
    assert Digest.objects.get(user=bob).next_at.time() == time(8)
    settings.DIGEST = "off"
    assert plan_changed() == 1
    assert Digest.objects.get(user=bob).next_at is None


def test_one_click_ends_the_digests_without_a_session(reader):
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(
        stop_link(reader),
        data="List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200
    assert not response.cookies
    row = Digest.objects.get(user=reader)
    assert (row.frequency, row.next_at) == ("off", None)
    # Again: the same.
    assert browser.post(stop_link(reader)).status_code == 200


def test_following_the_link_changes_nothing(reader):
    before = Digest.objects.values().get(user=reader)
    for method in ("get", "head"):
        response = getattr(Client(), method)(stop_link(reader))
        assert response.status_code == 200
    page = Client().get(stop_link(reader)).content.decode()
    assert '<form method="post">' in page
    assert Digest.objects.values().get(user=reader) == before


def test_a_wrong_link_says_so_and_ends_nobodys_digests(reader, alice):
    forged = Signer(sep=".", salt="another").sign(reader.id.hex)
    accounts.deactivate(alice.id)
    for token in ("x", forged, stop_link(reader).rsplit("/", 1)[1][:-1]):
        for method in ("get", "post"):
            response = getattr(Client(), method)(f"/digest/off/{token}")
            assert response.status_code == 404
            assert "This link does not work" in response.content.decode()
    assert Client().post(stop_link(alice)).status_code == 404
    assert Digest.objects.get(user=reader).frequency == "daily"


def test_a_closed_account_gets_no_digest(reader, mail_server):
    accounts.deactivate(reader.id)
    make_due(reader)
    send()
    assert mail_server.mails == []
    assert Digest.objects.get(user=reader).next_at is None


def test_the_digest_is_exported_and_erased(reader):
    position = DigestPosition.objects.create(user=reader, chat_id=new_id(), seq=7)
    found = data_export.sections(reader.id)
    [digest] = found["digest"]
    assert (digest["frequency"], digest["at"]) == ("daily", time(8))
    assert list(found["digest_positions"]) == [{"chat_id": position.chat_id, "seq": 7}]
    erased = erasure.erase(reader.id)
    assert (erased["digests"], erased["digest positions"]) == (1, 1)
    assert not Digest.objects.exists()
    assert not DigestPosition.objects.exists()
