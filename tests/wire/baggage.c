/* W3C Baggage: members good and bad, percent-encoding. */
#include "wire/baggage.h"
#include "test.h"

static void test_members(void **state)
{
    static const struct {
        const char *in, *out; /* out: name|value|metadata of each, in lines */
    } cases[] = {
        {"", ""},
        {",, ,", ""},
        {"key1=value1", "key1|value1|\n"},
        {"a=1,b=2", "a|1|\nb|2|\n"},
        {" a = 1 ,\tb\t=\t2 ", "a|1|\nb|2|\n"},
        {"a=", "a||\n"},
        {"a=1=2", "a|1=2|\n"},
        {"a=1;p", "a|1|p\n"},
        {"a=1 ; p=2 ; q ,b=2", "a|1|p=2 ; q\nb|2|\n"},
        {"a=1;", "a|1|\n"},
        {"a=%20%2C", "a|%20%2C|\n"},
        {"a=%zz", "a|%zz|\n"},
        {"a!#$%&'*+-.^_`|~=1", "a!#$%&'*+-.^_`|~|1|\n"},
        /* one that is damaged does not cost the others */
        {"a=1,b,c=3", "a|1|\nc|3|\n"},
        {"=1,c=3", "c|3|\n"},
        {"a b=1,c=3", "c|3|\n"},
        {"a=1 2,c=3", "c|3|\n"},
        {"a=\"1\",c=3", "c|3|\n"},
        {"a=1\\2,c=3", "c|3|\n"},
        {"a=J\xc3\xb6rg,c=3", "c|3|\n"}, /* must come encoded */
        {"\xc3\xb6=1,c=3", "c|3|\n"},
        {"a=\x01,c=3", "c|3|\n"},
        {"a(=1,c=3", "c|3|\n"},
        {"a=1;=x,c=3", "c|3|\n"},
        {"a=1;p=\"x\",c=3", "c|3|\n"},
        {"a=1;;p,c=3", "c|3|\n"},
        {"a;p=1,c=3", "c|3|\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct str list = g.bytes;
        struct baggage_member m;
        char out[256] = "";
        size_t n = 0;
        while (baggage_next(&list, &m))
            n += (size_t)snprintf(out + n, sizeof out - n, "%.*s|%.*s|%.*s\n", STR_ARG(m.name),
                                  STR_ARG(m.value), STR_ARG(m.metadata));
        check_str(str_of(out), cases[i].out, cases[i].in);
        guarded_free(&g);
    }
}

static void test_decode(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"plain+text", "plain+text"}, /* a plus is no space */
        {"a%20b%2Cc", "a b,c"},
        {"J%C3%B6rg%c3%b6", "J\xc3\xb6rg\xc3\xb6"},
        {"%E2%82%AC", "\xe2\x82\xac"},
        {"%F0%9F%8D%B0", "\xf0\x9f\x8d\xb0"},
        {"%", "%"},
        {"%4", "%4"},
        {"%4g%g4", "%4g%g4"},
        {"%25", "%"},
        {"%2541", "%41"}, /* once, not twice */
        {"%ff", "\xef\xbf\xbd"},
        {"%C3", "\xef\xbf\xbd"},
        {"%C3x", "\xef\xbf\xbdx"},
        {"%E2%82", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"%E2%82x", "\xef\xbf\xbd\xef\xbf\xbdx"},
        {"%ED%A0%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
        {"%C0%80", "\xef\xbf\xbd\xef\xbf\xbd"},                /* overlong */
        {"\xff", "\xef\xbf\xbd"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        char room[64];
        struct guarded out;
        size_t n = baggage_decode(g.bytes, room);
        check_str(str_make(room, n), cases[i].out, cases[i].in);
        if (cases[i].in[0] != '\xff') { /* what stands in a member never grows */
            out = guarded_copy(room, g.bytes.n);
            n = baggage_decode(g.bytes, (char *)(uintptr_t)out.bytes.p);
            check_str(str_make(out.bytes.p, n), cases[i].out, cases[i].in);
            guarded_free(&out);
        }
        guarded_free(&g);
    }
}

static void test_format(void **state)
{
    static const struct {
        const char *name, *value, *metadata, *out; /* "": not written */
    } cases[] = {
        {"a", "1", "", "a=1"},
        {"a", "", "", "a="},
        {"a", "1", "p=2;q", "a=1;p=2;q"},
        {"a", "x y,z;\"\\%", "", "a=x%20y%2Cz%3B%22%5C%25"},
        {"a", "a=b/c:d", "", "a=a=b/c:d"},
        {"a", "J\xc3\xb6rg", "", "a=J%C3%B6rg"},
        {"", "1", "", ""},
        {"a b", "1", "", ""},
        {"\xc3\xb6", "1", "", ""},
        {"a", "1", "p,q", ""},
        {"a", "1", "\xc3\xb6", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t want = strlen(cases[i].out);
        for (size_t room = 0; room <= want + 2; room++) { /* whole or not at all */
            char zeros[64] = "";
            struct guarded g = guarded_copy(zeros, room);
            size_t n =
                baggage_format(str_of(cases[i].name), str_of(cases[i].value),
                               str_of(cases[i].metadata), (char *)(uintptr_t)g.bytes.p, room);
            CHECK(n == (room >= want ? want : 0), cases[i].out);
            check_str(str_make(g.bytes.p, n), room >= want ? cases[i].out : "", cases[i].out);
            guarded_free(&g);
        }
    }
}

static void test_every_byte(void **state)
{
    char in[256], encoded[3 * 256], out[256];
    size_t n;
    (void)state;
    for (int i = 0; i < 128; i++)
        in[i] = (char)i;
    n = baggage_encode(str_make(in, 128), encoded);
    for (size_t i = 0; i < n; i++)
        assert_true(encoded[i] > 0x20 && encoded[i] < 0x7f && !strchr("\",;\\", encoded[i]));
    assert_int_equal(baggage_decode(str_make(encoded, n), out), 128);
    assert_memory_equal(in, out, 128);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
