"""Files are told by their content; a photo loses everything but what it shows."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from services import pictures
from services.pictures import FileEmpty, FileKindRefused, FileTooLarge, checked

SECRET = "Ping An, Willow Lane 50"


def exif(offset: str | None = "+08:00") -> Image.Exif:
    """Taken on 20 May 2026 at 09:30:15, at 26 degrees 34 minutes 12 seconds north, 106 degrees 42 minutes east."""
    found = Image.Exif()
    found[ExifTags.Base.Artist] = SECRET
    found[ExifTags.Base.Orientation] = 6  # to be turned a quarter clockwise
    told = found.get_ifd(ExifTags.IFD.Exif)
    told[ExifTags.Base.DateTimeOriginal] = "2026:05:20 09:30:15"
    if offset:
        told[ExifTags.Base.OffsetTimeOriginal] = offset
    place = found.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLongitudeRef] = "N", "E"
    place[ExifTags.GPS.GPSLatitude] = tuple(IFDRational(part) for part in (26, 34, 12))
    place[ExifTags.GPS.GPSLongitude] = tuple(IFDRational(part) for part in (106, 42, 0))
    return found


def photo(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    """A picture, red on the left, blue on the right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image = image.convert(mode)
    drawn = io.BytesIO()
    image.save(drawn, kind, **options)
    return drawn.getvalue()


def test_place_and_time_are_read_and_then_gone() -> None:
    """12 seconds are 1/300 of a degree, 34 minutes 17/30: 26.57; 42 minutes: 106.7. 09:30:15 at +08:00 is 01:30:15 UTC.

    The picture is turned as the camera said: 40 by 20 becomes 20 by 40, red above blue.
    """
    sent = photo(exif=exif(), comment=SECRET.encode(), xmp=f"<x>{SECRET}</x>".encode())
    assert sent.count(SECRET.encode()) >= 3
    found = checked(sent)
    assert found.place == (pytest.approx(106.7), pytest.approx(26.57))
    assert found.taken_at == datetime(2026, 5, 20, 1, 30, 15, tzinfo=UTC)
    assert SECRET.encode() not in found.content
    with Image.open(io.BytesIO(found.content)) as image:
        assert (image.format, image.size, len(image.getexif())) == ("JPEG", (20, 40), 0)
        assert not image.info.keys() & {"exif", "comment", "xmp", "icc_profile"}
        rgb = image.convert("RGB")
        assert rgb.getpixel((10, 5))[0] > 200  # type: ignore[index]
        assert rgb.getpixel((10, 35))[2] > 200  # type: ignore[index]


def test_without_an_offset_the_camera_s_time_is_local() -> None:
    assert checked(photo(exif=exif(offset=None))).taken_at == datetime(2026, 5, 20, 1, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGBA", {}),
        ("WEBP", "RGB", {"exif": exif()}),
        ("PNG", "P", {}),
    ],
)
def test_other_pictures_are_drawn_anew_too(kind: str, mode: str, options: dict[str, Any]) -> None:
    text = PngInfo()
    text.add_text("Comment", SECRET)
    sent = photo(kind, mode=mode, **(options | ({"pnginfo": text} if kind == "PNG" else {})))
    assert SECRET.encode() in sent
    found = checked(sent)
    assert found.media_type == f"image/{kind.lower()}"
    assert SECRET.encode() not in found.content


def test_what_follows_a_picture_is_cut_off() -> None:
    """A file that is a photo and a web page at once keeps the photo."""
    assert b"<script>" not in checked(photo() + b"<script>alert(1)</script>").content


def test_a_large_photo_is_made_smaller() -> None:
    """5000 by 100 becomes 4096 by 82 (100 times 4096 / 5000 is 81.92)."""
    with Image.open(io.BytesIO(checked(photo(size=(5000, 100))).content)) as image:
        assert image.size == (4096, 82)


def test_a_pdf_is_kept_as_it_is() -> None:
    sent = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
    assert (checked(sent).media_type, checked(sent).content) == ("application/pdf", sent)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00",
        b"%PDF-1.7 and then nothing",
        photo()[:200],
        photo("GIF"),
        photo("TIFF"),
    ],
    ids=["page", "svg", "program", "broken-pdf", "broken-photo", "gif", "tiff"],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(FileKindRefused):
        checked(content)


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By bytes, and by points before any is drawn: a few bytes of PNG can be a wall of them."""
    with pytest.raises(FileEmpty):
        checked(b"")
    with pytest.raises(FileTooLarge):
        checked(b"%PDF-" + b"0" * pictures.MOST_BYTES + b"%%EOF")
    monkeypatch.setattr(pictures, "MOST_PIXELS", 799)
    with pytest.raises(FileTooLarge):
        checked(photo())
