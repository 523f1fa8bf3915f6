"""Reports of people, entries and chats, and the copies that moderators read."""

from datetime import datetime

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id
from apps.files.models import File

# Of a report that nobody has decided.
WAITING = models.Q(state__in=("open", "claimed"))


class Report(models.Model):
    """What one person reported, and what became of it.

    `person`: the reported person, or who wrote the reported entry; empty for a chat. `subject`
    names the thing (`entry:<chat>/<seq>`, with `@<time>` of its last edit; `person:<id>`;
    `chat:<id>`). `shown`: what the reporter
    saw of the person (profile) or the chat (title). `answer`: what the reporter is told.
    """

    class Kind(models.TextChoices):
        ENTRY = "entry"
        PERSON = "person"
        CHAT = "chat"

    class Reason(models.TextChoices):
        SPAM = "spam"
        HARASSMENT = "harassment"
        HATE = "hate"
        VIOLENCE = "violence"
        SEXUAL = "sexual"
        ILLEGAL = "illegal"
        SELF_HARM = "self_harm", "self-harm"
        OTHER = "other"

    class Severity(models.IntegerChoices):
        LOW = 1
        MEDIUM = 2
        HIGH = 3

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed"
        DECIDED = "decided"

    class Outcome(models.TextChoices):
        ACTION = "action", "something was done"
        NO_ACTION = "no_action", "nothing was done"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Empty: a rule flagged the message (moderation.actions.rules).
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    subject = models.CharField(max_length=100)
    chat_id = models.UUIDField(null=True)
    seq = models.BigIntegerField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, db_index=False, related_name="+"
    )
    reason = models.CharField(max_length=10, choices=Reason)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    text = models.TextField(blank=True)
    shown = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    # When the copies were deleted, some time after the decision.
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [("moderate", "Can moderate: reports, and the people and chats in them")]
        constraints = [
            # moderation.actions.reports: one report of the same thing by one person at a time.
            models.UniqueConstraint(
                "reporter",
                "subject",
                name="report_once",
                condition=~models.Q(state="decided"),
            ),
        ]
        indexes = [
            # moderation.queries.reports: a person's own, newest first (ids are ordered by time).
            models.Index("reporter", "id", name="report_of_reporter"),
            # moderation.actions.entries: what of a chat was reported.
            models.Index(
                "chat_id", name="report_of_chat", condition=models.Q(chat_id__isnull=False)
            ),
            # moderation.admin: the queue, newest first, by severity, of one person, assigned; and
            # the reports of one state. moderation.actions.closing: those that wait for too long.
            models.Index("id", name="report_waiting", condition=WAITING),
            models.Index("severity", "id", name="report_severity", condition=WAITING),
            models.Index("state", "id", name="report_queue"),
            models.Index("severity", "id", name="report_by_severity"),
            models.Index("reason", "id", name="report_by_reason"),
            models.Index("kind", "id", name="report_by_kind"),
            models.Index(
                "person", "id", name="report_of_person", condition=models.Q(person__isnull=False)
            ),
            models.Index(
                "claimed_by", "id", name="report_claimed", condition=models.Q(state="claimed")
            ),
            # moderation.actions.evidence: whose copies are to be deleted.
            models.Index(
                "decided_at",
                name="report_to_empty",
                condition=models.Q(decided_at__isnull=False, emptied_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.kind} {self.id}"


class Evidence(models.Model):
    """A copy of an entry: the reported one (`reported`), or one before or after it.

    It stays as it is when the entry is edited or deleted. `files` is what the message had (a list
    of `wire.bodies.File`). `former`: the earlier texts of the reported message that were still
    stored (`text`, `until`), oldest first. `shortened`: only the beginning of the text, or of
    earlier ones, is stored, see `moderation.actions.evidence`.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="evidence")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    reported = models.BooleanField()
    sender_id = models.UUIDField()
    sender_name = models.CharField(max_length=80)
    text = models.TextField(blank=True)
    files = models.JSONField(null=True)
    former = models.JSONField(null=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted = models.BooleanField()
    shortened = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("report", "seq", name="evidence_once")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.seq}"

    @property
    def former_texts(self) -> list[tuple[str, datetime]]:
        """The earlier texts, each with the time until which it was shown."""
        return [(each["text"], datetime.fromisoformat(each["until"])) for each in self.former or []]


class EvidenceFile(models.Model):
    """The copy of a file of a report's evidence (`files.actions.copies`)."""

    pk = models.CompositePrimaryKey("report_id", "file_id")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+", db_index=False)
    file = models.ForeignKey(File, models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.report_id} {self.file_id}"


class Note(models.Model):
    """What a moderator wrote about a report, for other moderators."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="notes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"note on {self.report_id}"
