/* OTLP over TLS: own authorities, mutual TLS, files that are wrong in every way, headers with a secret; both transports. */
#include <dirent.h>
#include <sys/wait.h>

#include "h2_server.h"
#include "otlp_test.h"

static char dir[] = "/tmp/cairn-otlp-tls-XXXXXX";

static const char *in_dir(const char *name)
{
    static char paths[8][320];
    static unsigned at;
    char *path = paths[at++ % COUNT(paths)];
    if (!name)
        return NULL;
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static int make_certs(void **state)
{
    pid_t child;
    int status;
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    child = fork();
    if (child == 0) {
        execl(MAKE_CERTS, MAKE_CERTS, dir, (char *)NULL);
        _exit(127);
    }
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

static int remove_certs(void **state)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    (void)state;
    while (d && (entry = readdir(d)))
        unlink(in_dir(entry->d_name));
    closedir(d);
    return rmdir(dir);
}

/* One answer for both transports. */
static const struct h2_answer ok = {
    .headers = {{"content-type", "application/grpc"}},
    .trailers = {{"grpc-status", "0"}},
};

static uint16_t start(bool mutual)
{
    struct h2_options o = {.cert_file = in_dir("server.pem"), .key_file = in_dir("server.key")};
    if (mutual)
        o.client_ca_file = in_dir("ca.pem");
    return h2_server_start(&o, NULL, 0, ok);
}

static void test_files(void **state)
{
    static const struct {
        const char *name, *ca, *cert, *key;
        bool mutual;
        const char *want; /* said; NULL: delivered */
    } cases[] = {
        {"own authority", "ca.pem", NULL, NULL, false, NULL},
        {"the system's", NULL, NULL, NULL, false, "see OTEL_EXPORTER_OTLP_CERTIFICATE (not set"},
        {"wrong authority", "other-ca.pem", NULL, NULL, false,
         "/other-ca.pem): SSL certificate problem"},
        {"text", "text.pem", NULL, NULL, false, "see OTEL_EXPORTER_OTLP_CERTIFICATE (/tmp/"},
        {"garbage", "garbage.pem", NULL, NULL, false, "see OTEL_EXPORTER_OTLP_CERTIFICATE (/tmp/"},
        {"no such file", "nothing.pem", NULL, NULL, false,
         "see OTEL_EXPORTER_OTLP_CERTIFICATE (/tmp/"},
        {"mutual", "ca.pem", "client.pem", "client.key", true, NULL},
        {"mutual, no client", "ca.pem", NULL, NULL, true, "failed"},
        {"mutual, text", "ca.pem", "text.pem", "client.key", true,
         "see OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE (/tmp/"},
        {"mutual, garbage", "ca.pem", "garbage.pem", "client.key", true,
         "see OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE (/tmp/"},
        {"mutual, key of another", "ca.pem", "client.pem", "server.key", true,
         "/client.pem), OTEL_EXPORTER_OTLP_CLIENT_KEY (/tmp/"},
        {"mutual, no key", "ca.pem", "client.pem", "nothing.key", true, "/nothing.key): "},
    };
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        char url[64];
        struct cairn_otlp_options o = {
            .size = sizeof o,
            .endpoint = url,
            .transport = i % 2 ? CAIRN_OTLP_GRPC : CAIRN_OTLP_HTTP,
            .certificate = in_dir(cases[i / 2].ca),
            .client_certificate = in_dir(cases[i / 2].cert),
            .client_key = in_dir(cases[i / 2].key),
            .timeout_ms =
                cases[i / 2].want ? 400 : CAIRN_FOREVER, /* some look as if they might pass */
        };
        cairn_sdk *sdk;
        snprintf(url, sizeof url, "https://127.0.0.1:%u", start(cases[i / 2].mutual));
        sdk = sdk_around(cairn_otlp_exporter_new(&o));
        spans(1);
        CHECK((cairn_sdk_force_flush(sdk, CAIRN_FOREVER) == CAIRN_OK) == !cases[i / 2].want,
              cases[i / 2].name);
        if (cases[i / 2].want)
            CHECK(strstr(said(), cases[i / 2].want), said());
        CHECK(h2_server_seen()->requests == !cases[i / 2].want, cases[i / 2].name);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        h2_server_stop();
    }
}

/* A vendor's endpoint: https, a key in a header, all from the environment. The connection is kept. */
static void test_environment(void **state)
{
    static const char *const protocols[] = {"grpc", "http/protobuf"};
    (void)state;
    for (size_t i = 0; i < COUNT(protocols); i++) {
        char url[64];
        cairn_sdk *sdk;
        snprintf(url, sizeof url, "https://localhost:%u", start(false));
        setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url, 1);
        setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", in_dir("ca.pem"), 1);
        setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=s%2Cecret,content-type=text/plain", 1);
        setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocols[i], 1);
        setenv("OTEL_EXPORTER_OTLP_INSECURE", "true", 1); /* the scheme beats it */
        sdk = sdk_around(cairn_otlp_exporter_new(NULL));
        for (unsigned n = 1; n <= 3; n++) {
            spans(1);
            assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
            assert_int_equal(h2_server_seen()->requests, n);
        }
        assert_int_equal(h2_server_seen()->connections, 1);
        assert_non_null(strstr(h2_server_seen()->headers, "x-api-key: s,ecret\n"));
        assert_null(strstr(h2_server_seen()->headers, "text/plain"));
        assert_non_null(strstr(h2_server_seen()->headers, ":scheme: https\n"));
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        h2_server_stop();
    }
    unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    unsetenv("OTEL_EXPORTER_OTLP_CERTIFICATE");
    unsetenv("OTEL_EXPORTER_OTLP_HEADERS");
    unsetenv("OTEL_EXPORTER_OTLP_PROTOCOL");
    unsetenv("OTEL_EXPORTER_OTLP_INSECURE");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_environment),
    };
    cairn_set_diagnostics(remember, NULL);
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
