/* semconv.h - the attribute names of OpenTelemetry's semantic conventions that the code itself looks at. */
#ifndef TRACE_SEMCONV_H
#define TRACE_SEMCONV_H

#define SEMCONV_SERVICE_NAME          "service.name"
#define SEMCONV_SERVICE_VERSION       "service.version"
#define SEMCONV_SERVICE_INSTANCE_ID   "service.instance.id"
#define SEMCONV_TELEMETRY_SDK_NAME    "telemetry.sdk.name"
#define SEMCONV_TELEMETRY_SDK_LANG    "telemetry.sdk.language"
#define SEMCONV_TELEMETRY_SDK_VERSION "telemetry.sdk.version"
#define SEMCONV_HOST_NAME             "host.name"
#define SEMCONV_HOST_ARCH             "host.arch"
#define SEMCONV_PROCESS_PID           "process.pid"
#define SEMCONV_PROCESS_EXE_NAME      "process.executable.name"
#define SEMCONV_PROCESS_EXE_PATH      "process.executable.path"
#define SEMCONV_EXCEPTION_EVENT       "exception"
#define SEMCONV_EXCEPTION_TYPE        "exception.type"
#define SEMCONV_EXCEPTION_MESSAGE     "exception.message"
#define SEMCONV_EXCEPTION_STACKTRACE  "exception.stacktrace"
#define SEMCONV_ERROR_TYPE            "error.type"

#endif
