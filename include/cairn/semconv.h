/* semconv.h - names of attributes, their well-known values and events by the semantic conventions 1.44.0.
 *
 * CAIRN_ATTR_<NAME> is an attribute, with its type when that is not a string; a template is the front of a name that
 * goes on with a key of your own (http.request.header.accept). CAIRN_VALUE_<NAME>_<MEMBER> is a value that the
 * conventions give, CAIRN_EVENT_<NAME> an event. Names marked deprecated carry the ones to use instead.
 *
 * Only names that are stable stand here: they do not change any more. What may still change with every release
 * comes with CAIRN_SEMCONV_DEVELOPMENT, defined before the include: a program that asks for it accepts that a later
 * version of this header renames or drops a constant. cairn.h does not include this header.
 *
 * Made by tools/semconv/generate from tools/semconv/conventions.tsv: change those. */
#ifndef CAIRN_SEMCONV_H
#define CAIRN_SEMCONV_H

#include <cairn/common.h> /* a header of macros alone would be no translation unit by itself */

/* clang-format off */

#define CAIRN_SEMCONV_VERSION    "1.44.0"
#define CAIRN_SEMCONV_SCHEMA_URL "https://opentelemetry.io/schemas/1.44.0" /* for tracers and resources */

#define CAIRN_ATTR_ASPNETCORE_DIAGNOSTICS_EXCEPTION_RESULT   "aspnetcore.diagnostics.exception.result"
#define CAIRN_VALUE_ASPNETCORE_DIAGNOSTICS_EXCEPTION_RESULT_ABORTED "aborted"
#define CAIRN_VALUE_ASPNETCORE_DIAGNOSTICS_EXCEPTION_RESULT_HANDLED "handled"
#define CAIRN_VALUE_ASPNETCORE_DIAGNOSTICS_EXCEPTION_RESULT_SKIPPED "skipped"
#define CAIRN_VALUE_ASPNETCORE_DIAGNOSTICS_EXCEPTION_RESULT_UNHANDLED "unhandled"
#define CAIRN_ATTR_ASPNETCORE_DIAGNOSTICS_HANDLER_TYPE       "aspnetcore.diagnostics.handler.type"
#define CAIRN_ATTR_ASPNETCORE_RATE_LIMITING_POLICY           "aspnetcore.rate_limiting.policy"
#define CAIRN_ATTR_ASPNETCORE_RATE_LIMITING_RESULT           "aspnetcore.rate_limiting.result"
#define CAIRN_VALUE_ASPNETCORE_RATE_LIMITING_RESULT_ACQUIRED "acquired"
#define CAIRN_VALUE_ASPNETCORE_RATE_LIMITING_RESULT_ENDPOINT_LIMITER "endpoint_limiter"
#define CAIRN_VALUE_ASPNETCORE_RATE_LIMITING_RESULT_GLOBAL_LIMITER "global_limiter"
#define CAIRN_VALUE_ASPNETCORE_RATE_LIMITING_RESULT_REQUEST_CANCELED "request_canceled"
#define CAIRN_ATTR_ASPNETCORE_REQUEST_IS_UNHANDLED           "aspnetcore.request.is_unhandled" /* boolean */
#define CAIRN_ATTR_ASPNETCORE_ROUTING_IS_FALLBACK            "aspnetcore.routing.is_fallback" /* boolean */
#define CAIRN_ATTR_ASPNETCORE_ROUTING_MATCH_STATUS           "aspnetcore.routing.match_status"
#define CAIRN_VALUE_ASPNETCORE_ROUTING_MATCH_STATUS_FAILURE  "failure"
#define CAIRN_VALUE_ASPNETCORE_ROUTING_MATCH_STATUS_SUCCESS  "success"
#define CAIRN_ATTR_ASPNETCORE_USER_IS_AUTHENTICATED          "aspnetcore.user.is_authenticated" /* boolean */
#define CAIRN_ATTR_CLIENT_ADDRESS                            "client.address"
#define CAIRN_ATTR_CLIENT_PORT                               "client.port" /* int */
#define CAIRN_ATTR_CODE_COLUMN_NUMBER                        "code.column.number" /* int */
#define CAIRN_ATTR_CODE_FILE_PATH                            "code.file.path"
#define CAIRN_ATTR_CODE_FUNCTION_NAME                        "code.function.name"
#define CAIRN_ATTR_CODE_LINE_NUMBER                          "code.line.number" /* int */
#define CAIRN_ATTR_CODE_STACKTRACE                           "code.stacktrace"
#define CAIRN_ATTR_CONTAINER_ID                              "container.id"
#define CAIRN_ATTR_CONTAINER_IMAGE_NAME                      "container.image.name"
#define CAIRN_ATTR_CONTAINER_IMAGE_REPO_DIGESTS              "container.image.repo_digests" /* string[] */
#define CAIRN_ATTR_CONTAINER_IMAGE_TAGS                      "container.image.tags" /* string[] */
#define CAIRN_ATTR_DB_COLLECTION_NAME                        "db.collection.name"
#define CAIRN_ATTR_DB_NAMESPACE                              "db.namespace"
#define CAIRN_ATTR_DB_OPERATION_BATCH_SIZE                   "db.operation.batch.size" /* int */
#define CAIRN_ATTR_DB_OPERATION_NAME                         "db.operation.name"
#define CAIRN_ATTR_DB_QUERY_SUMMARY                          "db.query.summary"
#define CAIRN_ATTR_DB_QUERY_TEXT                             "db.query.text"
#define CAIRN_ATTR_DB_RESPONSE_STATUS_CODE                   "db.response.status_code"
#define CAIRN_ATTR_DB_STORED_PROCEDURE_NAME                  "db.stored_procedure.name"
#define CAIRN_ATTR_DB_SYSTEM_NAME                            "db.system.name"
#define CAIRN_VALUE_DB_SYSTEM_NAME_MARIADB                   "mariadb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_MICROSOFT_SQL_SERVER      "microsoft.sql_server"
#define CAIRN_VALUE_DB_SYSTEM_NAME_MYSQL                     "mysql"
#define CAIRN_VALUE_DB_SYSTEM_NAME_POSTGRESQL                "postgresql"
#define CAIRN_ATTR_DEPLOYMENT_ENVIRONMENT_NAME               "deployment.environment.name"
#define CAIRN_VALUE_DEPLOYMENT_ENVIRONMENT_NAME_DEVELOPMENT  "development"
#define CAIRN_VALUE_DEPLOYMENT_ENVIRONMENT_NAME_PRODUCTION   "production"
#define CAIRN_VALUE_DEPLOYMENT_ENVIRONMENT_NAME_STAGING      "staging"
#define CAIRN_VALUE_DEPLOYMENT_ENVIRONMENT_NAME_TEST         "test"
#define CAIRN_ATTR_DOTNET_GC_HEAP_GENERATION                 "dotnet.gc.heap.generation"
#define CAIRN_VALUE_DOTNET_GC_HEAP_GENERATION_GEN0           "gen0"
#define CAIRN_VALUE_DOTNET_GC_HEAP_GENERATION_GEN1           "gen1"
#define CAIRN_VALUE_DOTNET_GC_HEAP_GENERATION_GEN2           "gen2"
#define CAIRN_VALUE_DOTNET_GC_HEAP_GENERATION_LOH            "loh"
#define CAIRN_VALUE_DOTNET_GC_HEAP_GENERATION_POH            "poh"
#define CAIRN_ATTR_ERROR_TYPE                                "error.type"
#define CAIRN_VALUE_ERROR_TYPE_OTHER                         "_OTHER"
#define CAIRN_ATTR_EXCEPTION_ESCAPED                         "exception.escaped" /* boolean; deprecated */
#define CAIRN_ATTR_EXCEPTION_MESSAGE                         "exception.message"
#define CAIRN_ATTR_EXCEPTION_STACKTRACE                      "exception.stacktrace"
#define CAIRN_ATTR_EXCEPTION_TYPE                            "exception.type"
#define CAIRN_ATTR_HTTP_REQUEST_HEADER                       "http.request.header" /* template[string[]] */
#define CAIRN_ATTR_HTTP_REQUEST_METHOD                       "http.request.method"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_CONNECT              "CONNECT"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_DELETE               "DELETE"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_GET                  "GET"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_HEAD                 "HEAD"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_OPTIONS              "OPTIONS"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_OTHER                "_OTHER"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_PATCH                "PATCH"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_POST                 "POST"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_PUT                  "PUT"
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_TRACE                "TRACE"
#define CAIRN_ATTR_HTTP_REQUEST_METHOD_ORIGINAL              "http.request.method_original"
#define CAIRN_ATTR_HTTP_REQUEST_RESEND_COUNT                 "http.request.resend_count" /* int */
#define CAIRN_ATTR_HTTP_RESPONSE_HEADER                      "http.response.header" /* template[string[]] */
#define CAIRN_ATTR_HTTP_RESPONSE_STATUS_CODE                 "http.response.status_code" /* int */
#define CAIRN_ATTR_HTTP_ROUTE                                "http.route"
#define CAIRN_ATTR_JVM_GC_ACTION                             "jvm.gc.action"
#define CAIRN_ATTR_JVM_GC_NAME                               "jvm.gc.name"
#define CAIRN_ATTR_JVM_MEMORY_POOL_NAME                      "jvm.memory.pool.name"
#define CAIRN_ATTR_JVM_MEMORY_TYPE                           "jvm.memory.type"
#define CAIRN_VALUE_JVM_MEMORY_TYPE_HEAP                     "heap"
#define CAIRN_VALUE_JVM_MEMORY_TYPE_NON_HEAP                 "non_heap"
#define CAIRN_ATTR_JVM_THREAD_DAEMON                         "jvm.thread.daemon" /* boolean */
#define CAIRN_ATTR_JVM_THREAD_STATE                          "jvm.thread.state"
#define CAIRN_VALUE_JVM_THREAD_STATE_BLOCKED                 "blocked"
#define CAIRN_VALUE_JVM_THREAD_STATE_NEW                     "new"
#define CAIRN_VALUE_JVM_THREAD_STATE_RUNNABLE                "runnable"
#define CAIRN_VALUE_JVM_THREAD_STATE_TERMINATED              "terminated"
#define CAIRN_VALUE_JVM_THREAD_STATE_TIMED_WAITING           "timed_waiting"
#define CAIRN_VALUE_JVM_THREAD_STATE_WAITING                 "waiting"
#define CAIRN_ATTR_K8S_CLUSTER_NAME                          "k8s.cluster.name"
#define CAIRN_ATTR_K8S_CLUSTER_UID                           "k8s.cluster.uid"
#define CAIRN_ATTR_K8S_CONTAINER_NAME                        "k8s.container.name"
#define CAIRN_ATTR_K8S_CONTAINER_RESTART_COUNT               "k8s.container.restart_count" /* int */
#define CAIRN_ATTR_K8S_CRONJOB_ANNOTATION                    "k8s.cronjob.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_CRONJOB_LABEL                         "k8s.cronjob.label" /* template[string] */
#define CAIRN_ATTR_K8S_CRONJOB_NAME                          "k8s.cronjob.name"
#define CAIRN_ATTR_K8S_CRONJOB_UID                           "k8s.cronjob.uid"
#define CAIRN_ATTR_K8S_DAEMONSET_ANNOTATION                  "k8s.daemonset.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_DAEMONSET_LABEL                       "k8s.daemonset.label" /* template[string] */
#define CAIRN_ATTR_K8S_DAEMONSET_NAME                        "k8s.daemonset.name"
#define CAIRN_ATTR_K8S_DAEMONSET_UID                         "k8s.daemonset.uid"
#define CAIRN_ATTR_K8S_DEPLOYMENT_ANNOTATION                 "k8s.deployment.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_DEPLOYMENT_LABEL                      "k8s.deployment.label" /* template[string] */
#define CAIRN_ATTR_K8S_DEPLOYMENT_NAME                       "k8s.deployment.name"
#define CAIRN_ATTR_K8S_DEPLOYMENT_UID                        "k8s.deployment.uid"
#define CAIRN_ATTR_K8S_JOB_ANNOTATION                        "k8s.job.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_JOB_LABEL                             "k8s.job.label" /* template[string] */
#define CAIRN_ATTR_K8S_JOB_NAME                              "k8s.job.name"
#define CAIRN_ATTR_K8S_JOB_UID                               "k8s.job.uid"
#define CAIRN_ATTR_K8S_NAMESPACE_ANNOTATION                  "k8s.namespace.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_NAMESPACE_LABEL                       "k8s.namespace.label" /* template[string] */
#define CAIRN_ATTR_K8S_NAMESPACE_NAME                        "k8s.namespace.name"
#define CAIRN_ATTR_K8S_NODE_ANNOTATION                       "k8s.node.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_NODE_LABEL                            "k8s.node.label" /* template[string] */
#define CAIRN_ATTR_K8S_NODE_NAME                             "k8s.node.name"
#define CAIRN_ATTR_K8S_NODE_UID                              "k8s.node.uid"
#define CAIRN_ATTR_K8S_POD_ANNOTATION                        "k8s.pod.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_POD_HOSTNAME                          "k8s.pod.hostname"
#define CAIRN_ATTR_K8S_POD_IP                                "k8s.pod.ip"
#define CAIRN_ATTR_K8S_POD_LABEL                             "k8s.pod.label" /* template[string] */
#define CAIRN_ATTR_K8S_POD_NAME                              "k8s.pod.name"
#define CAIRN_ATTR_K8S_POD_START_TIME                        "k8s.pod.start_time"
#define CAIRN_ATTR_K8S_POD_UID                               "k8s.pod.uid"
#define CAIRN_ATTR_K8S_REPLICASET_ANNOTATION                 "k8s.replicaset.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_REPLICASET_LABEL                      "k8s.replicaset.label" /* template[string] */
#define CAIRN_ATTR_K8S_REPLICASET_NAME                       "k8s.replicaset.name"
#define CAIRN_ATTR_K8S_REPLICASET_UID                        "k8s.replicaset.uid"
#define CAIRN_ATTR_K8S_STATEFULSET_ANNOTATION                "k8s.statefulset.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_STATEFULSET_LABEL                     "k8s.statefulset.label" /* template[string] */
#define CAIRN_ATTR_K8S_STATEFULSET_NAME                      "k8s.statefulset.name"
#define CAIRN_ATTR_K8S_STATEFULSET_UID                       "k8s.statefulset.uid"
#define CAIRN_ATTR_NETWORK_LOCAL_ADDRESS                     "network.local.address"
#define CAIRN_ATTR_NETWORK_LOCAL_PORT                        "network.local.port" /* int */
#define CAIRN_ATTR_NETWORK_PEER_ADDRESS                      "network.peer.address"
#define CAIRN_ATTR_NETWORK_PEER_PORT                         "network.peer.port" /* int */
#define CAIRN_ATTR_NETWORK_PROTOCOL_NAME                     "network.protocol.name"
#define CAIRN_ATTR_NETWORK_PROTOCOL_VERSION                  "network.protocol.version"
#define CAIRN_ATTR_NETWORK_TRANSPORT                         "network.transport"
#define CAIRN_VALUE_NETWORK_TRANSPORT_PIPE                   "pipe"
#define CAIRN_VALUE_NETWORK_TRANSPORT_QUIC                   "quic"
#define CAIRN_VALUE_NETWORK_TRANSPORT_TCP                    "tcp"
#define CAIRN_VALUE_NETWORK_TRANSPORT_UDP                    "udp"
#define CAIRN_VALUE_NETWORK_TRANSPORT_UNIX                   "unix"
#define CAIRN_ATTR_NETWORK_TYPE                              "network.type"
#define CAIRN_VALUE_NETWORK_TYPE_IPV4                        "ipv4"
#define CAIRN_VALUE_NETWORK_TYPE_IPV6                        "ipv6"
#define CAIRN_ATTR_OTEL_EVENT_NAME                           "otel.event.name"
#define CAIRN_ATTR_OTEL_SCOPE_NAME                           "otel.scope.name"
#define CAIRN_ATTR_OTEL_SCOPE_VERSION                        "otel.scope.version"
#define CAIRN_ATTR_OTEL_STATUS_CODE                          "otel.status_code"
#define CAIRN_VALUE_OTEL_STATUS_CODE_ERROR                   "ERROR"
#define CAIRN_VALUE_OTEL_STATUS_CODE_OK                      "OK"
#define CAIRN_ATTR_OTEL_STATUS_DESCRIPTION                   "otel.status_description"
#define CAIRN_ATTR_SERVER_ADDRESS                            "server.address"
#define CAIRN_ATTR_SERVER_PORT                               "server.port" /* int */
#define CAIRN_ATTR_SERVICE_INSTANCE_ID                       "service.instance.id"
#define CAIRN_ATTR_SERVICE_NAME                              "service.name"
#define CAIRN_ATTR_SERVICE_NAMESPACE                         "service.namespace"
#define CAIRN_ATTR_SERVICE_VERSION                           "service.version"
#define CAIRN_ATTR_SIGNALR_CONNECTION_STATUS                 "signalr.connection.status"
#define CAIRN_VALUE_SIGNALR_CONNECTION_STATUS_APP_SHUTDOWN   "app_shutdown"
#define CAIRN_VALUE_SIGNALR_CONNECTION_STATUS_NORMAL_CLOSURE "normal_closure"
#define CAIRN_VALUE_SIGNALR_CONNECTION_STATUS_TIMEOUT        "timeout"
#define CAIRN_ATTR_SIGNALR_TRANSPORT                         "signalr.transport"
#define CAIRN_VALUE_SIGNALR_TRANSPORT_LONG_POLLING           "long_polling"
#define CAIRN_VALUE_SIGNALR_TRANSPORT_SERVER_SENT_EVENTS     "server_sent_events"
#define CAIRN_VALUE_SIGNALR_TRANSPORT_WEB_SOCKETS            "web_sockets"
#define CAIRN_ATTR_TELEMETRY_DISTRO_NAME                     "telemetry.distro.name"
#define CAIRN_ATTR_TELEMETRY_DISTRO_VERSION                  "telemetry.distro.version"
#define CAIRN_ATTR_TELEMETRY_SDK_LANGUAGE                    "telemetry.sdk.language"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_CPP               "cpp"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_DOTNET            "dotnet"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_ERLANG            "erlang"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_GO                "go"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_JAVA              "java"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_KOTLIN            "kotlin"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_NODEJS            "nodejs"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_PHP               "php"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_PYTHON            "python"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_RUBY              "ruby"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_RUST              "rust"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_SWIFT             "swift"
#define CAIRN_VALUE_TELEMETRY_SDK_LANGUAGE_WEBJS             "webjs"
#define CAIRN_ATTR_TELEMETRY_SDK_NAME                        "telemetry.sdk.name"
#define CAIRN_ATTR_TELEMETRY_SDK_VERSION                     "telemetry.sdk.version"
#define CAIRN_ATTR_URL_FRAGMENT                              "url.fragment"
#define CAIRN_ATTR_URL_FULL                                  "url.full"
#define CAIRN_ATTR_URL_PATH                                  "url.path"
#define CAIRN_ATTR_URL_QUERY                                 "url.query"
#define CAIRN_ATTR_URL_SCHEME                                "url.scheme"
#define CAIRN_ATTR_USER_AGENT_ORIGINAL                       "user_agent.original"
#define CAIRN_EVENT_EXCEPTION                                "exception"

/* clang-format on */

#ifdef CAIRN_SEMCONV_DEVELOPMENT
#    include <cairn/semconv_development.h>
#endif

#endif
