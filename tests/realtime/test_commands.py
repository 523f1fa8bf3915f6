"""Commands by POST: the same answers as on a socket, without a connection."""

from uuid import uuid4

import pytest

from tests.support.listeners import listener

__all__ = ["listener"]


def send(chat, text, ref="1"):
    return {
        "type": "send",
        "ref": ref,
        "chat": str(chat),
        "client_id": str(uuid4()),
        "text": text,
    }


async def test_one_command_has_one_answer_on_any_process(servers, cast, listener):
    alice = await listener(servers[0], cast.alice, "stream").join()
    there = listener(servers[1], cast.alice, key=alice.key)
    body = send(cast.chat, "asked there")
    async with there.http() as http:
        ack = (await http.post("commands", json=body)).json()
        again = (await http.post("commands", json=body)).json()
    assert ack == again
    assert (ack["type"], ack["ref"], ack["seq"]) == ("ack", "1", 1)
    await alice.has(cast.chat, 1)
    assert alice.state.texts(str(cast.chat)) == ["asked there"]


async def test_an_array_is_carried_out_in_its_order_and_each_is_answered(
    one_server, cast, listener
):
    alice = listener(one_server, cast.alice)
    bodies = [send(cast.chat, str(number), str(number)) for number in range(99)]
    bodies.append({"type": "react", "ref": "99", "chat": str(uuid4()), "seq": 1, "emoji": "👍"})
    async with alice.http() as http:
        answers = (await http.post("commands", json=bodies)).json()
    by_ref = {answer["ref"]: answer for answer in answers}
    assert [by_ref[str(number)]["seq"] for number in range(99)] == list(range(1, 100))
    assert by_ref["99"]["code"] == "not_found"
    assert len(answers) == 100


@pytest.mark.parametrize("amount", [0, 101])
async def test_none_or_too_many_at_once_are_refused_whole(one_server, cast, listener, amount):
    async with listener(one_server, cast.alice).http() as http:
        answer = await http.post("commands", json=[send(cast.chat, "x")] * amount)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        page = await http.get(f"chats/{cast.chat}/messages")
        assert page.json()["items"] == []


async def test_what_belongs_to_a_connection_is_not_posted(one_server, cast, listener):
    async with listener(one_server, cast.alice).http() as http:
        for body in (
            {"type": "resume", "ref": "1"},
            {"type": "presence", "ref": "1", "state": "away"},
        ):
            answer = (await http.post("commands", json=body)).json()
            assert (answer["type"], answer["code"]) == ("error", "not_possible")


async def test_typing_is_told_though_nobody_listens_here(servers, cast, listener):
    bob = await listener(servers[0], cast.bob).join()
    alice = listener(servers[1], cast.alice, "poll")
    await alice.call("typing", chat=str(cast.chat))
    told = await bob.until(lambda event: event["type"] == "typing")
    assert told["person"] == str(cast.alice.id)


async def test_a_stranger_may_type_nowhere(one_server, cast, listener):
    answers = []
    async with listener(one_server, cast.charlie).http() as http:
        for chat in (str(cast.chat), str(uuid4())):
            body = {"type": "typing", "ref": "1", "chat": chat}
            answers.append((await http.post("commands", json=body)).json())
            answers.append((await http.post("commands", json=send(chat, "let me in"))).json())
    assert answers[:2] == answers[2:]
    assert {answer["code"] for answer in answers} == {"not_found"}


async def test_posts_have_the_limits_of_a_connection_together(fresh_servers, cast, listener):
    [strict] = fresh_servers(1, SENDS_PER_SECOND="1")
    async with listener(strict, cast.alice).http() as http:
        for _ in range(3):
            assert (await http.post("commands", json=send(cast.chat, "x"))).json()["seq"]
        refused = (await http.post("commands", json=send(cast.chat, "x"))).json()
        assert refused["code"] == "rate_limited"
        assert 0 < refused["retry_after"] <= 1


async def test_whoever_goes_on_after_many_refusals_waits(one_server, cast, listener):
    alice = listener(one_server, cast.alice)
    other = listener(one_server, cast.alice)
    nonsense = [{"type": "nothing", "ref": "1"}] * 100
    async with alice.http() as http, other.http() as elsewhere:
        for _ in range(2):
            assert (await http.post("commands", json=nonsense)).status_code == 200
        answer = await http.post("commands", json=nonsense)
        assert answer.status_code == 429
        assert answer.json()["code"] == "rate_limited"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert (await http.post("commands", json=send(cast.chat, "x"))).status_code == 429
        # Another session of the same person is another queue.
        assert (await elsewhere.post("commands", json=send(cast.chat, "x"))).json()["seq"] == 1
