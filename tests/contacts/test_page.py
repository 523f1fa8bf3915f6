"""The profile page."""

import re

from allauth.account.models import EmailAddress
from django.test import Client, override_settings

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.contacts.actions import profile
from tests.support.people import PASSWORD, person, signed_in
from tests.support.proof import long_ago
from tests.support.uploads import stored_picture

PAGE = "/settings/profile"


def fields(user, **changed):
    kept = {
        "name": user.name,
        "username": user.username,
        "about": user.about,
        "email": user.email or "",
        "locale": user.locale,
        "time_zone": user.time_zone if user.has_chosen_zone else "",
        "share_seen": "on",
        "version": user.version,
    }
    return kept | changed


def test_the_page_shows_and_changes_the_profile(alice):
    client = signed_in(alice)
    assert "Alice Ärmel" in client.get(PAGE).content.decode()
    response = client.post(PAGE, fields(alice, name="New", time_zone="Europe/Berlin"))
    assert (response.status_code, response["Location"]) == (302, PAGE)
    me = profiles.me(alice.id)
    assert (me.name, me.time_zone, me.version) == ("New", "Europe/Berlin", 2)
    assert "Saved." in client.get(PAGE).content.decode()


def test_a_conflict_keeps_the_input_and_shows_the_saved_values(alice):
    client = signed_in(alice)
    profile.update(alice.id, version=1, name="<b>Other</b>", about="Elsewhere")
    response = client.post(PAGE, fields(alice, name="Mine"))
    page = response.content.decode()
    assert response.status_code == 409
    assert 'value="Mine"' in page
    assert "Saved now: &lt;b&gt;Other&lt;/b&gt;" in page
    assert "<b>Other" not in page
    assert 'name="version" value="2"' in page
    assert profiles.me(alice.id).name == "<b>Other</b>"
    assert client.post(PAGE, fields(alice, name="Mine", version=2)).status_code == 302
    assert profiles.me(alice.id).name == "Mine"


def test_errors_are_shown_at_their_field(alice, bob):
    client = signed_in(alice)
    for changed, field in (
        ({"username": "bob"}, "username"),
        ({"username": "no spaces"}, "username"),
        ({"name": "turn \u202e round"}, "name"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"email": "no address"}, "email"),
        ({"version": "x"}, "version"),
    ):
        response = client.post(PAGE, fields(alice, **changed))
        assert response.status_code == 400, changed
        assert list(response.context["form"].errors) == [field]
    assert profiles.me(alice.id).version == 1


def test_a_new_email_is_pending_until_its_link_is_followed(db, mailoutbox):
    alice = person("alice", email="old@example.org")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client = signed_in(alice)
    assert client.post(PAGE, fields(alice, email="new@example.org")).status_code == 302
    assert profiles.me(alice.id).email == "old@example.org"
    assert "We sent a link to new@example.org" in client.get(PAGE).content.decode()
    with override_settings(EMAIL_BACKEND="chatproject.console.EmailBackend"):
        page = client.get(PAGE).content.decode()
    assert "We sent" not in page
    assert "new@example.org is to be confirmed" in page
    [mail] = [each for each in mailoutbox if each.to == ["new@example.org"]]
    client.post(re.search(r"https?://[^/]+(/\S+)", mail.body)[1])
    assert profiles.me(alice.id).email == "new@example.org"
    assert profiles.me(alice.id).version == 2
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["new@example.org"]


def test_an_email_can_be_removed(db):
    alice = person("alice", email="old@example.org")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    assert signed_in(alice).post(PAGE, fields(alice, email="")).status_code == 302
    assert User.objects.get().email is None
    assert not EmailAddress.objects.exists()


def test_an_email_of_another_account_gets_the_response_of_a_free_one(alice):
    bob = person("bob", email="bob@example.org")
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)
    response = signed_in(alice).post(PAGE, fields(alice, email="bob@example.org"))
    assert response.status_code == 302
    assert profiles.me(alice.id).email == ""


def test_the_profile_page_redirects_a_stranger_to_sign_in(client, db):
    response = client.get(PAGE)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={PAGE}")


def test_a_new_email_asks_for_the_password_and_is_changed_after_it(db):
    alice = register("alice", password=PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    long_ago(client)
    answer = client.post(PAGE, fields(alice, email="new@example.org"))
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not EmailAddress.objects.exists()
    assert client.post(PAGE, fields(alice, name="Alice A."))["Location"] == PAGE
    client.post(PAGE, fields(alice, email="new@example.org", version=2))
    client.post(answer["Location"], {"password": PASSWORD})
    assert EmailAddress.objects.get().email == "new@example.org"


def test_the_api_asks_for_a_proof_before_a_new_email(alice):
    client = signed_in(alice)

    def change():
        return client.put(
            "/api/v1/me/email", {"email": "new@example.org"}, content_type="application/json"
        )

    long_ago(client)
    answer = change()
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert not EmailAddress.objects.exists()
    long_ago(client, seconds=0)
    assert change().status_code == 204


def test_people_who_cannot_prove_themselves_sign_in_again_for_a_new_email(alice):
    client = signed_in(alice)
    long_ago(client)
    answer = client.post(PAGE, fields(alice, email="new@example.org"))
    assert answer.status_code == 403
    assert "Sign out, sign in again" in answer.content.decode()
    assert not EmailAddress.objects.exists()


def test_the_page_shows_the_picture_and_leaves_it_alone(alice, files_storage):
    client, file = signed_in(alice), stored_picture(alice)
    profile.update(alice.id, version=None, picture=file)
    assert f'data-file="{file}"' in client.get(PAGE).content.decode()
    assert client.post(PAGE, fields(alice, picture="", version=2)).status_code == 302
    assert profiles.me(alice.id).picture == file


def test_a_conflict_shows_the_picture_that_was_chosen_elsewhere(alice, files_storage):
    client, file = signed_in(alice), stored_picture(alice)
    opened = fields(alice, about="new words")
    profile.update(alice.id, version=None, picture=file)
    answer = client.post(PAGE, opened)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f'data-file="{file}"' in page
    assert "new words" in page
