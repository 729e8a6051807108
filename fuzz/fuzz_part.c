/* A file that calls itself a part: opened, and every row, page, table and trace of it read. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/part_page.h"

static void read_rows(struct page_reader *r, struct part *p, struct arena *arena)
{
    for (uint32_t row = 0; row < p->row_count && row < 300; row++) {
        struct span span = {.resource = NULL};
        arena_reset(arena);
        if (page_span(r, p, row, arena, row % 2, &span, NULL) == 0)
            FUZZ_CHECK(span.attrs.count == 0 || span.attrs.items);
        part_trace_of_row(p, row, &span.trace_id, NULL);
    }
}

static void read_columns(struct page_reader *r, struct part *p)
{
    uint8_t *groups = calloc((size_t)p->group_count + 1, 1);
    struct page page;
    bool may;
    for (uint32_t c = 0; c < p->column_count; c++) {
        page_begin(r);
        for (uint32_t g = 0; g < p->group_count && g < 4; g++)
            page_column(r, p, c, g, &page, NULL);
        part_string_groups(p, c, STR("x"), groups, &may, NULL);
    }
    free(groups);
}

static void copy_rows(struct page_reader *r, struct part *p)
{
    struct columns columns;
    struct part_copier *copier;
    struct trace_id id = {{1}};
    columns_init(&columns);
    copier = part_copier_new(r, p, &columns);
    for (uint32_t row = 0; row < p->row_count && row < 300; row++) {
        if (part_copy_row(copier, row, id, 0, 0, NULL) < 0)
            break;
    }
    part_copier_free(copier);
    columns_release(&columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct part_strings *strings;
    struct page_reader *r;
    struct arena arena;
    struct part *p;
    char path[64];
    int fd = memfd_create("part", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (part_open(path, 1, NULL, &p, NULL) == 0) {
        arena_init(&arena, 16 << 20);
        r = page_reader_new(1 << 20);
        read_rows(r, p, &arena);
        read_columns(r, p);
        copy_rows(r, p);
        for (int t = 0; t < PART_TABLE_COUNT; t++)
            part_table(p, t, &strings, NULL);
        page_reader_free(r);
        arena_release(&arena);
        part_unref(p);
    }
    close(fd);
    return 0;
}
