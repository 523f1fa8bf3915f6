from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0008_kept_suspensions")]

    operations = [
        migrations.AddIndex(
            model_name="readrequest",
            index=models.Index(models.F("state"), models.F("id"), name="read_request_state"),
        ),
        migrations.RemoveIndex(model_name="readrequest", name="read_request_waiting"),
    ]
