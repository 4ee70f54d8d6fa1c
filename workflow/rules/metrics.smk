"""The metrics of the images: numbers of the saved pictures that no recipe changes.

REQUIRED INPUTS: the images of a content and a style; the originals, by their sums in params; the weights of
the networks that measure, which are fetched once per user (without them, the grid goes on unmeasured)
OUTPUTS: results/metrics/{content}/{style}.json

An image that is measured is not measured again, so a pair keeps its file when one of its images changes.
"""


rule metric_weights:
    """Fetch and verify the weights of the networks that measure, if they can be had."""
    output:
        temp("results/metrics/weights.txt"),
    log:
        "results/logs/metric_weights.log",
    benchmark:
        "results/benchmarks/metric_weights.tsv"
    retries: 0
    localrule: True
    conda:
        "../envs/nst.yaml"
    shell:
        r"""
        python -m nst measure --fetch {output:q} >{log:q} 2>&1
        """


rule measure:
    """Measure the images of one pair that are not measured yet."""
    input:
        ancient("results/metrics/weights.txt"),
        pair_pictures,
    output:
        update("results/metrics/{content}/{style}.json"),
    log:
        "results/logs/metrics/{content}/{style}.log",
    benchmark:
        "results/benchmarks/metrics/{content}/{style}.tsv"
    wildcard_constraints:
        content="[^/]+",
        style="[^/]+",
    group:
        "metrics"
    conda:
        "../envs/nst.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=pair_minutes,
    params:
        config=run_options(),
        pair=pair_digest,
    shell:
        r"""
        python -m nst measure --of-run --pair {wildcards.content:q}/{wildcards.style:q} {params.config:q} \
            >{log:q} 2>&1
        """
