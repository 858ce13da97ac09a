"""What a person may change about a video."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from videos.models import Video
from videos.moments import clock_text
from videos.uploads import clean_text


class VideoForm(forms.ModelForm):
    poster_ms = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, widget=forms.RadioSelect)

    class Meta:
        model = Video
        fields = ("title", "description", "visibility", "poster_ms")
        widgets = {"visibility": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        moments = [] if self.instance.taken_down_at else self.instance.posters_ms
        if not moments:
            del self.fields["poster_ms"]
            return
        field = self.fields["poster_ms"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("We choose")), *_pictures(moments)]
        # What was chosen of an older version may be gone.
        if self.initial["poster_ms"] not in moments:
            self.initial["poster_ms"] = None

    def clean_title(self) -> str:
        title = clean_text(self.cleaned_data["title"])
        if not title:
            raise ValidationError(_("Write a title that can be seen."))
        return title

    def changes(self) -> dict[str, Any]:
        """Return what the person changed and nothing else, for `Video.edit`."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _pictures(moments: list[int]) -> list[tuple[int, str]]:
    return [
        (moment, _("%(number)s, at %(time)s") % {"number": number, "time": clock_text(moment // 1000)})
        for number, moment in enumerate(moments, start=1)
    ]
