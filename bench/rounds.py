"""One contestant's windows, one after the other on the same live connections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench import profile
from bench.contestants import Contestant
from bench.load.fleet import connect, disconnect, hung_up
from bench.load.pace import Pace
from bench.load.talker import Listener, Talker
from bench.load.window import Window
from bench.measure import Figures, Meter, measure
from bench.options import Options
from bench.report import show_window
from bench.stack import Server, Stores


@dataclass(frozen=True)
class Round:
    """A named pace, in all chats or in the one with so many members."""

    name: str
    pace: Pace
    members: int | None = None


async def play(
    contestant: Contestant,
    rounds: Sequence[Round],
    *,
    stores: Stores,
    options: Options,
    who: Literal["pairs", "crowd", "sizes"] = "pairs",
) -> dict[str, Figures]:
    """The figures of each round by its name; none when the contestant is left out."""
    if contestant.name not in options.contestants:
        return {}
    found: dict[str, Figures] = {}
    with contestant.serving(stores, processes=options.processes) as (server, people):
        kind = Talker if who == "pairs" else Listener
        rooms = await connect(server.place, getattr(people, who), kind)
        meter = Meter(server, stores)
        for each in rounds:
            window = Window(
                rooms=[room for room in rooms if each.members in (None, len(room.members))],
                compose=contestant.compose,
                acknowledges=contestant.stores_messages,
            )
            name = f"{contestant.name} {each.name}"
            stored = contestant.rows(stores)
            with profile.recording(name, server, options):
                figures = await measure(
                    name, window=window, pace=each.pace, meter=meter, seconds=options.seconds
                )
            stored = contestant.rows(stores) - stored
            found[each.name] = replace(
                figures,
                rows_equal_acks=stored == window.acked if contestant.stores_messages else None,
                notes=_notes(window, stored, hung_up(rooms), server),
            )
            show_window(found[each.name])
        disconnect(rooms)
    return found


def _notes(window: Window, stored: int, ended: list[str], server: Server) -> list[str]:
    notes = []
    if window.acknowledges and stored != window.acked:
        notes.append(f"{stored} rows, {window.acked} acknowledgements")
    if window.strays:
        notes.append(f"{window.strays} messages of an earlier window")
    if ended:
        notes.append(f"{len(ended)} connections ended, the first with: {ended[0]}")
        notes.append(server.last_words())
    return notes
