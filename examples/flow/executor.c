/* executor.c - the service: POST /execute-flow gets a flow as JSON, executes its steps one by one and tells how it went.
 *
 *     {"flow": "checkout", "steps": [{"name": "reserve", "duration_ms": 20},
 *                                    {"name": "charge", "duration_ms": 30, "fail": "card declined"}]}
 *
 * A step takes its time, and fails when it says so; the steps behind a failed one are skipped. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairn/cairn.h>
#include <cairn/semconv.h>

#include "../common/exporting.h"
#include "../common/options.h"
#include "../common/server.h"
#include "baggage.h"

enum { STEPS_MAX = 100, STEP_MS_MAX = 10000 };

struct step {
    const char *name, *fail; /* fail: what goes wrong; NULL = nothing */
    int duration_ms;
};

struct flow {
    const char *name;
    size_t count;
    struct step steps[STEPS_MAX];
};

/* ---- Reading ---- */

/* NULL, or what is wrong with it. */
static const char *read_step(json_t *object, struct step *step)
{
    json_t *duration = json_object_get(object, "duration_ms");
    step->name = json_string_value(json_object_get(object, "name"));
    step->fail = json_string_value(json_object_get(object, "fail"));
    step->duration_ms = 0;
    if (!step->name || !*step->name)
        return "every step needs a name";
    if (!duration)
        return NULL;
    if (!json_is_integer(duration) || json_integer_value(duration) < 0 ||
        json_integer_value(duration) > STEP_MS_MAX)
        return "duration_ms is a number from 0 to 10000";
    step->duration_ms = (int)json_integer_value(duration);
    return NULL;
}

static const char *read_flow(json_t *root, struct flow *flow)
{
    json_t *steps = json_object_get(root, "steps");
    flow->name = json_string_value(json_object_get(root, "flow"));
    flow->count = json_array_size(steps);
    if (!root)
        return "that is no JSON";
    if (!flow->name || !*flow->name || flow->count == 0)
        return "send {\"flow\": \"NAME\", \"steps\": [{\"name\": \"NAME\"}]}";
    if (flow->count > STEPS_MAX)
        return "more than 100 steps";
    for (size_t i = 0; i < flow->count; i++) {
        const char *wrong = read_step(json_array_get(steps, i), &flow->steps[i]);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* ---- Executing ---- */

static void take_time(int ms)
{
    struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/* A step is a span: its name is the step's, its failure is an event and the span's status. */
static bool execute_step(cairn_tracer *tracer, const struct step *step, size_t index)
{
    CAIRN_SPAN(span, tracer, step->name,
               CAIRN_WITH(.attributes = CAIRN_ATTRS(CAIRN_STR("flow.step.name", step->name),
                                                    CAIRN_INT("flow.step.index", (int64_t)index))));
    take_time(step->duration_ms);
    if (!step->fail)
        return true;
    cairn_span_record_error(span, "StepFailed", step->fail, NULL, NULL);
    cairn_span_set(span, CAIRN_STR(CAIRN_ATTR_ERROR_TYPE, "StepFailed"));
    cairn_span_set_status(span, CAIRN_SPAN_ERROR, step->fail);
    return false;
}

static json_t *result_of(const struct step *step, const char *status)
{
    json_t *result = json_pack("{s:s, s:s}", "name", step->name, "status", status);
    if (strcmp(status, "failed") == 0)
        json_object_set_new(result, "error", json_string(step->fail));
    return result;
}

/* True when all steps went well; *results gets what became of each. */
static bool execute(cairn_tracer *tracer, const struct flow *flow, json_t *results)
{
    CAIRN_SPAN(
        span, tracer, "flow",
        CAIRN_WITH(.attributes = CAIRN_ATTRS(CAIRN_STR("flow.name", flow->name),
                                             CAIRN_INT("flow.steps", (int64_t)flow->count))));
    bool ok = true;
    for (size_t i = 0; i < flow->count; i++) {
        const struct step *step = &flow->steps[i];
        const char *status = "skipped";
        if (ok) {
            ok = execute_step(tracer, step, i);
            status = ok ? "done" : "failed";
        } else {
            cairn_span_add_event(span, "step skipped",
                                 CAIRN_ATTRS(CAIRN_STR("flow.step.name", step->name)));
        }
        json_array_append_new(results, result_of(step, status));
    }
    if (!ok)
        cairn_span_set_status(span, CAIRN_SPAN_ERROR, "a step failed");
    return ok;
}

/* ---- POST /execute-flow ---- */

static void send_report(const struct flow *flow, const char *request_id, bool ok, json_t *results,
                        struct server_reply *reply)
{
    json_t *report = json_pack("{s:s, s:s, s:O}", "flow", flow->name, "status",
                               ok ? "done" : "failed", "steps", results);
    char *text;
    if (request_id)
        json_object_set_new(report, "request_id", json_string(request_id));
    text = json_dumps(report, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    server_say(reply, ok ? MHD_HTTP_OK : MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n", text ? text : "");
    reply->content_type = "application/json";
    free(text);
    json_decref(report);
}

static void execute_flow(const struct server_request *request, struct server_reply *reply)
{
    cairn_tracer *tracer = cairn_tracer_get("executor");
    json_t *root = json_loadb(request->body, request->body_length, 0, NULL);
    json_t *results = json_array();
    struct flow flow;
    const char *wrong = read_flow(root, &flow);
    if (wrong)
        server_say(reply, MHD_HTTP_BAD_REQUEST, "%s\n", wrong);
    else
        send_report(&flow, server_header(request, "X-Request-ID"), execute(tracer, &flow, results),
                    results, reply);
    json_decref(results);
    json_decref(root);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"port", NULL};
    static const struct server_route routes[] = {{"POST", "/execute-flow", execute_flow},
                                                 {NULL, NULL, NULL}};
    /* User-Agent is an attribute by itself (user_agent.original); other headers are recorded when they are listed */
    static const char *const recorded[] = {"X-Request-ID", NULL};
    static const struct cairn_http_options http = {.size = sizeof http,
                                                   .request_headers = recorded};
    struct server server = {.name = "executor",
                            .port = option_port(argc, argv, names, 5001),
                            .routes = routes,
                            .http = &http};
    cairn_processor *processors[] = {baggage_processor(), exporting_processor("executor")};
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.service_name = "flow-executor",
                                               .service_version = "1.0.0", .processors = processors,
                                               .processor_count = processors[1] ? 2 : 1));
    int status = server_run(&server);
    cairn_sdk_stop(sdk, 5000);
    return status;
}
