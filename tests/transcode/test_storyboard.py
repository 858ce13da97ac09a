from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from transcode.core.storyboard import plan_storyboard, webvtt


class PlanStoryboardTests:
    def test_has_a_tile_a_second_for_a_short_clip(self):
        board = plan_storyboard(5.3, 1280, 720)
        assert (board.interval, board.tiles, board.sheets) == (1, 6, 1)

    def test_keeps_the_shape_of_a_portrait(self):
        board = plan_storyboard(60, 1080, 1920)
        assert (board.tile_width, board.tile_height) == (90, 160)

    @given(st.floats(0.04, 43_200), st.integers(16, 4096), st.integers(16, 4096))
    def test_covers_the_whole_length_in_even_tiles(self, seconds, width, height):
        board = plan_storyboard(seconds, width, height)
        assert board.tiles * board.interval >= seconds
        assert board.tile_width % 2 == board.tile_height % 2 == 0
        assert 1 <= board.interval <= 10

    @given(st.floats(0.04, 43_200))
    def test_has_no_sheet_larger_than_its_tiles_need(self, seconds):
        board = plan_storyboard(seconds, 1280, 720)
        assert board.columns <= min(5, board.tiles) and board.rows <= 5
        assert (
            (board.sheets - 1) * board.columns * board.rows
            < board.tiles
            <= board.sheets * board.columns * board.rows
        )
        assert board.sheets > 1 or (board.rows - 1) * board.columns < board.tiles


class WebvttTests:
    def test_points_at_each_tile_in_turn(self):
        text = webvtt(plan_storyboard(26.5, 1280, 720), 2)
        cues = text.split("\n\n")
        assert cues[0] == "WEBVTT"
        assert cues[1] == "00:00:00.000 --> 00:00:01.000\nstoryboard-000.jpg#xywh=0,0,160,90"
        assert cues[7] == "00:00:06.000 --> 00:00:07.000\nstoryboard-000.jpg#xywh=160,90,160,90"
        assert cues[-1] == "00:00:26.000 --> 00:00:26.500\nstoryboard-001.jpg#xywh=160,0,160,90\n"

    def test_names_no_sheet_that_was_not_made(self):
        assert "storyboard-001" not in webvtt(plan_storyboard(26.5, 1280, 720), 1)
