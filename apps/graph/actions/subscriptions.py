"""Keeps one subscription at Graph for each connected account.

Graph allows subscriptions to presence only in the name of an account, one for each, for at most 650
people and an hour (https://learn.microsoft.com/graph/changenotifications-for-presence). So each
connected account covers 650 people; the others are polled.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from apps.core.claims import claim, still_held
from apps.core.sealing import Unreadable, seal, unseal
from apps.graph.actions import service
from apps.graph.encryption import KEY_LIFETIME, make_key_pair
from apps.graph.errors import GraphRefused, SignInRefused
from apps.graph.gateways import graph, login
from apps.graph.gateways.graph import MAX_PEOPLE, Made
from apps.graph.models import Link, Subscription

LABEL = "apps.graph.subscriptions"
# Graph allows 60 minutes, by its own clock.
LIFETIME = timedelta(minutes=55)
RENEW_BEFORE = timedelta(minutes=25)
INTERVAL = timedelta(seconds=60)
# After a refusal: an administrator has to do something.
INTERVAL_REFUSED = timedelta(minutes=5)
BATCH = 10
LEASE = timedelta(minutes=5)


def address() -> str:
    """Where Graph sends notifications."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('graph-notifications')}"


def hash_of(client_state: str) -> str:
    """What is stored of a `clientState`."""
    return sha256(client_state.encode()).hexdigest()


def connect_account(account: str, refresh_token: str) -> None:
    """Store an account in whose name subscriptions are made; again: with its new token."""
    values = {"refresh_token": seal(refresh_token, label=LABEL), "due_at": Now(), "problem": ""}
    Subscription.objects.update_or_create(account=account, defaults=values)


def forget_account(account: str) -> bool:
    """Forget an account. Its subscription ends at Graph by itself, within the hour, and what it
    sends is ignored. Returns whether there was one."""
    return bool(Subscription.objects.filter(account=account).delete()[0])


def keep() -> None:
    """Look at the subscriptions that are due: make, renew or end them."""
    if not service.may_ask():
        return
    due = Subscription.objects.filter(due_at__lte=Now()).order_by("due_at")
    for row in claim(due, limit=BATCH, lease=LEASE):
        _assign(row)
        try:
            _keep(row)
        except (Unreadable, *service.FAILURES) as error:
            _refused(row, error)
        else:
            _release(row, wait=INTERVAL)


def _assign(row: Subscription) -> None:
    """Give the subscription people whom none covers, as long as it has room."""
    room = MAX_PEOPLE - Link.objects.filter(subscription=row).count()
    free = Link.objects.filter(subscription=None).exclude(object_id=None).order_by("created_at")
    if room > 0:
        ids = list(free.values_list("user_id", flat=True)[:room])
        Link.objects.filter(user_id__in=ids, subscription=None).update(subscription=row)


def _keep(row: Subscription) -> None:
    """Bring Graph's side to what it should be. A worker that dies anywhere in here leaves a row
    that the next one brings on from where it is."""
    links = Link.objects.filter(subscription=row).exclude(object_id=None)
    people = sorted(each for each in links.values_list("object_id", flat=True) if each)
    members = sha256(",".join(map(str, people)).encode()).hexdigest() if people else ""
    now = timezone.now()
    is_there = bool(row.graph_id and row.expires_at and row.expires_at > now)
    is_old = row.key_made_at is None or row.key_made_at < now - KEY_LIFETIME
    if is_there and row.members == members and not is_old:
        if row.renew_at is None or row.renew_at <= now:
            _renew(row, people, members)
    elif people or is_there:
        _make(row, _token(row), people, members)


def _token(row: Subscription) -> str:
    """A token of the account. Its next refresh token is stored at once."""
    token, following = login.of_account(unseal(bytes(row.refresh_token), label=LABEL))
    sealed = seal(following, label=LABEL)
    Subscription.objects.filter(id=row.id, attempt=row.attempt).update(refresh_token=sealed)
    return token


def _renew(row: Subscription, people: list[UUID], members: str) -> None:
    token = _token(row)
    try:
        made = graph.renew_subscription(token, row.graph_id, expires_at=timezone.now() + LIFETIME)
    except GraphRefused as error:
        if error.status != 404:
            raise
        _make(row, token, people, members)
    else:
        _store(row, made, members)


def _make(row: Subscription, token: str, people: list[UUID], members: str) -> None:
    """Make the subscription again. Graph allows an account only one: the old one, and one whose
    making nobody finished, go first."""
    if not _forget_graph_id(row):
        return
    for graph_id in graph.subscriptions_to(token, address()):
        graph.delete_subscription(token, graph_id)
    if not people:
        return
    state, pair = token_urlsafe(32), make_key_pair()
    with transaction.atomic():
        held = still_held(row)
        if held is None:
            return
        held.state_hash, held.key = hash_of(state), pair.key
        held.key_made_at, held.members = timezone.now(), ""
        held.save(update_fields=["state_hash", "key", "key_made_at", "members"])
    made = graph.create_subscription(
        token,
        people,
        address=address(),
        client_state=state,
        certificate=pair.certificate,
        certificate_id=str(row.id),
        expires_at=timezone.now() + LIFETIME,
    )
    if _store(row, made, members):
        # What changed while there was none.
        Link.objects.filter(subscription=row).update(due_at=Now())


@transaction.atomic
def _forget_graph_id(row: Subscription) -> bool:
    held = still_held(row)
    if held is None:
        return False
    held.graph_id, held.members, held.expires_at = "", "", None
    held.save(update_fields=["graph_id", "members", "expires_at"])
    return True


@transaction.atomic
def _store(row: Subscription, made: Made, members: str) -> bool:
    held = still_held(row)
    if held is None:
        return False
    held.graph_id, held.members, held.expires_at = made.id, members, made.expires_at
    held.renew_at = made.expires_at - RENEW_BEFORE
    held.save(update_fields=["graph_id", "members", "expires_at", "renew_at"])
    return True


def _refused(row: Subscription, error: Exception) -> None:
    """Note what went wrong. Polling goes on, so it is a problem of this account alone, unless
    Graph is away or asks for a pause."""
    if not isinstance(error, (Unreadable, SignInRefused, GraphRefused)):
        service.failed(error)
        _release(row, wait=INTERVAL)
        return
    if isinstance(error, Unreadable):
        error = SignInRefused("SECRET_KEY was changed: connect the account again")
    _release(row, wait=INTERVAL_REFUSED, problem=str(error)[:200])


@transaction.atomic
def _release(row: Subscription, *, wait: timedelta, problem: str = "") -> None:
    held = still_held(row)
    if held is None:
        return
    held.claimed_at, held.problem, held.due_at = None, problem, timezone.now() + wait
    held.save(update_fields=["claimed_at", "problem", "due_at"])


def renew_soon(graph_ids: list[str]) -> None:
    """Renew these at the next pass: Graph asks for it (`reauthorizationRequired`)."""
    Subscription.objects.filter(graph_id__in=graph_ids).update(renew_at=Now(), due_at=Now())


def make_again(graph_ids: list[str]) -> None:
    """Make these again at the next pass: Graph has removed them (`subscriptionRemoved`)."""
    Subscription.objects.filter(graph_id__in=graph_ids).update(expires_at=Now(), due_at=Now())


def poll_now(graph_ids: list[str]) -> None:
    """Ask for the presences that these cover: Graph has left some out (`missed`)."""
    covered = Q(subscription__graph_id__in=graph_ids)
    ids = list(Link.objects.filter(covered).values_list("user_id", flat=True))
    Link.objects.filter(user_id__in=ids).update(due_at=Now())
