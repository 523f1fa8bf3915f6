"""The index of words knows what it was made from, so that other changes do not make it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0024_count_replies")]

    operations = [
        migrations.AddField("searchable", "source", models.BigIntegerField(null=True)),
    ]
