from django.db import migrations, models
from django.db.models import F

UNFINISHED = "The drill was begun and has not ended."


def move(apps, schema_editor):
    """A drill that was killed left its mark as the outcome."""
    rows = apps.get_model("backups", "Backup").objects.filter(drill_problem=UNFINISHED)
    rows.update(drill_began_at=F("drilled_at"), drilled_at=None, drill_problem="")


class Migration(migrations.Migration):
    dependencies = [("backups", "0001_initial")]

    operations = [
        migrations.AddField("backup", "drill_began_at", models.DateTimeField(null=True)),
        migrations.RunPython(move, migrations.RunPython.noop, elidable=True),
    ]
