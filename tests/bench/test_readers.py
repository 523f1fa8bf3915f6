"""Receipts that the load program sends, and what it counts of them."""

import msgspec
import pytest

from bench.load import readers
from bench.load.client import ChatUnderLoad
from bench.load.readers import ReadingClient, ReadingWindow
from chatproject.load.endpoint import Endpoint
from tests.bench.test_window import RecordingTransport, transport_of


@pytest.fixture
async def chat(monkeypatch: pytest.MonkeyPatch) -> ChatUnderLoad:
    chat = ChatUnderLoad("chat")
    for name in ("alice", "bob"):
        client = ReadingClient(endpoint=Endpoint(1), cookie="", chat=chat)
        client.transport = RecordingTransport()
        tell(client, {"type": "welcome", "me": {"id": name}})
    # Reports leave when `_report` is called.
    monkeypatch.setattr(ReadingClient, "_plan", lambda self: None)
    return chat


def tell(client: ReadingClient, *events: dict[str, object]) -> None:
    client.text(msgspec.json.encode(list(events)))


def message(window: ReadingWindow, seq: int, sender: str) -> dict[str, object]:
    client_id = f"{window.ids.stem}{seq - 1:012x}"
    return {
        "type": "message",
        "message": {"seq": seq, "client_id": client_id, "sender": sender},
    }


def receipt(person: str, read: int) -> dict[str, object]:
    return {"type": "receipt", "position": {"person": person, "read": read}}


async def test_a_report_has_what_was_read_and_is_faulty_until_everybody_knows_it(chat):
    window = ReadingWindow(chats=[chat])
    alice, bob = chat.members
    for _ in range(2):
        window.send(alice)
    for client in chat.members:
        tell(client, message(window, 1, "alice"), message(window, 2, "alice"))
    transport_of(bob).written.clear()
    bob._report()
    bob._report()
    [command] = transport_of(bob).written
    assert command["positions"] == [{"chat": "chat", "read": 2, "delivered": 2}]
    assert not window.all_done()
    assert window.faults()["receipts unacknowledged"] == 1
    assert window.faults()["positions unknown"] == 2
    tell(bob, receipt("bob", 2), {"type": "ack", "ref": command["ref"]})
    assert window.faults()["receipts unacknowledged"] == 0
    assert window.faults()["positions unknown"] == 1
    tell(alice, receipt("bob", 1))
    assert window.faults()["positions unknown"] == 1
    tell(alice, receipt("bob", 2))
    assert window.faults()["positions unknown"] == 0
    assert window.receipts_acked == 1


async def test_an_own_message_is_read_and_not_reported(chat):
    window = ReadingWindow(chats=[chat])
    alice, _ = chat.members
    window.send(alice)
    transport_of(alice).written.clear()
    tell(alice, message(window, 1, "alice"))
    alice._report()
    assert transport_of(alice).written == []
    assert alice.positions["alice"] == 1


async def test_a_refused_receipt_is_a_fault(chat):
    window = ReadingWindow(chats=[chat])
    alice, bob = chat.members
    window.send(alice)
    tell(bob, message(window, 1, "alice"))
    bob._report()
    tell(bob, {"type": "error", "ref": f"{readers.RECEIPT}1", "code": "unavailable"})
    assert window.refusals == {"receipt unavailable": 1}
    assert not window.all_done()
