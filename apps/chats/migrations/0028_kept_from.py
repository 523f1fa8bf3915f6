from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0027_message_keywords")]

    operations = [
        migrations.AddField(
            model_name="chat",
            name="kept_from",
            field=models.BigIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="chat",
            name="kept_days",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="chat",
            name="keep_days",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="chat",
            name="keep_days_from",
            field=models.DateTimeField(null=True),
        ),
    ]
