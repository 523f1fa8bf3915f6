"""Reads the people of a Slack export."""

from collections.abc import Iterable

from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.chats.foreign.documents import Fields


def add_users(people: People, users: Iterable[object], report: Report) -> None:
    """Add everybody of `users.json`."""
    for item in users:
        user = Fields(item)
        key = user.key("id")
        if not key:
            report.lost("people", "without an id")
            continue
        profile = user.fields("profile")
        if profile.text("image_original") or profile.text("image_512"):
            report.lost("pictures of people", "the export only has addresses of them")
        is_bot = user.flag("is_bot") or key == "USLACKBOT"
        people.add(
            key,
            username=user.text("name") or profile.text("display_name") or key,
            name=profile.text("display_name")
            or profile.text("real_name")
            or user.text("real_name"),
            # A bot signs in nowhere.
            email="" if is_bot else profile.text("email"),
            about=profile.text("title"),
            time_zone=user.text("tz"),
            locale=user.text("locale"),
            former=user.flag("deleted"),
            bot=is_bot,
        )
