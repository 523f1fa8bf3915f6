"""The people and messages of the demo workspace."""

from typing import NamedTuple

MAIL = "demo.invalid"
HERO = "noor"

PEOPLE = {
    "noor": ("Noor Haddad", "Archive, lighthouse log, too much tea"),
    "ilse": ("Ilse Brandt", "Harbour office"),
    "tomas": ("Tomás Rey", "Optics and old machines"),
    "priya": ("Priya Nair", "Photographs of weather"),
    "jonas": ("Jonas Weber", ""),
    "maren": ("Maren Holt", "Keeper of keys"),
    "aino": ("Aino Salo", "Reads rotation logs for fun"),
    "omarsid": ("Omar Siddiqui", ""),
    "ravi": ("Ravi Menon", "Book circle"),
    "marek": ("Marek Dvořák", "Ferry timetable enthusiast"),
}
CONTACTS = ("ilse", "tomas", "priya", "jonas", "maren", "aino")
INVITED_BY_HERO = ("omarsid",)
INVITE_HERO = ("ravi",)


class Utterance(NamedTuple):
    """A message: how many hours ago, by whom, and its text."""

    hours: float
    who: str
    text: str


# By the other person of each chat: the messages, oldest first, and how many the hero has not read.
CHATS: dict[str, tuple[list[Utterance], int]] = {
    "ilse": (
        [
            Utterance(
                150, "ilse", "Morning! The harbour plan went round last night. Did it reach you?"
            ),
            Utterance(149.8, "noor", "It did. All **forty** pages of it."),
            Utterance(149.7, "ilse", "Sorry. The useful part begins on page 31."),
            Utterance(77, "noor", "Page 31 says the crane moves in March. Is that still so?"),
            Utterance(
                76.5, "ilse", "Only if the ice lets us. I would write _spring_ and leave it."
            ),
            Utterance(30, "noor", "Spring it is."),
            Utterance(2.4, "ilse", "The printed version comes on Thursday."),
            Utterance(2.2, "ilse", "Could you look at the harbour plan?"),
        ],
        2,
    ),
    "tomas": (
        [
            Utterance(146, "tomas", "I found the old rotation log. It is one line per turn:"),
            Utterance(145.9, "tomas", "```\n04:12 118.5\n04:13 124.5\n04:14 130.5\n```"),
            Utterance(145, "noor", "Then this is enough to read it:"),
            Utterance(
                144.9,
                "noor",
                '```python\nfor line in open("rotation.log"):\n'
                "    hour, degrees = line.split()\n```",
            ),
            Utterance(
                120, "tomas", "That did it. The gap in March is real: eleven hours without a turn."
            ),
            Utterance(119.5, "noor", "Eleven hours! Was that the storm?"),
            Utterance(119, "tomas", "The storm, or somebody asleep. The log is too polite to say."),
            Utterance(26, "noor", "I am on the ferry at six. Shall we go through it on the way?"),
            Utterance(25.8, "tomas", "Yes. Pier three, the `18:05`."),
            Utterance(3, "noor", "See you at six"),
        ],
        0,
    ),
    "priya": (
        [
            Utterance(98, "priya", "The light over the breakwater this morning was absurd."),
            Utterance(97.5, "noor", "I slept through it, of course."),
            Utterance(
                97, "priya", "I keep telling you: set the alarm for the light, not for the work."
            ),
            Utterance(52, "noor", "Which lens was it, for the exhibition?"),
            Utterance(51, "priya", "The 50. Everything else was in the bag, in the car, in Oslo."),
            Utterance(5, "priya", "Prints are ready: https://example.org/prints"),
        ],
        0,
    ),
    "jonas": (
        [
            Utterance(101, "jonas", "Is the reading room open on Monday?"),
            Utterance(100, "noor", "From ten. Ring twice, the bell is *temperamental*."),
            Utterance(99.5, "jonas", "Ringing twice. Thank you!"),
        ],
        0,
    ),
    "maren": (
        [
            Utterance(124, "maren", "Who has the key to the lamp room?"),
            Utterance(123, "noor", "Not me. I gave it to Aino for the inspection."),
            Utterance(
                122, "maren", "Then it is in her coat, in the hall, on hook four. I know that coat."
            ),
            Utterance(8, "noor", "You were right about the coat."),
            Utterance(7.9, "maren", "I am always right about coats."),
        ],
        0,
    ),
    "aino": (
        [
            Utterance(
                72, "aino", "Hello! Tomás told me you need somebody who can read the old log."
            ),
            Utterance(71, "noor", "Welcome, Aino. Yes please, and bring patience."),
            Utterance(
                28, "aino", "I have read until 1931. People were very careful, and very cold."
            ),
            Utterance(27.5, "noor", "That is the best summary of the archive I have heard."),
            Utterance(4.5, "aino", "I can join from the pier until `18:40`."),
        ],
        1,
    ),
}
