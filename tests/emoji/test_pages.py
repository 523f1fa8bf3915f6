"""The page *Emoji* of the settings, and the list of the admin."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.emoji.actions import emoji as actions
from apps.emoji.models import Emoji
from apps.emoji.queries import emoji
from apps.moderation.models import AuditRecord
from tests.emoji.conftest import PICTURE
from tests.support.people import signed_in

PAGE = "/settings/emoji"
FEW = 4


def upload(name="party_cat", content=PICTURE):
    return {"name": name, "picture": SimpleUploadedFile("cat.png", content, "image/png")}


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def test_an_emoji_is_added_and_found(browser):
    assert "There are none yet." in browser.get(PAGE).content.decode()
    shown = browser.post(PAGE, upload(":Party_Cat:"), follow=True).content.decode()
    assert ":party_cat: is there for everybody." in shown
    assert "by @alice" in shown
    assert ":party_cat:" in browser.get(PAGE, {"q": ":cat"}).content.decode()
    assert "No emoji by that name." in browser.get(PAGE, {"q": "dog"}).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (upload("cat_"), "Choose a name of"),
        (upload("tada"), "Another emoji has this name."),
        (upload(content=b"no picture"), "Choose a PNG, GIF"),
        ({"name": "party_cat"}, "required"),
    ],
    ids=["name", "taken", "picture", "missing"],
)
def test_a_refusal_stands_at_its_field_and_the_name_stays(browser, given, said):
    refused = browser.post(PAGE, given)
    assert refused.status_code == 400
    assert said in refused.content.decode()
    assert f'value="{given["name"]}"' in refused.content.decode()


def test_names_are_added_and_removed(browser, cat):
    added = browser.post(reverse("emoji-alias", args=["party_cat"]), {"alias": ":kitty:"})
    assert added["Location"] == f"{PAGE}?q=party_cat"
    assert emoji.name_of("kitty") == "party_cat"
    browser.post(reverse("emoji-alias-remove", args=["party_cat", "kitty"]))
    assert emoji.name_of("kitty") is None
    clash = {"alias": "tada"}
    again = browser.post(reverse("emoji-alias", args=["party_cat"]), clash, follow=True)
    assert "Another emoji has this name." in again.content.decode()


def test_an_emoji_is_removed_after_a_question(browser, cat):
    address = reverse("emoji-remove", args=["party_cat"])
    assert "Keep it" in browser.get(address).content.decode()
    assert Emoji.objects.exists()
    browser.post(address)
    assert not Emoji.objects.exists()
    assert browser.get(address).status_code == 404


def test_others_see_no_buttons_and_are_refused(charlie, cat):
    browser = signed_in(charlie)
    address = reverse("emoji-remove", args=["party_cat"])
    assert address not in browser.get(PAGE).content.decode()
    for answer in (browser.get(address, follow=True), browser.post(address, follow=True)):
        assert "Only the person who added this emoji" in answer.content.decode()
    browser.post(reverse("emoji-alias", args=["party_cat"]), {"alias": "kitty"})
    browser.post(reverse("emoji-alias-remove", args=["party_cat", "cat+"]))
    assert emoji.known_names().keys() == {"party_cat", "cat+"}


def test_a_name_that_cannot_be_stored_is_none(browser, cat):
    assert browser.get(PAGE, {"q": "\0"}).status_code == 200
    for address in (reverse("emoji-remove", args=["\0"]), "/settings/emoji/%00/remove"):
        assert browser.get(address).status_code == 404
    assert browser.post(reverse("emoji-alias-remove", args=["party_cat", "\0"])).status_code == 302
    assert emoji.name_of("cat+") == "party_cat"


def test_the_page_needs_a_sign_in(client):
    assert client.get(PAGE).status_code == 302


def test_where_moderators_add_the_page_says_so(browser, settings):
    settings.EMOJI_ADDED_BY = "moderators"
    assert "Moderators add the emoji here." in browser.get(PAGE).content.decode()
    browser.post(PAGE, upload())
    assert not Emoji.objects.exists()


def test_many_emoji_are_shown_in_pages(browser, alice, monkeypatch):
    Emoji.objects.bulk_create(Emoji(name=f"cat{n:03}", size=1) for n in range(60))
    first = browser.get(PAGE).content.decode()
    assert (":cat049:" in first, ":cat050:" in first) == (True, False)
    assert ":cat059:" in browser.get(PAGE, {"page": 2}).content.decode()


def test_moderators_remove_emoji_in_the_admin(settings, alice, moderator, cat):
    settings.STAFF_SECOND_FACTOR = False
    address = reverse("admin:emoji_emoji_changelist")
    assert signed_in(alice).get(address).status_code == 302
    browser = signed_in(moderator)
    assert ":party_cat:" in browser.get(address, {"q": "cat+"}).content.decode()
    browser.post(address, {"action": "remove", "_selected_action": [str(cat)]})
    assert not Emoji.objects.exists()
    assert AuditRecord.objects.get().door == "admin"


def test_the_page_asks_the_database_as_often_for_many(
    browser, alice, cat, django_assert_num_queries
):
    browser.get(PAGE)  # also records the use of the device
    with django_assert_num_queries(FEW):
        browser.get(PAGE)
    actions.add(alice.id, name="other", picture=PICTURE, aliases=["more"])
    with django_assert_num_queries(FEW):
        browser.get(PAGE)
