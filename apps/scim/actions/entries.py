"""Carries out what a directory says of people: creates, changes, closes and reopens accounts.

`externalId` is the subject at OIDC_ISSUER: it links the account to the identity with which the
person signs in. An e-mail address or a user name links nothing (decision 0041).
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from scim2_models import InvalidValueException, MutabilityException, UniquenessException

from apps.accounts.actions import accounts, external
from apps.accounts.actions.access import Way
from apps.accounts.models import User as Account
from apps.accounts.profile_updates import update_profile
from apps.accounts.queries.closing import closable
from apps.core.errors import NotPossible, Refused
from apps.scim.models import DirectoryEntry
from apps.scim.queries.entries import get_entry, resource
from apps.scim.schemas import User, shown_name
from apps.sso.models import Identity

logger = logging.getLogger(__name__)
MAX_LENGTH = 255
STORED = ("name", "displayName", "emails")
MAX_STORED_CHARACTERS = 10_000


def create(wanted: User) -> DirectoryEntry:
    """Create an account for a person of the directory, or take over the management of the one that
    their identity already has.

    Raises UniquenessException when the directory has such a person already, InvalidValueException.
    """
    user_name, external_id = _names(wanted)
    with _stored():
        account = _account_of(external_id)
        if account is None:
            account = external.register(user_name, name=shown_name(wanted))
            _link(account, external_id)
        entry = DirectoryEntry.objects.create(
            user=account,
            user_name=user_name,
            external_id=external_id,
            attributes=_attributes(wanted),
        )
        _set_active(account.id, wanted.active is not False)
    _follow_name(account.id, before="", wanted=wanted)
    logger.info("The directory has added %s as account %s", entry.id, account.id)
    return get_entry(entry.id)


def change(entry_id: UUID, alter: Callable[[User], User]) -> DirectoryEntry:
    """Make a person of the directory what `alter` returns; it gets what they are now.

    Raises NotFoundException, UniquenessException, InvalidValueException, MutabilityException for
    another `externalId` of a person who has signed in, and what `alter` raises.
    """
    with _stored():
        # Locks the row, so that two changes of one person run one after the other.
        entry = get_entry(entry_id, lock=True)
        before = shown_name(resource(entry))
        wanted = alter(resource(entry))
        user_name, external_id = _names(wanted)
        if external_id != entry.external_id:
            _change_identity(entry, external_id)
        entry.user_name, entry.external_id = user_name, external_id
        entry.attributes = _attributes(wanted)
        entry.save()
        if wanted.active is not None:
            _set_active(entry.user_id, wanted.active)
    _follow_name(entry.user_id, before=before, wanted=wanted)
    return get_entry(entry_id)


def delete(entry_id: UUID) -> None:
    """Forget a person of the directory and close their account. Raises NotFoundException."""
    with transaction.atomic():
        entry = get_entry(entry_id, lock=True)
        _set_active(entry.user_id, False)
        entry.delete()
    logger.info("The directory has removed %s, account %s", entry.user_name, entry.user_id)


@contextmanager
def _stored() -> Iterator[None]:
    """A transaction in which the database refuses doubles and characters that it cannot store."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise UniquenessException(
            detail="Another person has this userName or externalId."
        ) from error
    except (DataError, NotPossible) as error:
        raise InvalidValueException(detail="This cannot be stored.") from error


def _names(wanted: User) -> tuple[str, str]:
    names = wanted.user_name or "", wanted.external_id or ""
    if not names[0].strip():
        raise InvalidValueException(detail="userName is empty.")
    if any(len(name) > MAX_LENGTH or "\0" in name for name in names):
        raise InvalidValueException(detail=f"Use at most {MAX_LENGTH} printable characters.")
    return names


def _attributes(wanted: User) -> dict[str, Any]:
    dumped = wanted.model_dump()
    attributes = {name: dumped[name] for name in STORED if dumped.get(name)}
    if len(json.dumps(attributes)) > MAX_STORED_CHARACTERS:
        raise InvalidValueException(detail="The names and addresses are too long.")
    return attributes


def _account_of(external_id: str) -> Account | None:
    """The account of the person at the provider, who may have signed in before. A deleted one is
    nobody's; its identity stays refused where it is still stored."""
    if not external_id:
        return None
    found = Identity.objects.select_related("user").filter(user__erased_at=None)
    identity = found.filter(issuer=settings.OIDC_ISSUER, subject=external_id).first()
    return identity.user if identity else None


def _link(account: Account, external_id: str) -> None:
    if external_id:
        Identity.objects.create(user=account, issuer=settings.OIDC_ISSUER, subject=external_id)


def _change_identity(entry: DirectoryEntry, external_id: str) -> None:
    """Link the account to another person at the provider, as long as nobody has used it.

    Later it has chats: with the token of the directory and an identity of their own, somebody
    could read them.
    """
    if entry.user.last_login is not None:
        raise MutabilityException(
            attribute="externalId",
            detail="externalId cannot be changed: the person has signed in.",
        )
    Identity.objects.filter(user_id=entry.user_id, issuer=settings.OIDC_ISSUER).delete()
    _link(entry.user, external_id)


def _set_active(user_id: UUID, active: bool) -> None:
    """Close or reopen the account. What was closed by others than the directory stays closed."""
    if active:
        accounts.activate(user_id, closed_by=Way.DIRECTORY)
    elif closable(user_id).exists():
        accounts.deactivate(user_id, way=Way.DIRECTORY)


def _follow_name(user_id: UUID, *, before: str, wanted: User) -> None:
    """Change the name on the profile when the directory has changed it.

    After the transaction: a profile locks the streams of everybody who sees it, in one step.
    """
    name = external.clean_name(shown_name(wanted))
    account = Account.objects.get(id=user_id)
    if not name or name in (before, account.name) or not account.is_active:
        return
    try:
        update_profile(user_id, name=name)
    except Refused as error:
        # A name that cannot be changed now must not fail the directory.
        logger.warning("The name of %s does not follow the directory: %s", user_id, error)
