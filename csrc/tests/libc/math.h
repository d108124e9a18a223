/* Stands for another system's <math.h> where there is none: what csrc calls of it, for a syntax check. */
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
