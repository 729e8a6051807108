/* A client and a server in one program, each through its adapter: one trace with two spans. */
#include <cairn/cairn.h>
#include <cairn/curl.h>
#include <cairn/microhttpd.h>
#include <stdio.h>
#include <string.h>

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    struct cairn_microhttpd_options options = {sizeof options, "/hello", NULL, NULL};
    struct MHD_Response *response;
    enum MHD_Result result;
    (void)user, (void)data, (void)data_size;
    *state = cairn_microhttpd_begin(cairn_tracer_get("fetch"), connection, method, url, version,
                                    &options);
    response = MHD_create_response_from_buffer(2, (void *)"hi", MHD_RESPMEM_PERSISTENT);
    result = cairn_microhttpd_queue(*state, connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)user, (void)connection;
    cairn_microhttpd_end(*state, why);
    *state = NULL;
}

int main(void)
{
    cairn_sdk *sdk = cairn_sdk_start(NULL);
    struct MHD_Daemon *server =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    CURL *easy = curl_easy_init();
    char url[64];
    CURLcode code;
    if (!server || !easy)
        return 1;
    snprintf(url, sizeof url, "http://127.0.0.1:%u/hello",
             (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    code = cairn_curl_perform(cairn_tracer_get("fetch"), easy, NULL);
    curl_easy_cleanup(easy);
    MHD_stop_daemon(server);
    cairn_sdk_stop(sdk, 5000);
    return code != CURLE_OK;
}
