"""Shapes of the API: what comes in, what goes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from videos import paging, search, sentences
from videos.models import Rendition, Upload, Video
from videos.uploads import Wanted, clean_text, stored_parts


class Strict(serializers.Serializer):
    """Refuses what it does not know: a word that does nothing is a mistake somebody would like to hear of."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(
                {name[:50]: [_("There is nothing of this name.")] for name in unknown}
            )
        return super().to_internal_value(data)

    @classmethod
    def of(cls, request: Request) -> Any:
        """Return what the query of an address asks for."""
        twice = [name for name, values in request.query_params.lists() if len(values) > 1]
        if twice:
            raise serializers.ValidationError({twice[0][:50]: [_("Say this once.")]})
        query = cls(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return query.validated_data


class PageQuery(Strict):
    """A page of a list: `next` in the answer is the address of the one after it."""

    cursor = serializers.CharField(
        max_length=80, required=False, help_text="From `next`; has no meaning of its own."
    )
    page_size = serializers.IntegerField(min_value=1, max_value=50, default=paging.PAGE_SIZE)

    def validate_cursor(self, mark: str) -> str:
        return _known(paging.read, mark)


class VideosQuery(PageQuery):
    owner = serializers.ChoiceField(["me"], required=False, help_text="One's own, in every state.")
    channel = serializers.CharField(
        max_length=150, required=False, help_text="What this person shows everybody."
    )

    def validate(self, attrs: Any) -> Any:
        if {"owner", "channel"} <= attrs.keys():
            raise serializers.ValidationError(_("Ask for one's own videos or for a channel's, not for both."))
        return attrs


class SearchQuery(PageQuery):
    q = serializers.CharField(max_length=search.LONGEST, help_text="Words, or how they begin.")

    def validate_cursor(self, mark: str) -> str:
        return _known(lambda mark: paging.read(search.read(mark)[1]), mark)


def _known(read: Callable[[str], object], mark: str) -> str:
    try:
        read(mark)
    except Http404 as error:
        raise serializers.ValidationError(_("Nobody was given this cursor.")) from error
    return mark


class SentenceField(serializers.CharField):
    """What a worker, who speaks English, said to the uploader; in the language that is asked for."""

    def to_representation(self, value: str) -> str:
        return sentences.translated(value)


class RenditionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Rendition
        fields = ("name", "width", "height", "kbps")


class ListedVideoSerializer(serializers.ModelSerializer):
    """A video as lists show it."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    channel = serializers.CharField(source="owner.username", read_only=True)
    duration_seconds = serializers.FloatField(read_only=True, allow_null=True)
    failure = SentenceField(read_only=True, help_text="The sentence the uploader reads.")
    playable = serializers.ChoiceField(
        [each.value for each in Video.Playable],
        read_only=True,
        help_text="What can be watched: nothing yet, some while the rest is made, all in its final form.",
    )

    class Meta:
        model = Video
        fields: tuple[str, ...] = (
            "id",
            "title",
            "description",
            "channel",
            "visibility",
            "status",
            "progress",
            "queue_position",
            "eta_at",
            "failure",
            "playable",
            "watchable_ms",
            "duration_seconds",
            "created_at",
            "published_at",
            "url",
        )
        read_only_fields = ("watchable_ms",)


class VideoSerializer(ListedVideoSerializer):
    renditions = serializers.SerializerMethodField()
    posters_ms = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        read_only=True,
        help_text="When, in the video, each picture is from that may stand for it.",
    )
    poster_ms = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="The one its owner chose; null for the picture that we choose.",
    )

    class Meta(ListedVideoSerializer.Meta):
        fields = (*ListedVideoSerializer.Meta.fields, "renditions", "posters_ms", "poster_ms")

    @extend_schema_field(RenditionSerializer(many=True))
    def get_renditions(self, video: Video) -> Any:
        best_first = sorted(video.renditions.all(), key=lambda rendition: -rendition.height)
        return RenditionSerializer(best_first, many=True).data


class PageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True, help_text="The address of the next page; null at the end.")
    results = ListedVideoSerializer(many=True)


class ChangeSerializer(Strict):
    """What a person may change about a video."""

    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(Video.Visibility.choices, required=False)
    poster_ms = serializers.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        help_text="One of `posters_ms`; null for the picture that we choose.",
    )

    def validate_poster_ms(self, moment: int | None) -> int | None:
        assert isinstance(self.instance, Video)
        if moment is not None and moment not in self.instance.posters_ms:
            raise serializers.ValidationError(_("Choose one of `posters_ms`."))
        return moment

    def validate_title(self, title: str) -> str:
        cleaned = clean_text(title)
        if not cleaned:
            raise serializers.ValidationError(_("Write a title that can be seen."))
        return cleaned


class MeSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "username", "email", "is_staff")


class BeginSerializer(serializers.Serializer):
    filename = serializers.CharField(max_length=1024, trim_whitespace=False)
    size = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    content_type = serializers.CharField(max_length=255, required=False, allow_blank=True)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(Video.Visibility.choices, required=False)

    def wanted(self) -> Wanted:
        given = {name: value for name, value in self.validated_data.items() if name != "content_type"}
        return Wanted(**given)


class NumbersSerializer(serializers.Serializer):
    numbers = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=20)


class UrlsSerializer(serializers.Serializer):
    urls = serializers.DictField(child=serializers.URLField(), help_text="By the number of the part.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class PartSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    size = serializers.IntegerField()


class UploadSerializer(serializers.ModelSerializer):
    video = VideoSerializer()
    parts = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("id", "video", "state", "size", "part_size", "part_count", "expires_at", "parts")

    @extend_schema_field(PartSerializer(many=True))
    def get_parts(self, upload: Upload) -> list[dict[str, int]]:
        return [{"number": part.number, "size": part.size} for part in stored_parts(upload)]
