"""What an installed app can do besides being opened."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from tests.support.people import signed_in


def test_the_manifest_names_pages_that_exist(alice):
    body = Client().get("/manifest.webmanifest").json()
    client = signed_in(alice)
    assert {one["url"] for one in body["shortcuts"]} == {"/?new", "/?search"}
    for path in ("/", body["share_target"]["action"]):
        assert client.get(path).status_code == 200
    assert Client(headers={"accept-language": "de"}).get("/manifest.webmanifest").json()[
        "shortcuts"
    ][0]["name"] == ("Neuer Chat")


def test_the_screenshots_have_the_sizes_that_the_manifest_says(db):
    shown = Client().get("/manifest.webmanifest").json()["screenshots"]
    assert [each["form_factor"] for each in shown] == ["narrow", "wide"]
    for each in shown:
        name = each["src"].partition("notifications/")
        with Image.open(finders.find("".join(name[1:]))) as picture:
            assert f"{picture.width}x{picture.height}" == each["sizes"]


@pytest.mark.parametrize("who", ["somebody", "nobody"])
def test_without_a_service_worker_nothing_that_is_shared_is_kept(alice, who):
    client = signed_in(alice) if who == "somebody" else Client(enforce_csrf_checks=True)
    answer = client.post("/share", {"text": "Hello"})
    assert (answer.status_code, answer["Location"]) == (302, "/share?problem=lost")


def test_who_is_not_signed_in_comes_back_after_the_sign_in(db):
    assert Client().get("/share")["Location"] == "/accounts/login/?next=/share"
