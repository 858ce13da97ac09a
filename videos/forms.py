"""What a person may change about a video."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from videos.models import Video
from videos.uploads import clean_text


class VideoForm(forms.ModelForm):
    class Meta:
        model = Video
        fields = ("title", "description", "visibility")
        widgets = {"visibility": forms.RadioSelect}

    def clean_title(self) -> str:
        title = clean_text(self.cleaned_data["title"])
        if not title:
            raise ValidationError(_("Write a title that can be seen."))
        return title

    def save(self, commit: bool = True) -> Any:
        """Write what the person changed and nothing else: a worker may be writing the rest."""
        if commit:
            self.instance.save(update_fields=self.changed_data)
        return self.instance
