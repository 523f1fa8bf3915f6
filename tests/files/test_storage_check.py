"""`manage.py storage_check`, on a folder and on SeaweedFS."""

from io import BytesIO, StringIO

import pytest
from botocore.exceptions import ClientError
from django.core.management import CommandError, call_command

from apps.core.storage import object_storage
from apps.files.gateways import objects
from apps.files.models import Blob
from tests.support.people import signed_in
from tests.support.uploads import begin, ready, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage")]


def check(*options):
    said = StringIO()
    call_command("storage_check", *options, stdout=said)
    return said.getvalue()


def test_what_uploads_leave_is_consistent(alice):
    ready(alice)
    file = begin(signed_in(alice), "later.bin", 100_000).json()["id"]
    send(signed_in(alice), file, b"x" * 70_000)
    objects.put("exports/1.zip", BytesIO(b"of another app"))
    said = check()
    assert "\n0 objects belong to no file (0 bytes).\n0 objects are missing" in said


def test_stray_objects_are_listed_and_deleted_on_request(alice):
    ready(alice)
    objects.put("files/left/original", BytesIO(b"12345"))
    assert "1 objects belong to no file (5 bytes).\n  files/left/original\n" in check()
    assert "Deleted 1 objects." in check("--mend")
    assert "\n0 objects belong to no file" in check()


@pytest.mark.parametrize("storage", ["seaweedfs"], indirect=True)
def test_a_server_that_refuses_to_delete_many_at_once_deletes_one_by_one(alice, monkeypatch):
    keys = [f"files/left/{n}" for n in range(3)]
    for key in keys:
        objects.put(key, BytesIO(b"12345"))
    client = object_storage()._client

    def refuse(**_):
        answer = {
            "Error": {"Code": "MissingContentMD5"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        raise ClientError(answer, "DeleteObjects")

    monkeypatch.setattr(client, "delete_objects", refuse)
    objects.delete(keys)
    assert list(objects.listing("files/")) == []


@pytest.mark.parametrize("left", [None, b"cut"], ids=["missing", "cut"])
def test_missing_objects_are_named_and_fail_the_command(alice, left):
    file = ready(alice)
    key = Blob.objects.get().key("original")
    objects.delete([key])
    if left is not None:
        objects.put(key, BytesIO(left))
    said = StringIO()
    with pytest.raises(CommandError, match="backup"):
        call_command("storage_check", "--mend", stdout=said)
    assert f"1 objects are missing or have another size.\n  {key}: file {file}\n" in said.getvalue()
