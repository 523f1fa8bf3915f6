"""Random messages in many languages, and a search that scans them without an index."""

import random
import unicodedata
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import regex
from django.db import connection
from msgspec import Struct

from apps.chats.gateways.search.indexer import catch_up_all_chats

WORDS = {
    "en": "the and plan meeting release ready tomorrow please review branch merge deploy server "
    "broken coffee lunch thanks well-known e-mail user_name v1.2.3 node.js C++ don't can't",
    "de": "und nicht morgen Straße Größe Häuser prüfen bitte fertig übermorgen Änderung schön "
    "Fußgänger Termin läuft",
    "fr": "le déjà été garçon français où être après l'école élève façon sœur",
    "pl": "się żółw łódź źródło gęś ćma święto",
    "ru": "привет ёлка завтра встреча готово сервер сломался спасибо",
    "el": "καλημέρα αύριο συνάντηση έτοιμο ευχαριστώ",
    "ar": "مرحبا غدا اجتماع شكرا جاهز",
    "hi": "नमस्ते कल बैठक तैयार हिन्दी",
    "zh": "北京大学明天开会 部署完成了 谢谢你们 服务器坏了 京北",
    "ja": "おはようございます 東京タワー 会議は明日です サーバー",
    "th": "สวัสดี พรุ่งนี้ประชุม ขอบคุณ",
    "signs": "😀 🎉 ❤️ 👍🏽 。 「」 、 … → « » ، `code` ```block``` https://example.org/a-b "
    "http://x.y <div> & -- 2026 007 1e5",
}
WORD = regex.compile(
    r"[\p{Thai}\p{Han}\p{Hiragana}\p{Katakana}ー]|(?:(?![\p{Thai}\p{Han}\p{Hiragana}\p{Katakana}])"
    r"[\p{L}\p{N}])(?:(?![\p{Thai}\p{Han}\p{Hiragana}\p{Katakana}])[\p{L}\p{M}\p{N}])*"
)
SPELLED = str.maketrans({"ß": "ss", "ł": "l", "œ": "oe"})
ZONE = ZoneInfo("Europe/Berlin")
NEWEST = datetime.now(UTC).replace(microsecond=0)
FILL = """
INSERT INTO chats_message
    (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at, files)
SELECT chat, seq, seq, gen_random_uuid(), 'text', sender, gen_random_uuid(), text, at,
    CASE WHEN file <> '' THEN jsonb_build_array(jsonb_build_object('name', file, 'kind', 'image'))
    END
FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[])
    AS m (chat, seq, sender, text, at, file)
"""


class ScannedMessage(Struct):
    """A message with the folded words that the scan compares; `file` is the name of its file."""

    chat: UUID
    seq: int
    sender: UUID
    text: str
    at: datetime
    words: list[str]
    row: str
    file: str = ""


