/* Substitution and the types of what comes out: the specification's table, and what it leaves to be said. */
#include <math.h>

#include "config_test.h"

static const char *const environment[][2] = {
    {"STRING_VALUE", "value"},
    {"BOOL_VALUE", "true"},
    {"INT_VALUE", "1"},
    {"FLOAT_VALUE", "1.1"},
    {"HEX_VALUE", "0xdeadbeef"},
    {"INVALID_MAP_VALUE", "value\nkey:value"},
    {"DO_NOT_REPLACE_ME", "Never use this value"},
    {"REPLACE_ME", "${DO_NOT_REPLACE_ME}"},
    {"VALUE_WITH_ESCAPE", "value$$"},
    {"EMPTY", ""},
    {"env", "prefix or name"},
    {"_A1", "underscore"},
    {"LIST", "[1, 2]"},
    {"MAP", "{a: 1}"},
    {"TAG", "!!int 5"},
    {"COMMENT", "a # b"},
    {"NULL_VALUE", "null"},
    {NULL, NULL},
};

enum { NUL = CAIRN_CONFIG_NULL, BOO = CAIRN_CONFIG_BOOL, INT = CAIRN_CONFIG_INT };
enum { DBL = CAIRN_CONFIG_DOUBLE, STR_ = CAIRN_CONFIG_STRING, BAD = -1 };

static const struct {
    const char *yaml;
    int type;
    const char *text; /* of the value after substitution; of the message for BAD */
} cases[] = {
    /* the specification's table */
    {"${STRING_VALUE}", STR_, "value"},
    {"${BOOL_VALUE}", BOO, "true"},
    {"${INT_VALUE}", INT, "1"},
    {"${FLOAT_VALUE}", DBL, "1.1"},
    {"${HEX_VALUE}", INT, "0xdeadbeef"},
    {"\"${STRING_VALUE}\"", STR_, "value"},
    {"\"${BOOL_VALUE}\"", STR_, "true"},
    {"\"${INT_VALUE}\"", STR_, "1"},
    {"\"${FLOAT_VALUE}\"", STR_, "1.1"},
    {"\"${HEX_VALUE}\"", STR_, "0xdeadbeef"},
    {"${env:STRING_VALUE}", STR_, "value"},
    {"${INVALID_MAP_VALUE}", STR_, "value\nkey:value"},
    {"foo ${STRING_VALUE} ${FLOAT_VALUE}", STR_, "foo value 1.1"},
    {"${UNDEFINED_KEY}", NUL, ""},
    {"${UNDEFINED_KEY:-fallback}", STR_, "fallback"},
    {"${REPLACE_ME}", STR_, "${DO_NOT_REPLACE_ME}"},
    {"${UNDEFINED_KEY:-${STRING_VALUE}}", STR_, "${STRING_VALUE}"},
    {"${STRING_VALUE:?error}", BAD, "${STRING_VALUE:?error}"},
    {"$${STRING_VALUE}", STR_, "${STRING_VALUE}"},
    {"$$${STRING_VALUE}", STR_, "$value"},
    {"$$$${STRING_VALUE}", STR_, "$${STRING_VALUE}"},
    {"$${STRING_VALUE:-fallback}", STR_, "${STRING_VALUE:-fallback}"},
    {"$${STRING_VALUE:-${STRING_VALUE}}", STR_, "${STRING_VALUE:-value}"},
    {"${UNDEFINED_KEY:-$${UNDEFINED_KEY}}", STR_, "${UNDEFINED_KEY:-${UNDEFINED_KEY}}"},
    {"${VALUE_WITH_ESCAPE}", STR_, "value$$"},
    {"a $$ b", STR_, "a $ b"},
    {"a $ b", STR_, "a $ b"},
    /* its example of the order */
    {"$${FOO} ${INT_VALUE} $${BAZ}", STR_, "${FOO} 1 ${BAZ}"},
    /* its invalid names */
    {"${1API_KEY}", BAD, "${1API_KEY}"},
    {"${API_$KEY}", BAD, "${API_$KEY}"},
    /* names, prefixes, defaults */
    {"${_A1}", STR_, "underscore"},
    {"${env}", STR_, "prefix or name"},
    {"${env:-x}", STR_, "prefix or name"},
    {"${env:UNDEFINED:-x}", STR_, "x"},
    {"${env:UNDEFINED:-7}", INT, "7"},
    {"${env:}", BAD, "${env:}"},
    {"${sys:x}", BAD, "${sys:x}"},
    {"${ENV:STRING_VALUE}", BAD, "only ${NAME}"},
    {"${ STRING_VALUE}", BAD, "${ STRING_VALUE}"},
    {"${STRING VALUE}", BAD, "${STRING VALUE}"},
    {"${STRING_VALUE-x}", BAD, "${STRING_VALUE-x}"},
    {"${:-x}", BAD, "${:-x}"},
    {"${EMPTY:-full}", STR_, "full"},
    {"${EMPTY}", NUL, ""},
    {"${UNDEFINED:-}", NUL, ""},
    {"\"${UNDEFINED}\"", STR_, ""},
    {"'${INT_VALUE}'", STR_, "1"},
    {"${UNDEFINED:-a b:c, d}", STR_, "a b:c, d"},
    {"${UNDEFINED:-\xc3\xa4}", STR_, "\xc3\xa4"},
    {"${INT_VALUE}${INT_VALUE}", INT, "11"},
    {"${INT_VALUE}.5", DBL, "1.5"},
    {"x${UNDEFINED}y", STR_, "xy"},
    {"${NULL_VALUE}", NUL, "null"},
    {"${}", STR_, "${}"},
    {"${STRING_VALUE", STR_, "${STRING_VALUE"},
    {"$STRING_VALUE", STR_, "$STRING_VALUE"},
    {"\"$\"", STR_, "$"},
    {"\"$$\"", STR_, "$"},
    {"\"$$$\"", STR_, "$$"},
    /* nothing of YAML gets in */
    {"${LIST}", STR_, "[1, 2]"},
    {"${MAP}", STR_, "{a: 1}"},
    {"${TAG}", STR_, "!!int 5"},
    {"${COMMENT}", STR_, "a # b"},
    {"|\n  ${STRING_VALUE}\n", STR_, "value\n"},
    {"!!str ${INT_VALUE}", STR_, "1"},
    {"!!int \"${INT_VALUE}\"", INT, "1"},
};

