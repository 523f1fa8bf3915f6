"""Runs of commands that other servers answer: stored when a person runs one, posted by a worker.

Commands are not idempotent, so a run is posted once. The worker writes `posted_at` before it posts:
if it dies, the run is not repeated, and the person reads that there was no answer.
"""

import asyncio
import logging
from concurrent.futures import Future, as_completed
from datetime import timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext, override

from apps.accounts.models import User
from apps.accounts.tokens import digest
from apps.chats.queries.access import get_membership
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict
from apps.core.errors import ChatClosed, Invalid, NotFound
from apps.core.event_loop_thread import event_loop_thread
from apps.core.metrics import COMMAND_CALLS
from apps.core.sealing import Unreadable, unseal
from apps.core.task_wakeup import TaskWakeup
from apps.integrations.actions import replies
from apps.integrations.actions.member_markup import markup_for
from apps.integrations.commands.registry import CommandContext
from apps.integrations.commands.slack_answers import read_reply
from apps.integrations.gateways import command_posts
from apps.integrations.gateways.command_posts import Failure, PostResult
from apps.integrations.models import CommandCall, ExternalCommand
from apps.integrations.queries import external_commands

logger = logging.getLogger(__name__)
wake = TaskWakeup("apps.integrations.tasks.post_commands")

SEAL = "external command"
MAX_POSTS_PER_PASS = 20
# Far longer than a post takes, with the lookup of the name.
LEASE = timedelta(seconds=20)
# A run that waited for a worker for longer is not posted: nobody expects it any more.
MAX_WAIT = timedelta(minutes=2)
# How long a row is kept: a repeated run with its client id is not posted again.
KEPT = timedelta(days=1)


def ask(command: ExternalCommand, context: CommandContext) -> None:
    """Store a run, which a worker posts at once. A repeated client id stores nothing."""
    call = CommandCall(
        command=command,
        user_id=context.person,
        chat_id=context.chat,
        client_id=context.client_id,
        text=context.text,
        reply_to=context.reply_to,
        made_at=timezone.now(),
    )
    CommandCall.objects.bulk_create([call], ignore_conflicts=True)
    transaction.on_commit(wake)


def post_due() -> int:
    """Post stored runs and deliver their answers. Returns how many were claimed. Safe to run
    concurrently anywhere."""
    due = CommandCall.objects.filter(done=False).order_by("id")
    claimed = claim(due, limit=MAX_POSTS_PER_PASS, lease=LEASE)
    if not claimed:
        return 0
    with event_loop_thread("command-posts") as loop:
        posts = dict(filter(None, (_started(call, loop) for call in claimed)))
        for post in as_completed(posts):
            _deliver(posts[post], _result(post))
    return len(claimed)


def delete_old() -> None:
    """Delete runs that nothing refers to any more, and those that fail again and again."""
    CommandCall.objects.filter(made_at__lt=Now() - KEPT).delete()


def _started(
    call: CommandCall, loop: asyncio.AbstractEventLoop
) -> tuple[Future[PostResult], CommandCall] | None:
    """As `_start`. One bad run must not stop the rest, whose posts would be cancelled."""
    try:
        return _start(call, loop)
    except DATABASE_UNAVAILABLE as error:
        if not is_lock_conflict(error):
            raise
    except Exception:
        logger.exception("a command cannot be posted: %s", call.id)
    return None


def _result(post: Future[PostResult]) -> PostResult:
    """What came of a post, also if the gateway failed in a way that nobody has thought of."""
    try:
        return post.result()
    except Exception:
        logger.exception("a command cannot be posted")
        return PostResult(failure=Failure.ERROR)


