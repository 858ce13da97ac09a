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

    def changes(self) -> dict[str, Any]:
        """Return what the person changed and nothing else, for `Video.edit`."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
