"""Pictures as bytes, among them those that Pillow does not write, and those that nobody can read."""

import io
import struct
import zipfile
import zlib

import numpy
from PIL import Image, ImageCms

RAMP = numpy.linspace(0, 65535, 512).astype(numpy.uint16)
GREY16, RGB16 = RAMP.reshape(8, 64, 1), numpy.repeat(RAMP.reshape(8, 64, 1), 3, axis=2)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def drawing(size=(23, 17)):
    """A picture whose quarters differ, so that no turn or mirror image is itself."""
    image = Image.new("RGB", size, "white")
    image.paste((200, 30, 20), (0, 0, 12, 8))
    image.paste((20, 60, 200), (12, 8, *size))
    return image


def png(width, height, depth, kind, rows, *chunks):
    """The bytes of a PNG that Pillow itself does not write."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    body = b"".join(chunk(*c) for c in (*chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + header + body


def tiff(levels, order="<", kind=1):
    """The bytes of a TIFF of one strip; `kind` is 1 for numbers, 2 for signed ones, 3 for floats."""
    height, width, channels = levels.shape
    data = levels.astype(levels.dtype.newbyteorder(order)).tobytes()
    bits = levels.dtype.itemsize * 8
    tags = [(256, width), (257, height), (258, bits), (259, 1), (262, 2 if channels == 3 else 1)]
    tags += [(273, 200), (277, channels), (278, height), (279, len(data)), (339, kind)]
    table = struct.pack(f"{order}H", len(tags))
    for tag, value in tags:
        if tag == 258 and channels == 3:
            table += struct.pack(f"{order}HHII", tag, 3, 3, 190)
        else:
            table += struct.pack(f"{order}HHII", tag, 4, 1, value)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8) + table + bytes(4)
    return head.ljust(190, b"\0") + struct.pack(f"{order}3H", bits, bits, bits).ljust(10, b"\0") + data


def swapped_profile():
    """sRGB with its red and blue primaries exchanged."""
    data = bytearray(SRGB)
    places = {}
    for number in range(struct.unpack_from(">I", data, 128)[0]):
        name, offset, _ = struct.unpack_from(">4sII", data, 132 + 12 * number)
        places[name] = (132 + 12 * number + 4, offset)
    for one, other in ((b"rXYZ", b"bXYZ"), (b"bXYZ", b"rXYZ")):
        struct.pack_into(">I", data, places[one][0], places[other][1])
    return bytes(data)


def cut(kind, keep, **options):
    """The first bytes of a noisy picture: a share of them, or all but the last few."""
    stream = io.BytesIO()
    noise = numpy.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=numpy.uint8)
    Image.fromarray(noise).save(stream, kind, **options)
    data = stream.getvalue()
    return data[: int(len(data) * keep) if isinstance(keep, float) else keep]


def archive():
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("picture.png", b"x" * 99)
    return stream.getvalue()


def webp_canvas(side):
    """A WebP animation of small frames on a canvas of side x side."""
    stream = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), c) for c in ("red", "blue")]
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:])
    data = stream.getvalue()
    return data[:24] + (side - 1).to_bytes(3, "little") * 2 + data[30:]


def patched(data, place, layout, *values):
    """The data with a part of its header overwritten."""
    return data[:place] + struct.pack(layout, *values) + data[place + struct.calcsize(layout) :]


NOT, DAMAGED = "is not a picture (JPEG, PNG", "is damaged or cut short: "
LARGE = "is 60000 x 60000 pixels, more than 200 million: shrink it first"
HUGE_TIFF = patched(patched(tiff(GREY16), 18, "<I", 60000), 30, "<I", 60000)
# What it is: its bytes, what the refusal says after the file's name, whether its header shows it.
REFUSED = {
    "empty": (b"", "is empty", True),
    "text": (b"only words\n" * 40, NOT, True),
    "zip": (archive(), NOT, True),
    "random": (numpy.random.default_rng(0).bytes(5000), NOT, True),
    "zeros": (bytes(5000), NOT, True),
    "only a PNG's start": (b"\x89PNG\r\n\x1a\n", NOT, True),
    "half a JPEG": (cut("JPEG", 0.5), DAMAGED, False),
    "half a progressive JPEG": (cut("JPEG", 0.5, progressive=True), DAMAGED, False),
    "half a PNG": (cut("PNG", 0.5), DAMAGED, False),
    "half a WebP": (cut("WEBP", 0.5), DAMAGED, True),
    "half a TIFF": (cut("TIFF", 0.5), DAMAGED, False),
    "half an LZW TIFF": (cut("TIFF", 0.5, compression="tiff_lzw"), NOT, True),
    "half a BMP": (cut("BMP", 0.5), DAMAGED, False),
    "half a GIF": (cut("GIF", 0.5), DAMAGED, False),
    "JPEG without its end": (cut("JPEG", -40), DAMAGED, False),
    "PNG without its end": (cut("PNG", -40), DAMAGED, False),
    "TIFF without its end": (cut("TIFF", -40), DAMAGED, False),
    "BMP without its end": (cut("BMP", -40), DAMAGED, False),
    "WebP without its end": (cut("WEBP", -4), DAMAGED, True),
    "GIF without its end": (cut("GIF", -40), DAMAGED, False),
    "TIFF of 72 channels": (patched(tiff(GREY16), 90, "<I", 72), "is a TIFF of 72 x 16-bit", True),
    "huge PNG": (png(60000, 60000, 8, 2, b""), LARGE, True),
    "huge TIFF": (HUGE_TIFF, LARGE, True),
    "huge BMP": (patched(cut("BMP", 1.0), 18, "<II", 60000, 60000), LARGE, True),
    "huge GIF": (patched(cut("GIF", 1.0), 6, "<HH", 60000, 60000), LARGE, True),
    "huge WebP": (webp_canvas(60000), LARGE, True),
}
