"""Messages of programs say how they are drawn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0029_messageday_skipped")]

    operations = [
        migrations.AddField("message", "layout", models.JSONField(null=True)),
        migrations.AddField("hiddencontent", "layout", models.JSONField(null=True)),
    ]
