"""Text from bytes as mail programs read them: the encodings and labels of the WHATWG Encoding Standard, no others.

Each decoder takes time that grows no faster than the content: Python has codecs of which that is not true
(``punycode``). The Japanese tables are those of Microsoft: with NEC row 13 and the IBM extensions, which Python's
ISO-2022-JP and EUC-JP codecs do not have.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from webencodings import LABELS, lookup

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
# Labels are compared without punctuation (UTS #22, 1.4), since mail has "latin-1" and "euc_kr".
_NAMES = {_NOT_A_NAME.sub("", label): name for label, name in LABELS.items() if name != "replacement"}
# Labels of mail programs that the standard does not list.
_NAMES |= {
    **dict.fromkeys(("cp65001", "utf8mb4"), "utf-8"),
    **dict.fromkeys(("cp932", "xmscp932"), "shift_jis"),
    **dict.fromkeys(("cp51932", "eucjpms"), "euc-jp"),
    **dict.fromkeys(("cp50220", "cp50221", "cp50222", "iso2022jp1", "iso2022jpms"), "iso-2022-jp"),
    **dict.fromkeys(("cp936", "ms936", "windows936", "euccn"), "gbk"),
    **dict.fromkeys(("cp949", "ms949", "uhc", "ksc5601"), "euc-kr"),
    **dict.fromkeys(("cp950", "ms950", "windows950"), "big5"),
    "cp874": "windows-874",
}
# Where Python's table is not the standard's.
_CORRECTIONS = {"koi8-u": {0xAE: "ў", 0xBE: "Ў"}, "windows-1255": {0xCA: "\u05ba"}}
# Bytes above 0x7F are wrong in these, so nothing is declared for them.
_SEVEN_BIT = frozenset(("ascii", "usascii", "ansix341968"))
_LONGEST_LABEL = 80

_JIS_SHIFT = re.compile(rb"\x1b(\([BIJ]|\$[@B]|\$\([@BD])|([\x0e\x0f])")
_JIS_SHIFT_USED = re.compile(rb"\x1b(?:\([IJ]|\$[@B]|\$\([@BD])")
_JIS_PAIRS = re.compile(rb"((?:[!-~]{2})+)")
_JIS_KATAKANA = re.compile(rb"[!-_]+")
_NOT_BLANK = re.compile(r"[^\x00-\x20]")
_EUC_RUNS = re.compile(rb"((?:[\xa1-\xfe]{2})+)|((?:\x8f[\xa1-\xfe]{2})+)|((?:\x8e[\xa1-\xdf])+)")
_GB_EURO = re.compile(rb"[\x81-\xfe].|\x80", re.DOTALL)
_BIG5_RUNS = re.compile(rb"((?:[\xa1-\xa3].)+)|(?:[\x00-\x80]|[\x81-\xa0\xa4-\xff].)+|.", re.DOTALL)
_LOW_BITS = bytes(byte & 0x7F for byte in range(256))
_HIGH_BITS = bytes(byte | 0x80 for byte in range(256))
_ROMAN = str.maketrans("\\~", "¥‾")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OTHER_THAN_ASCII = re.compile("[^\x00-\x7f\ufffd]")
_SHOWN = frozenset(b"\t\n\r" + bytes(range(0x20, 0x7F)))
_ESCAPES: tuple[str, ...] = tuple(chr(byte) if byte in _SHOWN else f"\\x{byte:02x}" for byte in range(256))


def decoded(content: bytes, label: str | None, warnings: list[str] | None = None) -> str:
    """Decode ``content``. Never fails.

    Args:
        label: The declared charset. None, ``us-ascii`` and ``utf-8`` are not taken at their word: UTF-8,
            ISO-2022-JP (by its escape sequences) and windows-1252 are told apart.
        warnings: Gets a sentence if the label is unknown. The content is then shown as UTF-8 if it is that, else
            with each byte that is not printable ASCII as ``\\xNN``.
    """
    label = (label or "utf-8").strip("\"' \t").lower()
    plain = _NOT_A_NAME.sub("", label[:_LONGEST_LABEL])
    name = "utf-8" if plain in _SEVEN_BIT else _NAMES.get(plain)
    if content.startswith(codecs.BOM_UTF8):
        return content[3:].decode("utf-8", "replace")
    if name is not None:
        return _guessed(content) if name == "utf-8" else _declared(content, name)
    if warnings is not None:
        shown = _CONTROL.sub("?", label[:_LONGEST_LABEL]).encode("ascii", "replace").decode()
        warnings.append(f"the charset {shown!r} is none that mail programs know: its text may not be readable")
    if _JIS_SHIFT_USED.search(content):
        return _iso_2022_jp(content)
    text = _utf_8(content)
    return text if text is not None and not _CONTROL.search(text) else "".join([_ESCAPES[byte] for byte in content])


def guessed(content: bytes, label: str | None) -> str:
    """Decode what has no declaration of its own, as a header with 8-bit characters: ``label`` is the charset of the
    mail around it."""
    text = _utf_8(content)
    if text is not None and not _JIS_SHIFT_USED.search(content):
        return text
    return decoded(content, label)


def _utf_8(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _guessed(content: bytes) -> str:
    if _JIS_SHIFT_USED.search(content):
        return _iso_2022_jp(content)
    text = content.decode("utf-8", "replace")
    if "\ufffd" not in text or _OTHER_THAN_ASCII.search(text):
        # Right, or right but for some bytes.
        return text
    return _utf_8(content) or _single_byte(content, "windows-1252")


def _declared(content: bytes, name: str) -> str:
    decoder = _DECODERS.get(name)
    if decoder is None:
        return _single_byte(content, name)
    text = decoder(content)
    if "\ufffd" in text and name != "iso-2022-jp":
        # Many senders declare one charset and send UTF-8.
        return _utf_8(content) or text
    return text


def _single_byte(content: bytes, name: str) -> str:
    return codecs.charmap_decode(content, "replace", _table(name))[0]


@cache
def _table(name: str) -> str:
    """The characters of the 256 bytes of a single-byte encoding."""
    encoding = lookup(name)
    characters = [encoding.codec_info.decode(bytes([byte]), "replace")[0] for byte in range(256)]
    if name.startswith("windows-") or name == "macintosh":
        # Where Python has nothing, the standard has the control character.
        characters[0x80:0xA0] = [
            chr(byte) if characters[byte] == "\ufffd" else characters[byte] for byte in range(0x80, 0xA0)
        ]
    for byte, character in _CORRECTIONS.get(name, {}).items():
        characters[byte] = character
    return "".join(characters)


def _python(codec: str) -> Callable[[bytes], str]:
    return lambda content: content.decode(codec, "replace")


def _gb18030(content: bytes) -> str:
    """The euro sign of Microsoft's code page 936 is a byte of its own, 0x80."""
    if b"\x80" in content:
        content = _GB_EURO.sub(lambda found: b"\xa2\xe3" if found[0] == b"\x80" else found[0], content)
    return content.decode("gb18030", "replace")


