"""How long it takes to convert a Slack export with many messages, and how much memory:

python -m bench.importers 1000000
"""

import json
import os
import resource
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CHANNELS, PEOPLE, A_DAY, FIRST = 20, 90, 2_000, 1_577_836_800
DAY_S = 86_400


def export(path: Path, count: int) -> None:
    """Write an export with `count` messages: every fifth a reply, every tenth with a reaction."""
    people = [f"U{number:04}" for number in range(PEOPLE)]
    users = [{"id": key, "team_id": "T1", "name": key.lower(), "profile": {}} for key in people]
    channels = [
        {"id": f"C{number}", "name": f"channel-{number}", "created": FIRST, "members": people}
        for number in range(CHANNELS)
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.json", json.dumps(users))
        archive.writestr("channels.json", json.dumps(channels))
        for channel in channels:
            for day, messages in enumerate(_days(count // CHANNELS, people)):
                archive.writestr(f"{channel['name']}/{day:05}.json", json.dumps(messages))


def _days(count: int, people: list[str]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, count, A_DAY):
        first = FIRST + start // A_DAY * DAY_S
        yield [_message(first, at, people) for at in range(min(A_DAY, count - start))]


def _message(first: int, at: int, people: list[str]) -> dict[str, Any]:
    by = people[at * 7 % PEOPLE]
    text = f"Message {at} for <@{people[at % PEOPLE]}> about *things* on <https://example.org/{at}>"
    message: dict[str, Any] = {"type": "message", "ts": f"{first + at * 40}.{at:06}", "user": by}
    message["text"] = text
    if at % 5 == 4:
        message["thread_ts"] = f"{first + (at - 4) * 40}.{at - 4:06}"
    if at % 10 == 0:
        message["reactions"] = [{"name": "+1", "users": people[:3], "count": 3}]
    return message


def main(count: int) -> None:
    """Convert one, and check the archive."""
    from apps.archive.actions.checking import check
    from apps.archive.reading import open_source
    from apps.archive.vendors.convert import Options, convert

    with TemporaryDirectory(dir=os.environ.get("WORK")) as folder:
        path = Path(folder) / "export.zip"
        export(path, count)
        start, before = time.monotonic(), _peak_mb()
        found = convert("slack", path, Path(folder) / "work", Options(100, 10**8))
        converted = time.monotonic()
        with open_source(found.folder) as source:
            checked = check(source)
        print(f"export: {path.stat().st_size / 2**20:.0f} MiB, {count} messages")
        print(f"converted: {checked.entries} entries in {converted - start:.0f} s")
        print(f"checked: in {time.monotonic() - converted:.0f} s; whole: {checked.is_whole}")
        print(f"peak memory: {_peak_mb():.0f} MiB ({before:.0f} MiB before)")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
