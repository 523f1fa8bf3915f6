"""The words of the admin for the product's models: of lists, columns, fields and choices.

Django takes them from the models, where they are names for programmers. `apply` puts these in
their place, for the admin alone: no migration has them.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Field, Model
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

APPS = {
    "emoji": _("Emoji"),
    "accounts": _("People"),
    "backups": _("Backups"),
    "configuration": _("Settings of the server"),
    "integrations": _("Integrations"),
    "moderation": _("Moderation"),
    "notifications": _("Notifications"),
    "retention": _("Retention"),
    "sso": _("Identity provider"),
    "scim": _("Directory"),
}
# By the class of the model: one, and many.
MODELS = {
    "User": (_("person"), _("People")),
    "Ending": (_("ended access"), _("Ended access")),
    "DeletionReceipt": (_("receipt of a deletion"), _("Receipts of deletions")),
    "EndedAccess": (_("what ended"), _("What ended")),
    "Suspension": (_("suspension"), _("Suspensions")),
    "Report": (_("report"), _("Reports")),
    "AuditRecord": (_("audit record"), _("Audit log")),
    "Push": (_("push"), _("Pushes")),
    "Backup": (_("backup"), _("Backups")),
    "IncomingWebhook": (_("incoming webhook"), _("Incoming webhooks")),
    "Delivery": (_("delivery"), _("Deliveries")),
    "ExternalCommand": (_("command"), _("Commands")),
    "Identity": (_("linked identity"), _("Linked identities")),
    "DirectoryEntry": (_("person of the directory"), _("People of the directory")),
    "ContentRule": (_("rule about messages"), _("Rules about messages")),
    "Emoji": (_("emoji"), _("Emoji")),
    "PersonWarning": (_("warning"), _("Warnings")),
    "Hold": (_("hold"), _("Holds")),
    "OutgoingWebhook": (_("outgoing webhook"), _("Outgoing webhooks")),
    "HeldMessage": (_("message that waits"), _("Messages that wait")),
    "ModeratedChat": (_("chat"), _("Chats")),
    "RateLimit": (_("rate limit"), _("Rate limits")),
    "ReadRequest": (_("request to read a chat"), _("Reading chats")),
    "RegistrationInvite": (_("invitation to register"), _("Invitations to register")),
    "RuntimeSetting": (_("setting"), _("Settings")),
    "SettingsVersion": (_("version of the settings"), _("Versions of the settings")),
    "Slowdown": (_("slowdown"), _("Slowdowns")),
}
# By the model's own name of a field, or by the model and that name where it means something else.
FIELDS = {
    "Backup.began at": _("begun at"),
    "Backup.destination": _("where it is"),
    "Backup.drill problem": _("why the drill failed"),
    "Backup.drill seconds": _("seconds of the drill"),
    "Backup.drill began at": _("last drill began at"),
    "Backup.drilled at": _("last drill ended at"),
    "Backup.encrypted": _("encrypted"),
    "Backup.files": _("files"),
    "Backup.finished at": _("finished at"),
    "Backup.point at": _("has everything until"),
    "Backup.problem": _("why it failed"),
    "Backup.rows": _("rows"),
    "AuditRecord.by": _("id of who did it"),
    "AuditRecord.chat": _("id of the chat"),
    "AuditRecord.person": _("id of the person"),
    "AuditRecord.report": _("id of the report"),
    "ModeratedChat.active at": _("last active"),
    "ModeratedChat.last seq": _("messages"),
    "ExternalCommand.name": _("name"),
    "ExternalCommand.url": _("address"),
    "ExternalCommand.hint": _("hint for what follows the name"),
    "ExternalCommand.description": _("what it does"),
    "Emoji.name": _("name"),
    "Hold.since": _("since"),
    "IncomingWebhook.made at": _("made at"),
    "IncomingWebhook.used at": _("last used at"),
    "OutgoingWebhook.host": _("host"),
    "OutgoingWebhook.owner": _("who answers for it"),
    "PersonWarning.text": _("words of the moderator"),
    "ReadRequest.over at": _("ends at"),
    "ReadRequest.text": _("in their words"),
    "ReadRequest.until": _("messages to"),
    "about": _("about the person"),
    "account": _("the whole account"),
    "acknowledged at": _("acknowledged at"),
    "action": _("action"),
    "administrator": _("makes an administrator"),
    "answer": _("answer to the reporter"),
    "asked at": _("asked at"),
    "asked by": _("asked by"),
    "at": _("time"),
    "attempt": _("attempt"),
    "attributes": _("attributes"),
    "begun at": _("begun at"),
    "bot": _("bot"),
    "by": _("by"),
    "by administrator": _("set by an administrator"),
    "changed at": _("changed at"),
    "chat": _("chat"),
    "chat id": _("chat"),
    "claimed at": _("taken by a worker at"),
    "claimed by": _("assigned to"),
    "closed way": _("closed by"),
    "connected as": _("ended sessions"),
    "count": _("number"),
    "created at": _("created at"),
    "date joined": _("registered at"),
    "days": _("days"),
    "decided at": _("decided at"),
    "decided by": _("decided by"),
    "details": _("details"),
    "device": _("device"),
    "door": _("where"),
    "due at": _("due at"),
    "email": _("e-mail address"),
    "emptied at": _("evidence deleted at"),
    "ended at": _("ended at"),
    "finished at": _("finished at"),
    "ending": _("ended access"),
    "expires at": _("expires at"),
    "external id": _("id in the directory"),
    "failing since": _("accepts nothing since"),
    "failures": _("failed attempts"),
    "first read": _("first message that was read"),
    "first seq": _("first message"),
    "from seq": _("first message"),
    "hash": _("hash of the record"),
    "host": _("push service"),
    "hours": _("hours to read"),
    "id": _("id"),
    "is active": _("account is open"),
    "is staff": _("member of staff"),
    "issuer": _("issuer"),
    "kind": _("kind"),
    "last login": _("last sign-in"),
    "last read": _("last message that was read"),
    "last seen at": _("last seen at"),
    "last seq": _("last message"),
    "late": _("read late"),
    "locale": _("language"),
    "made at": _("made at"),
    "made by": _("made by"),
    "name": _("display name"),
    "newest due at": _("newest is due at"),
    "number": _("number"),
    "open": _("still shown"),
    "outcome": _("outcome"),
    "over at": _("over at"),
    "person": _("person"),
    "previous": _("hash of the record before"),
    "process": _("process"),
    "push": _("push"),
    "read seq": _("read up to"),
    "person id": _("person"),
    "reason": _("reason"),
    "stopped by hold": _("stopped by a hold"),
    "report": _("report"),
    "reporter": _("reporter"),
    "seconds between messages": _("seconds between messages"),
    "sent at": _("last message at"),
    "seq": _("message number"),
    "severity": _("severity"),
    "shown": _("as it was shown"),
    "since": _("messages from"),
    "small": _("without content"),
    "state": _("state"),
    "status": _("response"),
    "subject": _("subject"),
    "subscription": _("subscription"),
    "text": _("words of the reporter"),
    "time zone": _("time zone"),
    "to seq": _("last message"),
    "told at": _("members told at"),
    "until": _("until"),
    "used at": _("used at"),
    "used by": _("used by"),
    "user": _("person"),
    "user name": _("name in the directory"),
    "username": _("username"),
    "way": _("cause"),
}
# By the model's own label of a choice.
CHOICES = {
    "Account": _("an account"),
    "Active": _("active"),
    "Admin": _("in the administration"),
    "Api": _("over the API"),
    "Approved": _("approved"),
    "Cancelled": _("cancelled"),
    "Chat": _("a chat"),
    "Claimed": _("in work"),
    "Clear": _("clears a notification"),
    "Complete": _("complete"),
    "Decided": _("decided"),
    "Deleted": _("deleted"),
    "Ended": _("ended"),
    "Entry": _("a message"),
    "Failed": _("failed"),
    "Gone": _("device is gone"),
    "Harassment": _("harassment"),
    "Hate": _("hate"),
    "High": _("high"),
    "Illegal": _("something illegal"),
    "Low": _("low"),
    "Medium": _("medium"),
    "Open": _("waits for a moderator"),
    "Operator": _("by an operator"),
    "Other": _("something else"),
    "Parked": _("parked"),
    "Paused": _("paused"),
    "Pending": _("waits to be due"),
    "Person": _("a person"),
    "Refused": _("refused"),
    "Released": _("handed to workers"),
    "Running": _("running"),
    "Renew": _("renews a notification"),
    "Retention": _("older than the rule"),
    "Sent": _("sent"),
    "Sexual": _("sexual content"),
    "Show": _("shows a notification"),
    "Skipped": _("not wanted"),
    "Spam": _("spam"),
    "Unowned": _("paused: nobody answers for it"),
    "Violence": _("violence"),
    "Waiting": _("waits"),
    "Worker": _("by the server itself"),
    "abuse or harassment": _("abuse or harassment"),
    "account deleted": _("account deleted"),
    "administrator": _("closed by an administrator"),
    "an order of a court or an authority": _("an order of a court or an authority"),
    "back-channel logout": _("sign-out at the provider (back channel)"),
    "changed password": _("changed password"),
    "deletion asked for": _("deletion asked for"),
    "device signed out": _("device signed out"),
    "directory (SCIM)": _("by the directory (SCIM)"),
    "found ended at the provider": _("found ended at the provider"),
    "front-channel logout": _("sign-out at the provider (front channel)"),
    "identity unlinked": _("identity unlinked"),
    "made room for another app": _("made room for another app"),
    "manage.py": _("by manage.py"),
    "nothing was done": _("nothing was done"),
    "refresh token used twice": _("refresh token used twice"),
    "self-harm": _("self-harm"),
    "sign-out": _("sign-out"),
    "somebody may be in danger": _("somebody may be in danger"),
    "something illegal": _("something illegal"),
    "something was done": _("something was done"),
    "suspended by moderators": _("suspended by moderators"),
    "waits for approval": _("waits for approval"),
}


def apply(site: AdminSite) -> None:
    """Give the models of the site, and of its inline lists, these words."""
    for model, model_admin in site._registry.items():
        for shown in (model, *(inline.model for inline in model_admin.inlines)):
            _name(shown)


def _name(model: type[Model]) -> None:
    options = model._meta
    if options.app_label in APPS:
        options.app_config.verbose_name = APPS[options.app_label]
    if model.__name__ in MODELS:
        options.verbose_name, options.verbose_name_plural = MODELS[model.__name__]
    for field in options.fields:
        _name_field(model, field)


def _name_field(model: type[Model], field: "Field[object, object]") -> None:
    field.verbose_name = _word(model.__name__, field.verbose_name)
    if field.choices:
        field.choices = [
            (value, _choice_word(label, CHOICES[label]) if label in CHOICES else label)
            for value, label in field.flatchoices
        ]


def _choice_word_now(own: str, words: str | Promise) -> str:
    """`makemigrations`, which runs without a language, finds the model's own label."""
    return own if get_language() is None else str(words)


_choice_word = lazy(_choice_word_now, str)


def _word(model: str, own: Any) -> Any:
    if not isinstance(own, str):
        return own
    return FIELDS.get(f"{model}.{own}") or FIELDS.get(own, own)
