/* ui.c - serves the web UI from memory: exact paths, and index.html for every other one (the page routes itself).
 *
 * Files below /assets/ carry a hash of their content in their names and are kept for ever by browsers; the rest is
 * asked for again each time and mostly answered 304. */
#include "api/ui.h"

#include "api/api.h"
#include "api/dialects.h"

static const struct ui_file *find(struct str path)
{
    for (size_t i = 0; i < ui_file_count; i++) {
        if (str_eq(path, str_of(ui_files[i].path)))
            return &ui_files[i];
    }
    return NULL;
}

/* If-None-Match: a list of tags, weak or not, or "*". */
static bool is_known(const struct http_request *req, const char *etag)
{
    struct str list = http_header_get(req, STR("if-none-match")), tag;
    while (list.n) {
        str_cut(list, ',', &tag, &list);
        tag = str_trim(tag);
        if (str_starts(tag, STR("W/")))
            tag = str_from(tag, 2);
        if (str_eq(tag, str_of(etag)) || str_eq(tag, STR("*")))
            return true;
    }
    return false;
}

static void reply_file(struct http_exchange *x, const struct http_request *req,
                       const struct ui_file *file)
{
    bool asset = str_starts(str_of(file->path), STR("/assets/"));
    const struct http_header headers[] = {
        {STR("etag"), str_of(file->etag)},
        {STR("cache-control"),
         asset ? STR("public, max-age=31536000, immutable") : STR("no-cache")},
        {STR("content-security-policy"),
         STR("default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")},
        {STR("x-content-type-options"), STR("nosniff")},
        {STR("referrer-policy"), STR("no-referrer")},
    };
    struct http_reply reply = {
        .status = 304, .headers = headers, .header_count = sizeof headers / sizeof *headers};
    if (!is_known(req, file->etag)) {
        reply.status = 200;
        reply.content_type = file->content_type;
        reply.static_body = str_make(file->gzip, file->gzip_bytes);
        reply.body_is_gzip = true;
    }
    http_reply(x, &reply);
}

static void serve(struct http_exchange *x, const struct http_request *req, void *user)
{
    const struct ui_file *file = find(req->path);
    (void)user;
    /* a script that is gone (an old page after an update) must not become a page */
    if (!file && !str_starts(req->path, STR("/assets/")))
        file = find(STR("/index.html"));
    if (file)
        reply_file(x, req, file);
    else
        http_reply_text(x, 404, "no such file");
}

const struct endpoint ui_endpoints[] = {
    {"/{rest*}", .handler = serve},
    {0},
};