static void test_table(void **state)
{
    (void)state;
    test_env = environment;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
        char text[300];
        cairn_config *c;
        snprintf(text, sizeof text, HEAD "key: %s", cases[i].yaml);
        c = parse(text, &error);
        if (cases[i].type == BAD) {
            CHECK(!c, cases[i].yaml);
            CHECK(strncmp(error.text, "f.yaml:2: key: ", 15) == 0, error.text);
            CHECK(strstr(error.text, cases[i].text), error.text);
        } else {
            const cairn_config_node *node = cairn_config_get(cairn_config_root(c), "key");
            CHECK(c, error.text);
            CHECK(cairn_config_type(node) == cases[i].type, cases[i].yaml);
            check_str(node->text, cases[i].text, cases[i].yaml);
        }
        cairn_config_free(c);
    }
}

/* Keys are not looked at. */
static void test_keys(void **state)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_config *c = parse(HEAD "${STRING_VALUE}: value\n${1bad: x\n", &error);
    (void)state;
    assert_non_null(c);
    assert_non_null(cairn_config_get(cairn_config_root(c), "${STRING_VALUE}"));
    cairn_config_free(c);
}

/* ---- YAML 1.2's core schema ---- */

static const struct {
    const char *yaml;
    int type;
    double value; /* of booleans and numbers */
} types[] = {
    {"", NUL, 0},
    {"~", NUL, 0},
    {"null", NUL, 0},
    {"Null", NUL, 0},
    {"NULL", NUL, 0},
    {"nUll", STR_, 0},
    {"true", BOO, 1},
    {"True", BOO, 1},
    {"FALSE", BOO, 0},
    {"yes", STR_, 0},
    {"on", STR_, 0},
    {"0", INT, 0},
    {"-12", INT, -12},
    {"+12", INT, 12},
    {"007", INT, 7},
    {"0o17", INT, 15},
    {"0o18", STR_, 0},
    {"0x1F", INT, 31},
    {"0x", STR_, 0},
    {"-0x1", STR_, 0},
    {"0b1", STR_, 0},
    {"1_000", STR_, 0},
    {"9223372036854775807", INT, 9223372036854775807.0},
    {"9223372036854775808", DBL, 9223372036854775808.0},
    {"1.", DBL, 1},
    {".5", DBL, .5},
    {"-1.5e3", DBL, -1500},
    {"+1e-2", DBL, .01},
    {"1e", STR_, 0},
    {".", STR_, 0},
    {"1.2.3", STR_, 0},
    {"12:30:45", STR_, 0},
    {"2026-11-21", STR_, 0},
    {".inf", DBL, (double)INFINITY},
    {"-.Inf", DBL, -(double)INFINITY},
    {"inf", STR_, 0},
    {"nan", STR_, 0},
    {"\"\"", STR_, 0},
    {"'12'", STR_, 0},
};

static void test_types(void **state)
{
    (void)state;
    test_env = NULL;
    for (size_t i = 0; i < COUNT(types); i++) {
        struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
        char text[100];
        const cairn_config_node *node;
        cairn_config *c;
        snprintf(text, sizeof text, HEAD "key: %s", types[i].yaml);
        c = parse(text, &error);
        CHECK(c, error.text);
        node = cairn_config_get(cairn_config_root(c), "key");
        CHECK(cairn_config_type(node) == types[i].type, types[i].yaml);
        if (types[i].type == BOO)
            CHECK(cairn_config_bool(node, false) == (types[i].value != 0), types[i].yaml);
        else if (types[i].type != NUL && types[i].type != STR_)
            CHECK(cairn_config_double(node, 99) == types[i].value, types[i].yaml);
        cairn_config_free(c);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
