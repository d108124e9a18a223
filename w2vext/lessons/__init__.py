"""Teaching material: pages that show every step of training, and the CS224n assignment.

`explain` and `explain_model` make the pages. `run_sst` runs the assignment on the Stanford
Sentiment Treebank, and `train_batch` is its compiled training step. `report_numbers` recomputes
every number that is printed in the source documents, and compares the two.
"""

from w2vext.lessons.course import report_numbers, run_sst
from w2vext.lessons.minibatch import train_batch
from w2vext.lessons.pages import explain, explain_model
from w2vext.plots.page import Page

__all__ = ["Page", "explain", "explain_model", "report_numbers", "run_sst", "train_batch"]
