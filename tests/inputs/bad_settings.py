"""Bad values of settings, axes and overrides in a config."""

from bad_configs import config

SETTINGS = {
    "a comma as the decimal sign": config(
        "settings: {style_weight: '0,5'}", "config.yaml:3: settings.style_weight: '0,5' is not a number"
    ),
    "a power of another kind": config(
        "settings: {style_weight: 10^5}", "config.yaml:3: settings.style_weight: '10^5' is not a number"
    ),
    "a number with a unit": config(
        "settings: {tile: 512px}", "config.yaml:3: settings.tile: '512px' is not one of auto,"
    ),
    "a tile that is too small": config(
        "settings: {tile: 8}", "config.yaml:3: settings.tile: 8 is not one of auto, none, or"
    ),
    "a tile of another name": config(
        "settings: {tile: automatic}", "config.yaml:3: settings.tile: 'automatic' is not one of auto,"
    ),
    "a seed with a sign": config(
        "settings: {seed: -3, init: noise}",
        "config.yaml:3: settings.seed: -3 is not a whole number from 0",
    ),
    "a seed of 200 digits": config(
        f"settings: {{seed: {'9' * 200}}}", "config.yaml:3: settings.seed: '999"
    ),
    "a seed of 5000 digits": config(
        f"settings: {{seed: {'9' * 5000}}}", "config.yaml:3: settings.seed: '999"
    ),
    "no evaluations": config(
        "settings: {evaluations: 0}", "config.yaml:3: settings.evaluations: 0 is not a whole number"
    ),
    "half an evaluation": config(
        "settings: {evaluations: 1.5}", "config.yaml:3: settings.evaluations: 1.5 is not a whole"
    ),
    "too many evaluations": config(
        "settings: {evaluations: 1e9}", "config.yaml:3: settings.evaluations: '1e9' is not a whole"
    ),
    "a device by number": config(
        "settings: {device: cuda:1}", "config.yaml:3: settings.device: 'cuda:1' is not one of auto,"
    ),
    "another precision": config(
        "settings: {precision: fp16}", "config.yaml:3: settings.precision: 'fp16' is not one of auto,"
    ),
    "another optimizer": config(
        "settings: {optimizer: sgd}", "config.yaml:3: settings.optimizer: 'sgd' is not one of lbfgs,"
    ),
    "another network": config(
        "settings: {backbone: resnet50}", "config.yaml:3: settings.backbone: 'resnet50' is not one of"
    ),
    "the normalization of another network": config(
        "settings: {backbone: vgg16, normalization: caffe}",
        "config.yaml:3: settings.normalization: vgg16 was not trained on caffe: choose imagenet or",
    ),
    "no normalization for Caffe's network": config(
        "grid: {backbone: [vgg19-caffe, vgg16], normalization: [imagenet]}",
        "config.yaml:3: grid.normalization[0]: vgg19-caffe was not trained on imagenet: choose caffe,",
    ),
    "a layer by number": config(
        "settings: {style_layers: [1, 6]}",
        "config.yaml:3: settings.style_layers: 1, 6 are not layers of",
    ),
    "a layer in capitals": config(
        "settings: {style_layers: [CONV1_1]}",
        "config.yaml:3: settings.style_layers: 'CONV1_1' is not a",
    ),
    "a layer with a weight that is no number": config(
        "settings: {style_layers: {conv1_1: much}}",
        "config.yaml:3: settings.style_layers: conv1_1: 'much' is not",
    ),
    "one layer as text with a hole": config(
        "settings: {content_layers: 'conv1_1,,conv2_1'}",
        "config.yaml:3: settings.content_layers: '' is not a layer of",
    ),
    "films of some cells": config(
        "grid: {snapshot_every: [0, 5]}",
        "config.yaml:3: grid.snapshot_every: is one value for the whole grid",
    ),
    "a format of some cells": config(
        "grid: {format: [png, jpeg]}",
        "config.yaml:3: grid.format: is one value for the whole grid: put it under `settings`",
    ),
    "a format of some cells, and another one of all": config(
        "grid: {format: [png, jpeg]}\nsettings: {format: tif16}",
        "config.yaml:3: grid.format: is one value for the whole grid: put it under `settings`",
        "config.yaml:4: settings.format: 'tif16' is not one of png, png16, tiff16,",
    ),
    "a format of some cells, and a misspelt print": config(
        "grid: {colour: [style, keep], format: [png, tiff16]}\n"
        "prints: {settings: {size: 700}, cells: [c/s/colour-stile]}",
        "config.yaml:3: grid.format: is one value for the whole grid: put it under `settings`",
        "config.yaml:4: prints.cells[0]: 'c/s/colour-stile' is no image of this grid: no variant"
        " 'colour-stile'; did you mean 'colour-style'?",
    ),
    "a misspelt axis, and prints of another": config(
        "grid: {colour: [style, keep], sise: [64]}\nexclude: [c/s/colour-keep*]\nprints:\n"
        "  settings: {size: 700}\n  cells: [c/s/sise-64_colour-stile, c/s/colour-style, c/s/tv-l1]",
        "config.yaml:3: grid.sise: unknown key; did you mean 'size'?",
        "config.yaml:7: prints.cells[0]: 'c/s/sise-64_colour-stile' is no image of this grid: no",
    ),
    "a print that is left out, and a value that is refused": config(
        "settings: {colour: kep}\nexclude: [c/s]\nprints: {cells: [c/s/only]}",
        "config.yaml:3: settings.colour: 'kep' is not one of",
        "config.yaml:5: prints.cells[0]: 'c/s/only' is left out by `exclude`",
    ),
    "a print of a variant that resembles none": config(
        "grid: {colour: [style], size: [64, 128]}\nprints: {settings: {size: 700}, cells: [c/s/x]}",
        "no variant 'x' (there is 'colour-style_size-64', for example): remove it here, or put back",
    ),
    "a resolution of some cells": config(
        "overrides: {content: {c: {dpi: 72}}}",
        "config.yaml:3: overrides.content.c.dpi: is one value for the whole grid",
    ),
    "a format that is not written": config(
        "settings: {format: tiff}",
        "config.yaml:3: settings.format: 'tiff' is not one of png, png16, tiff16, jpeg, webp",
    ),
    "a resolution of nothing": config(
        "settings: {dpi: 0}", "config.yaml:3: settings.dpi: 0 is not a whole number from 1 to 9600"
    ),
    "moments that cannot be carried": config(
        "settings: {carry: moments}", "config.yaml:3: settings.carry: only Adam's moments of pixels"
    ),
    "a result that backtracking undoes": config(
        "settings: {result: last_evaluated}",
        "config.yaml:3: settings.result: with line_search backtracking, last_evaluated may be a step",
    ),
    "a setting's old name": config(
        "settings: {snapshots: 5}", "config.yaml:3: settings.snapshots: is now called snapshot_every"
    ),
    "a setting's old value": config(
        "settings: {line_search: guarded}",
        "config.yaml:3: settings.line_search: 'guarded' is now called backtracking",
    ),
    "an axis of old values": config(
        "grid: {scale_start: [change, enlarged]}",
        "config.yaml:3: grid.scale_start[0]: 'change' is now called residual",
        "config.yaml:3: grid.scale_start[1]: 'enlarged' is now called upsampled",
    ),
    "an axis that is text": config(
        "grid: {style_weight: '1, 10, 100'}",
        "config.yaml:3: grid.style_weight: '1, 10, 100' is not a number",
    ),
    "an axis of lists": config(
        "grid: {style_weight: [[1, 10]]}",
        "config.yaml:3: grid.style_weight[0]: [1, 10] is not a number",
    ),
    "an axis in settings too": config(
        "grid: {tv: [l1]}\nsettings: {tv: l2}",
        "config.yaml:4: settings.tv: is an axis of `grid` already;",
    ),
    "no colour": config(
        "settings: {colour: none}",
        "config.yaml:3: settings.colour: 'none' is not one of style, keep, match,",
    ),
    "a colour of capitals": config(
        "settings: {colour: Keep}", "config.yaml:3: settings.colour: 'Keep' is not one of style, keep,"
    ),
    "colour as a switch": config(
        "settings: {colour: true}", "config.yaml:3: settings.colour: True is not one of style, keep,"
    ),
    "two colours in one setting": config(
        "settings: {colour: [keep, match]}",
        "config.yaml:3: settings.colour: ['keep', 'match'] is not one of style, keep,",
    ),
    "an axis of colours with a slip": config(
        "grid: {colour: [keep, mach]}",
        "config.yaml:3: grid.colour[1]: 'mach' is not one of style, keep, match, match-style,"
        " luminance, palette; did you mean 'match'?",
    ),
    "colour in American": config(
        "settings: {color: keep}", "config.yaml:3: settings.color: unknown key; did you mean 'colour'?"
    ),
    "a map of another name": config(
        "settings: {colour: match, colour_map: pca}",
        "config.yaml:3: settings.colour_map: 'pca' is not one of symmetric, cholesky, transport",
    ),
    "a map that is a picture": config(
        "overrides: {style: {s: {colour_map: s.png}}}",
        "config.yaml:3: overrides.style.s.colour_map: 's.png' is not one of symmetric,",
    ),
    "maps of colours that are left alone": config(
        "grid: {colour_map: [symmetric, transport]}",
        "config.yaml:3: grid.colour_map: acts only with colour match or match-style: all images",
    ),
    "maps for colours pasted in": config(
        "grid: {colour_map: [symmetric, transport], colour: [match, keep]}",
        "config.yaml:3: grid.colour_map: acts only with colour match or match-style: all images",
    ),
    "colours of prints with a slip": config(
        "prints: {settings: {colour: palete, size: 600}}",
        "config.yaml:3: prints.settings.colour: 'palete' is not one of style, keep, match,"
        " match-style, luminance, palette; did you mean 'palette'?",
    ),
    "edges of less than nothing": config(
        "settings: {edges_weight: -1}",
        "config.yaml:3: settings.edges_weight: -1 is not a number from",
    ),
    "edges between no pixels": config(
        "settings: {edges_weight: 1, edges_pool: 0}",
        "config.yaml:3: settings.edges_pool: 0 is not a whole number from 1 to 64",
    ),
    "edges between parts of pixels": config(
        "settings: {edges_weight: 1, edges_pool: 2.5}",
        "config.yaml:3: settings.edges_pool: 2.5 is not a whole number from 1 to 64",
    ),
    "squares of edges without a weight": config(
        "grid: {edges_pool: [2, 4, 8]}",
        "config.yaml:3: grid.edges_pool: does not act with edges_weight 0: all images of this axis",
    ),
    "tiles that would wrap": config(
        "settings: {padding: circular, tile: 512}",
        "config.yaml:3: settings.tile: an image that goes on at its opposite edge cannot be cut into",
    ),
    "an axis of paddings with tiles": config(
        "grid: {padding: [zero, circular]}\nsettings: {tile: 512}",
        "config.yaml:4: settings.tile: an image that goes on at its opposite edge cannot be cut into",
    ),
    "a padding of another name": config(
        "settings: {padding: wrap}", "config.yaml:3: settings.padding: 'wrap' is not one of zero,"
    ),
    "more than all of a start": config(
        "settings: {init: noise, init_mix: 1.5}",
        "config.yaml:3: settings.init_mix: 1.5 is not a number from 0 to 1",
    ),
    "a start in per cent": config(
        "settings: {init_mix: 50%}",
        "config.yaml:3: settings.init_mix: '50%' is not a number from 0",
    ),
    "mixes of the content with itself": config(
        "grid: {init_mix: [0, 0.5, 1]}\nsettings: {init: content}",
        "config.yaml:3: grid.init_mix: does not act with init content: all images of this axis",
    ),
    "mixes in prints": config(
        "prints: {settings: {init_mix: 0.5, size: 600}}",
        "config.yaml:3: prints.settings.init_mix: acts only with `start: afresh`: prints start",
    ),
    "covariances of another name": config(
        "settings: {style_loss: cov}", "config.yaml:3: settings.style_loss: 'cov' is not one of gram,"
    ),
    "an axis that changes nothing": config(
        "grid: {history: [5, 20]}\nsettings: {optimizer: adam}",
        "config.yaml:3: grid.history: acts only with optimizer lbfgs:",
    ),
}