def fold(text: str) -> list[str]:
    """The words of a text without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(SPELLED))
    kept = (letter for letter in plain if not "\u0300" <= letter <= "\u036f")
    return WORD.findall(unicodedata.normalize("NFC", "".join(kept)))


def fill(
    chats: list[UUID], senders: list[UUID], chance: random.Random, *, amount: int
) -> list[ScannedMessage]:
    """Insert so many messages in one statement, and index them."""
    languages = [(name, words.split()) for name, words in WORDS.items() if name != "signs"]
    signs = WORDS["signs"].split()
    seqs = dict.fromkeys(chats, 0)
    written = []
    for _ in range(amount):
        chat, (name, words) = chance.choice(chats), chance.choice(languages)
        seqs[chat] += 1
        said = chance.choices(words, k=chance.randint(1, 12))
        if chance.random() < 0.2:
            said.insert(chance.randint(0, len(said)), chance.choice(signs))
        text = ("" if name in ("zh", "ja", "th") and chance.random() < 0.5 else " ").join(said)
        if chance.random() < 0.1:
            text = text.upper()
        text += chance.choice(("", "!", ".", "?", "…", "\n", ")"))
        at = NEWEST - timedelta(seconds=chance.randint(0, 3 * 365 * 86400))
        row = fold(text)
        sender = chance.choice(senders)
        file = f"{chance.choice(words)}{chance.randint(1, 99)}.jpg" if chance.random() < 0.1 else ""
        named = fold(file)
        # No phrase leads from the text into the name.
        there = f" {' '.join([*row, '=', *named])} "
        written.append(ScannedMessage(chat, seqs[chat], sender, text, at, row + named, there, file))
    with connection.cursor() as cursor:
        columns = ([getattr(m, name) for m in written] for name in
                   ("chat", "seq", "sender", "text", "at", "file"))  # fmt: skip
        cursor.execute(FILL, list(columns))
        cursor.execute(
            "UPDATE chats_chat c SET rev = last, last_seq = last FROM (SELECT chat_id, max(seq)"
            " AS last FROM chats_message GROUP BY chat_id) m WHERE c.id = m.chat_id"
        )
    catch_up_all_chats()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chats_searchable")
    return written


class GeneratedQuery(Struct, kw_only=True):
    """A query in parts; `str` is its text."""

    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    senders: dict[str, UUID] = {}
    chats: dict[str, UUID] = {}
    has: str = ""
    since: date | None = None
    until: date | None = None

    def __str__(self) -> str:
        parts = [
            *self.words,
            *(f'"{phrase}"' for phrase in self.phrases),
            *(f'-"{phrase}"' for phrase in self.without),
            *(f"from:{name}" for name in self.senders),
            *(f'in:"{title}"' for title in self.chats),
            *([f"has:{self.has}"] if self.has else []),
            *([f"after:{self.since - timedelta(days=1)}"] if self.since else []),
            *([f"before:{self.until}"] if self.until else []),
        ]
        return " ".join(parts)

    def matching(self, messages: list[ScannedMessage]) -> set[tuple[UUID, int]]:
        """The (chat, seq) of the matching messages."""
        words, phrases, gone = (
            [f" {' '.join(fold(text))} " for text in texts]
            for texts in (self.words, self.phrases, self.without)
        )
        return {
            (message.chat, message.seq)
            for message in messages
            if all(part in message.row for part in phrases)
            and all(part in message.row or _begins_in_file(part.strip(), message) for part in words)
            and not any(part in message.row for part in gone)
            and self._passes_filters(message)
        }

    def _passes_filters(self, message: ScannedMessage) -> bool:
        day = message.at.astimezone(ZONE).date()
        return (
            (not self.senders or message.sender in self.senders.values())
            and (not self.chats or message.chat in self.chats.values())
            and (self.has != "code" or "`" in message.text)
            and (self.since is None or day >= self.since)
            and (self.until is None or day < self.until)
        )


def _begins_in_file(word: str, message: ScannedMessage) -> bool:
    """Whether a word of a message with a file begins so."""
    return (
        bool(message.file)
        and len(word) >= 3
        and " " not in word
        and any(each.startswith(word) for each in message.words)
    )


def random_query(written: list[ScannedMessage], people: dict[str, UUID], titles: dict[str, UUID],
          chance: random.Random) -> GeneratedQuery:  # fmt: skip
    """A query with a chance to match: made of parts of one of the messages."""
    message = chance.choice(written)
    pieces = message.text.split() or ["plan"]
    pieces = [piece for piece in pieces if fold(piece)] or ["plan"]
    start = chance.randrange(len(pieces))
    filters = chance.choice(("", "from", "in", "has", "days", "from days", "in from", ""))
    day = message.at.astimezone(ZONE).date()
    if message.file and len(fold(message.file)) == 2:
        pieces.append(message.file[: chance.randint(3, len(message.file))])
    return GeneratedQuery(
        words=chance.sample(pieces, k=min(len(pieces), chance.randint(1, 3))),
        phrases=[" ".join(pieces[start : start + 3])] if chance.random() < 0.4 else [],
        without=[chance.choice(["plan", "прИвет", "Strasse", "北京"])]
        if chance.random() < 0.3
        else [],
        senders=dict([chance.choice([*people.items()])]) if "from" in filters else {},
        chats=dict([chance.choice([*titles.items()])]) if "in" in filters else {},
        has="code" if "has" in filters else "",
        since=day - timedelta(days=chance.randint(0, 90)) if "days" in filters else None,
        until=day + timedelta(days=chance.randint(1, 90)) if "days" in filters else None,
    )
