"""Training: from an id stream to the two weight matrices.

This package is internal; users import `Callback` and `TrainingState` from `w2vext`.
"""

__all__: list[str] = []
