"""From text to an id stream: corpora, counting, vocabulary, encoding."""
