"""The first message of a thread says how many replies it has. Counted by 0024_count_replies."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0019_one_form_of_emoji")]

    operations = [
        migrations.AddField("message", "last_reply_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "replies", models.IntegerField(db_default=0, default=0)),
    ]
