"""A person's time zone: that of their device, until they choose one."""

import json

import pytest

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.contacts.actions.profile import update
from apps.contacts.queries import people
from tests.contacts.test_page import PAGE, fields
from tests.support.people import in_touch, person, signed_in


def tell(user, zone):
    body = json.dumps({"device": zone})
    return signed_in(user).put("/api/v1/me/time-zone", body, content_type="application/json")


def zone_of(user):
    me = profiles.me(user.id)
    return me.time_zone, me.time_zone_chosen


def test_the_zone_is_that_of_the_device_used_last_until_one_is_chosen(alice, captured_events):
    assert zone_of(alice) == ("UTC", False)
    with captured_events() as events:
        assert tell(alice, "Asia/Tokyo").json()["time_zone"] == "Asia/Tokyo"
        tell(alice, "Asia/Tokyo")
    assert [(item.to, item.event.me.time_zone) for item in events] == [(alice.id, "Asia/Tokyo")]
    tell(alice, "Europe/Berlin")
    assert zone_of(alice) == ("Europe/Berlin", False)

    update(alice.id, version=None, time_zone="UTC")
    tell(alice, "Asia/Tokyo")
    assert zone_of(alice) == ("UTC", True)

    update(alice.id, version=None, time_zone="")
    assert zone_of(alice) == ("UTC", False)
    tell(alice, "Asia/Tokyo")
    assert zone_of(alice) == ("Asia/Tokyo", False)


def test_the_zone_of_a_device_is_no_change_that_an_open_form_conflicts_with(alice):
    form = fields(alice, name="Alice Two", time_zone="")
    tell(alice, "Asia/Tokyo")
    assert signed_in(alice).post(PAGE, form).status_code == 302
    assert profiles.me(alice.id).name == "Alice Two"
    assert zone_of(alice) == ("Asia/Tokyo", False)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd"])
def test_a_zone_that_the_server_does_not_know_is_refused_with_a_pointer(alice, zone):
    response = tell(alice, zone)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["#/device"]
    assert zone_of(alice) == ("UTC", False)


@pytest.mark.parametrize(("zone", "chosen"), [("UTC", False), ("Asia/Tokyo", True)])
def test_a_profile_of_the_release_before_has_chosen_what_is_not_the_default(alice, zone, chosen):
    User.objects.filter(id=alice.id).update(time_zone=zone, time_zone_chosen=None)
    assert zone_of(alice) == (zone, chosen)
    tell(alice, "Europe/Berlin")
    assert zone_of(alice) == (zone if chosen else "Europe/Berlin", chosen)


def test_contacts_see_the_zone_of_the_device_and_others_none(alice, bob, charlie):
    in_touch(alice, bob)
    assert people.get_details(bob.id, alice.id).time_zone is None
    tell(alice, "Asia/Tokyo")
    assert people.get_details(bob.id, alice.id).time_zone == "Asia/Tokyo"
    assert people.get_details(charlie.id, alice.id).time_zone is None
    assert b"Your contacts can also see your time zone." in signed_in(alice).get(PAGE).content


def test_the_page_offers_the_zone_of_the_device_first_and_places_after_it(alice):
    tell(alice, "Asia/Tokyo")
    client = signed_in(alice)
    field = client.get(PAGE).context["form"]["time_zone"]
    assert (field.value(), field.field.choices[0]) == ("", ("", "Same as this device"))

    for chosen in ("UTC", "Europe/Berlin", ""):
        version = profiles.me(alice.id).version
        client.post(PAGE, fields(alice, time_zone=chosen, version=version))
        assert client.get(PAGE).context["form"]["time_zone"].value() == chosen


def test_a_chosen_zone_that_is_offered_no_more_stays(db):
    alice = person("alice", time_zone="US/Eastern", time_zone_chosen=True)
    client = signed_in(alice)
    assert client.get(PAGE).context["form"]["time_zone"].value() == "US/Eastern"
    assert client.post(PAGE, fields(alice, name="A")).status_code == 302
    assert zone_of(alice) == ("US/Eastern", True)
