"""Bad regions, guides, and masks of style pictures."""

import io

from bad_configs import whole
from bad_inputs import TRANSFER, bad
from PIL import Image

SIZE = (48, 32)  # of c.png and s.png


def mask(colour=255, size=SIZE):
    """The bytes of a mask."""
    data = io.BytesIO()
    Image.new("L", size, colour).save(data, "PNG")
    return data.getvalue()


CONTENT = "content: {c: {picture: c.png, regions: {face: f.png, rest: r.png}}}\n"
STYLES = "style:\n  s: s.png\n  t: {picture: s.png, regions: {sky: f.png}}\n  duo: [s.png, c.png]\n"
TURNED = mask(255, SIZE[::-1])
FILES = {"f.png": mask(), "r.png": mask()}


def guide(text, *words, content=CONTENT, **files):
    """A config of a content with the regions face and rest, and a style with this guide at line 6."""
    return whole(f"{content}{STYLES}  scene: {{guide: {text}}}\n", *words, **{**FILES, **files})


def content(regions, *words, **files):
    """A config of a content with these regions at line 1."""
    text = f"content: {{c: {{picture: c.png, regions: {regions}}}}}\nstyle: {{s: s.png}}\n"
    return whole(text, *words, **{**FILES, **files})


def call(options, *words):
    """A transfer with these options."""
    return bad(f"{TRANSFER} {options}", *words, files=FILES)


AT = "config.yaml:6: style.scene.guide"
STYLE = "config.yaml:2: style.x"


def style(entry, *words, **files):
    """A config of a style `x` with this entry, and one that it guides, at line 2."""
    region = "{picture: c.png, regions: {face: f.png}}"
    text = f"content: {{c: {region}}}\nstyle: {{s: s.png, x: {entry}}}\n"
    return whole(text, *words, **{**FILES, **files})


