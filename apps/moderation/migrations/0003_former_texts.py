from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]

    operations = [migrations.AddField("evidence", "former", models.JSONField(null=True))]
