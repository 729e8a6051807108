/* resource.c - reading resource and scope fields through the OTLP decoder. */
#include "store/resource.h"

#include "store/walk.h"
#include "wire/otlp_pb.h"

int resource_decode(struct str resource_fields, struct str scope_fields, struct arena *arena,
                    const struct resource **ret_resource, const struct scope **ret_scope,
                    struct err *err)
{
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct span_batch batch;
    struct buf text;
    struct str request;
    int rc;
    buf_init(&text, 0);
    walk_wrap(resource_fields, scope_fields, (struct str){NULL, 0}, &text);
    request = text.failed ? (struct str){NULL, 0} : arena_str(arena, buf_str(&text));
    buf_release(&text);
    if (!request.p)
        return err_set(err, ERR_NOMEM, "out of memory for a resource");
    rc = otlp_pb_decode(request, &limits, arena, &batch, err);
    if (rc == ERR_NOMEM || arena_failed(arena))
        return err_set(err, ERR_NOMEM, "out of memory for a resource");
    if (rc < 0 || batch.span_count != 1)
        return err_set(err, ERR_CORRUPT, "a stored resource does not decode");
    *ret_resource = batch.spans[0].resource;
    *ret_scope = batch.spans[0].scope;
    return 0;
}

struct str resource_service_name(struct str resource_fields)
{
    const struct resource *resource;
    const struct scope *scope;
    struct str name = {NULL, 0};
    struct arena arena;
    arena_init(&arena, 0);
    if (resource_decode(resource_fields, (struct str){NULL, 0}, &arena, &resource, &scope, NULL) ==
        0)
        name = resource->service_name;
    /* the same bytes in the caller's slice: the decoded one goes with the arena */
    if (name.n) {
        const char *at = memmem(resource_fields.p, resource_fields.n, name.p, name.n);
        name = at ? str_make(at, name.n) : (struct str){NULL, 0};
    }
    arena_release(&arena);
    return name;
}
