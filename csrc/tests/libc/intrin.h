/* A substitute for <intrin.h> of another platform, with what csrc uses of it, for checking the syntax. */
#pragma once
unsigned char _BitScanForward64(unsigned long *, unsigned __int64);
