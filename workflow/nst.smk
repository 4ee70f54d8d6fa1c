"""Everything but the rule that asks for all of it, which a Snakefile names: `everything()` are its inputs.

There is no `configfile:` here: nst reads config.yaml itself, since Snakemake's reader keeps no line
numbers, hides duplicate keys, and merges the pictures of several files. `--configfile FILE` reads another
file; `--config` overrides both.
"""

from snakemake.utils import min_version

min_version("9.12")


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/weights.smk"
include: "rules/cells.smk"
include: "rules/starts.smk"
include: "rules/prints.smk"
include: "rules/metrics.smk"
include: "rules/aggregate.smk"


onstart:
    RUN.begin()


onsuccess:
    RUN.end()


onerror:
    RUN.fail()
