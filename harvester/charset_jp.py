"""EUC-JP and ISO-2022-JP as they occur: Microsoft's additions (①㈱, rows 89 to 92) and half-width katakana included.

Both come out with the same characters as Shift_JIS read as cp932, so that one title is one title.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_JIS_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([DOPQ]|\([BJI])")


def _euc_pair(error: UnicodeError) -> tuple[str, int]:
    """Decoding error handler: two bytes outside JIS X 0208 as Microsoft's rows 13 and 89 to 92, else as JIS X 0213."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.object[error.start] == 0x8F:
        return _second_plane(error)
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and min(pair) >= 0xA1 and max(pair) <= 0xFE:
        for raw, codec in ((_to_shift_jis(pair), "cp932"), (pair, "euc_jis_2004")):
            try:
                return raw.decode(codec), error.start + 2
            except UnicodeDecodeError:
                continue
    return "\ufffd", error.start + 1


def _second_plane(error: UnicodeDecodeError) -> tuple[str, int]:
    """Three bytes that are not in JIS X 0212 but perhaps in JIS X 0213."""
    try:
        return error.object[error.start : error.start + 3].decode("euc_jis_2004"), error.start + 3
    except UnicodeDecodeError:
        return "\ufffd", error.start + 1


def _to_shift_jis(pair: bytes) -> bytes:
    """The Shift_JIS form of an EUC pair (JIS X 0208 Annex 1 arithmetic)."""
    row, cell = pair[0] - 0xA0, pair[1] - 0xA0
    lead = (row + 1) // 2 + (0x80 if row <= 62 else 0xC0)
    trail = cell + 0x3F + (cell >= 64) if row % 2 else cell + 0x9E
    return bytes((lead, trail))


_EUC_ERRORS: Final = "harvester.euc_pair"
codecs.register_error(_EUC_ERRORS, _euc_pair)
# JIS characters that Microsoft maps to other code points; browsers follow it for EUC-JP too.
_LIKE_CP932: Final = str.maketrans("〜‖−—¢£¬", "～∥－―￠￡￢")


def from_euc(body: bytes) -> str:
    """The text of EUC-JP bytes, U+FFFD for what nobody knows."""
    return body.decode("euc_jp", _EUC_ERRORS).translate(_LIKE_CP932)


def from_jis(body: bytes) -> str:
    """ISO-2022-JP: each escaped stretch becomes its EUC form, so that row 13 (①㈱) and ｶﾅ are read as well."""
    parts = _JIS_ESCAPE.split(body)
    made = bytearray(parts[0])
    for escape, stretch in zip(parts[1::2], parts[2::2], strict=True):
        if escape in (b"$@", b"$B", b"$(O", b"$(Q"):
            made += bytes(byte | 0x80 if byte > 0x20 else byte for byte in stretch)
        elif escape == b"(I":
            made += b"".join(b"\x8e" + bytes((byte | 0x80,)) if byte > 0x20 else bytes((byte,)) for byte in stretch)
        elif escape in (b"$(D", b"$(P"):
            made += _three_byte(stretch)
        else:
            made += stretch
    return from_euc(bytes(made))


def _three_byte(stretch: bytes) -> bytes:
    """Pairs of the second set (JIS X 0212, plane 2) with the prefix that EUC gives them."""
    return b"".join(b"\x8f" + bytes(byte | 0x80 for byte in stretch[at : at + 2]) for at in range(0, len(stretch), 2))
