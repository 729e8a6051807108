/* Composable samplers: what each wants, rules, and what is decided and written to the trace state. */
#include "sampler_ask.h"

#include "sdk/sampler.h"
#include "sdk/sampler_composable.h"

#define SAMPLE CAIRN_RECORD_AND_SAMPLE
#define R      0x80000000000000 /* randomness in the middle */

static struct cairn_sampling_intent intent_of(cairn_composable *c)
{
    static const struct cairn_span_context parent;
    struct cairn_sampling_params p = {
        .size = sizeof p, .parent = &parent, .parent_threshold = CAIRN_NO_THRESHOLD};
    struct cairn_sampling_intent i = {.size = sizeof i, .threshold = CAIRN_NO_THRESHOLD};
    cairn_composable_get_intent(c, &p, &i);
    return i;
}

static void test_intents(void **state)
{
    cairn_composable *tenth = cairn_composable_probability(0.1);
    (void)state;
    assert_int_equal(intent_of(cairn_composable_always_on()).threshold, 0);
    assert_true(intent_of(cairn_composable_always_on()).reliable);
    assert_true(intent_of(cairn_composable_always_off()).threshold == CAIRN_NO_THRESHOLD);
    assert_false(intent_of(cairn_composable_always_off()).reliable);
    assert_int_equal(intent_of(tenth).threshold, 0xe6660000000000);
    assert_true(intent_of(tenth).reliable);
    assert_ptr_equal(cairn_composable_probability(0), cairn_composable_always_off());
    cairn_composable_unref(tenth);
}

static cairn_sampler *composite_of(cairn_composable *c)
{
    cairn_sampler *s = cairn_sampler_composite(c);
    assert_non_null(s);
    cairn_composable_unref(c);
    return s;
}

struct expectation {
    const char *name;
    struct question q;
    int32_t want;
    const char *want_state;
};

static void check_all(cairn_sampler *s, const struct expectation *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct answer a = ask_of(s, &cases[i].q);
        CHECK(a.decision == cases[i].want, cases[i].name);
        check_str(str_of(a.state), cases[i].want_state, cases[i].name);
    }
    cairn_sampler_unref(s);
}

static void test_shares(void **state)
{
    static const struct expectation half[] = {
        {"at", {.low = R}, SAMPLE, "ot=th:8"},
        {"below", {.low = R - 1}, CAIRN_DROP, ""},
        {"rv", {0, .state = "ot=rv:80000000000000"}, SAMPLE, "ot=th:8;rv:80000000000000"},
        {"rv below", {R, .state = "ot=rv:7fffffffffffff"}, CAIRN_DROP, "ot=rv:7fffffffffffff"},
        {"the parent is not asked", {R, .parent = true}, SAMPLE, "ot=th:8"},
        {"dropped: no threshold",
         {R - 1, .parent = true, .sampled = true, .state = "a=b,ot=th:0;x:1"},
         CAIRN_DROP,
         "ot=x:1,a=b"},
    };
    static const struct expectation on[] = {
        {"root", {.low = 0}, SAMPLE, "ot=th:0"},
        {"child", {0, .parent = true, .state = "ot=th:c"}, SAMPLE, "ot=th:0"},
    };
    static const struct expectation off[] = {
        {"root", {.low = UINT64_MAX}, CAIRN_DROP, ""},
        {"child",
         {UINT64_MAX, .parent = true, .sampled = true, .state = "ot=th:c;rv:80000000000000"},
         CAIRN_DROP,
         "ot=rv:80000000000000"},
    };
    (void)state;
    check_all(composite_of(cairn_composable_probability(0.5)), half, COUNT(half));
    check_all(composite_of(cairn_composable_always_on()), on, COUNT(on));
    check_all(composite_of(cairn_composable_always_off()), off, COUNT(off));
}

