"""The count of a day leaves out what an import writes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0025_searchable_source")]

    operations = [
        migrations.AddField("messageday", "skipped", models.BigIntegerField(default=0, db_default=0)),
    ]
