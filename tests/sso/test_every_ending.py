"""Each way of ending access closes each kind of connection on each server, and the record of it
says the same (promise 14)."""

import asyncio
from functools import partial

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from apps.accounts.access_handlers import SESSIONS, Scope
from apps.accounts.actions import accounts
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Ending, Session, User
from apps.accounts.queries import endings
from apps.core.identifiers import new_id
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.sso.actions import identities, poll, provider_sessions
from apps.sso.models import Identity
from apps.sso.tokens import LOGOUT_EVENT
from tests.sso.stand_in import stand_in
from tests.support.keycloak import CLIENT, SECRET
from tests.support.listeners import TRANSPORTS, listener
from tests.support.live import cast, database, db, shared_database
from tests.support.people import PASSWORD, person, session_of, signed_in

__all__ = ["cast", "db", "listener", "shared_database"]
AT_ONCE_S = 2.0
SIGNED_OUT = {"socket": 4401, "stream": 4401, "poll": 401}
PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def idp():
    """A provider on loopback, which this process believes."""
    with stand_in() as made:
        use = {
            "OIDC_ISSUER": made.issuer,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
        }
        with override_settings(**use):
            poll.provider.forget()
            yield made


def began_there(idp, user, keys):
    """Make these sessions look as if they had begun at the provider."""
    identity = Identity.objects.create(user=user, issuer=idp.issuer, subject=str(user.id))
    for number, key in enumerate(keys):
        origin = provider_sessions.begin(
            identity, sid=f"{user.id}-{number}", id_token="id", refresh_token="refresh"
        )
        Session.objects.filter(session_key=key).update(origin=origin)


def by_logout_token(idp, user, keys):
    claims = idp.all_claims(
        nonce=None,
        azp=None,
        preferred_username=None,
        sid=None,
        sub=str(user.id),
        jti=str(new_id()),
        events={LOGOUT_EVENT: {}},
    )
    answer = Client().post("/accounts/sso/backchannel-logout", {"logout_token": idp.sign(claims)})
    assert answer.status_code == 200


def by_front_channel_logout(idp, user, keys):
    with override_settings(OIDC_FRONT_CHANNEL_LOGOUT=True):
        for number, _ in enumerate(keys):
            named = {"iss": idp.issuer, "sid": f"{user.id}-{number}"}
            answer = Client().get("/accounts/sso/frontchannel-logout", named)
            assert answer.status_code == 200


def by_unlinking(idp, user, keys):
    user.set_password(PASSWORD)
    user.save()
    identities.unlink(user.id, Identity.objects.get(user=user).id)


def by_the_poll(idp, user, keys):
    idp.refusal = (400, {"error": "invalid_grant"})
    mine = provider_sessions.ProviderSession.objects.filter(identity__user=user)
    mine.update(next_check_at=user.date_joined)
    poll.check_due()


def by_an_administrator(idp, user, keys, *, action):
    root = person(f"root-{user.username}", is_staff=True, is_superuser=True)
    body = {"action": action, "_selected_action": [str(user.id)]}
    assert signed_in(root).post(PEOPLE, body).status_code == 302


def by_a_new_password(idp, user, keys):
    accounts.set_password(User.objects.get(id=user.id), "a new correct horse battery")


def as_lost_devices(idp, user, keys):
    end_access(Scope(user.id, only={SESSIONS: keys}), way=Way.DEVICE, by=user.id)


def by_signing_out(idp, user, keys):
    for key in keys:
        client = Client()
        client.cookies["parley"] = key
        assert client.delete("/api/v1/session").status_code == 204


def by_asking_to_be_deleted(idp, user, keys):
    client = Client()
    client.cookies["parley"] = keys[0]
    assert client.delete("/api/v1/me").status_code == 202


def by_the_command(idp, user, keys):
    accounts.deactivate(user.id, way=Way.COMMAND)


def by_the_directory(idp, user, keys):
    with override_settings(SCIM_TOKEN="the token"):
        client = Client(headers={"Authorization": "Bearer the token"})
        schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"]
        person = {"schemas": schemas, "userName": user.username, "externalId": str(user.id)}
        json = "application/scim+json"
        made = client.post("/scim/v2/Users", person, content_type=json).json()
        assert client.delete(f"/scim/v2/Users/{made['id']}").status_code == 204


def by_a_ban(idp, user, keys):
    people.suspend(By(None, Door.COMMAND), user.id, until=None, reason="Insults")


WAYS = {
    "ban": (by_a_ban, Way.SUSPENSION),
    "directory": (by_the_directory, Way.DIRECTORY),
    "back-channel logout": (by_logout_token, Way.BACK_CHANNEL),
    "front-channel logout": (by_front_channel_logout, Way.FRONT_CHANNEL),
    "unlinked": (by_unlinking, Way.UNLINKED),
    "poll": (by_the_poll, Way.POLL),
    "administrator closes": (partial(by_an_administrator, action="deactivate"), Way.ADMINISTRATOR),
    "administrator ends": (partial(by_an_administrator, action="end_sessions"), Way.ADMINISTRATOR),
    "password": (by_a_new_password, Way.PASSWORD),
    "lost devices": (as_lost_devices, Way.DEVICE),
    "sign-out": (by_signing_out, Way.SIGN_OUT),
    "deletion asked for": (by_asking_to_be_deleted, Way.DELETION_ASKED),
    "command": (by_the_command, Way.COMMAND),
}


def totals(user, way):
    """What all records of the person say together, and the slowest of them."""
    sums, took, processes = {}, 0.0, set()
    for record in Ending.objects.filter(user=user, way=way):
        parts = list(record.parts.all())
        told = endings.totals(record, parts)
        for kind, count in told.counts.items():
            sums[kind] = sums.get(kind, 0) + count
        took = max(took, told.took.total_seconds())
        processes |= {part.process for part in parts if part.process}
    return sums, len(processes), took


async def confirmed(user, way, connections):
    """Wait until the records count so many closed connections; returns what they say."""
    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(database, totals, user, way)
            if found[0].get(endings.CONNECTIONS, 0) >= connections:
                return found
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_survives_and_the_record_says_so(servers, cast, listener, idp, way):
    end, recorded_as = WAYS[way]
    keys = [await asyncio.to_thread(database, session_of, cast.alice) for _ in range(2)]
    await asyncio.to_thread(database, began_there, idp, cast.alice, keys)
    places = [(servers[0], keys[0]), (servers[1], keys[0]), (servers[1], keys[1])]
    alices = [
        await listener(at, cast.alice, transport, key=key).join()
        for at, key in places
        for transport in TRANSPORTS
    ]
    bobs = [await listener(servers[1], cast.bob, transport).join() for transport in TRANSPORTS]
    await asyncio.to_thread(database, end, idp, cast.alice, keys)
    codes = await asyncio.gather(*(one.ended(AT_ONCE_S) for one in alices))
    assert codes == [SIGNED_OUT[transport] for _ in places for transport in TRANSPORTS]
    for bob in bobs:
        assert not await bob.lost(within=0)
    counts, processes, took = await confirmed(cast.alice, recorded_as, len(alices))
    assert counts[endings.CONNECTIONS] == len(alices)
    assert (counts["sessions"], counts.get("provider tokens"), processes) == (2, 2, 2)
    assert took < AT_ONCE_S
    left = await asyncio.to_thread(
        database, lambda: Session.objects.filter(user=cast.alice).count()
    )
    assert left == 0