static void test_parent_threshold(void **state)
{
    static const struct expectation cases[] = {
        {"no parent: root", {.low = R}, SAMPLE, "ot=th:8"},
        {"no parent: root, below", {.low = R - 1}, CAIRN_DROP, ""},
        {"a root with a threshold in its state has no parent",
         {R, .state = "ot=th:0"},
         SAMPLE,
         "ot=th:8"},
        {"sampled with threshold",
         {R, .parent = true, .sampled = true, .state = "ot=th:4"},
         SAMPLE,
         "ot=th:4"},
        {"remote just the same",
         {R, .parent = true, .remote = true, .sampled = true, .state = "ot=th:4"},
         SAMPLE,
         "ot=th:4"},
        {"not sampled, with threshold", {R, .parent = true, .state = "ot=th:c"}, CAIRN_DROP, ""},
        {"sampled without threshold", {0, .parent = true, .sampled = true}, SAMPLE, ""},
        {"not sampled without threshold",
         {UINT64_MAX, .parent = true, .state = "a=b"},
         CAIRN_DROP,
         "a=b"},
        {"sampled though below: the threshold goes",
         {R - 1, .parent = true, .sampled = true, .state = "ot=th:8;k:1"},
         SAMPLE,
         "ot=k:1"},
        {"not sampled though above: the threshold goes",
         {R, .parent = true, .state = "ot=th:8;k:1"},
         CAIRN_DROP,
         "ot=k:1"},
        {"consistent by rv",
         {0, .parent = true, .sampled = true, .state = "ot=rv:80000000000000;th:8"},
         SAMPLE,
         "ot=rv:80000000000000;th:8"},
        {"inconsistent by rv",
         {R, .parent = true, .sampled = true, .state = "ot=rv:7fffffffffffff;th:8"},
         SAMPLE,
         "ot=rv:7fffffffffffff"},
        {"a malformed entry is no threshold",
         {R, .parent = true, .sampled = true, .state = "ot=th:8;th:8"},
         SAMPLE,
         ""},
        {"a bad threshold is none",
         {R, .parent = true, .sampled = true, .state = "ot=th:X;k:1"},
         SAMPLE,
         "ot=k:1"},
    };
    cairn_composable *half = cairn_composable_probability(0.5);
    cairn_composable *c = cairn_composable_parent_threshold(half);
    (void)state;
    cairn_composable_unref(half);
    assert_string_equal(cairn_composable_description(c),
                        "ComposableParentThreshold{ComposableProbability{0.5}}");
    check_all(composite_of(c), cases, COUNT(cases));
}

/* ---- Rules ---- */

static const char *const four_hundreds[] = {"404", "410"}, *const truth[] = {"true"},
                         *const half_text[] = {"0.5"}, *const pings[] = {"PING", "ECHO"},
                         *const star[] = {"4*"}, *const not_404[] = {"404"},
                         *const umlaut[] = {"?b"};
static const int64_t codes[] = {200, 404};
static const bool flags[] = {false, true};
static const double numbers[] = {0.25, 0.5};
static const char *const words[] = {"GET", "PING"};
static const cairn_str strs[] = {{"GET", 3}, {"ECHO", 4}};

