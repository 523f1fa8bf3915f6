"""Finds the accounts of the people of an archive, and makes placeholders for the others."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal, NamedTuple
from uuid import UUID

from apps.accounts.actions.placeholders import make_placeholder
from apps.accounts.models import User
from apps.archive.records import Person
from apps.archive.rows import past_person
from apps.sso.models import Identity

BATCH = 500


class Match(NamedTuple):
    """A person and their account. `by`: what found it; empty: nothing, it is (or will be) a
    placeholder."""

    person: Person
    account: UUID
    username: str
    by: Literal["id", "subject", "email", ""]


def match_people(people: Iterable[Person], *, source: str, dry_run: bool) -> Iterator[Match]:
    """The account of each person: that with the id, else with one of the subjects, else with the
    confirmed address, unless the person is a former one, else a placeholder. With `dry_run` none is
    made."""
    rest = iter(people)
    while batch := list(islice(rest, BATCH)):
        by_id = _names(User.objects.filter(id__in=[person.id for person in batch]))
        by_subject = _by_subject(batch)
        by_email = _by_email(batch)
        for person in batch:
            subjects = (by_subject.get(subject) for subject in person.subjects)
            if person.id in by_id:
                yield Match(person, person.id, by_id[person.id], "id")
            elif (account := next(filter(None, subjects), None)) is not None:
                yield Match(person, account, "", "subject")
            elif not person.former and (account := by_email.get(person.email.lower())) is not None:
                yield Match(person, account, "", "email")
            elif dry_run:
                yield Match(person, person.id, person.username, "")
            else:
                made = make_placeholder(past_person(person), source=source)
                yield Match(person, person.id, made.username, "")


def _names(users: "Iterable[User]") -> dict[UUID, str]:
    return {user.id: user.username for user in users}


def _by_subject(people: list[Person]) -> dict[tuple[str, str], UUID]:
    wanted = {subject for person in people for subject in person.subjects}
    if not wanted:
        return {}
    found = Identity.objects.filter(
        issuer__in={issuer for issuer, _ in wanted}, subject__in={one for _, one in wanted}
    )
    return {(each.issuer, each.subject): each.user_id for each in found}


def _by_email(people: list[Person]) -> dict[str, UUID]:
    # The address of somebody who left may be another person's by now (as `claiming.take`).
    emails = {person.email.lower() for person in people if person.email and not person.former}
    if not emails:
        return {}
    # An account's own address is a confirmed one.
    own = User.objects.filter(email__in=emails, is_active=True).values_list("email", "id")
    return {email.lower(): user for email, user in own if email}
