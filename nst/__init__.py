"""nst-grid: neural style transfer for grids of pictures, in reading order.

config, grid          config.yaml -> cells; every refusal happens here, before any job
settings, recipes     all that one transfer needs; published sets of it as data
transfer              one cell, from files to files
objective, losses     what is minimised
backbone, layers      the network whose features are compared
engine                the loop; optimizers and parametrization say how it moves
images, weights, gpu  what a transfer needs from outside
record                what became of a cell
table, sheet, gallery records -> what a person looks at
cli                   the command line
"""

__version__ = "0.1.0"
