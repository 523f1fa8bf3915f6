"""Changes a person's own profile, and notifies everybody who has them in their contact list."""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions import profile, streams
from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.contacts.models import Contact
from apps.contacts.queries import contacts
from apps.core.errors import Conflict, NotFound
from apps.core.limits import PROFILE, limited
from apps.files.actions import pictures
from apps.wire import bodies
from apps.wire.publish import publish

MAX_ATTEMPTS = 5
CONTACT = Contact.State.CONTACT
SEEN_BY_CONTACTS = profiles.OF_CONTACTS | {"device_time_zone"}
SET_REVISIONS = """
UPDATE contacts_contact AS row SET owner_rev = next.rev
FROM unnest(%s::uuid[], %s::bigint[]) AS next(owner, rev)
WHERE row.owner_id = next.owner AND row.other_id = %s
"""


@limited(PROFILE)
def update(user_id: UUID, /, *, version: int | None, **fields: Any) -> bodies.Me:
    """Change some fields of the profile: those that `accounts.actions.profile.clean` takes.

    `version` is the version that the change started from; None: the current one. Raises Conflict
    when it is no longer current, Invalid (with a pointer to the field), NotFound. Does nothing when
    no field differs.
    """
    return _change(user_id, version, profile.clean(fields))


def reset(user_id: UUID, fields: Mapping[str, Any], *, then: Callable[[], object]) -> None:
    """Change fields for moderators, also of a closed account, and call `then` in the transaction.

    Raises NotFound for an erased account, and Conflict.
    """
    _change(user_id, None, fields, then=then)


def sync_status(user_id: UUID, decide: Callable[[], Mapping[str, Any] | None]) -> None:
    """Set what another program says that the person is doing.

    `decide` is called in the transaction, once the streams are locked. It returns the `synced_`
    fields of the profile (`accounts.queries.profiles.SYNCED`), or None to change nothing. The
    person's own status stays. Nothing happens to a closed account. Raises Conflict.
    """
    for _ in range(MAX_ATTEMPTS):
        if _try_sync(user_id, contacts.holders(user_id), decide):
            return
    raise Conflict


@transaction.atomic
def _try_sync(
    user_id: UUID, holders: set[UUID], decide: Callable[[], Mapping[str, Any] | None]
) -> bool:
    """False, before anything was decided, when somebody else has the person in their list now."""
    streams.lock([user_id, *holders])
    if not contacts.holders(user_id) <= holders:
        return False
    fields = decide() or {}
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None or all(getattr(user, name) == value for name, value in fields.items()):
        return True
    revs = streams.advance([user_id, *holders])
    user = profile.save(
        user_id,
        version=user.version,
        rev=revs.pop(user_id),
        fields=fields,
        # Nobody who is editing the profile has chosen this change.
        versioned=False,
    )
    _notify_holders(user, revs)
    return True


def _change(
    user_id: UUID,
    version: int | None,
    wanted: Mapping[str, Any],
    then: Callable[[], object] | None = None,
) -> bodies.Me:
    for _ in range(MAX_ATTEMPTS):
        picture = None
        if "picture" in wanted:
            user = _user(user_id, closed=then is not None)
            picture = user.picture
            # Before the new picture is looked at: the one that the change started from may be gone.
            if version not in (user.version, None):
                raise Conflict
        holders = _who_sees(user_id, wanted.keys())
        me = _try(
            user_id, version=version, wanted=wanted, holders=holders, picture=picture, then=then
        )
        if me is not None:
            return me
    raise Conflict


@transaction.atomic
def _try(
    user_id: UUID,
    *,
    version: int | None,
    wanted: Mapping[str, Any],
    holders: set[UUID],
    picture: UUID | None,
    then: Callable[[], object] | None,
) -> bodies.Me | None:
    """Change the profile. Returns None and changes nothing when the holders or the picture have
    changed before they were locked: files are locked before streams, and all streams in one step,
    so none can be added later."""
    if wanted.get("picture", picture) != picture:
        pictures.lock(user_id, current=picture, wanted=wanted["picture"], pointer="#/picture")
    streams.lock([user_id, *holders])
    user = _user(user_id, closed=then is not None)
    if version not in (user.version, None):
        raise Conflict
    if "picture" in wanted and user.picture != picture:
        return None
    fields = {
        name: value
        for name, value in _of_device(user, wanted).items()
        if getattr(user, name) != value
    }
    if not fields:
        return profiles.me_body(user)
    # Contacts see the time zone in the quiet hours.
    hidden = {"time_zone"} if user.dnd_start is None else set()
    notified = _who_sees(user_id, fields.keys() - hidden)
    if not notified <= holders:
        return None
    revs = streams.advance([user_id, *notified])
    if "picture" in fields:
        pictures.replace(picture, fields["picture"])
    user = profile.save(
        user_id,
        version=user.version,
        rev=revs.pop(user_id),
        fields=fields,
        versioned="device_time_zone" not in wanted,
        closed=then is not None,
    )
    _notify_holders(user, revs)
    if then is not None:
        then()
    return profiles.me_body(user)


def _who_sees(user_id: UUID, fields: Set[str]) -> set[UUID]:
    """Those who have the person in their list and see a change of these fields."""
    if fields & profiles.PUBLIC:
        return contacts.holders(user_id)
    return contacts.holders(user_id, CONTACT) if fields & SEEN_BY_CONTACTS else set()


def _of_device(user: User, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted fields; the time zone of a device is the person's until they choose one."""
    fields = dict(wanted)
    zone = fields.pop("device_time_zone", None)
    if zone is None or user.has_chosen_zone:
        return fields
    return {"time_zone": zone, "time_zone_chosen": False} | fields


def _user(user_id: UUID, *, closed: bool) -> User:
    """The person; `closed`: also of an account that is closed and not erased."""
    if not closed:
        return profiles.get_active_user(user_id)
    user = User.objects.filter(id=user_id, erased_at=None).first()
    if user is None:
        raise NotFound
    return user


def _notify_holders(person: User, revs: Mapping[UUID, int]) -> None:
    if not revs:
        return
    with connection.cursor() as cursor:
        cursor.execute(SET_REVISIONS, [list(revs), list(revs.values()), person.id])
    rows: Iterable[Contact] = Contact.objects.filter(other_id=person.id, owner_id__in=revs)
    publish(contacts.changed(row, person) for row in rows)
