"""Classic BPF as the kernel runs it on a system call: enough of it to ask a filter what it would say."""

from __future__ import annotations

from struct import iter_unpack, pack, unpack_from

from transcode.core import calls


def verdict(program: bytes, audit: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """Return what the filter answers to a call (struct seccomp_data: number, machine, instruction pointer, arguments)."""
    data = pack("<iIQ6Q", number, audit, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    instructions = list(iter_unpack("<HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, then, otherwise, value = instructions[at]
        at += 1
        if code == calls.LOAD:
            (accumulator,) = unpack_from("<I", data, value)
        elif code == calls.AND:
            accumulator &= value
        elif code == calls.IF_EQUAL:
            at += then if accumulator == value else otherwise
        else:
            assert code == calls.RETURN
            return int(value)
