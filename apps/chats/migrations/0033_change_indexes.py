"""The indexes of changed contents and reactions. Built without stopping those who send."""

from django.db import migrations, models

from apps.core.concurrent_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chats", "0032_scheduled_layout")]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                models.F("chat_id"),
                models.F("content_rev"),
                condition=models.Q(("content_rev__isnull", False)),
                name="message_content_changes",
            ),
        ),
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                models.F("chat_id"),
                models.F("reactions_rev"),
                condition=models.Q(("reactions_rev__isnull", False)),
                name="message_reaction_changes",
            ),
        ),
    ]
