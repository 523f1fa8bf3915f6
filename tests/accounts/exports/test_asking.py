"""A person asks for an export, which others cannot download."""

import json
import re
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import app_tokens, exports
from apps.accounts.actions.registration import register
from apps.accounts.gateways import export_files
from apps.accounts.models import Export, User
from apps.accounts.tasks import make_exports
from apps.core import downloads, limits
from apps.core.errors import RateLimited
from tests.accounts.exports.exporting import EXPORTS, PAGE, State, content, made, path_of, the_one
from tests.support.apps import app_of
from tests.support.people import PASSWORD, direct_chat, in_touch, signed_in
from tests.support.proof import long_ago
from tests.support.uploads import stored_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def test_it_says_how_much_is_collected(alice, monkeypatch):
    stored_file(alice, "large.txt", b"x" * 1000)
    monkeypatch.setattr(exports, "NOTE_EVERY_S", 0)
    store, seen = export_files.store, []

    def look():
        [row] = signed_in(alice).get("/api/v1/exports").json()["items"]
        return row["state"], row["collected"]

    def store_and_look(row, write):
        size = store(row, write)
        seen.append(look())
        return size

    monkeypatch.setattr(export_files, "store", store_and_look)
    exports.ask(alice.id)
    assert look() == ("waiting", 0)
    make_exports()
    assert seen == [("waiting", 100)]
    assert look() == ("ready", 100)


def test_a_person_asks_on_the_page_and_downloads_all_of_it(alice, mailoutbox):
    User.objects.filter(id=alice.id).update(email="alice@example.org")
    client = signed_in(alice)
    assert PAGE in client.get("/settings/security").content.decode()
    assert client.post(PAGE)["Location"] == PAGE
    shown = client.get(PAGE).content.decode()
    assert "You get an e-mail when it is ready." in shown
    assert "Download" not in shown
    assert "Ask for a copy" not in shown
    assert "Another copy is being collected. Ask again later." in shown
    make_exports()
    shown = client.get(PAGE).content.decode()
    assert f'href="{path_of(the_one())}"' in shown
    response = client.get(path_of(the_one()))
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="parley-')
    assert "no-store" in response["Cache-Control"]
    data = content(response)
    assert response["Content-Length"] == str(len(data)) == str(the_one().size)
    with ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        [profile] = json.loads(archive.read("profile.json"))
    assert profile["username"] == "alice"
    [mail] = mailoutbox
    assert mail.to == ["alice@example.org"]
    assert str(the_one().id) not in mail.body


def test_nobody_is_promised_a_mail_without_an_address(alice, mailoutbox):
    client = signed_in(alice)
    client.post(PAGE)
    shown = client.get(PAGE).content.decode()
    assert "Look here again" in shown
    assert "You get an e-mail" not in shown
    make_exports()
    assert the_one().state == State.READY
    assert mailoutbox == []


def test_an_app_asks_over_the_api_and_downloads_with_its_token(alice):
    token = app_tokens.begin(alice.id, name="Notes").access
    app = Client(headers={"Authorization": f"Bearer {token}"})
    asked = app.post(EXPORTS)
    assert asked.status_code == 202
    assert asked.json()["state"] == "waiting"
    assert asked.json()["url"] is None
    make_exports()
    ready = app.get(f"{EXPORTS}/{asked.json()['id']}").json()
    assert (ready["state"], ready["size"] > 0) == ("ready", True)
    assert app.get(EXPORTS).json()["items"] == [ready]
    assert content(app.get(ready["url"])).startswith(b"PK")


def test_a_download_is_sent_in_parts(alice, monkeypatch):
    monkeypatch.setattr(downloads, "PART_BYTES", 150)
    monkeypatch.setattr(downloads, "SEND_BYTES", 100)
    row = made(alice)
    response = signed_in(alice).get(path_of(row))
    assert response.is_async

    async def sizes() -> list[int]:
        return [len(chunk) async for chunk in response.streaming_content]

    found = async_to_sync(sizes)()
    assert max(found) == 100
    assert sum(found) == row.size


def test_asking_takes_the_password_again(db):
    user = register("bob", password=PASSWORD)
    client = signed_in(user)
    long_ago(client)
    answer = client.post(PAGE)
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not Export.objects.exists()
    body = {"password": "wrong", "next": PAGE}
    client.post("/accounts/reauthenticate/", body)
    assert not Export.objects.exists()
    client.post("/accounts/reauthenticate/", body | {"password": PASSWORD})
    assert the_one().user_id == user.id


def test_a_copy_of_a_chat_is_asked_for_once_though_the_password_is_asked_again(alice, bob):
    alice.set_password(PASSWORD)
    alice.save()
    in_touch(alice, bob)
    chat = direct_chat(alice, bob)
    client = signed_in(alice)
    long_ago(client)
    page = client.get(f"{PAGE}?chat={chat}").content.decode()
    action, named = re.search(
        r'<form method="post" action="([^"]+)">.*?name="chat" value="([^"]+)"', page, re.DOTALL
    ).groups()
    there = client.post(action, {"chat": named})["Location"]
    client.post(there, {"password": PASSWORD, "next": PAGE})
    assert the_one().chat == chat


def test_people_without_a_password_sign_in_again(alice):
    client = signed_in(alice)
    long_ago(client)
    answer = client.post(PAGE)
    assert answer.status_code == 403
    assert "sign in again" in answer.content.decode()
    assert not Export.objects.exists()


def test_the_api_asks_for_a_fresh_sign_in(alice):
    browser = signed_in(alice)
    long_ago(browser)
    app = app_of(alice)
    long_ago(app)
    for answer in (browser.post(EXPORTS), app.request("POST", "exports")):
        assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert not Export.objects.exists()


def test_nobody_else_sees_or_downloads_it(alice, charlie, client):
    row = made(alice)
    stranger = signed_in(charlie)
    app = Client(headers={"Authorization": f"Bearer {app_tokens.begin(charlie.id).access}"})
    assert str(row.id) not in stranger.get(PAGE).content.decode()
    assert stranger.get(EXPORTS).json()["items"] == []
    for one in (stranger, app):
        for found, absent in (
            (path_of(row), f"{PAGE}/{uuid4()}/file"),
            (f"{EXPORTS}/{row.id}", f"{EXPORTS}/{uuid4()}"),
        ):
            assert one.get(found).status_code == one.get(absent).status_code == 404
    assert client.get(path_of(row))["Location"].startswith("/accounts/login/")
    assert client.get(path_of(row), headers={"Authorization": "Bearer guess"}).status_code == 401
    assert client.post(PAGE)["Location"].startswith("/accounts/login/")


def test_one_at_a_time(alice):
    first = exports.ask(alice.id)
    assert exports.ask(alice.id).id == first.id
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(user_id=alice.id, expires_at=timezone.now())


def test_a_few_a_day(alice):
    limits.check(limits.EXPORTS, alice.id, uses=limits.EXPORTS.amount - 1)
    made(alice)
    with pytest.raises(RateLimited):
        exports.ask(alice.id)
    assert signed_in(alice).post(PAGE).status_code == 429


def test_a_download_in_an_outage_of_the_storage_is_tried_later(alice, bucket, seaweedfs):
    row = made(alice)
    token = app_tokens.begin(alice.id).access
    seaweedfs.kill()
    answer = signed_in(alice).get(path_of(row))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Parley is not available right now" in answer.content.decode()
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(path_of(row))
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
