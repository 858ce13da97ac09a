"""Streams that no encoder here makes, written bit by bit: each the plainest that its standard allows."""

from __future__ import annotations

import struct

WIDTH, HEIGHT, FRAMES = 176, 144, 25
# One macroblock of an I-frame of VC-1 (SMPTE 421M): nothing coded but six DC coefficients, each as predicted.
PLAIN = "1" + "0" + "1111" + "0000"
MACROBLOCKS = (WIDTH // 16) * (HEIGHT // 16)


def layer_one() -> bytes:
    """One second of silence in MPEG-1 Layer I (ISO/IEC 11172-3): 384 samples a frame, mono, 48 kHz, 128 kbit/s."""
    header = bytes([0xFF, 0xFF, 0x44, 0xC0])
    return (header + bytes(12 * 128_000 // 48_000 * 4 - len(header))) * (48_000 // 384)


def amr_wb() -> bytes:
    """One second in which nothing was sent, in AMR-WB (RFC 4867, 5.3): frames of type 15, good, of no data."""
    return b"#!AMR-WB\n" + bytes([15 << 3 | 1 << 2]) * 50


def wmv3() -> bytes:
    """One second of grey in WMV 9 (VC-1, simple profile), in the file format of SMPTE 421M, Annex L."""
    # Fast transform and fast chroma motion, as the profile demands; a released version.
    sequence = _bits("00", "00", "000", "00000", "0001", "10000", "0000", "0000001")
    # Neither interpolated nor predicted; how full the buffer is; the quantizer, which is uniform; tables.
    picture = _bits("00", "0", "0000000", "01000", "0", "000", PLAIN * MACROBLOCKS)
    header = struct.pack("<HBBI", FRAMES, 0, 0xC5, 4) + sequence
    header += struct.pack("<III", HEIGHT, WIDTH, 12) + bytes(8) + struct.pack("<I", 0xFFFFFFFF)
    return header + b"".join(
        struct.pack("<II", 1 << 31 | len(picture), n * 1000 // FRAMES) + picture for n in range(FRAMES)
    )


def vc1() -> bytes:
    """One second of grey in VC-1, advanced profile, as an elementary stream (SMPTE 421M, Annex E)."""
    size = f"{WIDTH // 2 - 1:012b}{HEIGHT // 2 - 1:012b}"
    sequence = _bits("11", "000", "01", "000", "00000", "0", size, "000010", "0", "0")
    entry = _bits("0100", "000", "00", "0", "0", "00", "000")
    # An I-frame; rounding; the quantizer; whether DC is predicted, for each macroblock by itself; tables.
    picture = _bits("110", "0", "01000", "0", "00000", "000", PLAIN * MACROBLOCKS)
    units = [(0x0F, sequence), (0x0E, entry), *[(0x0D, picture)] * FRAMES]
    return b"".join(bytes([0, 0, 1, kind]) + unit for kind, unit in units)


def _bits(*parts: str) -> bytes:
    """Return the bits as whole bytes, ended by a one as start codes need it."""
    bits = "".join(parts)
    bits += "1" * (len(bits) % 8 > 0)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


def pgs() -> bytes:
    """A white box for half a second, in the Presentation Graphic Stream of Blu-ray discs, as a .sup file."""
    side, at = 8, 100
    box = struct.pack(">HHHHH", 0, *(at, at), *(side, side))
    line = bytes([1] * side + [0, 0])
    sizes = struct.pack(">HHBHBBB", WIDTH, HEIGHT, 0x10, 0, 0x80, 0, 0)
    shown = [
        (0x16, sizes + struct.pack(">BHBBHH", 1, 0, 0, 0, at, at)),
        (0x17, b"\1" + box[1:]),
        # A palette of one: white in BT.601, and opaque.
        (0x14, bytes([0, 0, 1, 235, 128, 128, 255])),
        (0x15, struct.pack(">HBB", 0, 0, 0xC0) + (len(line) * side + 4).to_bytes(3) + box[-4:] + line * side),
        (0x80, b""),
    ]
    cleared = [(0x16, sizes + b"\0"), (0x17, b"\1" + box[1:]), (0x80, b"")]
    return b"".join(_graphic(9_000, *one) for one in shown) + b"".join(
        _graphic(54_000, *one) for one in cleared
    )


def _graphic(at: int, kind: int, content: bytes) -> bytes:
    return b"PG" + struct.pack(">IIBH", at, 0, kind, len(content)) + content


def scc() -> bytes:
    """A word in line 21 (CEA-608), as a Scenarist file: pop-on captions, loaded, then shown."""
    return b"Scenarist_SCC V1.0\n\n00:00:00:02\t9420 9420 94ae 94ae 9470 9470 e8e5 ecec ef80 942f 942f\n\n00:00:00:20\t942c 942c\n"
