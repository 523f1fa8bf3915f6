"""Exports that people ask for: written by a worker, downloaded by their owner, deleted in time."""

import json
import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts, app_tokens, exports
from apps.accounts.actions.registration import register
from apps.accounts.gateways import export_files
from apps.accounts.models import Export, User
from apps.accounts.tasks import delete_expired_exports, delete_old_export_files, make_exports
from apps.backups.tasks import delete_drill_files
from apps.core import downloads, limits
from apps.core.claims import claim
from apps.core.errors import RateLimited
from apps.core.storage import object_storage
from apps.files.gateways import objects
from tests.support.apps import app_of
from tests.support.people import PASSWORD, direct_chat, in_touch, signed_in
from tests.support.proof import long_ago
from tests.support.storages import stored
from tests.support.uploads import stored_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]
PAGE = "/settings/data"
EXPORTS = "/api/v1/exports"
State = Export.State


def files():
    """The names of the exports at the storage."""
    return sorted(key.removeprefix("exports/") for key in stored())


def content(response):
    async def read() -> bytes:
        return b"".join([chunk async for chunk in response.streaming_content])

    return async_to_sync(read)()


def made(user):
    """An export that is ready."""
    row = exports.ask(user.id)
    make_exports()
    row.refresh_from_db()
    assert row.state == State.READY
    return row


def path_of(row):
    return f"{PAGE}/{row.id}/file"


def lapse(row):
    """Let the claim of a dead worker run out."""
    Export.objects.filter(id=row.id).update(claimed_at=F("claimed_at") - exports.LEASE)


def the_one():
    return Export.objects.get()


def test_files_that_a_slow_storage_could_not_give_in_time_are_left_out(alice, monkeypatch):
    file = stored_file(alice, "large.txt", b"x" * 1000)
    monkeypatch.setattr(exports, "MIN_BYTES_PER_S", 10)
    row = exports.ask(alice.id)
    make_exports()
    data = export_files.read_range(Export.objects.get(id=row.id), 0, 1_000_000)
    with ZipFile(BytesIO(data)) as archive:
        [left] = json.loads(archive.read("files_left_out.json"))
    assert left == {"path": f"files/{file.id}/large.txt", "reason": "no room"}


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


def test_another_worker_writes_what_a_dead_one_had_claimed(alice):
    row = exports.ask(alice.id)
    claim(Export.objects.filter(id=row.id), limit=1, lease=exports.LEASE)
    make_exports()
    assert (the_one().state, files()) == (State.WAITING, [])
    lapse(row)
    make_exports()
    assert (the_one().state, files()) == (State.READY, [f"{row.id}-2.zip"])


def test_a_worker_that_lost_its_claim_leaves_the_file_of_the_next_one(
    alice, monkeypatch, mailoutbox
):
    User.objects.filter(id=alice.id).update(email="alice@example.org")
    row = exports.ask(alice.id)
    write = exports.write_archive

    def slowly(user_id, file, **more):
        monkeypatch.setattr(exports, "write_archive", write)
        lapse(row)
        exports.make_due()
        file.write(b"of the first worker")

    monkeypatch.setattr(exports, "write_archive", slowly)
    exports.make_due()
    assert files() == [f"{row.id}-2.zip"]
    assert content(signed_in(alice).get(path_of(row))).startswith(b"PK")
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("reason", ["broken", "slow"])
def test_an_export_that_cannot_be_written_is_given_up(alice, monkeypatch, reason):
    def broken(*given, **more):
        raise OSError("No space left on device")

    if reason == "broken":
        monkeypatch.setattr(type(object_storage()), "put", broken)
    else:
        monkeypatch.setattr(exports, "WRITE_TIMEOUT_S", -1)
    row = exports.ask(alice.id)
    for _ in range(exports.MAX_ATTEMPTS):
        make_exports()
        assert the_one().state == State.WAITING
        lapse(row)
    make_exports()
    assert (the_one().state, files()) == (State.FAILED, [])
    client = signed_in(alice)
    assert "It could not be collected." in client.get(PAGE).content.decode()
    assert client.get(path_of(row)).status_code == 404
    assert exports.ask(alice.id).id != row.id


