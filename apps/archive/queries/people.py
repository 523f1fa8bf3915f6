"""The people of an archive as records."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from uuid import UUID

from apps.accounts.models import Placeholder, User
from apps.accounts.models.ending import Ending
from apps.archive import records
from apps.archive.queries.timeline import View, same
from apps.sso.models import Identity

BATCH = 500


def people_records(people: Iterable[UUID], view: View) -> Iterator[records.Person]:
    """People in the order of their ids. A person gets of others what all members see."""
    rest = iter(sorted(people))
    while batch := list(islice(rest, BATCH)):
        users = User.objects.in_bulk(batch)
        placeholders = Placeholder.objects.in_bulk(batch) if view.is_whole else {}
        subjects = _subjects(batch) if view.is_whole else {}
        for person in batch:
            user = users.get(person)
            if user is None or user.erased_at is not None:
                yield records.Person(id=person, erased=True)
            elif view.is_whole:
                yield _whole(user, placeholders.get(person), subjects.get(person, ()))
            else:
                yield records.Person(
                    id=person, username=user.username, name=user.name, bot=user.is_bot
                )


def _whole(
    user: User, placeholder: Placeholder | None, subjects: Iterable[tuple[str, str]]
) -> records.Person:
    closed = not user.is_active and user.closed_way != Ending.Way.SUSPENSION
    if placeholder is not None:
        subjects = ((issuer, subject) for issuer, subject in placeholder.subjects)
    return records.Person(
        id=user.id,
        username=user.username,
        name=user.name,
        email=(placeholder.email if placeholder is not None else user.email) or "",
        subjects=tuple(subjects),
        about=user.about,
        time_zone=same(user.time_zone),
        locale=same(user.locale),
        picture=user.picture,
        former=placeholder.former if placeholder is not None else closed,
        bot=user.is_bot,
    )


def _subjects(people: Iterable[UUID]) -> Mapping[UUID, list[tuple[str, str]]]:
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = Identity.objects.filter(user_id__in=people).order_by("issuer", "subject")
    for user, issuer, subject in rows.values_list("user_id", "issuer", "subject"):
        found.setdefault(user, []).append((issuer, subject))
    return found