static const struct rule_case {
    const char *name;
    struct cairn_sampling_rule rule;
    struct question q;
    struct cairn_attr attribute; /* of the span, when it has a key */
    bool want;
} rule_cases[] = {
    {"nothing asked", {.composable = NULL}, {.low = 0}, {.key = {NULL, 0}}, true},
    {"name", {.span_name = "GET /"}, {.name = "GET /"}, {.key = {NULL, 0}}, true},
    {"another name", {.span_name = "GET /"}, {.name = "GET /x"}, {.key = {NULL, 0}}, false},
    {"stars",
     {.span_name = "GET */users/*"},
     {.name = "GET /v1/users/7"},
     {.key = {NULL, 0}},
     true},
    {"stars back up", {.span_name = "*ab*abc"}, {.name = "xabababc"}, {.key = {NULL, 0}}, true},
    {"star at the end", {.span_name = "a*"}, {.name = "a"}, {.key = {NULL, 0}}, true},
    {"question mark", {.span_name = "a?c"}, {.name = "abc"}, {.key = {NULL, 0}}, true},
    {"question mark, nothing", {.span_name = "a?"}, {.name = "a"}, {.key = {NULL, 0}}, false},
    {"question mark, a character",
     {.span_name = "?b"},
     {.name = "\xc3\xa4"
              "b"},
     {.key = {NULL, 0}},
     true},
    {"empty name", {.span_name = ""}, {.name = ""}, {.key = {NULL, 0}}, true},
    {"case counts", {.span_name = "get"}, {.name = "GET"}, {.key = {NULL, 0}}, false},
    {"kind",
     {.kinds = CAIRN_RULE_KIND(CAIRN_KIND_SERVER) | CAIRN_RULE_KIND(CAIRN_KIND_CONSUMER)},
     {.kind = CAIRN_KIND_CONSUMER},
     {.key = {NULL, 0}},
     true},
    {"another kind",
     {.kinds = CAIRN_RULE_KIND(CAIRN_KIND_SERVER)},
     {.kind = CAIRN_KIND_CLIENT},
     {.key = {NULL, 0}},
     false},
    {"no parent", {.parents = CAIRN_RULE_PARENT_NONE}, {.low = 0}, {.key = {NULL, 0}}, true},
    {"no parent, but local",
     {.parents = CAIRN_RULE_PARENT_NONE},
     {.parent = true},
     {.key = {NULL, 0}},
     false},
    {"local", {.parents = CAIRN_RULE_PARENT_LOCAL}, {.parent = true}, {.key = {NULL, 0}}, true},
    {"local, but remote",
     {.parents = CAIRN_RULE_PARENT_LOCAL},
     {.parent = true, .remote = true},
     {.key = {NULL, 0}},
     false},
    {"remote or none",
     {.parents = CAIRN_RULE_PARENT_REMOTE | CAIRN_RULE_PARENT_NONE},
     {.parent = true, .remote = true},
     {.key = {NULL, 0}},
     true},
    {"int as text",
     {.values_key = "c", .values = four_hundreds, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INT, 0, {.integer = 410}}},
     true},
    {"another int",
     {.values_key = "c", .values = four_hundreds, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INT, 0, {.integer = 40}}},
     false},
    {"another key",
     {.values_key = "c", .values = four_hundreds, .value_count = 2},
     {.low = 0},
     {{"d", 1}, {CAIRN_TYPE_INT, 0, {.integer = 404}}},
     false},
    {"no attributes",
     {.values_key = "c", .values = four_hundreds, .value_count = 2},
     {.low = 0},
     {.key = {NULL, 0}},
     false},
    {"no values",
     {.values_key = "c"},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INT, 0, {.integer = 404}}},
     false},
    {"string",
     {.values_key = "c", .values = pings, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_STRING, 0, {.string = {"ECHO", 4}}}},
     true},
    {"a value is no pattern",
     {.values_key = "c", .values = star, .value_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_STRING, 0, {.string = {"404", 3}}}},
     false},
    {"bool",
     {.values_key = "c", .values = truth, .value_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_BOOL, 0, {.boolean = true}}},
     true},
    {"double",
     {.values_key = "c", .values = half_text, .value_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_DOUBLE, 0, {.number = 0.5}}},
     true},
    {"ints",
     {.values_key = "c", .values = four_hundreds, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INTS, 0, {.array = {codes, 2}}}},
     true},
    {"ints, none",
     {.values_key = "c", .values = four_hundreds, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INTS, 0, {.array = {codes, 1}}}},
     false},
    {"bools",
     {.values_key = "c", .values = truth, .value_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_BOOLS, 0, {.array = {flags, 2}}}},
     true},
    {"doubles",
     {.values_key = "c", .values = half_text, .value_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_DOUBLES, 0, {.array = {numbers, 2}}}},
     true},
    {"C strings",
     {.values_key = "c", .values = pings, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_CSTRINGS, 0, {.array = {words, 2}}}},
     true},
    {"strings",
     {.values_key = "c", .values = pings, .value_count = 2},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_STRINGS, 0, {.array = {strs, 2}}}},
     true},
    {"empty has no text",
     {.patterns_key = "c"},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_EMPTY, 0, {{NULL, 0}}}},
     false},
    {"pattern",
     {.patterns_key = "c", .included = star, .included_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INT, 0, {.integer = 418}}},
     true},
    {"pattern, but excluded",
     {.patterns_key = "c",
      .included = star,
      .included_count = 1,
      .excluded = not_404,
      .excluded_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_INT, 0, {.integer = 404}}},
     false},
    {"only excluded",
     {.patterns_key = "c", .excluded = not_404, .excluded_count = 1},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_STRING, 0, {.string = {"405", 3}}}},
     true},
    {"any value",
     {.patterns_key = "c"},
     {.low = 0},
     {{"c", 1}, {CAIRN_TYPE_STRING, 0, {.string = {"", 0}}}},
     true},
    {"pattern of a character",
     {.patterns_key = "c", .included = umlaut, .included_count = 1},
     {.low = 0},
     {{"c", 1},
      {CAIRN_TYPE_STRING,
       0,
       {.string = {"\xc3\xa4"
                   "b",
                   3}}}},
     true},
    {"all conditions",
     {.span_name = "a", .kinds = CAIRN_RULE_KIND(CAIRN_KIND_SERVER)},
     {.name = "a", .kind = CAIRN_KIND_CLIENT},
     {.key = {NULL, 0}},
     false},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        const struct rule_case *c = &rule_cases[i];
        struct cairn_sampling_rule rule = c->rule;
        struct cairn_attr list[] = {c->attribute};
        struct cairn_attrs attributes = {list, c->attribute.key.p ? 1 : 0};
        struct question q = c->q;
        cairn_composable *rules;
        cairn_sampler *s;
        rule.size = sizeof rule;
        rule.composable = cairn_composable_always_on();
        q.attributes = &attributes;
        rules = cairn_composable_rule_based(&rule, 1);
        CHECK(rules != NULL, c->name);
        s = composite_of(rules);
        CHECK((ask_of(s, &q).decision == SAMPLE) == c->want, c->name);
        cairn_sampler_unref(s);
    }
}

