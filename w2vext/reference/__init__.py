"""NumPy reference implementation of every loss, gradient and update of the package, in float64.

The compiled kernels are tested against it, and the lessons show its numbers. It is written to be
read, not to be fast, and needs nothing but NumPy:

    basics        sigmoid, softmax, cross-entropy, the gradient check
    losses        naive softmax, negative sampling, windows, CBOW, hierarchical softmax
    network       a multi-layer network with sigmoid units and squared error
    optimiser     gradient descent with annealing, smoothed loss and checkpoints
    kernels       the update that each compiled kernel makes

Symbols of the source documents, and their names here:

    v_c, h        `h`          the input vector, (d,)
    U, W'         `w_out`      the output vectors, one per row, (V, d); 002 and 003 use w_out.T
    V, W          `w_in`       the input vectors, one per row, (V, d)
    o             `target`     the row of `w_out` to predict
    w_1 .. w_K    `negatives`  the rows of the negative samples

Source documents: 000 "Notations and Notes" (parts a-f solved), 001 CS224n assignment 2 (equations
1-6), 002 "word2vec Implementation Review" (Kim 2020), 003 "Word Embeddings - Skip Gram model",
004 "Lect 4: Word2vec" (negative sampling, equations 7-29). Papers: Mikolov et al. 2013
(arXiv:1301.3781 and arXiv:1310.4546), Rong 2014 (arXiv:1411.2738).
"""

from w2vext.reference.basics import (
    cross_entropy,
    gradcheck,
    log_sigmoid,
    log_softmax,
    normalize_rows,
    numerical_gradient,
    sigmoid,
    sigmoid_derivative,
    softmax,
)
from w2vext.reference.kernels import (
    sgd_pair,
    softmax_batch,
    step_block,
    train_batch,
    train_inputs_pair,
    train_pairs,
    train_window_block,
    train_window_cbow,
    train_window_pair,
)
from w2vext.reference.losses import (
    cbow,
    hierarchical_softmax,
    naive_softmax,
    negative_and_hierarchical,
    negative_sampling,
    negative_sampling_parts,
    skipgram_matrix,
    skipgram_window,
    weighted_pairs,
)
from w2vext.reference.network import MultiLayer, multilayer
from w2vext.reference.optimiser import descend, load_checkpoint, save_checkpoint, sgd

__all__ = [
    "MultiLayer",
    "cbow",
    "cross_entropy",
    "descend",
    "gradcheck",
    "hierarchical_softmax",
    "load_checkpoint",
    "log_sigmoid",
    "log_softmax",
    "multilayer",
    "naive_softmax",
    "negative_and_hierarchical",
    "negative_sampling",
    "negative_sampling_parts",
    "normalize_rows",
    "numerical_gradient",
    "save_checkpoint",
    "sgd",
    "sgd_pair",
    "sigmoid",
    "sigmoid_derivative",
    "skipgram_matrix",
    "skipgram_window",
    "softmax",
    "softmax_batch",
    "step_block",
    "train_batch",
    "train_inputs_pair",
    "train_pairs",
    "train_window_block",
    "train_window_cbow",
    "train_window_pair",
    "weighted_pairs",
]
