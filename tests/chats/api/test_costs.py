"""How many statements a request costs."""

import pytest

from tests.chats.factories import write
from tests.support.people import direct_chat, signed_in
from tests.support.statements import traffic

# Statements and round trips of each: who asks (the session with its person), what may be seen, and
# what is shown.
COSTS = {
    "chats": (2, 2),
    "chats/{chat}": (2, 2),
    "chats/{chat}/messages": (3, 3),
    "me": (2, 2),
    # The chat, what is not indexed, a transaction of six (its begin and end, the words, its
    # setting up, the oldest message, the matches), the messages, the words of the excerpts.
    "search?q=figures&kind=messages&in_chat={chat}": (11, 10),
}


@pytest.mark.parametrize("path", COSTS)
def test_a_request_asks_the_database_for_little(path, alice, bob):
    chat, client = direct_chat(alice, bob), signed_in(alice)
    write(alice, chat, "these figures")
    path, expected = f"/api/v1/{path.format(chat=chat)}", COSTS[path]
    first = client.get(path)  # finds what is not indexed yet
    with traffic() as seen:
        again = client.get(path)
    assert again.json() == first.json()
    assert (seen.statements, seen.round_trips) == expected