static void test_list_and_last(void **state)
{
    static const struct cairn_value nested[] = {{CAIRN_TYPE_INT, 0, {.integer = 404}}};
    const struct cairn_value items[] = {{CAIRN_TYPE_LIST, 0, {.list = {nested, 1}}},
                                        {CAIRN_TYPE_STRING, 0, {.string = {"ECHO", 4}}}};
    struct cairn_sampling_rule rule = {.size = sizeof rule,
                                       .composable = cairn_composable_always_on(),
                                       .values_key = "c",
                                       .values = pings,
                                       .value_count = 2};
    cairn_sampler *s = composite_of(cairn_composable_rule_based(&rule, 1));
    struct question q = {.low = 0};
    (void)state;
    q.attributes = CAIRN_ATTRS(CAIRN_LIST("c", items, 2));
    assert_int_equal(ask_of(s, &q).decision, SAMPLE);
    q.attributes = CAIRN_ATTRS(CAIRN_LIST("c", items, 1));
    assert_int_equal(ask_of(s, &q).decision, CAIRN_DROP);
    q.attributes = CAIRN_ATTRS(CAIRN_STR("c", "ECHO"), CAIRN_STR("c", "GET"));
    assert_int_equal(ask_of(s, &q).decision, CAIRN_DROP); /* the last of a key counts */
    cairn_sampler_unref(s);
}

struct predicate {
    unsigned asked, freed;
};

static bool long_name(void *user, const struct cairn_sampling_params *p)
{
    ((struct predicate *)user)->asked++;
    assert_null(p->trace_id);
    return p->name.n > 5;
}

static void predicate_free(void *user)
{
    ((struct predicate *)user)->freed++;
}

/* The specification's example: health checks never, checkouts always, the rest by share; children as their parents. */
static void test_example(void **state)
{
    struct predicate p = {0, 0};
    cairn_composable *half = cairn_composable_probability(0.5);
    struct cairn_sampling_rule rules[] = {
        {.size = sizeof *rules, .span_name = "/health*"},
        {.size = sizeof *rules,
         .span_name = "/checkout",
         .composable = cairn_composable_always_on()},
        {.size = sizeof *rules,
         .composable = half,
         .matches = long_name,
         .user = &p,
         .free_user = predicate_free},
    };
    static const struct expectation cases[] = {
        {"health", {UINT64_MAX, .name = "/healthz"}, CAIRN_DROP, ""},
        {"checkout", {0, .name = "/checkout"}, SAMPLE, "ot=th:0"},
        {"rest", {R, .name = "/products"}, SAMPLE, "ot=th:8"},
        {"rest, below", {R - 1, .name = "/products"}, CAIRN_DROP, ""},
        {"no rule holds", {UINT64_MAX, .name = "/x"}, CAIRN_DROP, ""},
        {"child",
         {R, .parent = true, .sampled = true, .name = "/health", .state = "ot=th:8"},
         SAMPLE,
         "ot=th:8"},
    };
    cairn_composable *root = cairn_composable_rule_based(rules, COUNT(rules)),
                     *all = cairn_composable_parent_threshold(root);
    cairn_sampler *s;
    (void)state;
    cairn_composable_unref(half);
    cairn_composable_unref(root);
    s = composite_of(all);
    assert_string_equal(
        cairn_sampler_description(s),
        "CompositeSampler{ComposableParentThreshold{ComposableRuleBased{ComposableAlwaysOff, "
        "ComposableAlwaysOn, ComposableProbability{0.5}}}}");
    assert_true(sampler_calls_out(s));
    check_all(s, cases, COUNT(cases));
    assert_int_equal(p.asked, 3);
    assert_int_equal(p.freed, 1);
}

