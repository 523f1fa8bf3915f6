"""Messages know whose keywords they contain."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0025_searchable_source")]

    operations = [
        migrations.AddField(
            "message",
            "keyword_of",
            django.contrib.postgres.fields.ArrayField(models.UUIDField(), null=True, size=None),
        ),
    ]
