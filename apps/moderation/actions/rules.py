"""Rules about what messages in groups may say: adding and deleting them, and what they find.

A process keeps the rules that it has read. It asks every REFRESH_S at most whether there are
others, and never while a batch of messages is written: see decision 0061.
"""

import logging
import time
from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import Error, IntegrityError, transaction
from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.accounts.models import User
from apps.chats.content_rules import Verdict
from apps.chats.models import Message
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.identifiers import first_id_at
from apps.moderation.actions import audit, evidence, telling
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.reports import profile_shown
from apps.moderation.models import ContentRule, Report
from apps.moderation.queries.moderators import get_moderator
from apps.moderation.rule_matcher import Matcher, Rule, fold_domain, fold_words

logger = logging.getLogger(__name__)
REFRESH_S = 5.0
NEVER = float("-inf")
MAX_RULES = 5_000
MAX_PATTERN = 200
CONTEXT = 5
# In an hour, of all people and of one. Nobody fills the queue, or slows the chats down, by writing
# what rules flag; nor does a rule about an everyday word open every group to its author.
FLAG_PERIOD = timedelta(hours=1)
MAX_FLAGS = 200
MAX_FLAGS_OF_PERSON = 20
Kind, Effect = ContentRule.Kind, ContentRule.Effect


class _Known(NamedTuple):
    """The rules that this process has read. `version`: their number, newest id, and sum of ids; a
    rule with a smaller id may be committed later. None: to be read again."""

    version: tuple[int, int | None, int | None] | None = (0, None, None)
    matcher: Matcher | None = None
    read_at: float = NEVER


_known = _Known()


def refresh() -> None:
    """Read the rules again if they were read more than REFRESH_S ago and there are others now."""
    global _known
    now = time.monotonic()
    if now - _known.read_at < REFRESH_S:
        return
    try:
        _known = _read(now)
    except Error:
        # Those that were read hold. A database that hangs is not asked before each batch.
        if _known.read_at > NEVER:
            _known = _known._replace(read_at=now)
        raise


def _read(now: float) -> _Known:
    found = ContentRule.objects.aggregate(count=Count("id"), newest=Max("id"), total=Sum("id"))
    version = found["count"], found["newest"], found["total"]
    if version == _known.version:
        return _known._replace(read_at=now)
    rows = ContentRule.objects.values_list("id", "kind", "pattern", "effect")
    rules = [Rule(*row) for row in rows]
    return _Known(version, Matcher(rules) if rules else None, now)


def forget() -> None:
    """Read the rules again at the next refresh. Until then those that were read hold."""
    global _known
    _known = _known._replace(version=None, read_at=NEVER)


def judge(text: str) -> Verdict:
    """What the rules that this process has read say of a text."""
    if _known.matcher is None:
        return Verdict()
    found = _known.matcher.find(text)
    return Verdict(
        refused=any(rule.effect == Effect.REFUSE for rule in found),
        flagged_by=[rule.id for rule in found if rule.effect == Effect.FLAG],
        held_by=[rule.id for rule in found if rule.effect == Effect.HOLD],
    )


def describe(rule_ids: Collection[int]) -> str:
    """The rules of these ids that are still there, one a line."""
    rules = ContentRule.objects.filter(id__in=rule_ids).order_by("id")
    return "\n".join(f"{rule.kind}: {rule.pattern}" for rule in rules)


def flag(chat_id: UUID, seq: int, rule_ids: Collection[int]) -> None:
    """Report a message in the name of rules, unless there were too many of late. Call it in the
    transaction that writes the message, under the chat's lock. An error is logged: it must not stop
    the chat."""
    try:
        with transaction.atomic():
            _report(chat_id, seq, rule_ids)
    except Exception:
        logger.exception("a message that rules flag was not reported: %s/%s", chat_id, seq)


@transaction.atomic
def add(by: By, *, kind: str, pattern: str, effect: str) -> ContentRule:
    """Add a rule. Raises NoModerator, Invalid, and NotPossible for one that is there already."""
    if by.id is not None:
        get_moderator(by.id)
    if kind not in Kind.values or effect not in Effect.values:
        raise Invalid(gettext_noop("Unknown kind or effect."))
    folded = fold_domain(pattern) if kind == Kind.DOMAIN else " ".join(fold_words(pattern))
    if not folded or len(folded) > MAX_PATTERN or "\x00" in pattern:
        raise Invalid(
            gettext_noop("Write words, or a domain such as example.org."), pointer="#/pattern"
        )
    if ContentRule.objects.count() >= MAX_RULES:
        words = gettext("There are {n} rules. Delete one first.").format(n=MAX_RULES)
        raise NotPossible(words)
    try:
        with transaction.atomic():
            rule = ContentRule.objects.create(
                kind=kind, pattern=folded, effect=effect, made_by_id=by.id
            )
    except IntegrityError:
        raise NotPossible(
            gettext_noop("There is a rule about this already. Delete it first.")
        ) from None
    _record("add_rule", by, rule)
    return rule


@transaction.atomic
def delete(by: By, rule_id: int) -> None:
    """Delete a rule. Raises NoModerator and NotFound."""
    if by.id is not None:
        get_moderator(by.id)
    rule = ContentRule.objects.select_for_update().filter(id=rule_id).first()
    if rule is None:
        raise NotFound
    ContentRule.objects.filter(id=rule_id).delete()
    _record("delete_rule", by, rule)


def _record(action: str, by: By, rule: ContentRule) -> None:
    details = {"kind": rule.kind, "pattern": rule.pattern, "effect": rule.effect}
    audit.record(action, by=by, about=About(), details=details)
    # Here at once; other processes ask.
    transaction.on_commit(forget)


def _report(chat_id: UUID, seq: int, rule_ids: Collection[int]) -> None:
    message = Message.objects.get(chat_id=chat_id, seq=seq)
    if not _has_room(message.sender_id):
        return
    sender = User.objects.get(id=message.sender_id)
    subject = f"entry:{chat_id}/{seq}"
    if message.edited_at:
        subject += f"@{message.edited_at.isoformat()}"
    row = Report.objects.create(
        reporter=None,
        kind=Report.Kind.ENTRY,
        subject=subject,
        chat_id=chat_id,
        seq=seq,
        person=sender,
        shown=profile_shown(sender),
        reason=Report.Reason.OTHER,
        severity=Report.Severity.LOW,
        text=describe(rule_ids),
        created_at=timezone.now(),
    )
    evidence.copy(row, context=CONTEXT)
    telling.of_report(row, new=True)


def _has_room(person_id: UUID) -> bool:
    """Whether rules have reported less than they may of late, of all and of this person. Counts no
    more rows than that."""
    since = first_id_at(timezone.now() - FLAG_PERIOD)
    recent = Report.objects.filter(reporter=None, id__gt=since)
    if recent.filter(person=person_id)[:MAX_FLAGS_OF_PERSON].count() >= MAX_FLAGS_OF_PERSON:
        return False
    return recent[:MAX_FLAGS].count() < MAX_FLAGS
