"""Days by name in searches: “yesterday”, “monday”, “last week”, in English and German.

`static/search/named-days.js` has the same; tests/chats/search/queries.json holds both to them.
"""

from collections.abc import Callable
from datetime import date, timedelta

Days = tuple[date, date]
DAY = timedelta(days=1)
WEEKDAYS = (
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"],
)


def _day(back: int) -> Callable[[date], Days]:
    return lambda today: (today - back * DAY, today - (back - 1) * DAY)


def _weekday(number: int) -> Callable[[date], Days]:
    """The last such day: today, or one of the six days before."""
    return lambda today: _day((today.weekday() - number) % 7)(today)


def _week(back: int) -> Callable[[date], Days]:
    def week(today: date) -> Days:
        monday = today - (today.weekday() + 7 * back) * DAY
        return monday, monday + 7 * DAY

    return week


def _month(back: int) -> Callable[[date], Days]:
    def month(today: date) -> Days:
        first = today.replace(day=1)
        for _ in range(back):
            first = (first - DAY).replace(day=1)
        return first, (first + 31 * DAY).replace(day=1)

    return month


def _year(back: int) -> Callable[[date], Days]:
    return lambda today: (date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1))


NAMES: dict[str, Callable[[date], Days]] = {
    **dict.fromkeys(("today", "heute"), _day(0)),
    **dict.fromkeys(("yesterday", "gestern"), _day(1)),
    "vorgestern": _day(2),
    **{name: _weekday(number) for names in WEEKDAYS for number, name in enumerate(names)},
    **dict.fromkeys(("this week", "diese woche"), _week(0)),
    **dict.fromkeys(("last week", "letzte woche"), _week(1)),
    **dict.fromkeys(("this month", "diesen monat", "dieser monat"), _month(0)),
    **dict.fromkeys(("last month", "letzten monat", "letzter monat"), _month(1)),
    **dict.fromkeys(("this year", "dieses jahr"), _year(0)),
    **dict.fromkeys(("last year", "letztes jahr"), _year(1)),
}
# For a regular expression.
PATTERN = "|".join(name.replace(" ", r"\s+") for name in NAMES)


def days_of(name: str, today: date) -> Days | None:
    """The first day and the day after the last; None if it is no such name."""
    days = NAMES.get(" ".join(name.lower().split()))
    return days(today) if days else None
