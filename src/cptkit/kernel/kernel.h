/* What the compiled part of cptkit shares.

   It works on columns and takes one look at each line, where numpy takes many. Nothing here knows a rule. A function is
   given arrays and their lengths by the Python file of the same name, which checks them; it calls nothing of Python, so
   that it runs beside other threads. */

#ifndef CPTKIT_KERNEL_H
#define CPTKIT_KERNEL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

/* Every bit of a number spread over all its bits; different numbers stay different. */
static inline uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* The place of a key among keys in their order, or -1. */
static inline int64_t searched(const uint64_t *keys, int64_t many, uint64_t key)
{
    int64_t low = 0, high = many;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < many && keys[low] == key ? low : -1;
}

#endif
