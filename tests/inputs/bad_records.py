"""Bad records and traces, for the aggregates."""

from bad_inputs import RECORD, bad, edited, missing, replaced, with_keys

TRACE = RECORD.replace(".json", ".csv")


def record(*words, verb="table", **values):
    """A record with some values changed."""
    call = f"{verb} --whole --out x" if verb != "curves" else verb
    return bad(call, *words, files={RECORD: with_keys(**values)})


def guided(words, pictures=1, **values):
    """A record that cannot be reproduced, with a guide for the regions face and rest, and so on."""
    sha256 = "0" * 64
    names = ["content", *(f"style_{n}" if n > 1 else "style" for n in range(1, pictures + 1))]
    names += ["region_face", "region_rest", "style_mask", "style_2_mask"]
    inputs = {name: {"path": "f.png", "sha256": sha256} for name in names}
    values = {"inputs": inputs, "settings__regions": {"face": "f.png", "rest": "f.png"}, **values}
    return bad(f"reproduce {RECORD}", words, files={RECORD: with_keys(**values)})


def trace(contents, *words):
    """A bad trace."""
    return bad("curves", *words, files={TRACE: contents}, keeps="results/curves")


RECORDS = {
    "a record of one region and two styles": guided(
        "settings.guide: has 1 region, and the style 2 pictures: give one region for each picture",
        pictures=2,
        settings__guide=[["face", 1.0]],
    ),
    "a record of two regions and one style": guided(
        "settings.guide: has 2 regions, and the style 1 picture: give one region for each picture",
        settings__guide=[["face", 1.0], ["rest", 0.0]],
    ),
    "a record of two masks and one style": guided(
        "settings.style_mask: has 2 masks, and the style 1 picture: give one for each",
        settings__style_mask=["alpha", "f.png"],
    ),
    "a record of one mask and three styles": guided(
        "settings.style_mask: has 1 mask, and the style 3 pictures: give one for each",
        pictures=3,
        settings__style_mask=["alpha"],
    ),
    "a record of the mask of one of two styles": guided(
        "settings.style_mask: f.png is the mask of one picture, and the style has 2 pictures",
        pictures=2,
        settings__style_mask="f.png",
    ),
    "a record that is not there": bad(
        "table --whole --out x",
        "1 of 2 cells are not made: c/s/style_weight-1; run snakemake",
        files={RECORD: missing},
    ),
    "a record that is empty": bad(
        "table --whole --out x", "is damaged (not JSON)", files={RECORD: b""}
    ),
    "a record cut short": bad(
        "summary --whole --out x",
        "is damaged (not JSON)",
        files={RECORD: edited(lambda data: data[:200])},
    ),
    "a record that is a folder": bad(
        "table --whole --out x",
        "1 of 2 cells are not made: c/s/style_weight-1; run snakemake",
        files={RECORD: lambda path: (path.unlink(), path.mkdir())},
    ),
    "a record that is a list": bad(
        "table --whole --out x",
        "lacks outcome, evaluations, seconds, losses, terms, settings,",
        files={RECORD: b"[]"},
    ),
    "a record in another encoding": bad(
        "table --whole --out x",
        "is damaged (not JSON)",
        files={RECORD: edited(lambda data: data.decode().encode("utf-16"))},
    ),
    "a record nested without end": bad(
        "table --whole --out x", "is damaged (not JSON)", files={RECORD: b"[" * 100_000}
    ),
    "a record of a number without end": bad(
        "table --whole --out x", "is damaged (not JSON)", files={RECORD: b"9" * 5000}
    ),
    "a record without losses": record("lacks losses", losses=...),
    "a record without terms": record("lacks terms", terms=...),
    "a record whose losses are a list": record("losses: [1, 2, 3] is not a table", losses=[1, 2, 3]),
    "a record of a picture of 7 bits": record(
        "inputs.content.bits: 7 is not 8 or 16",
        inputs={"content": {"path": "c.png", "sha256": "0" * 64, "bits": 7}},
    ),
    "a record whose total is a text": record("losses.total: '1' is not a number", losses__total="1"),
    "a record whose total is no number": record(
        "losses.total: nan is not a number", losses__total=float("nan")
    ),
    "a record whose total is infinite": record(
        "losses.total: inf is not a number", losses__total=float("inf")
    ),
    "a record whose total is larger than any": record(
        "losses.total: a number of 1329 bits is not a number", losses__total=10**400
    ),
    "a record whose seconds are larger than any": record(
        "seconds: 1.7e+308 is not a number", verb="summary", seconds=1.7e308
    ),
    "a record whose style loss is missing": record(
        "losses.style: None is not a number", losses__style=...
    ),
    "a record whose evaluations are true": record(
        "evaluations: True is not a number", evaluations=True
    ),
    "a record whose terms are numbers": record(
        "terms.style: 3 is not a table of numbers", terms__style=3
    ),
    "a record with the terms of another layer": record(
        "terms.style: 'conv9' not in settings.style_layers", terms__style={"conv9": 1.0}
    ),
    "a record whose outcome is a number": record("outcome: 3 is not a text", outcome=3),
    "a record whose outcome is half a character": record(
        "outcome: '\\ud800' is not a text", outcome="\ud800"
    ),
    "a record whose device is half a character": record(
        "device: '\\ud800' is not a text", verb="summary", device="\ud800"
    ),
    "a record whose device has lines": record("device: 'cpu\\ncuda' is not a text", device="cpu\ncuda"),
    "a record of another engine": record(
        "c/s/style_weight-1 was made before a change (engine 99 -> ", engine=99
    ),
    "a record of other settings": record(
        "c/s/style_weight-1 was made before a change (style_weight", settings__style_weight=3.0
    ),
    "a record without its precision": record(
        "settings.precision: None is not a text", verb="gallery", settings__precision=...
    ),
    "a record whose precision is a list": record(
        "settings.precision: ['fp32'] is not a text",
        verb="gallery",
        settings__precision=["fp32"],
    ),
    "a record without its device": record(
        "settings.device: None is not a text", verb="gallery", settings__device=...
    ),
    "a record whose settings are a list": record("settings: [] is not a table", settings=[]),
    "a record without a share": record("terms.style: 'conv1_1, conv2_1, ", settings__style_layers={}),
    "a trace that is not there": bad(
        "curves --whole",
        "1 of 2 cells are not made: c/s/style_weight-1; run snakemake",
        files={TRACE: missing},
    ),
    "a trace that is empty": trace(b"", "holds other columns"),
    "a trace of its head alone": trace(
        edited(lambda data: data.splitlines()[0]), "holds no evaluation"
    ),
    "a trace with other columns": trace(replaced(("total", "loss")), "holds other columns"),
    "a trace cut short": trace(edited(lambda data: data[:-9]), "line 4: '3,42,40,2' is no evaluation"),
    "a trace with a word": trace(
        replaced(("1,", "one,")), "line 2: 'one,42,40,2,0,0.100' is no evaluation"
    ),
    "a trace that goes back": trace(
        replaced(("\n2,", "\n1,")), "line 3: '1,42,40,2,0,0.200' is no evaluation"
    ),
    "a trace with a hole": trace(replaced(("\n2,", "\n\n2,")), "line 3: '' is no evaluation"),
    "a trace in another encoding": trace(
        edited(lambda data: data.decode().encode("utf-16")), "is damaged (not CSV)"
    ),
    "a trace with a field without end": trace(
        edited(lambda data: data + b'"' + b"1" * 200_000), "is damaged (not CSV)"
    ),
}
