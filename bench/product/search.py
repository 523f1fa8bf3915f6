"""`python -m bench.product.search MESSAGES SEARCHES`: fill chats, search, print the durations.

Words are distributed as in a language: the k-th most frequent word has 1/k of the frequency of the
first, and the most frequent words are those of English. Queries draw their words from the same
distribution as the messages.
"""

import json
import random
import sys
import time
from collections.abc import Callable

import django

CHATS, SENDERS, WORDS = 200, 100, 30_000
COMMONEST = """
the of and to a in is that for it as was with be by on not he his but at are this have from or had
an they which you were all her she there their we him been has when who will more no if out so up
into do any your what them can only other new some could time these two may then its about like my
after first also did many before must through
"""
FILL = """
WITH words AS (SELECT %(words)s::text[] AS all_), chat AS (
    SELECT id, row_number() OVER (ORDER BY id) AS k FROM chats_chat
)
INSERT INTO chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
SELECT chat.id, n, n, gen_random_uuid(), 'text', (%(senders)s::uuid[])[1 + (random() * 99)::int],
    gen_random_uuid(),
    array_to_string(ARRAY(
        SELECT words.all_[1 + floor(power(%(last)s, random()))::int]
        FROM generate_series(1, 3 + (random() * random() * 30)::int + 0 * (n + chat.k)::int)
    ), ' '),
    now() - (%(each)s - n + random()) * interval '1 year' / %(each)s
FROM chat, generate_series(1, %(each)s) AS n, words
"""


def main() -> None:
    """Search as a member of all chats, and as a member of every tenth."""
    messages, searches = map(int, sys.argv[1:])
    django.setup()
    from django.db import connection

    from apps.chats.gateways.search.indexer import catch_up_all_chats

    chance = random.Random(7)
    words = vocabulary(chance)
    everywhere, somewhere = _people_and_chats()
    began = time.perf_counter()
    with connection.cursor() as cursor:
        values = {"words": words, "last": len(words) - 1, "each": messages // CHATS}
        cursor.execute(FILL, values | {"senders": _ids()})
        cursor.execute("UPDATE chats_chat SET rev = %(each)s, last_seq = %(each)s", values)
    catch_up_all_chats()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    filled = time.perf_counter() - began
    durations = {
        f"{whose}: {name}": [_search(who, make()) for _ in range(searches)]
        for whose, who in (("in all chats", everywhere), ("in a tenth", somewhere))
        for name, make in kinds(words, chance).items()
    }
    print(json.dumps({"filled": filled, "durations": durations}))


def vocabulary(chance: random.Random) -> list[str]:
    """Words, the most frequent first. Every second one is an inflected form of another."""
    words = dict.fromkeys(COMMONEST.split())
    while len(words) < WORDS:
        word = "".join(chance.choices("bcdfghklmnprstvw", k=4))
        spoken = "".join(a + b for a, b in zip(word, chance.choices("aeiou", k=4), strict=True))
        spoken = spoken[: chance.randint(3, 8)]
        words[spoken] = words[spoken + chance.choice(("s", "ed", "ing"))] = None
    return [*words]


def kinds(words: list[str], chance: random.Random) -> dict[str, Callable[[], str]]:
    """Functions that return a random query, by the kind of query."""

    def word() -> str:
        return words[int((len(words) - 1) ** chance.random())]

    def day() -> str:
        return f"{time.gmtime().tm_year - chance.randint(0, 1)}-{chance.randint(1, 12):02}-11"

    return {
        "a word": word,
        "two words": lambda: f"{word()} {word()}",
        "three words": lambda: f"{word()} {word()} {word()}",
        "a phrase": lambda: f'"{word()} {word()}"',
        "not a word": lambda: f"{word()} -{word()}",
        "from:": lambda: f"{word()} from:user{chance.randrange(SENDERS)}",
        "in:": lambda: f"{word()} in:chat{chance.randrange(CHATS)}",
        "before:": lambda: f"{word()} before:{day()}",
        "after:": lambda: f"{word()} after:{day()}",
        "only from:": lambda: f"from:user{chance.randrange(SENDERS)}",
    }


def _people_and_chats() -> tuple[object, object]:
    from django.utils import timezone

    from apps.accounts.models import User
    from apps.chats.models import Chat, Member

    now = timezone.now()
    users = User.objects.bulk_create(User(username=f"user{n}") for n in range(SENDERS))
    chats = Chat.objects.bulk_create(
        Chat(kind="group", title=f"chat{n}", active_at=now, created_at=now) for n in range(CHATS)
    )
    Member.objects.bulk_create(
        Member(chat=chat, user=user, person_rev=0)
        for user, mine in ((users[0], chats), (users[1], chats[::10]))
        for chat in mine
    )
    return users[0], users[1]


def _ids() -> list[object]:
    from apps.accounts.models import User

    return list(User.objects.values_list("id", flat=True))


def _search(who: object, text: str) -> tuple[float, int]:
    """Returns the seconds of a search and the number of hits."""
    from django.utils import timezone

    from apps.chats.gateways.search import search_messages
    from apps.chats.gateways.search.backend import SearchCursor
    from apps.chats.queries.search_language import parse

    began = time.perf_counter()
    query = parse(text if len(text) > 1 else f'"{text}"', timezone.now().date())
    page = search_messages(who, query, SearchCursor(timezone.now()), in_chat=None, limit=20)
    return time.perf_counter() - began, len(page.hits)


if __name__ == "__main__":
    main()
