/* A substitute for <math.h> of another platform, with what csrc uses of it, for checking the syntax. */
#pragma once
double exp(double);
double log(double);
double sqrt(double);
double pow(double, double);
float expf(float);
float logf(float);
float sqrtf(float);
int w2v_classify(double);
#define isfinite(x) (w2v_classify(x) > 0)
