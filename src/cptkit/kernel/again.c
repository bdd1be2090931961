/* Days that are met again among lines in any order: kernel/again.py. */

#include "kernel.h"

/* The first line of every run of lines of one patient and day: its place, its day, and both mixed to one number.

   mix: by which a day is multiplied, and then the number, twice. Answers how many there are. */
API int64_t cptkit_heads(int64_t many, const uint64_t *patient, const int32_t *day, uint64_t mix_day, uint64_t mix,
                         int32_t *at, uint64_t *number, int32_t *of_day)
{
    int64_t found = 0;
    for (int64_t i = 0; i < many; i++) {
        uint64_t each = (patient[i] ^ (uint64_t)(int64_t)day[i] * mix_day) * mix;
        at[found] = (int32_t)i; /* without a branch: nobody can tell which way it goes */
        number[found] = (each ^ each >> 32) * mix;
        of_day[found] = day[i];
        found += !i || patient[i] != patient[i - 1] || day[i] != day[i - 1];
    }
    return found;
}

/* Of numbers that are mixed well, those whose upper bits are a part, and their places from ``first`` on. */
API int64_t cptkit_of_part(int64_t many, const uint64_t *mixed, int32_t shift, uint64_t part, int64_t first,
                           uint64_t *of_part, int64_t *place)
{
    int64_t found = 0;
    for (int64_t i = 0; i < many; i++)
        if (mixed[i] >> shift == part) {
            of_part[found] = mixed[i];
            place[found++] = first + i;
        }
    return found;
}

/* Heads of runs of lines that are met more than once, from numbers in their order: the upper bits of each head's
   mixed number, and below them its place among these.

   place: of each among all heads; day, start: of all heads, where its lines begin, with the end. Writes the places of
   heads that are met again (there is room for all), and how many lines they head. Answers how many these are; -1 where
   upper bits are shared by chance, and nothing is told. */
API int64_t cptkit_met(int64_t many, const uint64_t *packed, int32_t bits, const uint64_t *mixed, const int64_t *place,
                       const int32_t *day, const void *start, int32_t start_size, int64_t *again, uint8_t *is_new,
                       int64_t *lines)
{
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    int64_t found = 0, headed = 0;
    for (int64_t i = 0; i < many;) {
        int64_t end = i + 1;
        while (end < many && packed[end] >> bits == packed[i] >> bits)
            end++;
        if (end > i + 1) {
            uint64_t first = packed[i] & mask;
            for (int64_t at = i; at < end; at++) {
                uint64_t each = packed[at] & mask;
                int64_t head = place[each];
                if (mixed[each] != mixed[first] || day[head] != day[place[first]])
                    return -1;
                again[found] = head;
                is_new[found++] = at == i;
                headed += start_size == 4
                              ? ((const int32_t *)start)[head + 1] - ((const int32_t *)start)[head]
                              : ((const int64_t *)start)[head + 1] - ((const int64_t *)start)[head];
            }
        }
        i = end;
    }
    *lines = headed;
    return found;
}

/* The lines that heads head, one behind the other, and where those of each new one begin; answers how many are new. */
API int64_t cptkit_headed(int64_t many, const int64_t *head, const uint8_t *is_new, const void *start, int32_t start_size,
                          void *order, int64_t *begins)
{
    int64_t at = 0, found = 0;
    for (int64_t i = 0; i < many; i++) {
        if (is_new[i])
            begins[found++] = at;
        if (start_size == 4) {
            const int32_t *from = (const int32_t *)start + head[i];
            for (int32_t line = from[0]; line < from[1]; line++)
                ((int32_t *)order)[at++] = line;
        } else {
            const int64_t *from = (const int64_t *)start + head[i];
            for (int64_t line = from[0]; line < from[1]; line++)
                ((int64_t *)order)[at++] = line;
        }
    }
    return found;
}
