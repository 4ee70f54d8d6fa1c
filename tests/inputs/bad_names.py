"""Bad names and paths in a config, and bad overlays."""

from bad_configs import config, whole
from bad_inputs import bad, folder, pipe


def below(json, *words):
    """A good config with a bad `--overlay`."""
    return bad(f"prune --overlay '{json}'", *words)


NAMES = {
    "one override for an unknown content": config(
        "overrides: {content: {d: {seed: 1}}}", "config.yaml:3: overrides.content.d: unknown key"
    ),
    "an override of pictures": config(
        "overrides: {style: {s: {style: s.png}}}",
        "config.yaml:3: overrides.style.s.style: unknown key; did you",
    ),
    "weights in settings": config(
        "settings: {weights: w.pth}", "config.yaml:3: settings.weights: unknown key; did you mean"
    ),
    "weights for a network by another name": config(
        "weights: {vgg-16: w.pth}", "config.yaml:3: weights.vgg-16: unknown key; did you mean"
    ),
    "weights of a config that are a folder": config(
        "weights: {vgg16: results}", "config.yaml:3: weights.vgg16: 'results' is not a file"
    ),
    "weights that are a number": config(
        "weights: {vgg16: 5}", "config.yaml:3: weights.vgg16: 5 is not a file"
    ),
    "a name that leads out": whole(
        "content: {..: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content...: '..' is not safe as a file name on",
    ),
    "a name with a slash": whole(
        "content: {../../x: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.../../x: '../../x' is not safe as a",
    ),
    "a name that is a path": whole(
        "content: {/tmp/x: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content./tmp/x: '/tmp/x' is not safe as a file",
    ),
    "a name with a blank": whole(
        "content: {my cat: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.my cat: 'my cat' is not safe as a file",
    ),
    "a name of Windows": whole(
        "content: {aux: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.aux: 'aux' is not safe as a file name",
    ),
    "one picture under names that differ in case": whole(
        "content: {A: c.png, a: c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.a: 'a' names two pictures,",
    ),
    "a glob of nothing": whole(
        "content: '*.jpeg'\nstyle: {s: s.png}",
        "config.yaml:1: content: no file matches '*.jpeg' (pictures end",
    ),
    "a style by a glob of nothing": whole(
        "content: {c: c.png}\nstyle: {s: '*.jpgg'}",
        "config.yaml:2: style.s: no file matches '*.jpgg' (pictures end",
    ),
    "a folder without pictures": whole(
        "content: results/logs\nstyle: {s: s.png}",
        "config.yaml:1: content: no picture in 'results/logs'",
        **{"results/logs/x.txt": ""},
    ),
    "a list of pictures": whole(
        "content: [c.png, s.png]\nstyle: {s: s.png}",
        "config.yaml:1: content: ['c.png', 's.png'] is not a mapping",
    ),
    "an address": whole(
        "content: {c: 'https://example.org/c.png'}\nstyle: {s: s.png}",
        "config.yaml:1: content.c: https:/example.org/c.png does not",
    ),
    "a home of somebody else": whole(
        "content: {c: ~somebody/c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.c: ~somebody/c.png does not exist",
    ),
    "a variable that no shell expands": whole(
        "content: {c: $HOME/c.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.c: $HOME/c.png does not exist",
    ),
    "a picture of a config that is a pipe": whole(
        "content: {c: p.png}\nstyle: {s: s.png}",
        "config.yaml:1: content.c: p.png is not a file",
        **{"p.png": pipe},
    ),
    "a picture of half a character": whole(
        'content: {c: "\\ud800.png"}\nstyle: {s: s.png}',
        "config.yaml:1: content.c: '\\ud800.png' holds a line break or",
    ),
    "an init of half a character": config(
        'settings: {init: "\\ud800.png"}', "config.yaml:3: settings.init: '\\ud800.png' is not one of"
    ),
    "an init that is a folder": config(
        "settings: {init: f.png}",
        "config.yaml:3: settings.init: f.png is not a file",
        **{"f.png": folder},
    ),
    "an init of another format": config(
        "settings: {init: start.psd}", "config.yaml:3: settings.init: 'start.psd' is not one of"
    ),
    "a picture with a line break": whole(
        'content: {c: "a\\nb.png"}\nstyle: {s: s.png}',
        "config.yaml:1: content.c: 'a\\nb.png' holds a line break or",
    ),
    "an overlay that is no JSON": below(
        "settings: {size: 64}", "--overlay 'settings: {size: 64}' is not JSON"
    ),
    "an overlay with a comment": below(
        '{"settings": {} /* none */}', "--overlay '{\"settings\": {} /* none */}' is not JSON"
    ),
    "an overlay that is a number": below("7", "--config holds 7, not keys with values"),
    "an overlay that is a text": below('"settings"', "--config holds 'settings', not keys with values"),
    "an overlay that is empty": below("", "--overlay '' is not JSON"),
    "an overlay nested deeply": below(
        '{"settings": ' + "[" * 30 + "]" * 30 + "}", "--config is nested too deeply"
    ),
    "an overlay with no number": below(
        '{"settings": {"tv_weight": NaN}}',
        "--config: settings.tv_weight: nan is not a number from 0 to",
    ),
    "an overlay with infinity": below(
        '{"settings": {"tv_weight": 1e999}}',
        "--config: settings.tv_weight: inf is not a number from 0 to",
    ),
    "an overlay with a missing picture": below(
        '{"content": {"d": "d.png"}}', "--config: content.d: d.png does not exist"
    ),
    "an overlay with an unknown key": below(
        '{"setings": {}}', "--config: setings: unknown key; did you mean 'settings'?"
    ),
}