def _start(
    call: CommandCall, loop: asyncio.AbstractEventLoop
) -> tuple[Future[PostResult], CommandCall] | None:
    """Begin to post a run that was not posted before."""
    if call.posted_at is not None:
        # The worker that posted it died.
        _deliver(call, PostResult(failure=Failure.TIMEOUT))
        return None
    if timezone.now() - call.made_at > MAX_WAIT:
        _deliver(call, PostResult(failure=Failure.UNREACHABLE))
        return None
    secret = token_urlsafe(24)
    mine = CommandCall.objects.filter(pk=call.pk, attempt=call.attempt, posted_at=None)
    if not mine.update(posted_at=Now(), secret=digest(secret)):
        return None  # another worker has it
    command = external_commands.usable(call.chat_id).filter(pk=call.command_id).first()
    if command is None:
        # Switched off since then; or deleted, and its runs with it.
        if CommandCall.objects.filter(pk=call.pk).exists():
            _deliver(call, PostResult(failure=Failure.UNREACHABLE))
        return None
    try:
        key = unseal(bytes(command.secret), label=SEAL)
        fields = _fields(call, command, key, response_secret=secret)
    except (NotFound, ChatClosed, Unreadable):
        # The person has left, the group was closed, or SECRET_KEY is another one.
        _deliver(call, PostResult(failure=Failure.UNREACHABLE))
        return None
    post = command_posts.post(command.url, fields, secret=key)
    return asyncio.run_coroutine_threadsafe(post, loop), call


def _fields(
    call: CommandCall, command: ExternalCommand, key: str, *, response_secret: str
) -> dict[str, str]:
    """What Slack sends of a command. Raises NotFound when the person has left the chat, and
    ChatClosed: what is written in a closed group leaves it for no server."""
    chat = get_membership(call.user_id, call.chat_id).chat
    if chat.closed_reason:
        raise ChatClosed
    host = urlsplit(settings.PUBLIC_URL).netloc
    return {
        "token": command_posts.verification_token(key),
        "team_id": host,
        "team_domain": host,
        "channel_id": str(call.chat_id),
        "channel_name": chat.title,
        "user_id": str(call.user_id),
        "user_name": User.objects.values_list("username", flat=True).get(id=call.user_id),
        "command": f"/{command.name}",
        "text": call.text,
        "api_app_id": str(command.id),
        "is_enterprise_install": "false",
        "response_url": f"{settings.PUBLIC_URL}/hooks/responses/{call.id}/{response_secret}",
        "trigger_id": str(call.id),
    }


def _deliver(call: CommandCall, answer: PostResult) -> None:
    """Deliver the first answer, and finish the run. One bad run must not stop the rest."""
    try:
        _say(call, answer)
        with transaction.atomic():
            if (held := still_held(call)) is not None:
                held.done, held.text = True, ""
                held.save(update_fields=["done", "text"])
    except DATABASE_UNAVAILABLE as error:
        # PostgreSQL is unavailable: each further run would wait for it, too.
        if not is_lock_conflict(error):
            raise
        logger.warning("the answer of a command is lost, the chat is locked: %s", call.id)
    except Exception:
        logger.exception("the answer of a command cannot be delivered: %s", call.id)


def _say(call: CommandCall, answer: PostResult) -> None:
    failure = answer.failure
    if failure is None:
        try:
            markup = markup_for(call.chat_id, answer.body)
            reply = read_reply(answer.body, answer.content_type, markup)
        except Invalid:
            failure = Failure.UNREADABLE
        else:
            COMMAND_CALLS.labels("answered").inc()
            if reply is not None:
                replies.deliver(call, reply, number=0)
            return
    COMMAND_CALLS.labels(failure).inc()
    person = User.objects.only("locale").get(id=call.user_id)
    with override(person.locale):
        text = failure_text(f"/{call.command.name}", failure, answer.status)
    replies.tell(call, text, number=0)


def failure_text(command: str, failure: Failure, status: int = 0) -> str:
    """What the person reads of a command without an answer, in the active language."""
    match failure:
        case Failure.UNREACHABLE:
            text = gettext("{command} could not be reached. Nothing was done.")
        case Failure.TIMEOUT:
            text = gettext(
                "{command} did not answer in time. It may have been carried out all the same."
            )
        case Failure.ERROR if status:
            text = gettext("{command} answered with an error ({status}).")
        case Failure.ERROR:
            text = gettext("{command} answered with an error.")
        case Failure.UNREADABLE:
            text = gettext("{command} was done, but its answer cannot be shown.")
    return text.format(command=f"`{command}`", status=status)
