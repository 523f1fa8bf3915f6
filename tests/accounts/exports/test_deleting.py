"""Files of exports are deleted in time."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts, exports
from apps.accounts.models import Export
from apps.accounts.tasks import delete_expired_exports, delete_old_export_files, make_exports
from apps.backups.tasks import delete_drill_files
from apps.core.storage import object_storage
from apps.files.gateways import objects
from tests.accounts.exports.exporting import EXPORTS, State, files, made, path_of
from tests.support.people import signed_in
from tests.support.storages import stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


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
