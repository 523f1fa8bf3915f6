"""Runs the scenarios of a contestant, one after the other on the same connections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench import profile
from bench.contestants import Contestant
from bench.load.client import ChatClient, CrowdClient
from bench.load.clients import connect, disconnect, disconnect_reasons
from bench.load.readers import ReadingClient, ReadingWindow
from bench.load.window import Window
from bench.load.workload import Workload
from bench.measure import Meter, WindowResult, measure
from bench.options import Options
from bench.report import print_window
from bench.stack import Server, Stores

KINDS: dict[str, tuple[type[ChatClient], type[Window]]] = {
    "pairs": (ChatClient, Window),
    "teams": (ReadingClient, ReadingWindow),
}


@dataclass(frozen=True)
class Scenario:
    """A named workload, in all chats or only in the chat with `members` members."""

    name: str
    workload: Workload
    members: int | None = None


async def run_scenarios(
    contestant: Contestant,
    scenarios: Sequence[Scenario],
    *,
    stores: Stores,
    options: Options,
    who: Literal["pairs", "crowd", "sizes", "teams"] = "pairs",
) -> dict[str, WindowResult]:
    """The result of each scenario by its name; empty if the contestant is not to be run."""
    if contestant.name not in options.contestants:
        return {}
    found: dict[str, WindowResult] = {}
    with contestant.serving(stores, processes=options.processes) as (server, people):
        client, counting = KINDS.get(who, (CrowdClient, Window))
        chats = await connect(server.endpoint, getattr(people, who), client)
        meter = Meter(server, stores)
        for each in scenarios:
            window = counting(
                chats=[chat for chat in chats if each.members in (None, len(chat.members))],
                make_frame=contestant.make_frame,
                acknowledges=contestant.stores_messages,
            )
            name = f"{contestant.name} {each.name}"
            stored = contestant.rows(stores)
            with profile.recording(name, server, options):
                result = await measure(
                    name,
                    window=window,
                    workload=each.workload,
                    meter=meter,
                    seconds=options.seconds,
                )
            stored = contestant.rows(stores) - stored
            found[each.name] = replace(
                result,
                rows_equal_acks=stored == window.acked if contestant.stores_messages else None,
                notes=_notes(window, stored, disconnect_reasons(chats), server),
            )
            print_window(found[each.name])
        disconnect(chats)
    return found


def _notes(window: Window, stored: int, ended: list[str], server: Server) -> list[str]:
    notes = []
    if window.acknowledges and stored != window.acked:
        notes.append(f"{stored} rows, {window.acked} acknowledgements")
    if window.unexpected:
        notes.append(f"{window.unexpected} messages of an earlier window")
    if ended:
        notes.append(f"{len(ended)} connections ended, the first with: {ended[0]}")
        notes.append(server.log_tail())
    return notes
