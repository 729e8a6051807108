/* answer.c - jansson's tree with the house's strings. */
#include "cli/answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/client.h"

int answer_parse(struct str body, json_t **ret, struct err *err)
{
    json_t *root = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(err, ERR_INVALID, "the server's answer is not what a Cairn server says");
    }
    *ret = root;
    return 0;
}

int answer_get(const char *server, struct str path, json_t **ret, struct err *err)
{
    struct buf body;
    int code;
    buf_init(&body, 0);
    code = client_get(server, path, &body, err);
    if (code == 0)
        code = answer_parse(buf_str(&body), ret, err);
    buf_release(&body);
    return code;
}

struct str answer_text(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_string(v) ? str_make(json_string_value(v), json_string_length(v))
                             : (struct str){NULL, 0};
}

uint64_t answer_u64(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    uint64_t n = 0;
    if (json_is_integer(v))
        return json_integer_value(v) < 0 ? 0 : (uint64_t)json_integer_value(v);
    return str_to_u64(answer_text(object, key), &n) ? n : 0;
}

double answer_number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

void answer_param(struct buf *path, const char *name, struct str value)
{
    buf_printf(path, "%c%s=", memchr(path->p, '?', path->n) ? '&' : '?', name);
    client_put_encoded(path, value);
}

void answer_param_u64(struct buf *path, const char *name, uint64_t value, const char *unit)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64 "%s", value, unit);
    answer_param(path, name, str_of(text));
}
