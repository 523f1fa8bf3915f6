"""Holds what was read from an export until it is written: sorted by SQLite in a file of the work
folder, so that memory does not grow with the number of messages."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from apps.archive.vendors.drafts import DraftChat, DraftMessage
from apps.archive.vendors.report import Report

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE chats (key TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
CREATE TABLE messages (
    chat TEXT, key TEXT, rank INTEGER, at INTEGER, thread TEXT, sender TEXT, body BLOB,
    PRIMARY KEY (chat, key)
) WITHOUT ROWID;
CREATE TABLE files (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
"""
# `seq` as in the archive: the entry that created the chat, then by time; a reply after what was
# sent in the same millisecond. A reply to a reply belongs to the thread of that; what goes deeper,
# as a circle, is no thread.
NUMBER = """
CREATE INDEX by_time ON messages (chat, rank, at, thread != '', key);
CREATE TABLE numbers (chat TEXT, key TEXT, seq INTEGER, thread TEXT, PRIMARY KEY (chat, key))
    WITHOUT ROWID;
INSERT INTO numbers
SELECT chat, key,
    row_number() OVER (PARTITION BY chat ORDER BY rank, at, thread != '', key), thread
FROM messages;
"""
READ = """
SELECT m.body, n.seq, a.seq, b.seq, b.thread
FROM messages m
JOIN numbers n ON n.chat = m.chat AND n.key = m.key
LEFT JOIN numbers a ON m.thread != '' AND a.chat = m.chat AND a.key = m.thread
LEFT JOIN numbers b ON a.thread != '' AND b.chat = m.chat AND b.key = a.thread AND b.key != a.key
WHERE m.chat = ? ORDER BY m.rank, m.at, m.thread != '', m.key
"""
INSERT = "INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)"


class Numbered(msgspec.Struct):
    """A message and its place. `thread` is the seq of the first message of its thread; 0: none."""

    message: DraftMessage
    seq: int
    thread: int


class Store:
    """The chats and messages of an export."""

    def __init__(self, path: Path, report: Report) -> None:
        self._report = report
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(DraftMessage)
        self._chats = msgspec.msgpack.Decoder(DraftChat)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add_chat(self, chat: DraftChat) -> None:
        """Add a chat; the first one of a key counts."""
        row = (chat.key, self._encoder.encode(chat))
        if not self._run("INSERT OR IGNORE INTO chats VALUES (?, ?)", *row).rowcount:
            self._report.lost("chats", "the export has them twice", chat.title)

    def add_message(self, chat: str, message: DraftMessage) -> bool:
        """Add a message; the first one of a key counts. Returns whether it is the first."""
        rank = 0 if message.kind == "created" else 1
        body = self._encoder.encode(message)
        thread = "" if message.thread == message.key else message.thread
        row = (chat, message.key, rank, message.at, thread, message.by, body)
        return self._run(INSERT, *row).rowcount > 0

    def has_chat(self, key: str) -> bool:
        """Whether a chat was added."""
        return self._run("SELECT 1 FROM chats WHERE key = ?", key).fetchone() is not None

    def number(self) -> None:
        """Give every message its seq. Call it when everything was added."""
        self._database.execute("COMMIT")
        self._database.executescript(NUMBER)

    def chats(self) -> Iterator[DraftChat]:
        """All chats, by their keys."""
        for (body,) in self._run("SELECT body FROM chats ORDER BY key"):
            yield self._chats.decode(body)

    def messages(self, chat: str) -> Iterator[Numbered]:
        """The messages of a chat in order."""
        for body, seq, direct, above, deeper in self._run(READ, chat):
            thread = 0 if deeper else above or direct or 0
            is_before = 0 < thread < seq
            yield Numbered(self._decoder.decode(body), seq, thread if is_before else 0)

    def first_moment(self, chat: str) -> int:
        """When the first message of a chat was sent; 0 without any."""
        query = "SELECT min(at) FROM messages WHERE chat = ? AND rank = 1"
        return self._run(query, chat).fetchone()[0] or 0

    def last_moment(self) -> int:
        """When the last message of all was sent."""
        return self._run("SELECT max(at) FROM messages").fetchone()[0] or 0

    def count(self, chat: str) -> int:
        """How many messages a chat has."""
        return int(self._run("SELECT count(*) FROM messages WHERE chat = ?", chat).fetchone()[0])

    def activity(self, chat: str) -> dict[str, int]:
        """How many messages each person wrote in a chat."""
        query = "SELECT sender, count(*) FROM messages WHERE chat = ? GROUP BY sender"
        return dict(self._run(query, chat).fetchall())

    def seq_until(self, chat: str, moment: int) -> int:
        """The seq of the last entry up to a moment."""
        query = "SELECT count(*) FROM messages WHERE chat = ? AND (rank = 0 OR at <= ?)"
        return int(self._run(query, chat, moment).fetchone()[0])

    def add_file(self, file_id: str, body: bytes) -> None:
        """Add the line of a file."""
        self._run("INSERT OR IGNORE INTO files VALUES (?, ?)", file_id, body)

    def file(self, file_id: str) -> bytes | None:
        """The line of a file that was added."""
        found = self._run("SELECT body FROM files WHERE id = ?", file_id).fetchone()
        return found[0] if found else None

    def files(self) -> Iterator[bytes]:
        """The lines of all files, by their ids."""
        for (body,) in self._run("SELECT body FROM files ORDER BY id"):
            yield body

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._database.execute(statement, values)
