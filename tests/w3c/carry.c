/* carry.c - propagators by hand, for tests in other languages: a line in, a line out, until standard input ends.
 *
 *     {"propagator": "b3", "headers": [["b3", "0"]]}
 *     {"trace_id": ..., "span_id": ..., "flags": 1, "remote": true, "state": "a=1", "baggage": [[name, value, metadata]],
 *      "headers": [[name, value]], "same": false}
 *
 *     {"state": "a=1,b=2", "key": "b", "value": "3"}     an empty value takes the key away
 *     {"state": "b=3,a=1"}                               null: refused
 *
 * Extracts from the headers into the empty context, tells what came, and injects that with the same propagator. "same":
 * the context is as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include <cairn/cairn.h>

static cairn_propagator *propagator_of(const char *name)
{
    static const struct {
        const char *name;
        cairn_propagator *(*get)(void);
    } known[] = {
        {"tracecontext", cairn_propagator_tracecontext},
        {"baggage", cairn_propagator_baggage},
        {"b3", cairn_propagator_b3},
        {"b3multi", cairn_propagator_b3_multi},
        {"jaeger", cairn_propagator_jaeger},
    };
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) == 0)
            return known[i].get();
    }
    return NULL;
}

static cairn_str text_of(const json_t *s)
{
    return cairn_str_make(json_string_value(s), json_string_length(s));
}

static bool get_header(void *carrier, cairn_str name, size_t index, cairn_str *value)
{
    json_t *header;
    size_t i;
    json_array_foreach((json_t *)carrier, i, header)
    {
        cairn_str own = text_of(json_array_get(header, 0));
        bool is_it = own.n == name.n && strncasecmp(own.p, name.p, name.n) == 0;
        if ((name.n == 0 || is_it) && index-- == 0) {
            *value = name.n ? text_of(json_array_get(header, 1)) : own;
            return true;
        }
    }
    return false;
}

static json_t *string(cairn_str s)
{
    return json_stringn(s.p ? s.p : "", s.n);
}

static void set_header(void *carrier, cairn_str name, cairn_str value)
{
    json_array_append_new(carrier, json_pack("[o, o]", string(name), string(value)));
}

static json_t *baggage_of(cairn_context *context)
{
    json_t *list = json_array();
    struct cairn_baggage_entry e;
    for (size_t i = 0; cairn_baggage_at(context, i, &e); i++)
        json_array_append_new(
            list, json_pack("[o, o, o]", string(e.name), string(e.value), string(e.metadata)));
    return list;
}

static json_t *carry(cairn_propagator *propagator, json_t *headers)
{
    cairn_context *context =
        cairn_propagator_extract(propagator, cairn_context_empty(), get_header, headers);
    struct cairn_span_context sc;
    char trace[33], span[17];
    json_t *out = json_array(), *ret;
    cairn_span_get_context(cairn_context_span(context), &sc);
    cairn_trace_id_hex(sc.trace_id, trace);
    cairn_span_id_hex(sc.span_id, span);
    cairn_propagator_inject(propagator, context, set_header, out);
    ret = json_pack("{s:s, s:s, s:i, s:b, s:o, s:o, s:o, s:b}", "trace_id", trace, "span_id", span,
                    "flags", (int)sc.flags, "remote", (int)sc.is_remote, "state",
                    string(sc.trace_state), "baggage", baggage_of(context), "headers", out, "same",
                    (int)(context == cairn_context_empty()));
    cairn_context_unref(context);
    return ret;
}

static json_t *change_state(json_t *in)
{
    static char out[1 << 16];
    int32_t n = cairn_trace_state_set(text_of(json_object_get(in, "state")),
                                      text_of(json_object_get(in, "key")),
                                      text_of(json_object_get(in, "value")), out, sizeof out);
    return json_pack("{s:o}", "state", n < 0 ? json_null() : json_string(out));
}

static json_t *answer(json_t *in)
{
    cairn_propagator *propagator =
        propagator_of(json_string_value(json_object_get(in, "propagator")));
    if (json_object_get(in, "state"))
        return change_state(in);
    return propagator ? carry(propagator, json_object_get(in, "headers")) : NULL;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) > 0) {
        json_t *in = json_loadb(line, (size_t)n, 0, NULL), *out = answer(in);
        if (!out)
            return 2;
        json_dumpf(out, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(out);
        json_decref(in);
    }
    free(line);
    return 0;
}
