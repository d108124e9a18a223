"""Teaching material: pages that show every step of training, and the CS224n assignment.

`explain` and `explain_model` write the pages, `run_sst` runs the assignment on the Stanford
Sentiment Treebank, `report_numbers` compares every number that the source documents print with
ours, and `train_batch` is the compiled minibatch step that the assignment trains with.
"""

from w2vext._page import Page
from w2vext.lessons.course import report_numbers, run_sst
from w2vext.lessons.minibatch import train_batch
from w2vext.lessons.pages import explain, explain_model

__all__ = ["Page", "explain", "explain_model", "report_numbers", "run_sst", "train_batch"]
