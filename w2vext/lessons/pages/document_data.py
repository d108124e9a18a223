"""The matrices that document 004, "Lect 4: Word2vec", prints as inputs of its examples.

They are those of figures 10 to 21 and of the two updates before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from w2vext._arguments.types import Float64

NED_TOKENS = "honorable is man most ned stark the pimples zebra idiot coins donkey machine".split()
NED_CENTRE = "ned"
NED_PAIRS = [
    ("stark", ["pimples", "zebra", "idiot"]),
    ("is", ["coins", "donkey", "machine"]),
]
NED_LEARNING_RATE = 0.05


def _matrix(text: str) -> Float64:
    return np.array([[float(number) for number in row.split()] for row in text.strip().split("\n")])


# Figure 10.
NED_W_IN = _matrix("""
-0.014 0.135 0.109
-0.665 0.669 0.309
0.702 0.621 -0.981
0.214 -0.813 -0.561
-0.018 0.404 -0.317
0.204 -0.007 -0.733
-0.652 -0.097 0.499
-0.706 0.745 0.002
-0.492 -0.709 0.133
-0.628 -0.073 0.502
0.456 0.767 -0.629
0.348 0.544 -0.740
-0.627 0.487 0.466
""")

# Figure 16, before the update.
NED_W_OUT = _matrix("""
-0.351 -0.812 -0.082
0.743 -0.394 -0.824
0.472 -0.873 -0.564
-0.627 -0.678 0.895
-0.572 -0.588 -0.501
0.116 0.723 -0.689
-0.165 -0.506 -0.341
-0.94 0.601 0.146
-0.622 0.811 0.64
-0.077 -0.375 -0.056
-0.028 -0.244 0.018
-0.411 -0.893 0.518
-0.691 0.236 0.363
""")

# "Vanilla Skip-Gram" and "Negative Sampling": one matrix, two gradients, learning rate 0.05.
ELEVEN_W_OUT = _matrix("""
-0.560 0.340 0.160
-0.910 -0.440 1.560
-1.210 -0.130 -1.320
1.670 -0.150 -1.030
1.720 -1.460 0.730
0.000 1.390 -0.120
-0.060 1.520 -0.790
0.800 1.850 -1.670
-1.370 1.320 -0.480
0.670 1.990 -1.850
-1.520 -1.740 -1.860
""")
ELEVEN_LEARNING_RATE = 0.05
ELEVEN_GRAD_SOFTMAX = _matrix("""
0.064 0.071 -0.014
0.098 0.015 0.063
0.069 0.089 0.045
0.014 0.085 0.079
-0.021 0.067 0.071
-0.098 -0.088 0.091
-0.072 -0.078 -0.089
0.046 -0.079 -0.053
-0.049 -0.087 0.025
-0.060 0.092 0.042
0.074 0.050 0.070
""")
# The rows of the positive word and of the negatives k = 1, 2, 3; the other seven are unchanged.
ELEVEN_ROWS = [7, 8, 9, 10]
ELEVEN_GRAD_NEGATIVE = _matrix("""
0.031 0.030 0.041
-0.090 0.031 -0.065
0.056 0.098 -0.061
0.069 0.084 -0.044
""")
