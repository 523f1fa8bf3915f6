from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0030_message_layout")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="content_rev",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="reactions_rev",
            field=models.BigIntegerField(null=True),
        ),
    ]
