/* sql.h - the endpoint of SQL: docs/api-native.md is its contract. */
#ifndef API_SQL_H
#define API_SQL_H

#include "api/call.h"

int sql_endpoint_run(struct call *c, struct err *err);

#endif
