/* Stands for another system's <intrin.h> where there is none: what csrc calls of it, for a syntax check. */
#pragma once
unsigned char _BitScanForward64(unsigned long *, unsigned __int64);
