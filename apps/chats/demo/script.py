"""The people, chats and messages of the demo workspace.

Texts are translated when the workspace is filled: `manage.py demo --language`.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAIL = "demo.invalid"
HERO = "noor"


class Person(NamedTuple):
    """Somebody of the demo. `quiet`: they do not want to be disturbed for the next week."""

    name: str
    about: Promise | str = ""
    status_emoji: str = ""
    status_text: Promise | str = ""
    quiet: bool = False


PEOPLE = {
    "noor": Person("Noor Haddad", _("Archive, lighthouse log, too much tea")),
    "ilse": Person("Ilse Brandt", _("Harbour office"), "🌴", _("Away until Monday")),
    "tomas": Person(
        "Tomás Rey", _("Optics and old machines"), "🔧", _("In the workshop, reading later")
    ),
    "priya": Person("Priya Nair", _("Photographs of weather"), "📷"),
    "jonas": Person("Jonas Weber"),
    "maren": Person("Maren Holt", _("Keeper of keys"), quiet=True),
    "aino": Person("Aino Salo", _("Reads rotation logs for fun")),
    "omarsid": Person("Omar Siddiqui"),
    "ravi": Person("Ravi Menon", _("Book circle")),
    "marek": Person("Marek Dvořák", _("Ferry timetable enthusiast")),
}
CONTACTS = ("ilse", "tomas", "priya", "jonas", "maren", "aino")
INVITED_BY_HERO = ("omarsid",)
INVITE_HERO = {"ravi": _("Hello Noor, Jonas says you would like our book circle. Thursdays at 8?")}


class Line(NamedTuple):
    """A message: how many hours ago, by whom, and its text. `name` is what others refer to it by,
    `reply_to` such a name, `reactions` who reacted with which emoji. `picture`: with the picture
    of the demo. `saved` is by the hero."""

    hours: float
    who: str
    text: Promise | str
    name: str = ""
    reply_to: str = ""
    reactions: tuple[tuple[str, str], ...] = ()
    picture: bool = False
    pinned: bool = False
    saved: bool = False


class Conversation(NamedTuple):
    """A chat of the hero's: a group if it has a `title`. `unread`: how many of its last messages
    the hero has not read. `scheduled` is a message of the hero's that is sent in two days."""

    others: tuple[str, ...]
    lines: tuple[Line, ...]
    title: Promise | str = ""
    unread: int = 0
    pinned: bool = False
    muted: bool = False
    scheduled: Promise | str = ""


