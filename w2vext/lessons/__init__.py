"""Teaching material: step-by-step pages, the CS224n assignment, its minibatch sampler."""
