from django.db import migrations, models

from videos import searchindex


def install_again(apps, schema_editor):
    """What search looks in is made otherwise since 0003 was first applied."""
    searchindex.uninstall(schema_editor.connection)
    searchindex.install(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [("videos", "0004_poster_choice"), ("accounts", "0003_quota")]

    operations = [
        migrations.AddField(
            model_name="video",
            name="close_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="video",
            name="left_epoch",
            field=models.CharField(
                default="", editable=False, help_text="Its objects are still to be removed.", max_length=16
            ),
        ),
        migrations.AddIndex(model_name="video", index=models.Index(fields=["close_at"], name="video_close")),
        migrations.AddIndex(
            model_name="video", index=models.Index(fields=["left_epoch"], name="video_left_epoch")
        ),
        migrations.RunPython(install_again, migrations.RunPython.noop),
    ]
