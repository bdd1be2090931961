/* Columns of any kind: kernel/columns.py. */

#include "kernel.h"

#ifndef SOURCE
#define SOURCE ""
#endif

/* Of which text this was compiled. */
API const char *cptkit_source(void) { return SOURCE; }

/* The places of keys, none of which is below 0, in their order; those of one key as they stand. -1 without memory. */
API int cptkit_sorted(int64_t many, const int64_t *key, int64_t *order)
{
    enum { BITS = 11, CELLS = 1 << BITS };
    int64_t high = 0;
    for (int64_t i = 0; i < many; i++)
        high |= key[i];
    int64_t *spare = malloc((size_t)(many ? many : 1) * sizeof *spare), *from = order, *to = spare;
    if (!spare)
        return -1;
    for (int64_t i = 0; i < many; i++)
        order[i] = i;
    for (int shift = 0; shift < 63 && high >> shift; shift += BITS) {
        int64_t begins[CELLS + 1] = {0};
        for (int64_t i = 0; i < many; i++)
            begins[(key[i] >> shift & (CELLS - 1)) + 1]++;
        for (int cell = 0; cell < CELLS; cell++)
            begins[cell + 1] += begins[cell];
        for (int64_t i = 0; i < many; i++) {
            int64_t place = from[i];
            to[begins[key[place] >> shift & (CELLS - 1)]++] = place;
        }
        int64_t *other = from;
        from = to;
        to = other;
    }
    if (from != order)
        memcpy(order, from, (size_t)many * sizeof *order);
    free(spare);
    return 0;
}

static int is_blank(uint8_t byte) { return byte == ' ' || (byte >= 9 && byte <= 13) || (byte >= 28 && byte <= 31); }

/* The hash of each text, blanks around set aside; 0 for none, and for a blank one.

   offsets: where each text begins, with the end, of 32 or 64 bits; there: a bit for each text from one on, or none.
   Answers 1 where a text must be looked at by a reader of Unicode, or is longer than most: then nothing is told. */
API int cptkit_texts(int64_t many, const void *offsets, int32_t offset_size, const uint8_t *data, const uint8_t *there,
                     int64_t first_bit, uint64_t seed, int fold, int64_t most, uint64_t *out)
{
    for (int64_t i = 0; i < many; i++) {
        int64_t begin, end;
        if (offset_size == 4) {
            begin = ((const int32_t *)offsets)[i];
            end = ((const int32_t *)offsets)[i + 1];
        } else {
            begin = ((const int64_t *)offsets)[i];
            end = ((const int64_t *)offsets)[i + 1];
        }
        if (there && !(there[(first_bit + i) >> 3] >> ((first_bit + i) & 7) & 1))
            end = begin;
        while (begin < end && is_blank(data[begin]))
            begin++;
        while (begin < end && is_blank(data[end - 1]))
            end--;
        int64_t length = end - begin;
        if (!length) {
            out[i] = 0;
            continue;
        }
        if (length > most || data[begin] > 127 || data[end - 1] > 127)
            return 1;
        uint64_t hash = mixed((uint64_t)length * 0xD6E8FEB86659FD93u ^ seed);
        for (int64_t at = begin; at < end; at += 8) {
            uint64_t word = 0;
            int64_t bytes = end - at < 8 ? end - at : 8;
            for (int64_t k = 0; k < bytes; k++) {
                uint8_t byte = data[at + k];
                if (fold) {
                    if (byte > 127)
                        return 1;
                    if (byte >= 'A' && byte <= 'Z')
                        byte += 'a' - 'A';
                }
                word |= (uint64_t)byte << 8 * k;
            }
            hash = mixed(hash ^ word);
        }
        out[i] = hash ? hash : 1;
    }
    return 0;
}

/* Of places among the lines of batches that stand one behind the other: the batch, and the place in it. */
API void cptkit_spots(int64_t many, const int64_t *place, int64_t batches, const int64_t *ends, int32_t *batch,
                      int64_t *local)
{
    for (int64_t i = 0; i < many; i++) {
        int64_t low = 0;
        for (int64_t left = batches; left > 1; left -= left / 2) /* without a branch: lines stand anywhere */
            low += ends[low + left / 2 - 1] <= place[i] ? left / 2 : 0;
        batch[i] = (int32_t)low;
        local[i] = place[i] - (low ? ends[low - 1] : 0);
    }
}

/* So many values ahead of their turn memory is asked for what stands anywhere in it. */
enum { AHEAD = 24 };