/* ---- Attributes and samplers of the application ---- */

static void check_attribute(const struct answer *a, size_t i, const char *key, int64_t want)
{
    check_str(str_make(a->attributes[i].key.p, a->attributes[i].key.n), key, key);
    assert_int_equal(a->attributes[i].value.as.integer, want);
}

static void test_annotating(void **state)
{
    cairn_composable *half = cairn_composable_probability(0.5);
    cairn_composable *inner =
        cairn_composable_annotating(CAIRN_ATTRS(CAIRN_INT("a", 1), CAIRN_INT("b", 2)), half);
    cairn_composable *outer = cairn_composable_annotating(CAIRN_ATTRS(CAIRN_INT("b", 3)), inner);
    cairn_sampler *one = composite_of(inner), *two = composite_of(outer);
    struct question q = {.low = R};
    struct fixture f;
    struct cairn_value v;
    struct answer a;
    (void)state;
    cairn_composable_unref(half);
    a = ask_of(one, &q);
    assert_int_equal(a.attribute_count, 2);
    check_attribute(&a, 1, "b", 2);
    a = ask_of(two, &q);
    assert_int_equal(a.attribute_count, 3);
    check_attribute(&a, 0, "a", 1);
    check_attribute(&a, 2, "b", 3);
    q.low = R - 1;
    assert_int_equal(ask_of(two, &q).attribute_count, 0);
    cairn_sampler_unref(one);
    cairn_sampler_unref(two);
    /* on a span the outer value wins */
    inner =
        cairn_composable_annotating(CAIRN_ATTRS(CAIRN_INT("b", 2)), cairn_composable_always_on());
    outer = cairn_composable_annotating(CAIRN_ATTRS(CAIRN_INT("b", 3)), inner);
    cairn_composable_unref(inner);
    two = composite_of(outer);
    f = fixture_open_with((struct cairn_sdk_options){.sampler = two});
    cairn_span_end(cairn_span_start(f.tracer, "x", NULL));
    assert_true(cairn_span_data_find(finished(&f, "x"), "b", &v));
    assert_int_equal(v.as.integer, 3);
    cairn_sampler_unref(two);
    fixture_close(&f);
}

struct own {
    uint64_t threshold;
    bool reliable;
    const char *state;
    unsigned freed;
    int32_t decision;
};

static cairn_str own_state(void *user, const struct cairn_sampling_params *p, int32_t decision)
{
    struct own *o = user;
    assert_null(p->trace_id);
    o->decision = decision;
    return cairn_str_of(o->state);
}

static void own_intent(void *user, const struct cairn_sampling_params *p,
                       struct cairn_sampling_intent *intent)
{
    struct own *o = user;
    (void)p;
    intent->threshold = o->threshold;
    intent->reliable = o->reliable;
    if (o->state)
        intent->trace_state = own_state;
    intent->trace_state_user = o;
}

static void own_free(void *user)
{
    ((struct own *)user)->freed++;
}

