"""The index of messages that contain keywords. Built without stopping those who send."""

from django.db import migrations, models

from apps.core.concurrent_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chats", "0026_keyword_of")]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                models.F("chat_id"),
                models.F("seq"),
                condition=models.Q(("deleted_at__isnull", True), ("keyword_of__isnull", False)),
                name="message_keywords",
            ),
        ),
    ]
