"""Bad configs: files that are not YAML, not a config, or have unknown keys."""

from bad_inputs import bad, link

PICTURES = "content: {c: c.png}\nstyle: {s: s.png}\n"


def config(text, *words, call="table --out x.csv", **files):
    """A config of two good pictures and this text."""
    data = PICTURES.encode() + (text if isinstance(text, bytes) else text.encode())
    return bad(call, *words, files={"config.yaml": data, **files})


def whole(text, *words, **files):
    """A config of this text alone."""
    data = text if isinstance(text, bytes) else text.encode()
    return bad("table --out x.csv", *words, files={"config.yaml": data, **files})


CONFIGS = {
    "a config that is a list": whole(
        "- content\n- style\n", "config.yaml holds ['content', 'style'], not keys with values"
    ),
    "a config that is a word": whole("gatys", "config.yaml holds 'gatys', not keys with values"),
    "a config that is empty": whole(
        "",
        "config.yaml: content: is missing: give a mapping `name:",
        "config.yaml: style: is missing: give a mapping `name:",
    ),
    "a config of comments": whole(
        "# content: {}\n",
        "config.yaml: content: is missing: give a mapping `name:",
        "config.yaml: style: is missing: give a mapping `name:",
    ),
    "a config in UTF-16": whole(
        "content: {c: c.png}".encode("utf-16"), "config.yaml is not text in UTF-8: not a YAML file?"
    ),
    "a config in Latin-1": config(b"# caf\xe9\n", "config.yaml is not text in UTF-8: not a YAML file?"),
    "a config that is a picture": bad(
        "table --out x.csv --config c.png", "c.png is not text in UTF-8: not a YAML file?"
    ),
    "a config that is a folder": bad(
        "table --out x.csv --config results", "cannot read results: Is a directory"
    ),
    "a config that is a loop of links": bad(
        "table --out x.csv --config l.yaml",
        "cannot read l.yaml: Too many levels of symbolic links",
        files={"l.yaml": link("l.yaml")},
    ),
    "a config of zeros without end": bad(
        "table --out x.csv --config z.yaml",
        "z.yaml is larger than 2 MB: not a YAML file?",
        files={"z.yaml": link("/dev/zero")},
    ),
    "a config of 3 MB": config("#" * 3_000_000, "config.yaml is larger than 2 MB: not a YAML file?"),
    "a config with a tab": config(
        "settings:\n\tseed: 1", "config.yaml:4: not valid YAML: found character '\\t' that"
    ),
    "a config with an open bracket": config(
        "settings: {seed: 1", "config.yaml:3: not valid YAML: expected ',' or '}', but got"
    ),
    "a config with an open quote": config(
        "settings: {recipe: 'gatys}", "config.yaml:3: not valid YAML: found unexpected end of stream"
    ),
    "a config with a stray colon": config(
        "settings: seed: 1", "config.yaml:3: not valid YAML: mapping values are not allowed"
    ),
    "a config with a stray indent": config(
        "settings:\n  seed: 1\n tv: l1", "config.yaml:5: not valid YAML: expected <block end>, but"
    ),
    "a config with an unknown alias": config(
        "settings: *nothing", "config.yaml:3: not valid YAML: found undefined alias 'nothing'"
    ),
    "a config of two documents": config(
        "---\nsettings: {seed: 1}", "config.yaml:3: not valid YAML: but found another document"
    ),
    "a config with a bell": config("# \a", "config.yaml:3: '\\x07' is not text: not a YAML file?"),
    "a config nested deeply": config(
        "settings: " + "[" * 50 + "]" * 50, "config.yaml:3: nested too deeply"
    ),
    "a config nested without end": config(
        "settings: " + "[" * 5000, "config.yaml is nested too deeply"
    ),
    "a config that holds itself": config("settings: &a {seed: *a}", "config.yaml:3: nested too deeply"),
    "a billion laughs": config(
        "a: &a [1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
        ),
        "config.yaml holds more than 200000 values",
    ),
    "a list as a key": config(
        "settings: {[seed]: 1}", "config.yaml:3: a key is a name, not a list or mapping"
    ),
    "a tag that would run code": config(
        "settings: {seed: !!python/object/apply:os.system [touch ran]}",
        "config.yaml:3: settings.seed: the tag",
    ),
    "a tag on a mapping": config(
        "settings: !!python/dict {seed: 1}",
        "config.yaml:3: settings: the tag 'python/dict' is not read",
    ),
    "a tag of one's own": config(
        "settings: {seed: !mine 1}", "config.yaml:3: settings.seed: the tag '!mine' is not read"
    ),
    "binary data": config(
        "settings: {seed: !!binary aGk=}", "config.yaml:3: settings.seed: the tag 'binary' is not read"
    ),
    "a set": config(
        "settings: {style_layers: !!set {conv1_1}}",
        "config.yaml:3: settings.style_layers: the tag 'set' is not",
    ),
    "contents instead of content": whole(
        "contents: {c: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: contents: unknown key; did you mean 'content'?",
        "config.yaml: content: is missing: give a mapping `name:",
    ),
    "capital letters": whole(
        "Content: {c: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: Content: unknown key; did you mean 'content'?",
        "config.yaml: content: is missing: give a mapping `name:",
    ),
    "faults of several checks, in the order of their lines": config(
        "prints: {cells: [c/t/only]}\nsettings:\n  colour: kep\n  seed: x\n"
        "external: {e: '{style}.png'}\nexclude: [d/s]\npage: {titel: x}\nsettngs: {}",
        "config.yaml:3: prints.cells[0]: 'c/t/only' is no image of this grid: no style 't'",
        "config.yaml:5: settings.colour: 'kep' is not one of",
        "config.yaml:6: settings.seed: 'x' is not a",
        "config.yaml:7: external.e: '{style}.png' has no {content}",
        "config.yaml:8: exclude[0]: 'd/s' matches no image",
        "config.yaml:9: page.titel: unknown key",
        "config.yaml:10: settngs: unknown key",
    ),
    "settings at the top": config(
        "style_weight: 1e5", "config.yaml:3: style_weight: unknown key; did you mean"
    ),
    "a setting of another program": config(
        "settings: {image_size: 512}", "config.yaml:3: settings.image_size: unknown key"
    ),
    "iterations": config(
        "settings: {num_steps: 300}", "config.yaml:3: settings.num_steps: unknown key"
    ),
    "a flag's spelling": config(
        "settings: {style-weight: 10}", "config.yaml:3: settings.style-weight: unknown key; did you"
    ),
}
