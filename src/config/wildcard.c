/* wildcard.c - see wildcard.h. Goes back to the last * only, which is enough and takes at most pattern times text steps. */
#include "config/wildcard.h"

/* Bytes of the character that s begins with. */
static size_t character(struct str s)
{
    size_t n = 1;
    while (n < s.n && n < 4 && ((unsigned char)s.p[0] & 0xc0) == 0xc0 &&
           ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

bool wildcard_matches(struct str pattern, struct str text)
{
    struct str star = {NULL, 0},
               retry = text; /* behind the last *, and what it has not taken yet */
    while (text.n || pattern.n) {
        if (pattern.n && pattern.p[0] == '*') {
            star = pattern = str_from(pattern, 1);
            retry = text;
            if (star.n == 0)
                return true;
        } else if (pattern.n && text.n && pattern.p[0] == '?') {
            pattern = str_from(pattern, 1);
            text = str_from(text, character(text));
        } else if (pattern.n && text.n && pattern.p[0] == text.p[0]) {
            pattern = str_from(pattern, 1);
            text = str_from(text, 1);
        } else if (star.p && retry.n) {
            retry = str_from(retry, character(retry));
            pattern = star;
            text = retry;
        } else {
            return false;
        }
    }
    return true;
}
