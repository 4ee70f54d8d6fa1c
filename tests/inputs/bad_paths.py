"""Bad paths to write to, and bad environment variables."""

from bad_inputs import OUT, TINY, TRANSFER, bad, folder, link, pipe

AUTO = TRANSFER.replace("--device cpu", "--device auto")


def set_to(words, **environment):
    """A transfer with these variables in the environment."""
    return bad(AUTO, words, environment=environment)


PATHS = {
    "a picture with a line break in its name": bad(
        TRANSFER.replace("c.png", "'c\nd.png'", 1),
        "argument content: 'c\\nd.png' holds a line break or another",
    ),
    "a picture with a colour in its name": bad(
        TRANSFER.replace("c.png", "'c\x1b[31m.png'", 1),
        "argument content: 'c\\x1b[31m.png' holds a line break or",
    ),
    "a config with a line break in its name": bad(
        "table --out x.csv --config 'a\nb.yaml'",
        "argument --config: 'a\\nb.yaml' holds a line break or another",
    ),
    "an image of another format": bad(
        TRANSFER.replace("x.png", "x.gif"),
        "--out x.gif ends in none of .png, .tif, .tiff, .jpg, .jpeg, .webp: the image is written",
    ),
    "an image without an ending": bad(
        TRANSFER.replace("x.png", "x"), "--out x ends in none of .png, .tif, .tiff, .jpg, .jpeg, .webp"
    ),
    "an image without a name": bad(
        TRANSFER.replace("x.png", "''"), "--out . ends in none of .png, .tif, .tiff, .jpg, .jpeg, .webp"
    ),
    "an image over the content": bad(
        TRANSFER.replace("--out x.png", "--out c.png"),
        "c.png would be overwritten: name another path",
    ),
    "an image over the content by another way": bad(
        TRANSFER.replace("--out x.png", "--out results/../s.png"),
        "results/../s.png would be overwritten: name another path",
    ),
    "an image over a link to the style": bad(
        TRANSFER.replace("--out x.png", "--out l.png"),
        "l.png would be overwritten: name another path",
        files={"l.png": link("s.png")},
    ),
    "an image that is there and must not be replaced": bad(
        f"{TRANSFER} --no-overwrite",
        "x.png exists already: name another file, or leave out --no-overwrite to replace it",
        files={"x.png": "an image"},
    ),
    "an image that is a folder": bad(
        TRANSFER.replace("x.png", "f.png"),
        "f.png is a folder: name a file in it",
        files={"f.png": folder},
    ),
    "an image that is a pipe": bad(
        TRANSFER.replace("x.png", "f.png"),
        "cannot write f.png: it is a device or a pipe, name a file",
        files={"f.png": pipe},
    ),
    "an image below a file": bad(
        TRANSFER.replace("x.png", "c.png/x.png"), "cannot write c.png/x.png: "
    ),
    "a record over the weights": bad(
        TRANSFER.replace("x.json", "w.pth"), "w.pth would be overwritten: name another path"
    ),
    "a record and a trace in one": bad(
        TRANSFER.replace("x.json", "x.csv"), "x.csv would be overwritten: name another path"
    ),
    "a record that is a device": bad(
        TRANSFER.replace("x.json", "/dev/null"),
        "cannot write /dev/null: it is a device or a pipe, name a file",
    ),
    "a film without frames": bad(
        f"{TRANSFER} --film x.webp", "--film x.webp would have no frames: ask for them with"
    ),
    "a film that is no WebP": bad(
        f"{TRANSFER} --film x.gif --snapshot-every 1",
        "--film x.gif does not end in .webp: the film is written as",
    ),
    "a checkpoint over the content": bad(
        f"{TRANSFER} --checkpoint c.png", "c.png would be overwritten: name another path"
    ),
    "a checkpoint over the weights": bad(
        f"{TRANSFER} --checkpoint w.pth", "w.pth would be overwritten: name another path"
    ),
    "a checkpoint over the image": bad(
        f"{TRANSFER} --checkpoint x.png", "x.png would be overwritten: name another path"
    ),
    "a checkpoint over something else": bad(
        f"{TRANSFER} --checkpoint thesis.tex",
        "thesis.tex does not end in .checkpoint: it is overwritten",
    ),
    "a checkpoint that is a folder": bad(
        f"{TRANSFER} --checkpoint results", "results is a folder: name a file in it"
    ),
    "a checkpoint below a file": bad(f"{TRANSFER} --checkpoint c.png/x", "cannot write c.png/x: "),
    "a checkpoint that is a pipe": bad(
        f"{TRANSFER} --checkpoint p",
        "cannot write p: it is a device or a pipe, name a file",
        files={"p": pipe},
    ),
    "a checkpoint with a name that is too long": bad(
        f"{TRANSFER} --checkpoint {'x' * 300}",
        "cannot write x.png and the files beside it: File name too long",
    ),
    "a table that is a folder": bad(
        "table --out results", "cannot write results: it is a folder, name a file in it"
    ),
    "a table below a file": bad(
        "table --out c.png/x.csv", "cannot write c.png/x.csv: File exists: choose"
    ),
    "a table over the config": bad(
        "table --out config.yaml", "config.yaml would be overwritten: choose another path"
    ),
    "a page over the config": bad(
        "gallery --out ./config.yaml", "config.yaml would be overwritten: choose another path"
    ),
    "a sheet over the config": bad(
        "sheet all_style_weight-1 --out config.yaml",
        "config.yaml would be overwritten: choose another path",
    ),
    "a summary that is a device": bad(
        "summary --out /dev/null", "cannot write /dev/null: it is a device or a pipe, name a file"
    ),
    "a summary with a name that is too long": bad(f"summary --out {'x' * 300}", "cannot write xxx"),
}

