"""What a person may change about a video."""

from __future__ import annotations

from django import forms

from videos.models import Video


class VideoForm(forms.ModelForm):
    class Meta:
        model = Video
        fields = ("title", "description", "visibility")
        widgets = {"visibility": forms.RadioSelect}
