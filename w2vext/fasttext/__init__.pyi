from w2vext.fasttext.estimator import FastText as FastText
from w2vext.fasttext.model import FastTextModel as FastTextModel
from w2vext.fasttext.model import load_fasttext as load_fasttext

__all__ = ["FastText", "FastTextModel", "load_fasttext"]
