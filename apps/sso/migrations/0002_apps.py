import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sso', '0001_initial'),
    ]

    operations = [
        # Only the name in Python: the release before still uses the table.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel('UsedLogoutToken', 'UsedToken'),
                migrations.AlterModelTable('UsedToken', 'sso_usedlogouttoken'),
            ],
        ),
        migrations.CreateModel(
            name='SignedOutSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sid', models.CharField(max_length=255)),
                ('at', models.DateTimeField(db_index=True)),
                ('identity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sso.identity')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('identity', 'sid'), name='sso_signed_out_session_once')],
            },
        ),
    ]