static void test_custom(void **state)
{
    static const struct cairn_composable_ops ops = {
        .size = sizeof ops, .get_intent = own_intent, .free_user = own_free};
    static const struct {
        const char *name;
        struct own own;
        struct question q;
        int32_t want;
        const char *want_state;
    } cases[] = {
        {"reliable", {R, true, NULL, 0, 0}, {R, .state = "a=b"}, SAMPLE, "ot=th:8,a=b"},
        {"its own trace state",
         {0, true, "z=1,a=2", 0, 0},
         {0, .parent = true, .state = "a=b"},
         SAMPLE,
         "ot=th:0,z=1,a=2"},
        {"the state of a dropped span",
         {CAIRN_NO_THRESHOLD, true, "z=1", 0, 0},
         {0, .parent = true, .state = "ot=th:0,a=b"},
         CAIRN_DROP,
         "z=1"},
        {"ot is not its to change",
         {0, true, "ot=rv:11111111111111;th:7,z=1", 0, 0},
         {0, .parent = true, .state = "ot=rv:22222222222222;k:1"},
         SAMPLE,
         "ot=th:0;rv:22222222222222;k:1,z=1"},
        {"nor to take away",
         {0, true, "z=1", 0, 0},
         {0, .parent = true, .state = "ot=rv:22222222222222"},
         SAMPLE,
         "ot=th:0;rv:22222222222222,z=1"},
        {"what is no trace state is not passed on",
         {0, true, "A=1", 0, 0},
         {0, .parent = true, .state = "ot=k:1"},
         SAMPLE,
         "ot=th:0;k:1"},
        {"a threshold out of range is none",
         {UINT64_C(1) << 56, true, NULL, 0, 0},
         {.low = UINT64_MAX},
         CAIRN_DROP,
         ""},
        {"unreliable: sampled without threshold",
         {0, false, NULL, 0, 0},
         {0, .parent = true, .state = "ot=th:c;rv:22222222222222"},
         SAMPLE,
         "ot=rv:22222222222222"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct own own = cases[i].own;
        cairn_sampler *s = composite_of(cairn_composable_custom("Mine", &ops, &own));
        struct answer a = ask_of(s, &cases[i].q);
        CHECK(a.decision == cases[i].want, cases[i].name);
        check_str(str_of(a.state), cases[i].want_state, cases[i].name);
        CHECK(!own.state || own.decision == cases[i].want, cases[i].name);
        CHECK(sampler_calls_out(s), cases[i].name);
        cairn_sampler_unref(s);
        CHECK(own.freed == 1, cases[i].name);
    }
}

/* Unreliable: new randomness for each span, whatever the trace's own says. */
static void test_fresh_randomness(void **state)
{
    static const struct cairn_composable_ops ops = {.size = sizeof ops, .get_intent = own_intent};
    struct own own = {R, false, NULL, 0, 0};
    cairn_sampler *s = composite_of(cairn_composable_custom("Mine", &ops, &own));
    struct question q = {0, .state = "ot=rv:00000000000000"};
    unsigned sampled = 0;
    (void)state;
    for (int i = 0; i < 10000; i++)
        sampled += ask_of(s, &q).decision == SAMPLE;
    assert_in_range(sampled, 4500, 5500); /* ten deviations */
    cairn_sampler_unref(s);
}

static void test_depth(void **state)
{
    cairn_composable *c = cairn_composable_ref(cairn_composable_always_on()), *more;
    int depth = 1;
    (void)state;
    listen_to_diagnostics();
    while ((more = cairn_composable_parent_threshold(c)) != NULL) {
        cairn_composable_unref(c);
        c = more;
        depth++;
        assert_true(depth <= CAIRN_COMPOSABLE_DEPTH_MAX);
    }
    assert_int_equal(depth, CAIRN_COMPOSABLE_DEPTH_MAX);
    assert_int_equal(said_lines(), 1);
    cairn_set_diagnostics(NULL, NULL);
    cairn_composable_unref(c);
}

static void test_nothing(void **state)
{
    (void)state;
    assert_null(cairn_sampler_composite(NULL));
    assert_null(cairn_composable_custom("x", NULL, NULL));
    assert_null(cairn_composable_rule_based(NULL, 1));
    cairn_composable_unref(cairn_composable_rule_based(NULL, 0));
    cairn_composable_unref(cairn_composable_annotating(NULL, NULL));
    cairn_composable_unref(NULL);
    assert_string_equal(cairn_composable_description(NULL), "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intents),          cmocka_unit_test(test_shares),
        cmocka_unit_test(test_parent_threshold), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_list_and_last),    cmocka_unit_test(test_example),
        cmocka_unit_test(test_annotating),       cmocka_unit_test(test_custom),
        cmocka_unit_test(test_fresh_randomness), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
