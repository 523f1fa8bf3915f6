"""Backups in the admin: what was made, and what is proven."""

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.backups.models import Backup
from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.files.templatetags.file_sizes import size


@admin.register(Backup)
class BackupAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]
    """Newest first."""

    list_display = ("began_at", "state", "proof")
    list_filter = ("state",)
    ordering = ("-began_at",)
    sortable_by = ("began_at",)
    fields = (
        *("id", "destination", "state", "problem", "encrypted", "began_at", "point_at"),
        *("finished_at", "rows", "files", "stored", "proof", "drill_began_at"),
        *("drilled_at", "drill_seconds", "drill_problem"),
    )

    @admin.display(description=_("drill"))
    def proof(self, backup: Backup) -> str | Promise:
        """What a drill has shown."""
        return backup.proof if backup.state == Backup.State.COMPLETE else ""

    @admin.display(description=_("size"))
    def stored(self, backup: Backup) -> str:
        """With the files that it shares with other backups."""
        return size(backup.bytes)
