import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The settings are those of the app `configuration` now. Their table stays, because the release
    before reads it while both run; without its foreign key, which nobody would clear."""

    dependencies = [
        ("moderation", "0011_moderated_chats"),
    ]

    operations = [
        migrations.AlterField(
            model_name="runtimesetting",
            name="set_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="RateLimit"),
                migrations.DeleteModel(name="RuntimeSetting"),
            ]
        ),
    ]
