"""Files of a draft and of the rows, and the worker that prepares them."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from apps.chats.models import Message
from apps.files.actions import processing
from tests.journeys.conftest import Cast, Talk
from tests.journeys.screen import Screen
from tests.support.live import database

NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some words"}
# A red picture of 2 × 1 pixels.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000000d4944415478da"
    "63f8cfc000440008fe01ff19c06be70000000049454e44ae426082"
)
PHOTO = {"name": "photo.png", "mimeType": "image/png", "buffer": PICTURE}
FILES_OF_ROWS = """() => document.querySelector('chat-timeline').timeline.rows
  .filter((row) => row.kind === 'text').map((row) => row.files.map((file) => file.name))"""

# Playwright's own wait needs `eval`, which the page's policy forbids.
WAIT_FOR_FILES = f"""async (wanted) => {{
  for (let n = 0; n < 1500 && JSON.stringify(({FILES_OF_ROWS})()) !== wanted; n += 1) {{
    await new Promise((resolve) => setTimeout(resolve, 20));
  }}
}}"""


@pytest.fixture(autouse=True)
def processed(db: None) -> Iterator[None]:
    """What a worker does, as long as the test runs."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.1):
            database(processing.process_due)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


def attach(screen: Screen, *files: dict[str, Any]) -> None:
    """Choose files with the menu of the button."""
    screen.page.get_by_role("button", name="Add files").click()
    with screen.page.expect_file_chooser() as chooser:
        screen.page.get_by_role("button", name="From this device").click()
    chooser.value.set_files(list(files))


def files_of_rows(screen: Screen) -> list[list[str]]:
    """The names of the files of each row."""
    return screen.page.evaluate(FILES_OF_ROWS)


def chips(screen: Screen) -> Locator:
    """The files of the draft."""
    return screen.page.locator(".attach-chip")


def ready(screen: Screen, *names: str) -> None:
    """Wait until the draft has exactly these files, all uploaded."""
    expect(chips(screen).locator(".attach-name")).to_have_text(list(names))
    expect(screen.page.locator(".attach-chip[data-state=ready]")).to_have_count(len(names))


def received(screen: Screen, *rows: list[str]) -> None:
    """Wait until the rows have files with these names."""
    screen.page.evaluate(WAIT_FOR_FILES, json.dumps(list(rows), separators=(",", ":")))
    assert files_of_rows(screen) == list(rows)


def stored(talk: Cast | Talk) -> list[tuple[str, int]]:
    """Each message of the chat in the database, with how many files it has."""
    rows = Message.objects.filter(chat_id=talk.chat, kind="text").order_by("seq")
    return [(row.text, len(row.files or [])) for row in rows]
