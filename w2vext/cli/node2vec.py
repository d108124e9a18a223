"""`w2vext node2vec`: learn vectors of a graph's nodes from a file of edges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from w2vext.cli import CommandError
from w2vext.cli.options import Parser, input_path, output_path
from w2vext.cli.output import check_output, output_format
from w2vext.cli.train import Group, deterministic, finish

if TYPE_CHECKING:
    from pathlib import Path

    from w2vext._estimator.fitted import Fitted

NOT_OPTIONS = {"callbacks", "directed"}  # --directed has no value


def parser() -> tuple[Parser, list[str]]:
    """The parser and the names of the options that are parameters of Node2Vec."""
    from w2vext.graph.options import Options

    made = Parser(
        prog="w2vext node2vec",
        usage="%(prog)s EDGES -o FILE [options]",
        description="Learn a vector for each node of a graph from random walks: node2vec, and\n"
        "DeepWalk with the default --p and --q.",
        epilog="EDGES has two nodes and perhaps a weight on each line, between white space; lines\n"
        "that start with # are comments. Defaults are in brackets. help(w2vext.graph.Node2Vec)\n"
        "has the details of each option. After Ctrl-C the vectors learned so far are written.\n\n"
        "example: w2vext node2vec edges.txt -o vectors.txt --q 0.5",
    )
    made.add_argument(
        "edges",
        type=input_path,
        metavar="EDGES",
        help="text file of edges (.gz, .bz2, .xz too) or Parquet; - is stdin",
    )
    made.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="FILE",
        help="output; the suffix selects the format; - is stdout",
    )
    made.add_argument("--format", metavar="NAME", help="the format of FILE [by its suffix]")
    made.add_argument(
        "--directed",
        action="store_const",
        const=True,
        help="edges can be walked in their direction only",
    )
    names: list[str] = []
    walks, model, training, run_time = (
        Group(made.add_argument_group(title), Options())
        for title in ("walks", "model", "optimization", "run time")
    )
    walks.add("p", float, "return parameter: large values avoid going back")
    walks.add("q", float, "in-out parameter: below 1, walks lead away")
    walks.add("walk_length", int, "nodes in a walk")
    walks.add("walks_per_node", int, "walks from each node")
    model.add_choice("architecture", "skipgram or cbow")
    model.add_choice("loss", "neg, hs, hs+neg or softmax")
    model.add("vector_size", int, "dimensions of a vector")
    model.add("window", int, "context nodes on each side in a walk")
    model.add("negative", int, "negative samples per pair, with --loss neg")
    model.add("ns_exponent", float, "negative samples: power of visits")
    model.add("sample", float, "subsampling of nodes visited often; 0: off")
    training.add("epochs", int, "passes over the walks")
    training.add("alpha", float, "initial learning rate; none: by model")
    training.add("min_alpha", float, "learning rate at the end")
    training.add_choice("schedule", "linear, constant or cosine")
    run_time.add("workers", int, "threads; none: all cores")
    run_time.add("deterministic", deterministic, "auto, yes or no: same result every run")
    run_time.add("random_state", int, "seed; none: a random one")
    run_time.add("verbose", int, "1: always show the progress bar")
    for group in (walks, model, training, run_time):
        names += group.names
    return made, names


def main(argv: list[str]) -> None:
    from w2vext._estimator import fit, parameters
    from w2vext.graph import edge_files
    from w2vext.graph.adjacency import from_edges
    from w2vext.graph.options import Options

    made, names = parser()
    args = made.parse_args(argv)
    kind = output_format(args.output, args.format, "--format")
    if kind in ("fasttext-bin", "floret"):
        raise CommandError(
            f"{args.output}: the format {kind} has subwords, which nodes do not have"
        )
    check_output(args.output, [args.edges], kind)
    options = Options(**{name: getattr(args, name) for name in names}, directed=args.directed)
    params = options.training()
    seed = parameters.seed_of(params.random_state)
    params = replace(params, random_state=seed, deterministic=parameters.is_deterministic(params))
    adjacency = from_edges(edge_files.read(args.edges), args.directed)
    fitted = fit.fit(params, options.walks(adjacency, seed))
    finish(args.output, lambda path: _save(path, kind, fitted), fitted, params.epochs, "nodes")


def _save(path: Path, kind: str, fitted: Fitted) -> None:
    from w2vext import KeyedVectors

    words = fitted.words
    KeyedVectors(words.words, fitted.vectors, words.counts).save(path, kind)