LIGHTHOUSE = Conversation(
    title=_("Lighthouse day"),
    others=("maren", "tomas", "priya", "ilse", "aino"),
    unread=2,
    pinned=True,
    scheduled=_("Good morning, all! Pier three at ten. Warm shoes, please."),
    lines=(
        Line(
            49,
            "maren",
            _("Lighthouse day is on **Saturday at ten**, pier three. Bring warm shoes."),
            reactions=(("👍", "tomas"), ("👍", "priya"), ("👍", "noor"), ("🧦", "aino")),
            pinned=True,
        ),
        Line(
            48.6,
            "tomas",
            _(
                "What is still missing:\n- the key to the lamp room\n- two lenses\n"
                "- somebody who knows the ~~new~~ old clockwork"
            ),
            name="missing",
        ),
        Line(
            48.2,
            "noor",
            _("The key is with Aino, and I can carry a lens."),
            reply_to="missing",
            reactions=(("🔑", "maren"), ("🔑", "tomas")),
        ),
        Line(47.9, "aino", _("I know the clockwork from the log. Does that count?"), name="clock"),
        Line(27, "tomas", _("It counts more than anything I have."), reply_to="clock"),
        Line(
            26.5,
            "ilse",
            _("The harbour office lends us the small boat until four: https://example.org/boats"),
            saved=True,
        ),
        Line(
            2.2,
            "priya",
            _("From the breakwater, last night. That lamp still has it."),
            name="picture",
            picture=True,
            reactions=(("😍", "noor"), ("😍", "maren"), ("🔥", "tomas")),
        ),
        Line(2.1, "noor", _("This one goes on the poster!"), reply_to="picture"),
        Line(0.8, "maren", _("Agreed. Who prints it?"), reply_to="picture"),
        Line(
            0.5,
            "priya",
            _("@noor could you write two lines for it? Something with *light*, not with *house*."),
        ),
    ),
)
FERRY = Conversation(
    title=_("Ferry notices"),
    others=("jonas", "aino"),
    unread=2,
    muted=True,
    lines=(
        Line(29, "jonas", _("The 17:20 is cancelled today, the wind again.")),
        Line(28.5, "noor", _("Thank you. Then the 18:05.")),
        Line(4, "jonas", _("All ferries run today.")),
        Line(3.5, "aino", _("Half an hour late at pier three.")),
    ),
)
# The direct chats of the hero, by the other person.
ILSE = Conversation(
    others=("ilse",),
    unread=2,
    lines=(
        Line(150, "ilse", _("Morning! The harbour plan went round last night. Did it reach you?")),
        Line(149.8, "noor", _("It did. All **forty** pages of it.")),
        Line(149.7, "ilse", _("Sorry. The useful part begins on page 31.")),
        Line(77, "noor", _("Page 31 says the crane moves in March. Is that still so?")),
        Line(76.5, "ilse", _("Only if the ice lets us. I would write _spring_ and leave it.")),
        Line(30, "noor", _("Spring it is.")),
        Line(2.4, "ilse", _("The printed version comes on Thursday.")),
        Line(2.2, "ilse", _("Could you look at the harbour plan?")),
    ),
)
TOMAS = Conversation(
    others=("tomas",),
    lines=(
        Line(146, "tomas", _("I found the old rotation log. It is one line per turn:")),
        Line(145.9, "tomas", "```\n04:12 118.5\n04:13 124.5\n04:14 130.5\n```"),
        Line(145, "noor", _("Then this is enough to read it:")),
        Line(
            144.9,
            "noor",
            '```python\nfor line in open("rotation.log"):\n    hour, degrees = line.split()\n```',
        ),
        Line(
            120,
            "tomas",
            _("That did it. The gap in March is real: eleven hours without a turn."),
            reactions=(("🎉", "noor"),),
        ),
        Line(119.5, "noor", _("Eleven hours! Was that the storm?")),
        Line(119, "tomas", _("The storm, or somebody asleep. The log is too polite to say.")),
        Line(26, "noor", _("I am on the ferry at six. Shall we go through it on the way?")),
        Line(25.8, "tomas", _("Yes. Pier three, the `18:05`.")),
        Line(3, "noor", _("See you at six")),
    ),
)
PRIYA = Conversation(
    others=("priya",),
    lines=(
        Line(98, "priya", _("The light over the breakwater this morning was absurd.")),
        Line(97.5, "noor", _("I slept through it, of course.")),
        Line(97, "priya", _("I keep telling you: set the alarm for the light, not for the work.")),
        Line(52, "noor", _("Which lens was it, for the exhibition?")),
        Line(51, "priya", _("The 50. Everything else was in the bag, in the car, in Oslo.")),
        Line(5, "priya", _("Prints are ready: https://example.org/prints")),
    ),
)
JONAS = Conversation(
    others=("jonas",),
    lines=(
        Line(101, "jonas", _("Is the reading room open on Monday?")),
        Line(100, "noor", _("From ten. Ring twice, the bell is *temperamental*.")),
        Line(99.5, "jonas", _("Ringing twice. Thank you!")),
    ),
)
MAREN = Conversation(
    others=("maren",),
    lines=(
        Line(124, "maren", _("Who has the key to the lamp room?")),
        Line(123, "noor", _("Not me. I gave it to Aino for the inspection.")),
        Line(
            122,
            "maren",
            _("Then it is in her coat, in the hall, on hook four. I know that coat."),
        ),
        Line(8, "noor", _("You were right about the coat.")),
        Line(7.9, "maren", _("I am always right about coats.")),
    ),
)
AINO = Conversation(
    others=("aino",),
    unread=1,
    lines=(
        Line(72, "aino", _("Hello! Tomás told me you need somebody who can read the old log.")),
        Line(71, "noor", _("Welcome, Aino. Yes please, and bring patience.")),
        Line(28, "aino", _("I have read until 1931. People were very careful, and very cold.")),
        Line(27.5, "noor", _("That is the best summary of the archive I have heard.")),
        Line(4.5, "aino", _("I can join from the pier until `18:40`.")),
    ),
)
CHATS = (LIGHTHOUSE, FERRY, ILSE, TOMAS, PRIYA, JONAS, MAREN, AINO)
