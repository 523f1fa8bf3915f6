from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_appeals")]

    operations = [migrations.AddField("evidence", "former", models.JSONField(null=True))]