def _big5(content: bytes) -> str:
    """The symbols as Microsoft has them, all else with the characters of Hong Kong."""
    return "".join(
        run[0].decode("cp950" if run.lastindex else "big5hkscs", "replace") for run in _BIG5_RUNS.finditer(content)
    )


def _utf_16(codec: str) -> Callable[[bytes], str]:
    """A byte order mark says more than the label."""

    def decode(content: bytes) -> str:
        marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return content.decode("utf-16" if marked else codec, "replace")

    return decode


@cache
def _jis_characters(*, supplement: bool) -> Mapping[int, str]:
    """The 94 rows of 94 characters of JIS X 0208 (as Microsoft has it) or JIS X 0212, by their two bytes as one
    number."""
    found: dict[int, str] = {}
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            if supplement:
                character = bytes((0x8F, row | 0x80, cell | 0x80)).decode("euc_jp", "replace")
            else:
                lead = (row - 0x21 >> 1) + (0x81 if row < 0x5F else 0xC1)
                trail = cell + (0x1F if cell < 0x60 else 0x20) if row & 1 else cell + 0x7E
                character = bytes((lead, trail)).decode("cp932", "replace")
            found[row << 8 | cell] = character[0]
    return MappingProxyType(found)


def _jis(pairs: bytes, *, supplement: bool = False) -> str:
    """``pairs``: two bytes from 0x21 to 0x7E for each character."""
    return pairs.decode("utf-16-be").translate(_jis_characters(supplement=supplement))


def _iso_2022_jp(content: bytes) -> str:
    """RFC 1468, with half-width katakana, JIS X 0212 and Microsoft's rows."""
    found: list[str] = []
    shift = b"(B"
    # In turn: content, what an escape sequence says, SO or SI.
    pieces = _JIS_SHIFT.split(content)
    for at in range(0, len(pieces), 3):
        piece = pieces[at]
        if at:
            shift = pieces[at - 2] or (b"(I" if pieces[at - 1] == b"\x0e" else b"(B")
        if not piece:
            continue
        if shift.startswith(b"$"):
            # What is no pair stands between pairs: line ends, blanks, half a character.
            for index, run in enumerate(_JIS_PAIRS.split(piece)):
                if index % 2:
                    found.append(_jis(run, supplement=shift.endswith(b"D")))
                else:
                    found.append(_NOT_BLANK.sub("\ufffd", run.decode("latin-1")))
        elif shift == b"(I":
            katakana = _JIS_KATAKANA.sub(lambda run: run[0].translate(_HIGH_BITS), piece)
            found.append(katakana.decode("cp932", "replace"))
        else:
            text = piece.decode("cp932", "replace")  # 8-bit katakana, in some mails
            found.append(text.translate(_ROMAN) if shift == b"(J" else text)
    return "".join(found)


def _euc_jp(content: bytes) -> str:
    found: list[str] = []
    pieces = _EUC_RUNS.split(content)
    for at in range(0, len(pieces), 4):
        if at:
            pairs, supplement, katakana = pieces[at - 3 : at]
            if pairs:
                found.append(_jis(pairs.translate(_LOW_BITS)))
            elif supplement:
                found.append(_jis(supplement.replace(b"\x8f", b"").translate(_LOW_BITS), supplement=True))
            else:
                found.append(katakana.replace(b"\x8e", b"").decode("cp932", "replace"))
        found.append(pieces[at].decode("ascii", "replace"))
    return "".join(found)


# All that have characters of several bytes.
_DECODERS: Mapping[str, Callable[[bytes], str]] = {
    "gbk": _gb18030,
    "gb18030": _gb18030,
    "big5": _big5,
    "euc-kr": _python("cp949"),
    "shift_jis": _python("cp932"),
    "euc-jp": _euc_jp,
    "iso-2022-jp": _iso_2022_jp,
    "utf-16le": _utf_16("utf-16-le"),
    "utf-16be": _utf_16("utf-16-be"),
}