ENVIRONMENT = {
    "GPUs by blanks": set_to(
        "NST_GPUS is '0 1', not a list of distinct device ids such as", NST_GPUS="0 1"
    ),
    "one GPU twice": set_to(
        "NST_GPUS is '0,0', not a list of distinct device ids such as", NST_GPUS="0,0"
    ),
    "GPUs that are code": set_to(
        "NST_GPUS is '$(touch ran)', not a list of distinct device ids", NST_GPUS="$(touch ran)"
    ),
    "GPUs in another alphabet": set_to(
        "NST_GPUS is '\uff10,\uff11', not a list of distinct device ids such as",
        NST_GPUS="\uff10,\uff11",
    ),
    "a GPU with a name that is too long": set_to("NST_GPUS is 'xxx", NST_GPUS="x" * 99),
    "a GPU that leads out": set_to(
        "NST_GPUS is '0,0;1', not a list of distinct device ids such", NST_GPUS="0,0;1"
    ),
    "visible devices that are code": set_to(
        "CUDA_VISIBLE_DEVICES is '`id`', not a list of distinct device", CUDA_VISIBLE_DEVICES="`id`"
    ),
    "visible devices twice": set_to(
        "CUDA_VISIBLE_DEVICES is '1,2,1', not a list of distinct", CUDA_VISIBLE_DEVICES="1,2,1"
    ),
    "no slots": set_to(
        "NST_GPU_SLOTS is '0', not a whole number from 1 to 99", NST_GPUS="0", NST_GPU_SLOTS="0"
    ),
    "too many slots": set_to(
        "NST_GPU_SLOTS is '100', not a whole number from 1 to 99", NST_GPUS="0", NST_GPU_SLOTS="100"
    ),
    "slots that are no number": set_to(
        "NST_GPU_SLOTS is 'two', not a whole number from 1 to 99", NST_GPUS="0", NST_GPU_SLOTS="two"
    ),
    "slots that are empty": set_to(
        "NST_GPU_SLOTS is '', not a whole number from 1 to 99", NST_GPUS="0", NST_GPU_SLOTS=""
    ),
    "locks in a relative path": set_to(
        "NST_GPU_LOCKS is 'locks', not an absolute path: all runs", NST_GPUS="0", NST_GPU_LOCKS="locks"
    ),
    "locks in a file": set_to(
        "c.png: File exists; set NST_GPU_LOCKS to a folder of yours on",
        NST_GPUS="0",
        NST_GPU_LOCKS="{folder}/c.png",
    ),
    "locks below a file": set_to(
        "c.png/locks: Not a directory; set NST_GPU_LOCKS to a folder",
        NST_GPUS="0",
        NST_GPU_LOCKS="{folder}/c.png/locks",
    ),
    "locks at a link": bad(
        AUTO,
        "l is not yours alone; set NST_GPU_LOCKS to one that is",
        files={"l": link("results")},
        environment={"NST_GPUS": "0", "NST_GPU_LOCKS": "{folder}/l"},
    ),
    "locks that others may take": bad(
        AUTO,
        "l is not yours alone; set NST_GPU_LOCKS to one that is",
        files={"l": lambda path: (path.mkdir(), path.chmod(0o777))},
        environment={"NST_GPUS": "0", "NST_GPU_LOCKS": "{folder}/l"},
    ),
    "a file for weights": bad(
        f"transfer c.png s.png {OUT} {TINY}",
        "c.png is not a folder: choose another folder for the weights",
        environment={"NST_WEIGHTS": "{folder}/c.png"},
    ),
    "weights fetched that are damaged": bad(
        f"transfer c.png s.png {OUT} {TINY}",
        "w/alexnet.safetensors is damaged or not the expected file",
        files={"w/alexnet.safetensors": b"half"},
        environment={"NST_WEIGHTS": "{folder}/w"},
    ),
}
