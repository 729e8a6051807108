/* term.c - a table of ranges decides how wide a character is; terminals agree on these. */
#include "cli/term.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"

const char *const term_color_choices[] = {"auto", "always", "never", NULL};

bool term_colors(enum term_color_mode mode)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (mode != TERM_COLOR_AUTO)
        return mode == TERM_COLOR_ALWAYS;
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
}

unsigned term_width(unsigned fallback)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    uint64_t v;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    if (columns && str_to_u64(str_of(columns), &v) && v > 0 && v < 10000)
        return (unsigned)v;
    return fallback;
}

/* The next character of well-formed UTF-8 and its bytes. */
static uint32_t decode(const unsigned char *p, size_t *bytes)
{
    if (p[0] < 0x80) {
        *bytes = 1;
        return p[0];
    }
    if (p[0] < 0xe0) {
        *bytes = 2;
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    }
    if (p[0] < 0xf0) {
        *bytes = 3;
        return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    }
    *bytes = 4;
    return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
           (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

/* Controls (a terminal obeys them) and marks that change the direction of text. */
static bool is_harmful(uint32_t c)
{
    static const struct range ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x200e, 0x200f},
                                          {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}};
    return in_ranges(c, ranges, sizeof ranges / sizeof *ranges);
}

static unsigned cells_of(uint32_t c)
{
    static const struct range none[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                        {0x610, 0x61a},   {0x64b, 0x65f},   {0x200b, 0x200d},
                                        {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};
    static const struct range two[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                       {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                       {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                                       {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};
    if (c < 0x300)
        return 1;
    if (in_ranges(c, none, sizeof none / sizeof *none))
        return 0;
    return in_ranges(c, two, sizeof two / sizeof *two) ? 2 : 1;
}

/* One character: its bytes in s (always 1 or more), what to print for it, and its cells. */
static size_t next_char(struct str s, struct str *shown, unsigned *cells)
{
    static const struct str replacement = STR_INIT("\xef\xbf\xbd");
    size_t bytes = 1;
    *shown = replacement;
    *cells = 1;
    /* four bytes hold any character: what is valid of them begins with a whole one */
    if (utf8_valid_prefix(str_make(s.p, s.n < 4 ? s.n : 4)) == 0)
        return 1;
    uint32_t c = decode((const unsigned char *)s.p, &bytes);
    if (is_harmful(c)) {
        if (c == '\t' || c == '\n')
            *shown = STR(" ");
        return bytes;
    }
    *shown = str_make(s.p, bytes);
    *cells = cells_of(c);
    return bytes;
}

unsigned term_cells(struct str s)
{
    unsigned total = 0;
    while (s.n) {
        struct str shown;
        unsigned cells;
        s = str_from(s, next_char(s, &shown, &cells));
        total += cells;
    }
    return total;
}

unsigned term_put(struct buf *out, struct str s, unsigned max_cells)
{
    bool cut = term_cells(s) > max_cells;
    unsigned room = cut && max_cells ? max_cells - 1 : max_cells, used = 0;
    while (s.n) {
        struct str shown;
        unsigned cells;
        size_t bytes = next_char(s, &shown, &cells);
        if (used + cells > room)
            break;
        buf_put_str(out, shown);
        used += cells;
        s = str_from(s, bytes);
    }
    if (cut && max_cells) {
        buf_put_str(out, STR("…"));
        used++;
    }
    return used;
}

unsigned term_put_end(struct buf *out, struct str s, unsigned max_cells)
{
    unsigned cells = term_cells(s), kept = max_cells ? max_cells - 1 : 0;
    if (cells <= max_cells || max_cells == 0)
        return term_put(out, s, max_cells);
    while (cells > kept) {
        struct str shown;
        unsigned of_char;
        s = str_from(s, next_char(s, &shown, &of_char));
        cells -= of_char;
    }
    buf_put_str(out, STR("…"));
    return 1 + term_put(out, s, kept);
}

void term_pad(struct buf *out, unsigned cells)
{
    while (cells--)
        buf_put_byte(out, ' ');
}

void term_sgr(struct buf *out, bool colors, const char *sgr)
{
    if (colors)
        buf_printf(out, "\x1b[%sm", sgr);
}
