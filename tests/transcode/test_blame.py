from __future__ import annotations

import pytest

from tests.transcode.test_plan import media
from transcode.core.blame import broken_sounds, is_flooded, is_ours, is_unreadable
from transcode.core.media import Sound
from transcode.core.plan import plan_encode

PLAN = plan_encode(media(sounds=(Sound(1, 2), Sound(2, 2))))


class BlameTests:
    def test_is_of_the_track_that_ffmpeg_names(self):
        stderr = "[aist#0:2/aac @ 0x55] [dec:aac @ 0x56] Decode error rate 1 exceeds maximum 0.666667"
        assert broken_sounds(PLAN, stderr) == {2}

    def test_is_of_all_sound_where_its_filters_failed(self):
        assert broken_sounds(PLAN, "[af#4:0 @ 0x55] Error reinitializing filters!") == {1, 2}

    @pytest.mark.parametrize(
        "stderr",
        [
            "[vist#0:0/h264 @ 0x55] Decode error rate 1 exceeds maximum 0.666667",
            "[aist#0:1/aac @ 0x55] Cannot allocate memory",
            "",
        ],
    )
    def test_is_not_of_the_sound_where_picture_or_machine_failed(self, stderr):
        assert broken_sounds(PLAN, stderr) == frozenset()

    def test_is_of_the_file_where_it_cannot_be_read(self):
        assert is_unreadable("source: Invalid data found when processing input")

    def test_is_of_the_machine_where_it_has_no_room(self):
        assert not is_unreadable("Invalid data found\nav_interleaved_write_frame(): No space left on device")

    @pytest.mark.parametrize(
        "stderr",
        [
            "[h264 @ 0x55] Could not allocate memory",
            "Decoding error: Cannot allocate memory",
            "x264 [error]: malloc of size 21414530 failed",
            "source: Out of memory",
        ],
    )
    def test_is_of_the_machine_where_it_has_no_memory(self, stderr):
        assert is_ours(stderr) and not is_unreadable(f"{stderr}\nInvalid data found")

    @pytest.mark.parametrize(("buffers", "is_files"), [(100, False), (10_000, True)])
    def test_is_of_the_file_where_frames_without_end_took_the_memory(self, buffers, is_files):
        queued = f"[out_#0:0 @ 0x55] {buffers} buffers queued in out_#0:0, something may be wrong."
        assert is_flooded(f"{queued}\nError while filtering: Cannot allocate memory") is is_files
