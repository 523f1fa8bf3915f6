"""Incoming webhooks in the admin: where programs post, without the secrets."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.integrations.models import IncomingWebhook


@admin.register(IncomingWebhook)
class IncomingWebhookAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]
    """Newest first."""

    list_display = ("made_at", "named", "made_by", "chat", "used_at")
    list_select_related = ("bot__bot_owner", "chat")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("id", "named", "made_by", "chat", "made_at", "used_at")

    @admin.display(description=_("name"))
    def named(self, webhook: IncomingWebhook) -> str:
        """That of its bot."""
        return webhook.bot.get_full_name()

    @admin.display(description=_("made by"))
    def made_by(self, webhook: IncomingWebhook) -> str:
        """The owner of its bot."""
        return str(webhook.bot.bot_owner or "")
