"""What a worker makes of uploads: pictures, voice messages, and what cannot be converted."""

import os
import struct
import subprocess
import threading
import zlib
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from apps.core.errors import StorageUnavailable
from apps.files import file_contents
from apps.files.actions import deletion, processing
from apps.files.actions.workplaces import workplaces
from apps.files.file_contents import MAX_CONVERSIONS
from apps.files.gateways import objects
from apps.files.models import Blob, Chunk, File, StoredObject
from tests.support.people import signed_in
from tests.support.storages import stored
from tests.support.uploads import API, ready, uploaded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]
WHERE = b"Exif\x00\x00"


def photo(width=1200, height=800, *, noise=False):
    """A JPEG with a place in its EXIF."""
    image = Image.effect_noise((width, height), 80).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def shown(user, file):
    return signed_in(user).get(f"{API}/{file}").json()


def test_no_stored_byte_of_a_photo_says_where_it_was_taken(alice, tmp_path):
    content = photo()
    assert b"Secret Camera" in content
    made = shown(alice, ready(alice, content, "tower.jpg"))["file"]
    deletion.delete_unused()
    assert (made["kind"], made["width"], made["height"]) == ("image", 1200, 800)
    assert made["placeholder"]
    assert {"thumbnail", "saver", "full"} >= {each["name"] for each in made["variants"]}
    blob = Blob.objects.get()
    assert stored() == {blob.key(each["name"]) for each in made["variants"]}
    for each in made["variants"]:
        with objects.open_object(blob.key(each["name"])) as file:
            bytes_ = file.read()
        assert len(bytes_) == each["size"]
        copy = tmp_path / each["name"]
        copy.write_bytes(bytes_)
        told = subprocess.run(
            ("exiftool", "-EXIF:all", "-XMP:all", "-GPS:all", "-Make", copy),
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout == ""


def test_a_client_that_accepts_no_avif_gets_another_variant_of_a_picture(alice):
    client, file = signed_in(alice), ready(alice, photo(), "tower.jpg")

    def name(accept, variant="saver"):
        answer = client.get(f"{API}/{file}/content/{variant}", headers={"accept": accept})
        assert answer.status_code == 302
        return client.get(answer["Location"])["Content-Disposition"]

    for anything in ("*/*", "image/*", "image/avif,image/webp", "application/json"):
        assert "tower.avif" in name(anything)
    assert "tower.webp" in name("image/webp, image/jpeg")
    assert "tower.jpg" in name("image/jpeg") + name("image/jpeg", "thumbnail")
    assert "tower.webp" in name("image/webp", "full")
    words = ready(alice)
    answer = client.get(f"{API}/{words}/content/original", headers={"accept": "image/jpeg"})
    assert answer.status_code == 302


def huge():
    """A small PNG of 30,000 × 30,000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(3751))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def test_pictures_that_cannot_be_converted_fail_and_the_others_go_on(alice):
    broken = uploaded(alice, photo()[:3000], "broken.jpg")
    bomb = uploaded(alice, huge(), "bomb.png")
    whole = uploaded(alice, photo(), "whole.jpg")
    processing.process_due()
    states = [
        (shown(alice, each)["state"], shown(alice, each)["problem"]) for each in (broken, bomb)
    ]
    assert states == [("failed", "no_picture"), ("failed", "too_many_pixels")]
    assert shown(alice, whole)["file"]["kind"] == "image"
    deletion.delete_unused()
    blob = Blob.objects.get()
    # Nothing of the failed ones: their metadata could say where they were taken.
    assert stored() == {blob.key(each["name"]) for each in blob.content["variants"]}


@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_a_picture_that_is_sent_as_a_file_is_stored_as_it_is_and_apart(alice, order):
    content = photo()
    made = {
        as_file: shown(alice, ready(alice, content, "tower.jpg", as_file=as_file))["file"]
        for as_file in order
    }
    plain = made[True]
    assert (plain["kind"], plain["type"]) == ("file", "application/octet-stream")
    client = signed_in(alice)
    link = client.get(f"{API}/{plain['id']}/content/original")["Location"]
    assert client.get(link)["Content-Disposition"].startswith("attachment")
    with objects.open_object(Blob.objects.get(as_file=True).key("original")) as file:
        assert file.read() == content
    # Nobody gets the metadata with the same picture sent as one.
    assert made[False]["kind"] == "image"
    assert "original" not in {each["name"] for each in made[False]["variants"]}


def test_pictures_that_cannot_be_converted_can_be_sent_as_files(alice):
    files = [
        uploaded(alice, content, name, as_file=True)
        for content, name in ((photo()[:3000], "broken.jpg"), (huge(), "bomb.png"))
    ]
    processing.process_due()
    assert [shown(alice, each)["file"]["kind"] for each in files] == ["file", "file"]


class Killed(BaseException):
    """The process ends here."""


def test_a_picture_that_kills_its_workers_fails_and_keeps_no_other(alice, bob, monkeypatch):
    poison = uploaded(alice, photo(), "tower.jpg")
    harmless = uploaded(bob, b"words", "b.txt")
    finish, finished = processing._finish, threading.Event()

    def finishing(row, blob):
        done = finish(row, blob)
        finished.set()
        return done

    def killed(*_):
        # In one process, the pool would take the other file back if it had not begun.
        assert finished.wait(30)
        raise Killed

    monkeypatch.setattr(processing, "_finish", finishing)
    monkeypatch.setattr(file_contents, "convert", killed)
    for _ in range(MAX_CONVERSIONS):
        with pytest.raises(Killed):
            processing.process_due()
        assert shown(bob, harmless)["state"] == "ready"
        assert shown(alice, poison)["state"] == "processing"
        File.objects.filter(id=poison).update(claimed_at="2026-01-01T00:00:00Z")
    processing.process_due()
    assert shown(alice, poison)["problem"] == "no_picture"


def test_everybody_has_a_turn(alice, bob, monkeypatch):
    for n in range(5):
        uploaded(alice, bytes([n]) * 10, f"{n}.bin")
    theirs = uploaded(bob, b"words", "b.txt")
    order = []
    monkeypatch.setattr(processing, "_process", lambda row: order.append(row.id))
    processing.process_due()
    assert theirs in order[: processing.PARALLEL]


def test_files_that_cannot_be_read_do_not_keep_the_others(alice, bob, monkeypatch):
    first, second = (uploaded(alice, bytes([n]) * 10, f"{n}.bin") for n in range(2))
    third = uploaded(alice, b"words", "c.txt")
    real, chunks = objects.open_object, dict(Chunk.objects.values_list("key", "file_id"))

    def sometimes(key):
        if chunks[key] in (first, second):
            raise StorageUnavailable
        return real(key)

    monkeypatch.setattr(objects, "open_object", sometimes)
    processing.process_due()
    assert [shown(alice, each)["state"] for each in (first, second, third)] == [
        *("processing", "processing", "ready")
    ]


def test_folders_of_killed_workers_are_deleted(alice):
    left = workplaces() / "left"
    left.mkdir(parents=True)
    (left / "original").write_bytes(photo())
    processing.process_due()
    assert left.exists()
    os.utime(left, (1, 1))
    processing.process_due()
    assert not left.exists()


def test_a_worker_that_stood_still_until_its_objects_were_deleted_starts_again(alice, monkeypatch):
    file = uploaded(alice)
    real = processing.blobs.store

    def stand_still(*arguments):
        real(*arguments)
        StoredObject.objects.filter(key__startswith="files/").update(doomed_at=timezone.now())
        deletion.delete_unused()

    with monkeypatch.context() as patch:
        patch.setattr(processing.blobs, "store", stand_still)
        processing.process_due()
    assert shown(alice, file)["state"] == "processing"
    File.objects.update(claimed_at="2026-01-01T00:00:00Z")
    processing.process_due()
    assert shown(alice, file)["state"] == "ready"
    assert stored() >= {Blob.objects.get().key("original")}


def test_a_file_whose_workers_all_died_is_given_up(alice):
    file = uploaded(alice)
    File.objects.filter(id=file).update(
        attempt=processing.MAX_ATTEMPTS, claimed_at="2026-01-01T00:00:00Z"
    )
    processing.process_due()
    assert shown(alice, file)["state"] == "failed"
    deletion.delete_unused()
    assert stored() == set()


def test_an_outage_of_the_storage_costs_no_attempt(alice, monkeypatch):
    file = uploaded(alice)

    def away(*_):
        raise StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(objects, "open_object", away)
        processing.process_due()
    row = File.objects.get(id=file)
    assert (row.state, row.attempt) == ("processing", 0)
    processing.process_due()
    assert shown(alice, file)["state"] == "processing"
    File.objects.update(claimed_at=row.claimed_at - processing.OUTAGE_PAUSE)
    processing.process_due()
    assert shown(alice, file)["state"] == "ready"


def test_a_worker_that_lost_its_claim_changes_nothing(alice, monkeypatch):
    file = uploaded(alice)
    real = processing.blobs.store

    def slow(*arguments):
        real(*arguments)
        File.objects.filter(id=file).update(attempt=7)

    with monkeypatch.context() as patch:
        patch.setattr(processing.blobs, "store", slow)
        processing.process_due()
    assert shown(alice, file)["state"] == "processing"
    assert not Blob.objects.exists()
    deletion.delete_unused()
    assert len(stored()) == 1


def test_a_voice_message_has_its_length_and_waveform(alice):
    # The beginning of an Ogg file with Opus, as recorders write it.
    page = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x02" + bytes(9)
    voice = {"duration_ms": 4200, "waveform": "AAECAw=="}
    made = shown(alice, ready(alice, page + bytes(400), "voice.ogg", voice=voice))["file"]
    assert (made["kind"], made["duration"], made["waveform"]) == ("voice", 4.2, "AAECAw==")
    lying = shown(alice, ready(alice, b"no sound", "voice.ogg", voice=voice))["file"]
    assert lying["kind"] != "voice"
    assert "duration" not in lying


@pytest.mark.parametrize("names", [("notes.txt", "evil.vbs"), ("evil.vbs", "notes.txt")])
def test_the_name_of_one_file_decides_nothing_of_another_with_the_same_content(alice, names):
    types = {}
    for name in names:
        made = shown(alice, ready(alice, b"MsgBox 1", name))["file"]
        types[name] = (made["kind"], made["type"], made["variants"][0]["type"])
    assert types["notes.txt"] == ("document", "text/plain", "text/plain")
    assert types["evil.vbs"] == ("file", *["application/octet-stream"] * 2)


@pytest.mark.parametrize("left", [None, b"cut"], ids=["missing", "cut"])
def test_an_object_that_the_storage_lost_is_stored_again_with_the_next_upload(alice, left):
    content = photo()
    first = shown(alice, ready(alice, content, "one.jpg"))["file"]
    key = Blob.objects.get().key("full")
    objects.delete([key])
    if left is not None:
        objects.put(key, BytesIO(left))
    again = shown(alice, ready(alice, content, "two.jpg"))["file"]
    assert again["variants"] == first["variants"]
    [size] = [each["size"] for each in first["variants"] if each["name"] == "full"]
    with objects.open_object(key) as file:
        assert len(file.read()) == size


def test_two_files_with_the_same_new_content_share_one_blob(alice):
    content = photo()
    one, two = uploaded(alice, content, "one.jpg"), uploaded(alice, content, "two.jpg")
    processing.process_due()
    deletion.delete_unused()
    assert shown(alice, one)["file"]["variants"] == shown(alice, two)["file"]["variants"]
    assert len(stored()) == len(Blob.objects.get().content["variants"])
