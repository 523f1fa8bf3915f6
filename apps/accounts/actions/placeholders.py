"""Makes accounts for people of an archive, who can claim them later."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from msgspec import Struct

from apps.accounts.actions.erasure import placeholder
from apps.accounts.former_usernames import refuse_former
from apps.accounts.models import Placeholder, User
from apps.accounts.queries.profiles import FORMER_NAME
from apps.accounts.usernames import candidates


class PastPerson(Struct, frozen=True):
    """What an archive says of a person. `subjects` are pairs of issuer and subject; `former`: the
    account was closed there; `erased`: nothing is known of the person; `bot`: a program, which
    nobody claims."""

    id: UUID
    username: str = ""
    name: str = ""
    email: str = ""
    subjects: Sequence[Sequence[str]] = ()
    about: str = ""
    time_zone: str = "UTC"
    locale: str = "en"
    former: bool = False
    erased: bool = False
    bot: bool = False


def make_placeholder(person: PastPerson, *, source: str) -> User:
    """Make the closed account of a person of an archive, with that id, and return it. An account
    with this id is returned as it is.

    Its username is another one if that is taken, is a deleted account's or cannot be one here.
    """
    known = User.objects.filter(id=person.id).first()
    if known is not None:
        return known
    if person.erased:
        return _make(person, placeholder(person.id), source)
    for username in candidates(person.username):
        try:
            return _make(person, username, source)
        except IntegrityError:
            known = User.objects.filter(id=person.id).first()
            if known is not None:  # another import has made it
                return known
    raise AssertionError("There is always another username.")


@transaction.atomic
def _make(person: PastPerson, username: str, source: str) -> User:
    user = User(
        id=person.id,
        username=username,
        name=FORMER_NAME if person.erased else person.name,
        about=person.about,
        time_zone=person.time_zone,
        locale=person.locale,
        is_active=False,
        is_bot=person.bot,
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    if person.erased:
        User.objects.filter(id=user.id).update(erased_at=user.date_joined)
        user.erased_at = user.date_joined
        return user
    refuse_former(username)
    Placeholder.objects.create(
        user=user,
        email=person.email,
        subjects=[[*subject] for subject in person.subjects],
        source=source,
        former=person.former,
    )
    return user
