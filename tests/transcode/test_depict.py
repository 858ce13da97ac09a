from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcode.core import allowed, depict
from transcode.core.storyboard import plan_storyboard

SIDES = st.integers(2, 8192)
STILLS = [
    depict.Still("poster-1.part", 0.0, "poster-1.jpg"),
    depict.Still("poster-2.part", 1.5, "poster-2.jpg"),
]


class FitTests:
    @pytest.mark.parametrize(
        ("size", "fitted"),
        [
            ((1920, 1080), (1280, 720)),
            ((1080, 1920), (720, 1280)),
            ((320, 240), (320, 240)),
            ((4096, 16), (1280, 4)),
        ],
    )
    def test_bounds_the_longer_side_and_never_enlarges(self, size, fitted):
        width, height = size
        assert depict.fit(width, height, 1280) == fitted

    @given(SIDES, SIDES)
    def test_gives_even_sides(self, width, height):
        fitted = depict.fit(width, height, 320)
        assert all(side % 2 == 0 and 2 <= side <= 320 for side in fitted)


class StillsArgvTests:
    command = depict.stills_argv("ffmpeg", STILLS, (1920, 1080))

    def test_reads_one_small_file_for_each(self):
        assert [self.command[i + 1] for i, word in enumerate(self.command) if word == "-i"] == [
            "file:poster-1.part",
            "file:poster-2.part",
        ]

    def test_is_early_rather_than_late(self):
        assert [self.command[i + 1] for i, word in enumerate(self.command) if word == "-ss"] == [
            "0.000",
            "1.490",
        ]


class StoryboardArgvTests:
    def test_decodes_key_frames_alone(self):
        command = depict.storyboard_argv(
            "ffmpeg", "s", plan_storyboard(60, 1280, 720), "%03d.jpg", (426, 240), 30
        )
        assert command[command.index("-skip_frame") + 1] == "nokey"

    def test_decodes_all_of_a_short_video(self):
        command = depict.storyboard_argv(
            "ffmpeg", "s", plan_storyboard(3, 1280, 720), "%03d.jpg", (426, 240), 75
        )
        assert "-skip_frame" not in command

    @pytest.mark.parametrize(("frames", "every"), [(1, 1), (120, 1), (121, 2), (21_600, 180)])
    def test_looks_at_a_hundred_or_so(self, frames, every):
        board = plan_storyboard(60, 1280, 720)
        command = depict.storyboard_argv("ffmpeg", "s", board, "%03d.jpg", (426, 240), frames)
        assert f"select=not(mod(n\\,{every}))" in command[command.index("-filter_complex") + 1]

    def test_allows_nothing_but_what_we_wrote(self):
        command = depict.storyboard_argv("ffmpeg", "s", plan_storyboard(3, 64, 64), "%03d.jpg", (64, 64), 75)
        assert command[command.index("-codec_whitelist") + 1] == "h264"
        assert command[command.index("-protocol_whitelist") + 1] == ",".join(allowed.PROTOCOLS)
