/* lists.c - services and operations, from the sources' tables. */
#include <stdlib.h>

#include "query/query.h"
#include "query/run.h"
#include "store/dict.h"

/* Strings met so far, each once; new ones are copied into the query's arena. */
struct strings {
    struct dict dict;
    struct arena *arena;
};

static struct str keep(struct str s, void *user)
{
    struct strings *all = user;
    return arena_str(all->arena, s);
}

static int add_string(struct strings *all, struct str s, struct err *err)
{
    uint32_t id = dict_intern_kept(&all->dict, s, keep, all);
    if (id == DICT_NONE || arena_failed(all->arena))
        return run_out_of_memory(err);
    return 0;
}

static int str_qsort_cmp(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int finish_strings(struct strings *all, struct str_list *ret, struct err *err)
{
    struct str *items = arena_calloc(all->arena, all->dict.count, sizeof *items);
    if (!items)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < all->dict.count; i++)
        items[i] = dict_get(&all->dict, i);
    qsort(items, all->dict.count, sizeof *items, str_qsort_cmp);
    *ret = (struct str_list){items, all->dict.count};
    return 0;
}

static int collect_services(struct run *r, struct strings *all, struct err *err)
{
    for (uint32_t s = 0; s < r->snap.count; s++) {
        const struct source *src = &r->snap.sources[s];
        int rc = source_need_table(src, SOURCE_SERVICES, err);
        if (run_skips(r, rc))
            continue;
        TRY(rc);
        TRY(run_check(r, err));
        for (uint32_t id = 0; id < src->service_count; id++) {
            struct str name = source_string(src, SOURCE_SERVICES, id);
            if (name.n)
                TRY(add_string(all, name, err));
        }
    }
    return 0;
}

int query_services(struct store *store, struct engine_query *q, struct str_list *ret,
                   struct err *err)
{
    struct strings all = {.arena = q->arena};
    struct run r;
    int rc;
    run_begin(&r, store, q, NULL);
    rc = collect_services(&r, &all, err);
    if (rc == 0)
        rc = finish_strings(&all, ret, err);
    dict_release(&all.dict);
    run_end(&r);
    return rc;
}

/* An operation as one string: the kind's byte before the name. */
struct operations {
    struct strings strings;
    struct str service; /* empty = all */
    struct buf key;
    struct err *err;
};

static int add_operation(const struct source *s, uint32_t service, uint32_t name, uint32_t kind,
                         void *user)
{
    struct operations *all = user;
    if (all->service.n && !str_eq(source_string(s, SOURCE_SERVICES, service), all->service))
        return 0;
    buf_clear(&all->key);
    buf_put_byte(&all->key, (unsigned char)kind);
    buf_put_str(&all->key, source_string(s, SOURCE_NAMES, name));
    return add_string(&all->strings, buf_str(&all->key), all->err);
}

static int operation_cmp(const void *a, const void *b)
{
    const struct operation *x = a, *y = b;
    int c = str_cmp(x->name, y->name);
    return c ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

static int finish_operations(struct operations *all, struct operation_list *ret, struct err *err)
{
    uint32_t count = all->strings.dict.count;
    struct operation *items = arena_calloc(all->strings.arena, count, sizeof *items);
    if (!items)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        struct str key = dict_get(&all->strings.dict, i);
        items[i] = (struct operation){str_from(key, 1), (enum span_kind)key.p[0]};
    }
    qsort(items, count, sizeof *items, operation_cmp);
    *ret = (struct operation_list){items, count};
    return 0;
}

int query_operations(struct store *store, struct engine_query *q, struct str service,
                     struct operation_list *ret, struct err *err)
{
    struct operations all = {.strings.arena = q->arena, .service = service, .err = err};
    struct run r;
    int rc;
    buf_init(&all.key, 0);
    run_begin(&r, store, q, NULL);
    rc = run_check(&r, err);
    for (uint32_t s = 0; s < r.snap.count && rc == 0; s++) {
        rc = source_operations(&r.snap.sources[s], add_operation, &all, err);
        if (run_skips(&r, rc))
            rc = 0;
        if (rc == 0)
            rc = run_check(&r, err);
    }
    if (rc == 0)
        rc = finish_operations(&all, ret, err);
    dict_release(&all.strings.dict);
    buf_release(&all.key);
    run_end(&r);
    return rc;
}