REGIONS = {
    "a style of a list beside its key": style(
        "{picture: [s.png, c.png]}",
        f"{STYLE}.picture: ['s.png', 'c.png'] is not one picture: a style of several is [a.jpg, b.jpg]",
    ),
    "a style of weights beside its key": style(
        "{picture: {c.png: 1, s.png: 2}}", f"{STYLE}.picture: {{'c.png': 1, 's.png': 2}} is not one"
    ),
    "a style of a mask alone": style(
        "{mask: f.png}", f"{STYLE}: {{'mask': 'f.png'}} names no picture: write {{picture: path, mask:"
    ),
    "a style of weights alone": style(
        "{blend: [1, 2]}", f"{STYLE}: {{'blend': [1, 2]}} names no picture: write {{picture: path,"
    ),
    "a style whose key is misspelt": style(
        "{pictur: s.png}", f"{STYLE}.pictur: unknown key; did you mean 'picture'?"
    ),
    "a guide whose key is misspelt": style(
        "{guides: {face: s}}", f"{STYLE}.guides: unknown key; did you mean 'guide'?"
    ),
    "a blend by the names of a style and a content": style(
        "{s: 3, c: 1}",
        f"{STYLE}.s: s does not exist: a blend takes pictures, not names of styles: write s.png",
        f"{STYLE}.c: c does not exist: a blend takes pictures, not names of contents: write c.png",
    ),
    "a list of the names of a style and of a blend": style(
        "[s, y], y: [s.png, c.png]",
        f"{STYLE}[0]: s does not exist: a blend takes pictures, not names of styles: write s.png",
        f"{STYLE}[1]: y does not exist: a blend takes pictures, not names of styles: write the",
    ),
    "a mask of another shape beside a value that is refused": whole(
        "content: {c: {picture: c.png, mask: f.png}}\nstyle: {s: s.png}\nsettings: {size: x}",
        "config.yaml:1: content.c.mask: f.png is 32 x 48 pixels, its picture c.png is 48 x",
        "config.yaml:3: settings.size: 'x' is not a whole number",
        **{"f.png": TURNED},
    ),
    "a mask of another shape beside settings that do not go together": whole(
        "content: {c: {picture: c.png, mask: f.png}}\nstyle: {s: s.png}\n"
        "settings: {carry: moments, style_layers: [conv1], size: 64}",
        "config.yaml:1: content.c.mask: f.png is 32 x 48 pixels, its picture c.png is 48 x",
        "config.yaml:3: settings.style_layers: vgg16 has no layer conv1",
        **{"f.png": TURNED},
    ),
    "a region whose mask is not there, and a guide": whole(
        "content: {c: {picture: c.png, regions: {face: no.png}}}\n"
        "style: {s: s.png, y: {guide: {face: s}}}\nsettings: {colour: kep}",
        "config.yaml:1: content.c.regions: no.png does not exist",
        "config.yaml:3: settings.colour: 'kep' is not one of",
        **FILES,
    ),
    "a blend of no pictures, and its weights": style(
        "{picture: 'no/*.png', blend: [3, 1]}", f"{STYLE}.picture: no file matches 'no/*.png'"
    ),
    "a part that is a path": style(
        "{a: {picture: s.png, layers: [conv1]}, b: c.png}",
        f"{STYLE}.b: 'c.png' is not a part, {{picture: path, layers: [...]}}",
    ),
    "a part below nothing": style(
        "{a: {picture: s.png, weight: -1}, b: {picture: c.png}}",
        f"{STYLE}.a.weight: -1 is not a number from 0 to 1e12",
    ),
    "a region that is misspelt": style(
        "{guide: {fase: s}}", f"{STYLE}.guide: c has no region fase; did you mean 'face'?"
    ),
    "a style mask that is not there, and a guide": style(
        "{picture: s.png, mask: no.png}, y: {guide: {face: x}}", f"{STYLE}.mask: no.png does not exist"
    ),
    "a region of a style that is not there, and a guide": style(
        "{picture: s.png, regions: {sky: no.png}}, y: {guide: {face: {style: x, region: sky}}}",
        f"{STYLE}.regions: no.png does not exist",
    ),
    "a content of a list": whole(
        "content: {c: {picture: [c.png, s.png]}}\nstyle: {s: s.png}\n",
        "config.yaml:1: content.c.picture: ['c.png', 's.png'] is not one picture: give each a name",
    ),
    "a content of a mask alone": whole(
        "content: {c: {mask: f.png}}\nstyle: {s: s.png}\n",
        "config.yaml:1: content.c: {'mask': 'f.png'} names no picture: write {picture: path}",
        **FILES,
    ),
    "a content whose key is misspelt": whole(
        "content: {c: {pictur: c.png}}\nstyle: {s: s.png}\n",
        "config.yaml:1: content.c.pictur: unknown key; did you mean 'picture'?",
    ),
    "a content of a folder": whole(
        "content: {c: results}\nstyle: {s: s.png}\n",
        "config.yaml:1: content.c: 'results' is a folder: `content: results` at the top makes a",
    ),
    "regions that are a path": content(
        "f.png", "config.yaml:1: content.c.regions: 'f.png' is not a table of regions and their masks"
    ),
    "a region that the content lacks": guide(
        "{nose: s, rest: t}", f"{AT}: c has no region nose: add it to `regions` of the content"
    ),
    "regions that a content lacks": guide(
        "{face: s, rest: t}",
        f"{AT}: c has no regions face, rest: add them to `regions` of the content, or leave",
        content="content: {c: c.png}\n",
    ),
    "a region without a style": guide("{face: {weight: 1}}", f"{AT}.face: names no style: write"),
    "a region with two styles": guide("{face: [s, t]}", f"{AT}.face: ['s', 't'] is not one style: a"),
    "a region of nothing": guide("{face: }", f"{AT}.face: None is not {{style: name, weight: number}}"),
    "a guide by a style that is not there": guide("{face: strokes}", f"{AT}.face: 'strokes' is no"),
    "a guide by a blend": guide("{face: duo}", f"{AT}.face: duo is no style of one picture: a region"),
    "a guide by itself": guide("{face: scene}", f"{AT}.face: scene is no style of one picture"),
    "a guide without a weight": guide(
        "{face: {style: s, weight: 0}}", f"{AT}: the weights sum to nothing: give one region a weight"
    ),
    "a guide below nothing": guide(
        "{face: {style: s, weight: -1}}", f"{AT}.face: weight: -1 is not a number from 0 to 1e12"
    ),
    "a region that the style lacks": guide(
        "{face: {style: t, region: sea}}", f"{AT}.face: 'sea' is no region of the style t: there are"
    ),
    "a region of a style without regions": guide(
        "{face: {style: s, region: sky}}", f"{AT}.face: 'sky' is no region of the style s: it has none"
    ),
    "a key that no guide has": guide(
        "{face: {style: s, wait: 1}}", f"{AT}.face: 'wait' unknown key; did you mean 'weight'?"
    ),
    "a guide of nothing": guide("{}", f"{AT}: {{}} is not a table `region: {{style: name"),
    "a guide that is a list": guide("[s, t]", f"{AT}: ['s', 't'] is not a table `region:"),
    "a region of a bad name": guide("{a/b: s}", f"{AT}.a/b: 'a/b' is not a name of a region: use up"),
    "a guide beside a picture": guide(
        "{face: s}, picture: s.png", "config.yaml:6: style.scene.picture: does not go with `guide`"
    ),
    "the mask of a region of another shape": guide(
        "{face: s}", "f.png is 32 x 48 pixels, its picture c.png is 48 x", **{"f.png": TURNED}
    ),
    "regions that are a list": content(
        "[f.png]", "config.yaml:1: content.c.regions: ['f.png'] is not a table of regions and"
    ),
    "the mask of a region that is not there": content(
        "{face: x.png}", "config.yaml:1: content.c.regions: x.png does not exist"
    ),
    "the mask of a region that is no picture": content(
        "{face: f.txt}", "config.yaml:1: content.c.regions: face: 'f.txt' is not the path of a mask"
    ),
    "the mask of a region with a comma": content(
        "{face: 'a,b.png'}", "content.c.regions: face: 'a,b.png' has a comma in it: rename the file"
    ),
    "a region of the content of a bad name": content(
        "{'a b': f.png}", "content.c.regions: 'a b' is not a name of a region: use up to 64"
    ),
    "a guide of more regions than pictures": call(
        "--regions face=f.png,rest=r.png --guide face=1,rest=1",
        "--guide: has 2 regions, and the style 1 picture: give one region for each picture",
    ),
    "a guide of a region that is not there": call(
        "--regions face=f.png --guide nose=1", "--guide: nose is no region: the content has face"
    ),
    "a region whose mask is not there, and a value that is refused": call(
        "--regions face=no.png --guide face=1 --colour kep",
        "--colour: 'kep' is not one of",
        "no.png does not exist",
    ),
    "a guide without regions": call("--guide face=1", "--guide: face is no region: the content has no"),
    "regions without a guide": call("--regions face=f.png", "--regions acts only with --guide"),
    "a region twice": call(
        "--regions face=f.png,face=r.png --guide face=1", "--regions: 'face=f.png,face=r.png' names the"
    ),
    "a mode of another name": call("--guide-mode inner", "--guide-mode: 'inner' is not one of simple"),
    "a guide that grows without end": call("--guide-grow 65", "--guide-grow: '65' is not a whole"),
    "masks for more pictures than there are": call(
        "--style-mask none,f.png", "--style-mask: has 2 masks, and the style 1 picture: give one for"
    ),
}  # fmt: skip
