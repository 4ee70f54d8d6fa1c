"""Bad flags."""

from bad_inputs import TRANSFER, bad

AUTO = TRANSFER.replace("--device cpu", "--device auto")


FLAGS = {
    "no verb": bad("", "no verb: name one of new, transfer, reproduce, export, proof, weights,"),
    "a verb of another program": bad(
        "run", "argument VERB: 'run' is not one of new, transfer, reproduce,"
    ),
    "a verb in capitals": bad(
        "Transfer c.png s.png --out x.png",
        "argument VERB: 'Transfer' is not one of new, transfer, reproduce,",
    ),
    "an option before the verb": bad(
        "--size 64 transfer c.png s.png --out x.png",
        "argument VERB: '64' is not one of new, transfer, reproduce, export, proof,",
    ),
    "one picture": bad("transfer c.png --out x.png", "the following arguments are required: style"),
    "a weight for a picture that is not there": bad(
        "transfer c.png s.png --out x.png --blend 3 1",
        "--blend: has 2 weights for a style of 1 picture: give one weight for each picture",
    ),
    "too few weights": bad(
        "transfer c.png s.png s.png --out x.png --blend 3",
        "--blend: has 1 weight for a style of 2 pictures: give one weight for each picture, for example"
        " --blend 3 1",
    ),
    "too few weights of a measured style": bad(
        "measure c.png --content c.png --style s.png s.png s.png --blend 3",
        "--blend: has 1 weight for a style of 3 pictures: give one weight for each picture, for example"
        " --blend 3 1 1",
    ),
    "a weight below nothing": bad(
        "transfer --blend -1 3 c.png s.png s.png --out x.png", "--blend: '-1' is not a number from 0"
    ),
    "no weights": bad(
        "transfer c.png s.png --out x.png --blend", "argument --blend: expected one argument"
    ),
    "a word for weights": bad(
        "transfer c.png s.png --out x.png --blend eqal", "--blend: 'eqal' is not equal, a weight for"
    ),
    "no path": bad("transfer c.png s.png", "the following arguments are required: --out"),
    "an option for a path without one": bad(
        "transfer c.png s.png --out", "argument --out: expected one argument"
    ),
    "an option cut short": bad(
        f"{TRANSFER} --evaluation 3", "unrecognized arguments: --evaluation 3; did you mean"
    ),
    "an option of another program": bad(
        f"{TRANSFER} --num-steps 3", "unrecognized arguments: --num-steps 3"
    ),
    "an option of a setting's spelling": bad(
        f"{TRANSFER} --tv_weight 3", "unrecognized arguments: --tv_weight 3; did you mean"
    ),
    "an option's old name": bad(
        f"{TRANSFER} --first-scale=2", "--first-scale is now called --first-scale-share"
    ),
    "an option's old value": bad(
        f"{TRANSFER} --result stepped", "--result: 'stepped' is now called final_iterate"
    ),
    "one dash": bad(f"{TRANSFER} -seed 3", "unrecognized arguments: -seed 3; did you mean '--seed'?"),
    "an option without its value": bad(f"{TRANSFER} --seed", "argument --seed: expected one argument"),
    "an option with an empty value": bad(
        f"{TRANSFER} --seed ''", "--seed: '' is not a whole number from 0 to 9223372036854775807"
    ),
    "a wrong value": bad(
        f"{TRANSFER} --size 15", "--size: '15' is not a whole number from 16 to 16384"
    ),
    "two wrong values": bad(
        f"{TRANSFER} --size 15 --tv l7",
        "--tv: 'l7' is not one of l1, l2, l1-sum, nine-point",
        "--size: '15' is not a whole number from 16 to 16384",
    ),
    "a value with a line break": bad(
        f"{TRANSFER} --pooling 'a\nb'", "--pooling: 'a\\nb' is not one of max, avg, avg-rescaled,"
    ),
    "a value with a colour": bad(
        f"{TRANSFER} --pooling '\x1b[31mmax'", "--pooling: '\\x1b[31mmax' is not one of max, avg,"
    ),
    "a value without end": bad(f"{TRANSFER} --pooling {'m' * 100_000}", "--pooling: 'mmm"),
    "an option without end": bad(f"{TRANSFER} --{'m' * 100_000}", "unrecognized arguments: --mmm"),
    "a layer that is none": bad(
        f"{TRANSFER} --style-layers conv1,", "--style-layers: '' is not a layer of any backbone (VGG:"
    ),
    "a layer twice": bad(
        f"{TRANSFER} --style-layers conv1,conv1",
        "--style-layers: 'conv1,conv1' names the layer conv1 twice",
    ),
    "a layer of another network": bad(
        f"{TRANSFER} --style-layers conv1_1",
        "--style-layers: alexnet has no layer conv1_1; it has conv1,",
    ),
    "nothing to compare": bad(
        f"{TRANSFER} --style-weight 0 --content-weight 0",
        "--style-weight: no loss has a weight: give the content",
    ),
    "a precision of GPUs alone": bad(
        f"{TRANSFER} --precision tf32", "precision tf32 needs a GPU; choose auto, fp32 or bf16 on a CPU"
    ),
    "a GPU where there is none": bad(
        AUTO.replace("auto", "cuda"),
        "device cuda: no GPU is listed here (by nvidia-smi, NST_GPUS or CUDA_VISIBLE_DEVICES); choose",
        environment={"NST_GPUS": ""},
    ),
    "weights of no network": bad(
        "weights resnet", "argument NAME: 'resnet' is not one of vgg19, vgg19-caffe, vgg16,"
    ),
    "weights without a name": bad("weights", "one of the arguments NAME --all is required"),
    "a sheet without a name": bad("sheet --out x.png", "the following arguments are required: name"),
    "a sheet that leads out": bad(
        "sheet ../../../x --out x.png", "no sheet '../../../x'; there are all_style_weight-1,"
    ),
    "a sheet that is a path": bad(
        "sheet /tmp/x --out x.png", "no sheet '/tmp/x'; there are all_style_weight-1,"
    ),
    "a sheet of another weight": bad(
        "sheet all_style_weight-2 --out x.png", "no sheet 'all_style_weight-2'; did you mean"
    ),
    "a sheet that is empty": bad("sheet '' --out x.png", "no sheet ''; there are all_style_weight-1,"),
    "a page of no threads": bad(
        "gallery --out x.html --threads 0",
        "argument --threads: '0' is not a whole number from 1 to 1024",
    ),
    "a page of threads that are no number": bad(
        "gallery --out x.html --threads all",
        "argument --threads: 'all' is not a whole number from 1 to 1024",
    ),
    "a table without a path": bad("table", "the following arguments are required: --out"),
    "a table of a config without a name": bad(
        "table --out x.csv --config", "argument --config: expected at least one argument"
    ),
    "an unknown option of a table": bad(
        "table --out x.csv --format tsv", "unrecognized arguments: --format tsv; did you mean '--out'?"
    ),
    "a schema of a file": bad("schema config.yaml", "unrecognized arguments: config.yaml (see nst sch"),
    "a doctor with a question": bad(
        "doctor --verbose", "unrecognized arguments: --verbose (see nst doctor --help)"
    ),
}
