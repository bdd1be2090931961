/* Work on columns that takes one look at each line: the compiled form of what numpy does in many steps.

   Nothing here knows a rule. A function is given arrays and their lengths by cptkit/kernel/__init__.py, which checks
   them; it calls nothing of Python, so that it runs beside other threads. */

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

#ifndef SOURCE
#define SOURCE ""
#endif

/* Of which text this was compiled. */
API const char *cptkit_source(void) { return SOURCE; }

/* Bits set, and how many are set before each block of 512; numbers rise where ``before`` is asked for. */
API void cptkit_bits(int64_t many, const uint32_t *number, int64_t blocks, uint8_t *bits, int32_t *before)
{
    int64_t block = 0;
    for (int64_t i = 0; i < many; i++) {
        bits[number[i] >> 3] |= (uint8_t)(1u << (number[i] & 7));
        if (before)
            for (; block <= number[i] >> 9; block++)
                before[block] = (int32_t)i;
    }
    if (before)
        for (; block < blocks; block++)
            before[block] = (int32_t)many;
}

static int64_t ones(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    return (int64_t)(((word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
}

static int64_t set_before(const uint8_t *bits, const int32_t *before, uint64_t number)
{
    int64_t found = before[number >> 9];
    uint64_t word;
    const uint8_t *at = bits + (number >> 9 << 6), *last = bits + (number >> 6 << 3);
    for (; at < last; at += 8) {
        memcpy(&word, at, 8);
        found += ones(word);
    }
    memcpy(&word, last, 8); /* of a machine whose words begin with their low byte, as all that are built for are */
    return found + ones(word & (((uint64_t)1 << (number & 63)) - 1));
}

static int64_t searched(const uint64_t *keys, int64_t many, uint64_t key)
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

/* A table of pair edits, as cptkit/edits/arrays.py holds it. */
typedef struct {
    const uint8_t *bits;     /* of the filter */
    const int32_t *before;   /* how many bits are set before each block; none where keys are spread */
    const uint64_t *keys;    /* of pairs in their order; none where each has a bit of its own */
    int64_t pairs;
    uint64_t spread;         /* scatters keys over the filter; 0 where each has a bit of its own */
    int32_t filter_bits;
    int32_t shift;           /* bits of a place in a key */
    const int32_t *classes;  /* of each pair */
    const int32_t *steps;    /* of each class the rows that are asked first, second and so on; -1 for no more */
    int64_t step_count, class_count;
    const uint32_t *seen;    /* of each row the quarters in whose file it stood, as bits */
    int64_t seen_words;
    const int32_t *first, *last; /* days of each row */
    const uint8_t *turned;
    int32_t never_ends;
} Pairs;

static int32_t row_of(const Pairs *table, int64_t pair, int32_t day, int64_t quarter)
{
    for (int64_t step = 0; step < table->step_count; step++) {
        int32_t row = table->steps[step * table->class_count + table->classes[pair]];
        if (row < 0)
            break;
        if (table->first[row] <= day && (table->last[row] >= day || table->last[row] == table->never_ends) &&
            table->seen[row * table->seen_words + (quarter >> 5)] >> (quarter & 31) & 1)
            return row;
    }
    return -1;
}

enum { WAITING = 64 };

/* Two lines that wait until what is looked up for them has come near. */
typedef struct {
    int64_t one, other, pair;
    uint64_t key, spot;
} Two;

/* What cptkit_pairs is given, and how far it is. */
typedef struct {
    const Pairs *table;
    const int32_t *code, *units, *day;
    const int16_t *span;
    const uint32_t *place;
    const int64_t *quarter;
    int64_t room, found, *one, *two;
    int32_t *rows;
    int many;
    Two waiting[WAITING];
} Walk;

static void settle(Walk *walk)
{
    const Pairs *table = walk->table;
    int many = 0;
    for (int at = 0; at < walk->many; at++) {
        Two each = walk->waiting[at];
        if (table->bits[each.spot >> 3] >> (each.spot & 7) & 1 && walk->units[each.other] > 0) {
            if (!table->spread)
                PREFETCH(table->before + (each.spot >> 9));
            walk->waiting[many++] = each;
        }
    }
    for (int at = 0; at < many; at++) {
        Two *each = walk->waiting + at;
        each->pair = table->spread ? searched(table->keys, table->pairs, each->key)
                                   : set_before(table->bits, table->before, each->spot);
        if (each->pair >= 0)
            PREFETCH(table->classes + each->pair);
    }
    for (int at = 0; at < many; at++) {
        Two each = walk->waiting[at];
        int64_t quarter = walk->quarter[walk->span[each.one]];
        int32_t row = each.pair < 0 || quarter < 0 ? -1 : row_of(table, each.pair, walk->day[each.one], quarter);
        if (row < 0)
            continue;
        if (walk->found < walk->room) {
            /* column 1 is the lower code, unless the row is turned */
            int as_is = (walk->place[walk->code[each.one]] < walk->place[walk->code[each.other]]) != table->turned[row];
            walk->one[walk->found] = as_is ? each.one : each.other;
            walk->two[walk->found] = as_is ? each.other : each.one;
            walk->rows[walk->found] = row;
        }
        walk->found++;
    }
    walk->many = 0;
}

/* Every two lines of an encounter, both with units, between whose codes an edit is in force: that of column 1, that of
   column 2, and the row. Answers how many there are; as many are written as there is room for.

   place: of a code in the table, by its number. quarter: of each span of days its place in the table, or -1. */
API int64_t cptkit_pairs(const Pairs *table, int64_t encounters, const int64_t *starts, const int32_t *code,
                         const int32_t *units, const int32_t *day, const int16_t *span, const uint32_t *place,
                         const int64_t *quarter, int64_t room, int64_t *one, int64_t *two, int32_t *rows)
{
    Walk walk = {table, code, units, day, span, place, quarter, room, 0, one, two, rows, 0, {{0, 0, 0, 0, 0}}};
    for (int64_t e = 0; e < encounters; e++) {
        int64_t end = starts[e + 1];
        for (int64_t i = starts[e]; i + 1 < end; i++) {
            if (units[i] <= 0)
                continue;
            uint64_t p = place[code[i]];
            for (int64_t j = i + 1; j < end; j++) {
                uint64_t q = place[code[j]];
                uint64_t key = p < q ? p << table->shift | q : q << table->shift | p;
                uint64_t spot = table->spread ? (key * table->spread) >> (64 - table->filter_bits) : key;
                PREFETCH(table->bits + (spot >> 3));
                walk.waiting[walk.many++] = (Two){i, j, 0, key, spot};
                if (walk.many == WAITING)
                    settle(&walk);
            }
        }
    }
    settle(&walk);
    return walk.found;
}

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

static uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* A number for every three values, from 0 in the order in which they are first met, and these by number, as one key:
   the first, then the others and 1, by a base. Answers how many there are, or -1 without memory. */
API int64_t cptkit_numbered(int64_t many, const int32_t *one, const int32_t *two, const int32_t *three, int64_t base,
                            int32_t *number, int64_t *distinct)
{
    uint64_t size = 1024;
    int64_t found = 0;
    int32_t *slots = malloc(size * sizeof *slots);
    if (!slots)
        return -1;
    memset(slots, 0xFF, size * sizeof *slots);
    for (int64_t i = 0; i < many; i++) {
        int64_t key = (one[i] * base + two[i] + 1) * base + three[i] + 1;
        uint64_t at = mixed((uint64_t)key) & (size - 1);
        while (slots[at] >= 0 && distinct[slots[at]] != key)
            at = (at + 1) & (size - 1);
        if (slots[at] < 0) {
            slots[at] = (int32_t)found;
            distinct[found++] = key;
        }
        number[i] = slots[at];
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
                at = mixed((uint64_t)distinct[each]) & (size - 1);
                while (slots[at] >= 0)
                    at = (at + 1) & (size - 1);
                slots[at] = (int32_t)each;
            }
        }
    }
    free(slots);
    return found;
}

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
