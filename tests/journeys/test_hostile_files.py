"""What pictures hide, and what pretends to be a picture, sent from a browser."""

import subprocess
from pathlib import Path

from playwright.sync_api import expect

from apps.files.actions import deletion
from apps.files.gateways import objects
from apps.files.models import StoredObject
from tests.files.samples import gif, png
from tests.files.test_processing import photo
from tests.journeys.sent_files import attach, chips, processed, ready, received
from tests.support.live import database

__all__ = ["processed"]
PAGE = b"<!doctype html><script>window.hit = 1</script>"


def picture(name: str, content: bytes, kind: str = "image/png") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def stored_bytes() -> list[bytes]:
    """The content of every object, once those that nothing uses are deleted."""
    deletion.delete_unused()
    found = []
    for key in StoredObject.objects.values_list("key", flat=True):
        with objects.open_object(key) as file:
            found.append(file.read())
    return found


def test_a_photo_loses_its_place_and_hostile_pictures_are_refused(
    enter, cast, tmp_path: Path
) -> None:
    tower = photo()
    assert b"Secret Camera" in tower
    alice = enter(cast.alice, f"/c/{cast.chat}")
    attach(
        alice,
        picture("tower.jpg", tower, "image/jpeg"),
        picture("huge.png", png(30_000, 30_000)),
        picture("moving.gif", gif(10_000), "image/gif"),
        picture("lie.png", PAGE),
        picture("a\u202egnp.exe", PAGE),
    )
    for name in ("huge.png", "moving.gif"):
        refused = chips(alice).filter(has_text=name)
        expect(refused).to_contain_text("This picture has too many pixels.")
        refused.get_by_role("button", name=f"Remove {name}").click()
    ready(alice, "tower.jpg", "lie.png", "agnp.exe")
    alice.say("From the tower")
    received(alice, ["tower.jpg", "lie.png", "agnp.exe"])
    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="lie.png").first.click()
    assert download.value.path().read_bytes() == PAGE
    assert alice.page.evaluate("window.hit") is None
    contents = database(stored_bytes)
    # Three variants of the photo, and one content of the two equal files.
    assert len(contents) == 4
    for number, content in enumerate(contents):
        assert b"Secret Camera" not in content
        copy = tmp_path / str(number)
        copy.write_bytes(content)
        command = ("exiftool", "-EXIF:all", "-XMP:all", "-GPS:all", "-Make", copy)
        assert subprocess.run(command, capture_output=True, check=True).stdout == b""
