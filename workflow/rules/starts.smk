"""The shared starts: images from which cells begin (`shared_start:`).

REQUIRED INPUTS: as for the cells
OUTPUTS: results/starts/{content}/{style}/{variant}.png, .json (record), .csv (trace)

They are made only for cells that are made. Their first wildcard tells them from cells of the same name.
"""


use rule transfer as shared_start with:
    input:
        OF_START.settled,
        OF_START.fetched_weights,
    output:
        picture="results/{folder}/{content}/{style}/{variant}.png",
        record="results/{folder}/{content}/{style}/{variant}.json",
        trace="results/{folder}/{content}/{style}/{variant}.csv",
    log:
        "results/logs/{folder}/{content}/{style}/{variant}.log",
    benchmark:
        "results/benchmarks/{folder}/{content}/{style}/{variant}.tsv"
    wildcard_constraints:
        folder="starts",
        content="[^/]+",
        style="[^/]+",
        variant="[^/]+",
    resources:
        gpu=OF_START.gpus,
        mem_mb=4000,
        runtime=60,
    params:
        pictures=OF_START.pictures,
        weights=OF_START.weights,
        checkpoint=OF_START.checkpoint,
        flags=OF_START.flags,
