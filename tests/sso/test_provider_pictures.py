"""The picture that the provider names: who gets it, and when it is fetched."""

from functools import partial

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from apps.contacts.actions import profile
from apps.sso.actions import pictures
from apps.sso.models import Identity, ProviderPicture
from tests.files.samples import encoded, quadrants
from tests.sso.portraits import PNG, portraits, shown, sign_in, work
from tests.support.threads import together
from tests.support.uploads import stored_picture

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["portraits"]
OTHER_PNG = encoded(quadrants(32, 64), "PNG")


# -- what is fetched ------------------------------------------------------------------------------


def test_nothing_is_fetched_where_the_operator_does_not_want_it(idp, portraits, settings):
    settings.OIDC_PICTURE_FOLLOWS = "never"
    portraits.content["/kim"] = PNG
    sign_in(idp, portraits.url("/kim"))
    work()
    assert portraits.asked == []
    assert not ProviderPicture.objects.exists()


def test_an_address_without_etag_is_fetched_once(idp, portraits):
    portraits.content |= {"/a": PNG, "/b": OTHER_PNG}
    for _ in range(2):
        sign_in(idp, portraits.url("/a"))
        work()
    assert portraits.asked == ["/a"]
    first = shown()
    sign_in(idp, portraits.url("/b"))
    work()
    assert portraits.asked == ["/a", "/b"]
    assert shown() != first
    first.refresh_from_db()
    assert first.uses == 0, "and is deleted"


def test_with_an_etag_the_server_says_whether_it_has_changed(idp, portraits):
    portraits.content["/a"], portraits.etags["/a"] = PNG, '"1"'
    for _ in range(2):
        sign_in(idp, portraits.url("/a"))
        work()
    assert [headers.get("If-None-Match") for _, headers in portraits.web.seen] == [None, '"1"']
    first = shown()
    portraits.content["/a"], portraits.etags["/a"] = OTHER_PNG, '"2"'
    sign_in(idp, portraits.url("/a"))
    work()
    assert shown() != first
    # The same content under another name is the same file.
    second, portraits.etags["/a"] = shown(), '"3"'
    sign_in(idp, portraits.url("/a"))
    work()
    assert shown() == second
    assert ProviderPicture.objects.get().etag == '"3"'


def test_sign_ins_in_quick_succession_ask_once(idp, portraits):
    portraits.content["/a"], portraits.etags["/a"] = PNG, '"1"'
    for _ in range(3):
        idp.userinfo = {"picture": portraits.url("/a")}
        idp.sign_in(Client())
        work()
    assert portraits.asked == ["/a"]


def test_another_address_replaces_one_that_is_being_fetched(idp, portraits):
    def changing(page):
        pictures.ask(Identity.objects.get(), portraits.url("/new"))
        connection.close()
        page.say(PNG)

    portraits.content |= {"/old": changing, "/new": OTHER_PNG}
    sign_in(idp, portraits.url("/old"))
    work()
    assert portraits.asked == ["/old", "/new"]
    assert (shown().body["width"], shown().body["height"]) == (32, 64)


def test_an_address_that_changes_while_the_picture_is_set(idp, portraits, monkeypatch):
    """The sign-in takes the row from the worker, which has just changed the profile."""
    portraits.content |= {"/old": PNG, "/new": OTHER_PNG}
    sign_in(idp, portraits.url("/old"))
    update = pictures.update_profile

    def before_a_sign_in(*args, **fields):
        update(*args, **fields)
        pictures.ask(Identity.objects.get(), portraits.url("/new"))

    monkeypatch.setattr(pictures, "update_profile", before_a_sign_in)
    work()
    monkeypatch.setattr(pictures, "update_profile", update)
    work()
    assert portraits.asked == ["/old", "/new"]
    assert shown().body["height"] == 64


# -- whose picture wins ---------------------------------------------------------------------------


@pytest.mark.parametrize(("follows", "wins"), [("unless_chosen", False), ("always", True)])
def test_a_picture_that_the_person_chose(idp, portraits, settings, follows, wins):
    portraits.content["/a"] = PNG
    sign_in(idp, portraits.url("/a"))
    work()
    user = User.objects.get()
    own = stored_picture(user)
    profile.update(user.id, version=None, picture=own)
    settings.OIDC_PICTURE_FOLLOWS = follows
    sign_in(idp, portraits.url("/a"))
    work()
    assert (shown().id != own) is wins
    assert portraits.asked == ["/a"] * (1 + wins)


@pytest.mark.parametrize(("follows", "wins"), [("unless_chosen", False), ("always", True)])
def test_a_person_who_removed_the_picture(idp, portraits, settings, follows, wins):
    portraits.content["/a"] = PNG
    sign_in(idp, portraits.url("/a"))
    work()
    profile.update(User.objects.get().id, version=None, picture=None)
    settings.OIDC_PICTURE_FOLLOWS = follows
    sign_in(idp, portraits.url("/a"))
    work()
    assert (User.objects.get().picture is not None) is wins


def test_a_picture_chosen_in_the_same_moment_stays(idp, portraits, monkeypatch):
    portraits.content["/a"] = PNG
    sign_in(idp, portraits.url("/a"))
    user = User.objects.get()
    own = stored_picture(user)
    update = pictures.update_profile

    def after_the_person(*args, **fields):
        together(partial(profile.update, user.id, version=None, picture=own))
        update(*args, **fields)

    monkeypatch.setattr(pictures, "update_profile", after_the_person)
    work()
    assert shown().id == own
