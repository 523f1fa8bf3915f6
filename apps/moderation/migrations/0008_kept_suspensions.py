from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0007_held_messages")]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="kept_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                models.F("id"), name="appeal_waiting", condition=models.Q(kept_at=None)
            ),
        ),
    ]
