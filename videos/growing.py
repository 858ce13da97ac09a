"""Playlists of videos that are watched while they are made. They change, so they are rows, and Django hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import models

MULTIVARIANT = "multivariant.m3u8"


class GrowingPlaylistManager(models.Manager["GrowingPlaylist"]):
    def write(self, video: UUID, playlists: Mapping[str, str], now: datetime) -> None:
        rows = [
            GrowingPlaylist(video_id=video, name=name, text=text, written_at=now)
            for name, text in sorted(playlists.items())
        ]
        self.filter(video_id=video).delete()
        self.bulk_create(rows)

    def forget(self, before: datetime) -> None:
        """Drop those of videos that are whole, once nobody who began with them is likely to be still watching."""
        self.filter(video__playable="final", written_at__lt=before).delete()


class GrowingPlaylist(models.Model):
    """One playlist as it is now; its addresses are relative to the version's own folder."""

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="growing")
    name = models.CharField(max_length=64)
    text = models.TextField()
    written_at = models.DateTimeField()

    objects = GrowingPlaylistManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "name"], name="growing_playlist_is_once_in_a_video")
        ]

    def __str__(self) -> str:
        return self.name
