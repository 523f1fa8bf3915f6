"""Rules about what messages in groups may say."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy


class ContentRule(models.Model):
    """One rule. Rows are added and deleted, never changed: their number, the newest id and the sum
    of all ids tell a process whether it knows them.

    `pattern`: a word, or some that follow each other, as `moderation.rule_matcher` folds them; or
    the domain of links, which stands for those below it, too.
    """

    class Kind(models.TextChoices):
        WORDS = "words", gettext_lazy("words")
        DOMAIN = "domain", gettext_lazy("links to a domain")

    class Effect(models.TextChoices):
        REFUSE = "refuse", gettext_lazy("refuse: the message is not sent")
        HOLD = "hold", gettext_lazy("hold: the message waits for a moderator")
        FLAG = "flag", gettext_lazy("flag: it is sent, and reported to the moderators")

    kind = models.CharField(gettext_lazy("about"), max_length=6, choices=Kind)
    pattern = models.CharField(gettext_lazy("words or domain"), max_length=200)
    effect = models.CharField(gettext_lazy("effect"), max_length=6, choices=Effect)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        verbose_name = "content rule"
        constraints = [models.UniqueConstraint("kind", "pattern", name="content_rule_once")]

    def __str__(self) -> str:
        return self.pattern
