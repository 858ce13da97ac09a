"""Shapes of the API: what comes in, what goes out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from videos.models import Rendition, Upload, Video
from videos.uploads import Wanted, stored_parts


class RenditionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Rendition
        fields = ("name", "width", "height", "kbps")


class VideoSerializer(serializers.ModelSerializer):
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    renditions = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = (
            "id",
            "title",
            "description",
            "visibility",
            "status",
            "progress",
            "queue_position",
            "eta_at",
            "failure",
            "duration_seconds",
            "url",
            "renditions",
        )

    def get_renditions(self, video: Video) -> Any:
        best_first = sorted(video.renditions.all(), key=lambda rendition: -rendition.height)
        return RenditionSerializer(best_first, many=True).data


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


class UploadSerializer(serializers.ModelSerializer):
    video = VideoSerializer()
    parts = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("id", "video", "state", "size", "part_size", "part_count", "expires_at", "parts")

    def get_parts(self, upload: Upload) -> list[dict[str, int]]:
        return [{"number": part.number, "size": part.size} for part in stored_parts(upload)]