/* The values at some spots of a column that is held batch by batch, each of 2, 4 or 8 bytes; into 4 or 8. */
API void cptkit_gathered(int64_t many, const int32_t *batch, const int64_t *local, const void *const *columns,
                         const int32_t *sizes, int32_t size, void *out)
{
    for (int64_t i = 0; i < many; i++) {
        const void *column = columns[batch[i]];
        if (i + AHEAD < many)
            PREFETCH((const char *)columns[batch[i + AHEAD]] + local[i + AHEAD] * sizes[batch[i + AHEAD]]);
        if (size == 8)
            ((int64_t *)out)[i] = ((const int64_t *)column)[local[i]];
        else if (sizes[batch[i]] == 2)
            ((int32_t *)out)[i] = ((const int16_t *)column)[local[i]];
        else
            ((int32_t *)out)[i] = ((const int32_t *)column)[local[i]];
    }
}

/* The sum of what each line comes to: its day, patient, clinician and the hash of its code, times its row. */
API uint64_t cptkit_trace(int64_t many, const int32_t *day, uint64_t of_day, const uint64_t *patient,
                          const uint64_t *provider, const int32_t *code, const uint64_t *code_hash, const int64_t *row)
{
    uint64_t found = 0;
    for (int64_t i = 0; i < many; i++) {
        uint64_t told = (uint64_t)(int64_t)day[i] * of_day ^ patient[i] ^ provider[i] >> 1 ^ code_hash[code[i]];
        found += told * ((uint64_t)row[i] * 2 + 1);
    }
    return found;
}

/* A number for every row of several columns of places, -1 for none, from 1 in the order in which its values are first
   met, none left out; 0 where all are none. Answers how many numbers there are, the first rows of which are written;
   or -1 without memory. */
API int64_t cptkit_sets(int64_t many, int32_t parts, const int32_t *const *columns, int32_t *number, int64_t *firsts)
{
    uint64_t size = 1024;
    int64_t found = 0;
    int32_t *slots = malloc(size * sizeof *slots);
    if (!slots)
        return -1;
    memset(slots, 0xFF, size * sizeof *slots);
    for (int64_t i = 0; i < many; i++) {
        uint64_t hash = 0;
        int any = 0;
        for (int32_t part = 0; part < parts; part++)
            any |= columns[part][i] >= 0;
        number[i] = 0;
        if (!any)
            continue;
        for (int32_t part = 0; part < parts; part++)
            hash = mixed(hash ^ (uint64_t)(uint32_t)columns[part][i]) + 1;
        uint64_t at = hash & (size - 1);
        for (; slots[at] >= 0; at = (at + 1) & (size - 1)) {
            int64_t row = firsts[slots[at]];
            int32_t part = 0;
            while (part < parts && columns[part][row] == columns[part][i])
                part++;
            if (part == parts)
                break;
        }
        if (slots[at] < 0) {
            slots[at] = (int32_t)found;
            firsts[found++] = i;
        }
        number[i] = slots[at] + 1;
        if ((uint64_t)found * 2 > size) {
            int32_t *wider = malloc(2 * size * sizeof *slots);
            if (!wider) {
                free(slots);
                return -1;
            }
            free(slots);
            slots = wider;
            size *= 2;
            memset(slots, 0xFF, size * sizeof *slots);
            for (int64_t each = 0; each < found; each++) {
                hash = 0;
                for (int32_t part = 0; part < parts; part++)
                    hash = mixed(hash ^ (uint64_t)(uint32_t)columns[part][firsts[each]]) + 1;
                at = hash & (size - 1);
                while (slots[at] >= 0)
                    at = (at + 1) & (size - 1);
                slots[at] = (int32_t)each;
            }
        }
    }
    free(slots);
    return found;
}

/* Numbers in another order, told anew: from 0 in the order in which they are first met. Answers how many there are, and
   writes which they were; -1 without memory. */
API int64_t cptkit_in_turn(int64_t many, const int32_t *number, const int64_t *order, int64_t distinct, int32_t *told,
                           int64_t *met)
{
    int64_t found = 0;
    int32_t *as = malloc((size_t)(distinct ? distinct : 1) * sizeof *as);
    if (!as)
        return -1;
    memset(as, 0xFF, (size_t)distinct * sizeof *as);
    for (int64_t i = 0; i < many; i++) {
        int32_t each = number[order[i]];
        if (as[each] < 0) {
            as[each] = (int32_t)found;
            met[found++] = each;
        }
        told[i] = as[each];
    }
    free(as);
    return found;
}
