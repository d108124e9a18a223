"""A text, the sentences of a text by their definition, and a vocabulary unpacked for comparison."""

import re
from itertools import pairwise

PROSE = """the quick brown fox jumps over the lazy dog

extraordinarily long words such as internationalisation and antidisestablishmentarianism
the the fox the dog \t and naïve 中文 words 中文
   \nfox end of it all without a newline the internationalisation"""


def sentences_of(data):
    """The sentences of a file's bytes, computed in plain Python."""
    lines = data.removeprefix(b"\xef\xbb\xbf").decode().split("\n")
    return [[word for word in re.split("[ \t\r\v\f]+", line) if word] for line in lines]


def unpacked(vocabulary, stream):
    offsets = stream.offsets.tolist()
    ids = stream.ids.tolist()
    encoded = [ids[a:b] for a, b in pairwise(offsets)]
    return vocabulary.words, vocabulary.counts.tolist(), encoded
