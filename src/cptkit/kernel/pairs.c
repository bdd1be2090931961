/* Pair edits between the lines of encounters: kernel/pairs.py. */

#include "kernel.h"

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
    int64_t one, other;
    uint64_t key;
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

static uint64_t spot_of(const Pairs *table, uint64_t key)
{
    return table->spread ? (key * table->spread) >> (64 - table->filter_bits) : key;
}

static void settle(Walk *walk)
{
    const Pairs *table = walk->table;
    int64_t pairs[WAITING];
    int many = 0;
    for (int at = 0; at < walk->many; at++) {
        uint64_t spot = spot_of(table, walk->waiting[at].key);
        walk->waiting[many] = walk->waiting[at]; /* without a branch: nobody can tell which way it goes */
        many += table->bits[spot >> 3] >> (spot & 7) & 1;
    }
    if (!table->spread)
        for (int at = 0; at < many; at++)
            PREFETCH(table->before + (walk->waiting[at].key >> 9));
    for (int at = 0; at < many; at++) {
        uint64_t key = walk->waiting[at].key;
        pairs[at] = table->spread ? searched(table->keys, table->pairs, key)
                                  : set_before(table->bits, table->before, key);
        if (pairs[at] >= 0)
            PREFETCH(table->classes + pairs[at]);
    }
    for (int at = 0; at < many; at++) {
        Two each = walk->waiting[at];
        int64_t quarter = walk->quarter[walk->span[each.one]];
        if (pairs[at] < 0 || quarter < 0)
            continue;
        int32_t row = row_of(table, pairs[at], walk->day[each.one], quarter);
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
    Walk walk = {table, code, units, day, span, place, quarter, room, 0, one, two, rows, 0, {{0, 0, 0}}};
    for (int64_t e = 0; e < encounters; e++) {
        int64_t end = starts[e + 1];
        for (int64_t i = starts[e]; i + 1 < end; i++) {
            if (units[i] <= 0)
                continue;
            uint64_t p = place[code[i]];
            for (int64_t j = i + 1; j < end; j++) {
                uint64_t q = place[code[j]];
                uint64_t key = p < q ? p << table->shift | q : q << table->shift | p;
                PREFETCH(table->bits + (spot_of(table, key) >> 3));
                walk.waiting[walk.many] = (Two){i, j, key};
                walk.many += units[j] > 0;
                if (walk.many == WAITING)
                    settle(&walk);
            }
        }
    }
    settle(&walk);
    return walk.found;
}
