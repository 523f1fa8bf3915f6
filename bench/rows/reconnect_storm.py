"""P8, reconnect storm: every client gone at once, and back for the messages it missed, while two
people of each chat stayed and write."""

from functools import partial

from bench import costs, profile
from bench.crowd import Crowd, serving
from bench.load.client import ChatClient, ChatUnderLoad
from bench.load.clients import connect, disconnect, disconnect_reasons
from bench.load.returning import ReturningDevice, arrive
from bench.load.window import Window
from bench.load.workload import OpenLoop
from bench.options import Options
from bench.report import Row, Target
from bench.stack import Stores

PEOPLE = 10_000
MISSED = 20
STAY, GO = 2, 20
LIVE_RATE = 100
CAUGHT_UP = Target(30, at_most=True)
LIVE = Target(1_000, at_most=True)
SEND_TIMEOUT_S = 300.0
SETTLE_TIMEOUT_S = 60.0
_row = partial(Row, row="P8")


async def run(stores: Stores, options: Options) -> list[Row]:
    """Connect everybody, cut them off, send, and let all of them come back at the same moment."""
    if "parley" not in options.contestants:
        return []
    size = STAY + GO
    crowd = Crowd(chats=max((options.people or PEOPLE) // GO, 1), size=size)
    with serving(stores, crowd, processes=options.processes) as (server, people):
        staying = [person for n, person in enumerate(people) if n % size < STAY]
        devices = [
            ReturningDevice(server.endpoint, person)
            for n, person in enumerate(people)
            if n % size >= STAY
        ]
        by_chat: dict[str, list[ReturningDevice]] = {}
        for device in devices:
            by_chat.setdefault(device.person.chat, []).append(device)
        live = await connect(server.endpoint, staying, ChatClient)
        await arrive(devices, at_once=50)
        for device in devices:
            device.cut()
        missed = await _send_missed(live)
        window = Window(chats=live)
        with (
            profile.recording("parley storm", server, options, windowed=False),
            costs.spent(server, stores) as spent,
        ):
            await _storm(window, devices)
        settled = await window.settled(SETTLE_TIMEOUT_S)
        print(f"  parley storm: {spent}", flush=True)
        faults = window.faults()
        for chat in live:
            everything = missed[chat.id] + chat.acknowledged
            for device in by_chat[chat.id]:
                faults.update(device.faults(everything))
        whole = partial(
            _row,
            faults=faults,
            sound=settled
            and not faults.total()
            and not disconnect_reasons(live)
            and all(device.connected and device.snapshots == 1 for device in devices),
        )
        disconnect(live)
    ms = 1000 / len(devices)
    return [
        whole(metric="all caught up", value=spent.seconds, unit="s", target=CAUGHT_UP),
        whole(metric="live traffic meanwhile, p99", value=_p99(window), unit="ms", target=LIVE),
        whole(metric="a return: server", value=ms * spent.server, unit="CPU-ms"),
        whole(metric="a return: database", value=ms * spent.database, unit="CPU-ms"),
        whole(
            metric="a return: attempts",
            value=sum(device.attempts for device in devices) / len(devices) - 1,
            unit="each",
        ),
    ]


async def _send_missed(live: list[ChatUnderLoad]) -> dict[str, list[int]]:
    """Send what those who are gone will have missed; the seqs by chat."""
    window = Window(chats=live)
    for _ in range(MISSED):
        for chat in live:
            window.send(chat.members[0])
    window.end()
    if not await window.settled(SEND_TIMEOUT_S):
        raise TimeoutError("the messages to be missed were not all sent")
    return {chat.id: list(chat.acknowledged) for chat in live}


async def _storm(window: Window, devices: list[ReturningDevice]) -> None:
    """Let all devices return, while those who stayed write."""
    writing = OpenLoop(LIVE_RATE)
    window.measured_from = 0
    writing.start(window)
    await arrive(devices)
    window.measured_to = window.sent
    writing.stop()
    window.end()


def _p99(window: Window) -> float:
    found = sorted(window.latencies)
    return 1000 * found[int(len(found) * 0.99)] if found else 0.0
