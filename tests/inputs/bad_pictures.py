"""Bad pictures, for a transfer and for the aggregates."""

import pickle

import numpy
from bad_inputs import PICTURE, TRANSFER, bad, edited, folder, link, missing, pipe
from odd_pictures import GREY16, RGB16, cut, patched, png, tiff

FLOATS = tiff(RGB16 / numpy.float32(65535), kind=3)


def picture(contents, *words):
    """A bad picture as the content of a transfer."""
    return bad(TRANSFER.replace("c.png", "p.png", 1), *words, files={"p.png": contents})


PICTURES = {
    "a picture that is not there": bad(TRANSFER.replace("c.png", "p.png", 1), "p.png does not exist"),
    "a style that is not there": bad(TRANSFER.replace("s.png", "t.png", 1), "t.png does not exist"),
    "an init that is not there": bad(f"{TRANSFER} --init p.png", "p.png does not exist"),
    "an empty picture": picture(b"", "p.png is empty"),
    "a picture that is a folder": picture(folder, "p.png is not a file"),
    "a picture that is a pipe": picture(pipe, "p.png is not a file"),
    "a picture that is a device": picture(link("/dev/zero"), "p.png is not a file"),
    "a picture that is a loop of links": picture(link("p.png"), "p.png does not exist"),
    "a picture that is a dead link": picture(link("gone.png"), "p.png does not exist"),
    "a picture that is a web page": picture(
        "<!doctype html><title>404</title>",
        "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,",
    ),
    "a picture that is an SVG": picture(
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,",
    ),
    "a picture that is a PDF": picture(
        "%PDF-1.7\n", "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,"
    ),
    "a picture that is a HEIC": picture(
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99),
        "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,",
    ),
    "a picture in a format that runs code": picture(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,",
    ),
    "a picture that is a pickle": picture(
        pickle.dumps([1]), "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,"
    ),
    "half a JPEG": picture(cut("JPEG", 0.6), "p.png is damaged or cut short"),
    "half a PNG": picture(cut("PNG", 0.6), "p.png is damaged or cut short"),
    "half a WebP": picture(cut("WEBP", 0.6), "p.png is damaged or cut short"),
    "half a GIF": picture(cut("GIF", 0.6), "p.png is damaged or cut short"),
    "half a TIFF": picture(cut("TIFF", 0.6), "p.png is damaged or cut short"),
    "half a BMP": picture(cut("BMP", 0.6), "p.png is damaged or cut short"),
    "a JPEG's first bytes": picture(
        b"\xff\xd8\xff\xe0", "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,"
    ),
    "a PNG of no width": picture(
        png(0, 5, 8, 2, b""), "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,"
    ),
    "a PNG of an unknown kind": picture(
        png(5, 5, 3, 7, bytes(99)), "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,"
    ),
    "a PNG without data": picture(png(5, 5, 8, 2, b""), "p.png is damaged or cut short"),
    "a PNG with a wrong sum": picture(
        patched(png(5, 5, 8, 2, bytes(80)), 29, "<I", 7),
        "p.png is not a picture (JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF,",
    ),
    "a bomb as a PNG": picture(
        png(50_000, 50_000, 8, 0, bytes(10**6)),
        "p.png is 50000 x 50000 pixels, more than 200 million: shrink",
    ),
    "a bomb as a TIFF": picture(
        patched(patched(tiff(RGB16), 18, "<I", 40_000), 30, "<I", 40_000),
        "p.png is 40000 x 40000 pixels, more than 200 million: shrink",
    ),
    "a bomb as a GIF": picture(
        patched(cut("GIF", 1.0), 6, "<HH", 65535, 65535),
        "p.png is 65535 x 65535 pixels, more than 200 million: shrink",
    ),
    "a bomb as a BMP": picture(
        patched(cut("BMP", 1.0), 18, "<II", 2**31 - 1, 2**31 - 1),
        "p.png is 2147483647 x 2147483647 pixels, more than 200",
    ),
    "a bomb as a TIFF of floats": picture(
        patched(patched(FLOATS, 18, "<I", 40_000), 30, "<I", 40_000),
        "p.png is 40000 x 40000 pixels, more than 200 million: shrink",
    ),
    "half a TIFF of floats": picture(FLOATS[: len(FLOATS) // 2], "p.png is damaged or cut short: "),
    "half a PNG of 16 bits": picture(png(64, 8, 16, 2, bytes(900)), "p.png is damaged or cut short: "),
    "a TIFF of doubles without a range": picture(
        tiff(RGB16.astype(float), kind=3),
        "p.png is a TIFF of 3 x 64-bit float (compression 1), which is not read (tiff2vips: samples",
    ),
    "a TIFF of 72 channels": picture(
        patched(tiff(GREY16), 90, "<I", 72),
        "(compression 1), which is not read (72 channels of grey16): save",
    ),
    "a picture for an aggregate": bad(
        "sheet all_style_weight-1 --out x.png",
        "results/cells/c/s/style_weight-1.png is not a picture (JPEG,",
        files={PICTURE: b"text"},
    ),
    "a picture for the page": bad(
        "gallery --whole --out x.html",
        "1 of 2 cells are not made: c/s/style_weight-1; run snakemake",
        files={PICTURE: missing},
    ),
    "an original that was cut short": bad(
        "sheet all_style_weight-1 --out x.png",
        "c.png is damaged or cut short",
        files={"c.png": edited(lambda data: data[:-30])},
    ),
}
