"""Frames of the load generator, compared with those of the websockets package."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from chatproject.load.framing import PING, PONG, TEXT, FrameReader, UnexpectedFrame, encode_frame

LENGTHS = (0, 1, 125, 126, 65535, 65536)


def read_by_server(data: bytes) -> list[tuple[Opcode, bytes]]:
    protocol = ServerProtocol(max_size=None)
    protocol.receive_data(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    [request] = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    protocol.receive_data(data)
    return [(each.opcode, bytes(each.data)) for each in protocol.events_received()]


def written_by_server(*payloads: bytes) -> bytes:
    return b"".join(Frame(Opcode.TEXT, each).serialize(mask=False) for each in payloads)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_server_reads_an_encoded_frame(length):
    payload = b"x" * length
    assert read_by_server(encode_frame(payload)) == [(Opcode.TEXT, payload)]


def test_a_server_reads_a_pong():
    assert read_by_server(encode_frame(b"are you there", PONG)) == [(Opcode.PONG, b"are you there")]


@pytest.mark.parametrize("length", LENGTHS)
def test_the_reader_reads_a_frame_of_a_server(length):
    payload = b"y" * length
    assert list(FrameReader().feed(written_by_server(payload))) == [(TEXT, payload)]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 200, 1000])
def test_the_reader_reads_frames_in_pieces_of_any_size(piece):
    payloads = [b"a", b"b" * 130, b"", b"c" * 70_000, b"d" * 3]
    data = written_by_server(*payloads)
    reader = FrameReader()
    found = [
        payload
        for at in range(0, len(data), piece)
        for _, payload in reader.feed(data[at : at + piece])
    ]
    assert found == payloads


def test_the_reader_distinguishes_pings_from_texts():
    ping = Frame(Opcode.PING, b"?").serialize(mask=False)
    assert list(FrameReader().feed(ping)) == [(PING, b"?")]


def test_the_reader_refuses_a_fragment():
    fragment = Frame(Opcode.TEXT, b"half", fin=False).serialize(mask=False)
    with pytest.raises(UnexpectedFrame):
        list(FrameReader().feed(fragment))