def test_it_is_deleted_after_a_week(alice):
    row = made(alice)
    assert row.expires_at - row.ready_at == timedelta(days=7)
    delete_expired_exports()
    assert len(files()) == 1
    Export.objects.update(expires_at=timezone.now())
    client = signed_in(alice)
    assert client.get(path_of(row)).status_code == 404
    assert client.get(f"{EXPORTS}/{row.id}").status_code == 404
    delete_expired_exports()
    assert files() == [*Export.objects.all()] == []


def test_a_file_that_cannot_be_deleted_is_tried_again_and_keeps_no_other(alice, bob, monkeypatch):
    stuck = made(alice)
    made(bob)
    Export.objects.update(expires_at=timezone.now())
    storage = type(object_storage())
    delete = storage.delete_objects

    def refuse(self, keys):
        found = list(keys)
        if any(str(stuck.id) in key for key in found):
            raise OSError("busy")
        delete(self, found)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete_objects", refuse)
        delete_expired_exports()
    assert files() == [f"{stuck.id}-1.zip"]
    delete_expired_exports()
    assert files() == []


def test_a_file_of_a_dead_worker_goes_with_the_export_that_was_tried_again(alice):
    row = exports.ask(alice.id)
    objects.put(f"exports/{row.id}-3.zip", BytesIO(b"stored before the worker died"))
    Export.objects.update(state=State.FAILED, attempt=3)
    exports.try_again(row.id)
    make_exports()
    assert files() == [f"{row.id}-1.zip", f"{row.id}-3.zip"]
    accounts.deactivate(alice.id)
    delete_expired_exports()
    assert files() == []


def test_files_without_a_row_go_when_no_export_can_need_them(monkeypatch):
    objects.put("exports/left-1.zip", BytesIO(b"of a database that was restored"))
    objects.put("drill/files/left", BytesIO(b"of a drill that was killed"))
    kept = stored()
    delete_old_export_files()
    delete_drill_files()
    assert stored() == kept
    soon = timezone.now() + exports.STORED_TTL
    monkeypatch.setattr("django.utils.timezone.now", lambda: soon)
    delete_old_export_files()
    delete_drill_files()
    assert stored() == set()


def test_closing_the_account_ends_its_exports(alice):
    row = made(alice)
    client = signed_in(alice)
    ending = accounts.deactivate(alice.id)
    assert ending.parts.get(kind=exports.EXPORTS_KIND).count == 1
    assert exports.left(alice.id) == {exports.EXPORTS_KIND: 0}
    assert client.get(path_of(row))["Location"].startswith("/accounts/login/")
    accounts.activate(alice.id)
    assert signed_in(alice).get(path_of(row)).status_code == 404
    delete_expired_exports()
    assert files() == []


def test_an_account_that_is_closed_meanwhile_gets_no_export(alice, monkeypatch):
    User.objects.filter(id=alice.id).update(email="alice@example.org")
    write = exports.write_archive

    def meanwhile(user_id, file, **more):
        write(user_id, file, **more)
        accounts.deactivate(user_id)
        # The worker still writes it, so its row stays.
        delete_expired_exports()
        assert Export.objects.exists()

    monkeypatch.setattr(exports, "write_archive", meanwhile)
    exports.ask(alice.id)
    make_exports()
    assert files() == []
    assert the_one().state == State.WAITING


def test_the_file_is_private(alice, folder):
    made(alice)
    [file] = folder.rglob("*.zip")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_it_is_stored_in_a_bucket(alice, bucket):
    row = made(alice)
    [export] = objects.listing("exports/")
    assert export.size == row.size
    assert content(signed_in(alice).get(path_of(row))).startswith(b"PK")
    Export.objects.update(expires_at=timezone.now())
    delete_expired_exports()
    assert [*objects.listing("exports/")] == []


def test_a_download_in_an_outage_of_the_storage_is_tried_later(alice, bucket, seaweedfs):
    row = made(alice)
    token = app_tokens.begin(alice.id).access
    seaweedfs.kill()
    answer = signed_in(alice).get(path_of(row))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Parley is not available right now" in answer.content.decode()
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(path_of(row))
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
