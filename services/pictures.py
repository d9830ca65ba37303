"""What a file really is, told by its content; photos are drawn anew, their place and time read and then left out."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from services import settings
from services.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 4096
QUALITY = 88
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF = "application/pdf"


class FileKindRefused(Invalid):
    """This file is neither a photo (JPEG, PNG, WebP) nor a PDF. Send it as one of these."""


class FileTooLarge(Invalid):
    """A file may have {most} bytes, a photo {pixels} points. Send a smaller one."""


class FileEmpty(Invalid):
    """The file is empty. Choose another."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file fit to be kept: its kind, its bytes, and what the photo told of when and where (WGS 84) it was taken."""

    media_type: str
    content: bytes
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None


def checked(content: bytes) -> Checked:
    """The file as it may be kept; up to a second of work. Raises FileEmpty, FileTooLarge, FileKindRefused."""
    if not content:
        raise FileEmpty
    if len(content) > MOST_BYTES:
        raise _too_large()
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return Checked(PDF, content)
    return _drawn_anew(content)


def _drawn_anew(content: bytes) -> Checked:
    try:
        with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large()
            exif, kind = image.getexif(), str(image.format)
            upright = ImageOps.exif_transpose(image)
            plain = upright.convert("RGBA" if upright.has_transparency_data and kind != "JPEG" else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise FileKindRefused from None
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain.info.clear()  # comments, profiles and XMP would be written again
    drawn = io.BytesIO()
    plain.save(drawn, kind, **({} if kind == "PNG" else {"quality": QUALITY}))
    return Checked(FORMATS[kind], drawn.getvalue(), _taken_at(exif), _place(exif))


def _taken_at(exif: Image.Exif) -> datetime | None:
    """DateTimeOriginal with its offset (Exif 2.31); without one, the local time of the jurisdiction."""
    told = exif.get_ifd(ExifTags.IFD.Exif)
    try:
        local = datetime.strptime(str(told[ExifTags.Base.DateTimeOriginal]).strip("\0 "), "%Y:%m:%d %H:%M:%S")
        return local.replace(tzinfo=_offset(told.get(ExifTags.Base.OffsetTimeOriginal))).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _offset(told: Any) -> timezone | ZoneInfo:
    text = str(told or "").strip("\0 ")
    if len(text) == 6 and text[0] in "+-":
        minutes = int(text[1:3]) * 60 + int(text[4:6])
        return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
    return ZoneInfo(settings.current().time_zone)


def _place(exif: Image.Exif) -> tuple[float, float] | None:
    """Longitude and latitude in degrees; None where there is none, or none that can be true."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef) == "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 and (lon, lat) != (0, 0) else None


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    whole = degrees + minutes / 60 + seconds / 3600
    if whole != whole:
        raise ValueError("not a number")
    return -whole if negative else whole


def _too_large() -> FileTooLarge:
    return FileTooLarge(most=MOST_BYTES, pixels=MOST_PIXELS)
