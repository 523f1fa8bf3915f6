"""From which entry on a member marked a chat unread, and when their last receipt read what."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0022_search_other_spellings")]

    operations = [
        migrations.AddField("member", "unread_from", models.BigIntegerField(null=True)),
        migrations.AddField("member", "read_from", models.BigIntegerField(null=True)),
        migrations.AddField("member", "read_to", models.BigIntegerField(null=True)),
        migrations.AddField("member", "read_at", models.DateTimeField(null=True)),
    ]
