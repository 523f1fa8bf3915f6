"""The people of an export, by their ids there."""

import re
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.accounts.actions.profile import MAX_LENGTHS
from apps.accounts.usernames import FALLBACK, MAX_LENGTH, candidates
from apps.archive.vendors.drafts import DraftFile, DraftPerson
from apps.archive.vendors.identifiers import Identifiers
from apps.archive.vendors.report import Report
from apps.chats.actions.mentions import ALL
from apps.chats.foreign.texts import line

ZONES = available_timezones()
# What `candidates` ends with when nothing of a name can be used.
RANDOM = re.compile(rf"{FALLBACK}-[0-9a-f]{{8}}")
MAX_EMAIL_LENGTH = 254


class People:
    """Gives each person a username. Those that messages name alone, as deleted ones, get an account
    without an address: nobody can claim it."""

    def __init__(self, ids: Identifiers, report: Report) -> None:
        self._ids = ids
        self._report = report
        self._people: dict[str, DraftPerson] = {}
        self._usernames: set[str] = {ALL}

    def __contains__(self, key: str) -> bool:
        return key in self._people

    def add(
        self,
        key: str,
        *,
        username: str,
        name: str = "",
        email: str = "",
        about: str = "",
        time_zone: str = "",
        locale: str = "",
        former: bool = False,
        bot: bool = False,
        picture: DraftFile | None = None,
    ) -> None:
        """Add a person. The first one of a key counts."""
        if key in self._people:
            self._report.lost("people", "the export has them twice", key)
            return
        chosen = self._free(key, username)
        if chosen != username:
            self._report.changed("usernames", "made valid and unique", f"{username} → {chosen}")
        self._report.kept("people")
        self._people[key] = DraftPerson(
            key=key,
            username=chosen,
            name=line(name, MAX_LENGTHS["name"]),
            email=self._email(email),
            about=line(about, MAX_LENGTHS["about"]),
            time_zone=time_zone if time_zone in ZONES else "UTC",
            locale="de" if locale.lower().startswith("de") else "en",
            former=former,
            bot=bot,
            picture=picture,
        )

    def named(self, key: str, username: str = "", name: str = "") -> DraftPerson:
        """The person of a key, who is made up if the export does not have the person."""
        if key not in self._people:
            self._report.changed(
                "people", "only named by messages, so nobody can claim the account", key
            )
            chosen = self._free(key, username or key)
            cleaned = line(name, MAX_LENGTHS["name"])
            self._people[key] = DraftPerson(key, chosen, name=cleaned)
        return self._people[key]

    def all(self) -> list[DraftPerson]:
        """Everybody so far."""
        return [*self._people.values()]

    def _free(self, key: str, wish: str) -> str:
        """The same in each run: an export that is read again must find the same people."""
        base = next(candidates(wish))
        digits = self._ids.person(key).hex
        if RANDOM.fullmatch(base):
            base = f"{FALLBACK}-{digits[:8]}"
        chosen = base
        for length in range(4, 32, 4):
            if chosen not in self._usernames:
                break
            chosen = f"{base[: MAX_LENGTH - length - 1].rstrip('._-')}-{digits[:length]}"
        self._usernames.add(chosen)
        return chosen

    def _email(self, email: str) -> str:
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            email = email and self._no_email(email)
        return email if len(email) <= MAX_EMAIL_LENGTH else ""

    def _no_email(self, email: str) -> str:
        self._report.lost("e-mail addresses", "not valid", email)
        return ""
