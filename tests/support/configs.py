"""A config that uses every kind of entry, for tests that damage one."""

WHOLE = """content: {c: c.png}
style:
  s: &s s.png
  t: *s
grid:
  style_weight: [1e4, "1e5"]
  recipe: [gatys]
settings: {size: 64, style_layers: {conv1_1: 0.5}, init: noise}
overrides:
  style: {s: {style_scale: 0.5}}
  cell: {c/s: {seed: 3}}
"""
