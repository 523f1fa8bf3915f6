from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chats', '0013_hidden'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='deleted_by_moderator',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
