"""The release before runs with the new schema: its servers go on while the new one is started.

That release is the commit of PREVIOUS_RELEASE, else the newest tag, else the commit before the
newest migration.
"""

import io
import os
import subprocess
import tarfile

import pytest

from chatproject.run.data_dir import CHECKOUT
from tests.support.live import LOOSE, database
from tests.support.servers import Server, stores

NEWEST = ("log", "-1", "--format=%H", "--diff-filter=A", "--", "apps/*/migrations/*.py")


def git(*arguments):
    """The output of git in this checkout; None when it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def previous_release():
    """The commit of the release before. Skips the test where it is not there."""
    named = os.environ.get("PREVIOUS_RELEASE") or git("describe", "--tags", "--abbrev=0", "HEAD^")
    if not named and (newest := git(*NEWEST)):
        named = newest.decode().strip() + "^"
    name = named.decode() if isinstance(named, bytes) else named or ""
    found = git("rev-parse", "--verify", "--quiet", f"{name.strip()}^{{commit}}") if name else None
    if not found:
        pytest.skip("the release before is not in this checkout: no git, or a shallow clone")
    return found.decode().strip()


@pytest.fixture
def former_server(db, tmp_path):
    """A server of the release before, on the database that has all migrations."""
    commit = previous_release()
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
        archive.extractall(tmp_path, filter="data")
    print(f"the release before: {commit}")
    server = database(
        lambda: Server({**stores(), "DATABASE_TIMEOUT": "10", **LOOSE}, checkout=tmp_path)
    )
    database(server.launch)
    server.wait_until_ready()
    yield server
    server.remove()


async def test_the_release_before_writes_and_reads_with_the_new_schema(
    former_server, servers, cast, device
):
    chat = str(cast.chat)
    alice = await device(former_server, cast.alice).join()
    bob = await device(servers[0], cast.bob).join()
    await alice.send(chat, "from the release before")
    await bob.has(chat, 1)
    await bob.send(chat, "from this release")
    await alice.has(chat, 2)
    await alice.call("receipts", positions=[{"chat": chat, "read": 2}])
    await alice.call("edit", chat=chat, seq=1, text="edited by the release before")
    await alice.call("react", chat=chat, seq=2, emoji="👍")
    await alice.call("chat.marks", chat=chat, pinned=True)
    await bob.knows(lambda state: state.messages[chat][1]["text"] == "edited by the release before")
    async with alice.http() as http:
        page = await http.get(f"chats/{chat}/messages")
        group = await http.post("groups", json={"title": "Ours", "people": [str(cast.bob.id)]})
        version = (await http.get("me")).json()["version"]
        profile = await http.patch("me", json={"version": version, "name": "Alice of before"})
        listed = await http.get("chats")
    assert [item["seq"] for item in page.json()["items"]] == [1, 2]
    assert [each.status_code for each in (group, profile, listed)] == [201, 200, 200]
    await bob.until(lambda event: event["type"] == "chat" and event["chat"]["title"] == "Ours")
    again = await device(former_server, cast.alice).join()
    assert again.state.chats[chat]["last_seq"] == 2
    assert "Traceback" not in former_server.log
