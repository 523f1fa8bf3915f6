"""`manage.py storage_check`: lists what the database and the storage disagree on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from apps.files.actions import consistency
from apps.files.models import Blob, Chunk, File

SHOWN = 20


class Command(BaseCommand):
    """Compares the files of the database with the objects at the storage."""

    help = (
        "List files whose objects are missing at the storage, and objects that belong to no file. "
        "Exits with 1 while something is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to delete what belongs to nothing."""
        parser.add_argument(
            "--mend", action="store_true", help="delete objects that belong to no file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError while objects are missing."""
        found = consistency.compare()
        self.stdout.write(f"{found.compared} objects compared.")
        size = sum(size for _, size in found.stray)
        self.stdout.write(f"{len(found.stray)} objects belong to no file ({size} bytes).")
        self._show([key for key, _ in found.stray])
        if options["mend"] and found.stray:
            consistency.delete_stray(found)
            self.stdout.write(f"Deleted {len(found.stray)} objects.")
        self.stdout.write(f"{len(found.missing)} objects are missing or have another size.")
        self._show([f"{key}: {self._file(key)}" for key in found.missing])
        if found.missing:
            raise CommandError("Restore the missing objects from a backup of the storage.")

    def _show(self, lines: list[str]) -> None:
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  and {len(lines) - SHOWN} more")

    def _file(self, key: str) -> str:
        """What a missing object belongs to, without the file's name: that is private."""
        blob = key.split("/")[1] if key.startswith("files/") else None
        uploads = Chunk.objects.filter(key=key).values("file_id")
        belongs = Q(blob_id=blob) if blob else Q(id__in=uploads)
        if blob and not Blob.objects.filter(id=blob).exists():
            return "no file"
        return ", ".join(
            f"file {each}" for each in File.objects.filter(belongs).values_list("id", flat=True)
        )
