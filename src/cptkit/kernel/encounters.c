/* Lines of encounters, one after another: kernel/encounters.py. */

#include "kernel.h"

/* Whether the code of each line stands on another line of its encounter; 0, or -1 without memory. */
API int cptkit_repeated(int64_t encounters, const int64_t *starts, const int32_t *code, int64_t codes, uint8_t *out)
{
    int64_t *last = malloc((size_t)(codes ? codes : 1) * sizeof *last);
    if (!last)
        return -1;
    memset(last, 0xFF, (size_t)codes * sizeof *last);
    for (int64_t e = 0; e < encounters; e++) {
        int64_t begin = starts[e], end = starts[e + 1];
        for (int64_t i = begin; i < end; i++) {
            int64_t before = last[code[i]];
            out[i] = before >= begin;
            if (before >= begin)
                out[before] = 1;
            last[code[i]] = i;
        }
    }
    free(last);
    return 0;
}

/* A cell for each line, by the row of its group and its number; answers whether any holds what stands for nothing.
   A group's row may be below 0: then 2 is answered, and nothing is told. */
API int cptkit_cells(int64_t many, const void *group, int32_t group_size, const int32_t *number, const int32_t *rows,
                     const int32_t *cells, int64_t width, int32_t nothing, int32_t *out)
{
    int any = 0;
    for (int64_t i = 0; i < many; i++) {
        int64_t g = group_size == 2 ? ((const int16_t *)group)[i]
                  : group_size == 4 ? ((const int32_t *)group)[i] : ((const int64_t *)group)[i];
        int64_t row = rows[g];
        if (row < 0)
            return 2;
        int32_t cell = cells[row * width + number[i]];
        any |= cell == nothing;
        out[i] = cell;
    }
    return any;
}

typedef struct {
    int64_t id, place, at;
} Line;

static int by_id(const void *a, const void *b)
{
    const Line *one = a, *other = b;
    if (one->id != other->id)
        return one->id < other->id ? -1 : 1;
    return one->at < other->at ? -1 : one->at > other->at;
}

/* The places of lines, those of each encounter by their ids, those of one id as they stand.

   ids: by place. Answers 1 where any moved, and 2 more where two of an encounter share an id; -1 without memory. */
API int cptkit_by_ids(int64_t encounters, const int64_t *starts, const int64_t *ids, int64_t *order)
{
    enum { FEW = 32 };
    int told = 0;
    for (int64_t e = 0; e < encounters; e++) {
        int64_t begin = starts[e], end = starts[e + 1];
        if (end - begin <= FEW) {
            for (int64_t i = begin + 1; i < end; i++) {
                int64_t place = order[i], id = ids[place], j = i;
                for (; j > begin && ids[order[j - 1]] > id; j--)
                    order[j] = order[j - 1];
                order[j] = place;
                told |= j < i;
            }
        } else {
            Line *lines = malloc((size_t)(end - begin) * sizeof *lines);
            if (!lines)
                return -1;
            for (int64_t i = begin; i < end; i++)
                lines[i - begin] = (Line){ids[order[i]], order[i], i};
            qsort(lines, (size_t)(end - begin), sizeof *lines, by_id);
            for (int64_t i = begin; i < end; i++) {
                told |= lines[i - begin].at != i;
                order[i] = lines[i - begin].place;
            }
            free(lines);
        }
        for (int64_t i = begin + 1; i < end; i++)
            if (ids[order[i]] == ids[order[i - 1]])
                told |= 2;
    }
    return told;
}

/* Lines parted by the limit of their code: those over it whose code stands alone, those whose code stands on several
   lines, and those whose limit is not known. Each list has room for all; answers their lengths. */
API void cptkit_over(int64_t many, const int32_t *units, const int32_t *limit, const uint8_t *repeated,
                     int32_t unknown, int64_t *over, int64_t *several, int64_t *silent, int64_t *lengths)
{
    int64_t o = 0, s = 0, u = 0;
    for (int64_t i = 0; i < many; i++) {
        if (limit[i] == unknown)
            silent[u++] = i;
        else if (repeated[i])
            several[s++] = i;
        else if (units[i] > limit[i])
            over[o++] = i;
    }
    lengths[0] = o;
    lengths[1] = s;
    lengths[2] = u;
}

/* Lines whose value is the one to keep, of which it answers how many there are; those with the value to count are
   counted by the group of their span and their number. */
API int64_t cptkit_apart(int64_t many, const int32_t *value, int32_t kept, int32_t counted, const int16_t *span,
                         const int32_t *group, const int32_t *number, int64_t width, int64_t *lines, int64_t *counts)
{
    int64_t found = 0;
    for (int64_t i = 0; i < many; i++) {
        if (value[i] == counted)
            counts[group[span[i]] * width + number[i]]++;
        else if (value[i] == kept)
            lines[found++] = i;
    }
    return found;
}

/* Of some lines whether a line of what they surely stand on is in their encounter, and else every line of what they
   may stand on: on, beside. Answers how many of these there are; as many are written as there is room for.

   relation: of each of the lines. keys: a relation, shifted, with the number of a code, in order; values: what it is. */
API int64_t cptkit_beside(int64_t many, const int64_t *lines, const int64_t *relation, const int32_t *encounter,
                          const int64_t *starts, const int32_t *code, int64_t pairs, const uint64_t *keys,
                          const int64_t *values, int32_t shift, int64_t may_be, int64_t sure, uint8_t *is_sure,
                          int64_t room, int64_t *on, int64_t *beside)
{
    int64_t found = 0;
    for (int64_t each = 0; each < many; each++) {
        int64_t line = lines[each], before = found, of = encounter[line];
        is_sure[each] = 0;
        for (int64_t other = starts[of]; other < starts[of + 1]; other++) {
            if (other == line)
                continue;
            int64_t at = searched(keys, pairs, (uint64_t)relation[each] << shift | (uint64_t)code[other]);
            if (at < 0)
                continue;
            if (values[at] == sure) {
                is_sure[each] = 1;
                found = before;
                break;
            }
            if (values[at] == may_be) {
                if (found < room) {
                    on[found] = line;
                    beside[found] = other;
                }
                found++;
            }
        }
    }
    return found;
}
