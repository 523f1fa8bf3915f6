"""All three transports under daphne, the alternative server."""

import pytest

from tests.support.listeners import TRANSPORTS, listener

__all__ = ["listener"]


@pytest.fixture
def server(fresh_servers):
    """One process of daphne."""
    return fresh_servers(1, program="tests.support.daphne")[0]


async def test_all_three_transports_listen_and_end_under_daphne(server, cast, listener):
    bob = await listener(server, cast.bob).join()
    for number, way in enumerate(TRANSPORTS, 1):
        alice = await listener(server, cast.alice, way).join()
        text = f"by {way}"
        await (alice if number % 2 else bob).send(cast.chat, text)
        await alice.has(cast.chat, number)
        assert alice.state.texts(str(cast.chat))[-1] == text
        async with alice.http() as http:
            assert (await http.delete("session")).status_code == 204
        assert await alice.ended() in (4401, 401)
