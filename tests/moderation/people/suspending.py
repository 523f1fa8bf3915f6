"""How a test suspends people."""

from datetime import timedelta

from django.utils import timezone

from apps.accounts.models import User
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord

OPERATOR = By(None, Door.COMMAND)


def by(user):
    return By(user.id, Door.ADMIN)


def soon(**more):
    return timezone.now() + timedelta(**more or {"hours": 1})


def is_open(user):
    return User.objects.get(id=user.id).is_active


def records():
    return [*AuditRecord.objects.order_by("number").values_list("action", "by", "person")]
