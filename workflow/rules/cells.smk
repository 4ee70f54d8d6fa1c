"""The cells: one image per content, style and variant.

REQUIRED INPUTS: the two pictures (and the init picture, if any), results/weights/{backbone}.safetensors.
Pictures and the user's own weights are no inputs for Snakemake, which would go by their dates and wait for
those that are moved during a run: nst compares their contents, and says which cells run (`CellRule`).
OUTPUTS: results/cells/{content}/{style}/{variant}.png, .json (record), .csv (trace);
and .every-N.webp (film), if config.yaml sets `snapshot_every: N`
"""


rule transfer:
    """Make one image that has the content of one picture and the style of another."""
    input:
        OF_CELL.settled,
        OF_CELL.fetched_weights,
    output:
        picture="results/cells/{content}/{style}/{variant}.png",
        record="results/cells/{content}/{style}/{variant}.json",
        trace="results/cells/{content}/{style}/{variant}.csv",
        film=film_output(),
    log:
        "results/logs/cells/{content}/{style}/{variant}.log",
    benchmark:
        "results/benchmarks/cells/{content}/{style}/{variant}.tsv"
    wildcard_constraints:
        content="[^/]+",
        style="[^/]+",
        variant="[^/]+",
    group:
        "cells"
    conda:
        "../envs/nst.yaml"
    # One thread each: two jobs on two cores get more done than one job on both.
    threads: 1
    resources:
        gpu=OF_CELL.gpus,
        mem_mb=4000,
        runtime=60,
    params:
        pictures=OF_CELL.pictures,
        weights=OF_CELL.weights,
        checkpoint=OF_CELL.checkpoint,
        flags=OF_CELL.flags,
    shell:
        r"""
        python -m nst transfer {params.pictures:q} \
            --out {output.picture:q} \
            --record {output.record:q} \
            --trace {output.trace:q} \
            --checkpoint {params.checkpoint:q} \
            --weights {params.weights:q} \
            {params.flags:q} \
            2>{log:q}
        """
