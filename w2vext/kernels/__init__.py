"""The arithmetic of one training step: instruction-set dispatch, pair kernel, softmax, BLAS."""
