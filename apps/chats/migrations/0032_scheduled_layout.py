from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0031_what_changed")]

    operations = [
        migrations.AddField(
            model_name="scheduled",
            name="layout",
            field=models.JSONField(null=True),
        ),
    ]
