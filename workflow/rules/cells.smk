"""The cells: one image per content, style and variant.

REQUIRED INPUTS: the two pictures (and the init picture, if any), results/weights/{backbone}.safetensors.
Pictures and the user's own weights are no inputs for Snakemake, which would go by their dates and wait for
those that are moved during a run: nst compares their contents, and says which cells run (`CellRule`).
OUTPUTS: results/cells/{content}/{style}/{variant}.png, .json (record), .csv (trace);
and .every-N.webp (film), if config.yaml sets `snapshot_every: N`, and .tif or .16bit.png, if it sets `format`;
.jpg and .webp are made of the finished PNG
"""


rule transfer:
    """Make one image that has the content of one picture and the style of another."""
    input:
        OF_CELL.settled,
        OF_CELL.fetched_weights,
        OF_CELL.start,
    output:
        picture="results/cells/{content}/{style}/{variant}.png",
        record="results/cells/{content}/{style}/{variant}.json",
        trace="results/cells/{content}/{style}/{variant}.csv",
        film=film_output(),
        beside=cell_file_of_16_bits(),
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


rule export:
    """Write a finished image, or print, as JPEG or WebP, too; it is not made again for that."""
    input:
        "results/{folder}/{content}/{style}/{variant}.png",
    output:
        "results/{folder}/{content}/{style}/{variant}{ending}",
    log:
        "results/logs/export/{folder}/{content}/{style}/{variant}{ending}.log",
    benchmark:
        "results/benchmarks/export/{folder}/{content}/{style}/{variant}{ending}.tsv"
    wildcard_constraints:
        folder="cells|prints",
        content="[^/]+",
        style="[^/]+",
        variant=r"(?:(?!\.every-\d)[^/])+",  # films are made with their images
        ending=r"\.jpg|\.webp",
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        dpi=export_dpi,
    shell:
        r"""
        python -m nst export {input:q} --out {output:q} --dpi {params.dpi:q} >{log:q} 2>&1
        """
