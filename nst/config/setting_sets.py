"""Sets of settings that are treated alike, and which settings act only with others."""

# How an image is computed. They change pixels by rounding only, so finished images stay as they are.
EXECUTION = ("device", "tile")

# What is written beside an image: one value for a whole grid, of no effect on the image itself.
OF_FILES = ("snapshot_every", "format", "dpi")

# Settings of the recipe that are newer than published recipe files and records.
NEWER = (
    "balance",
    "moments_weight",
    "blend",
    "colour",
    "colour_map",
    "init_mix",
    "edges_weight",
    "edges_pool",
    "mask",
    "mask_edge",
    "protect",
    "alpha",
    "style_mask",
    "regions",
    "guide",
    "guide_mode",
    "guide_grow",
)

# Backbones whose weights are on every package index: VGG-19 itself, and a faster one.
IN_REACH = ("vgg19-caffe", "vgg16")

# Settings whose value may be the path of a picture, and how such a path ends.
PICTURE_ENDINGS = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif",
    ".heic", ".heif", ".hif",
)  # fmt: skip
PICTURES = ("init", "mask", "style_mask")

# Settings that have no effect on an image that starts from a smaller one.
OF_STARTS = ("init", "init_mix", "seed", "noise_mean", "noise_std")
# Settings that have an effect only while another setting has one of these values.
ACTS_WITH: dict[str, tuple[str, tuple[object, ...]]] = {
    "seed": ("init", ("noise", "uniform")),
    **dict.fromkeys(("noise_mean", "noise_std"), ("init", ("noise",))),
    **dict.fromkeys(
        ("gram", "style_reduction", "style_divisor"),
        ("style_loss", ("gram", "gram-moments", "covariance")),
    ),
    "moments_weight": ("style_loss", ("gram-moments",)),
    "colour_map": ("colour", ("match", "match-style")),
    **dict.fromkeys(("beta1", "beta2", "carry"), ("optimizer", ("adam",))),
    **dict.fromkeys(("history", "line_search"), ("optimizer", ("lbfgs",))),
    "average_decay": ("result", ("average",)),
}
# Settings that have no effect while another setting has one of these values.
IDLE_WITH: dict[str, tuple[str, tuple[object, ...]]] = {
    "init_mix": ("init", ("content",)),
    "edges_pool": ("edges_weight", (0,)),
    "mask_edge": ("mask", ("none", "alpha")),
    "protect": ("mask", ("none",)),
    **dict.fromkeys(("regions", "guide_mode", "guide_grow"), ("guide", ([],))),
}
# Values of a setting that make the same image of a picture without transparent parts.
SAME_IF_OPAQUE = {
    "alpha": ("white", "keep"),
    "mask": ("none", "alpha"),
    "style_mask": ("none", "alpha"),
}
