from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0001_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="reply_to",
            field=models.BigIntegerField(null=True),
        ),
    ]
