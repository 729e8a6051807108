/* semconv_development.h - names of the semantic conventions 1.44.0 that are not stable yet or no longer in use.
 *
 * By including semconv.h with CAIRN_SEMCONV_DEVELOPMENT defined. Values of deprecated attributes are left out.
 *
 * Made by tools/semconv/generate from tools/semconv/conventions.tsv: change those. */
#ifndef CAIRN_SEMCONV_DEVELOPMENT_H
#define CAIRN_SEMCONV_DEVELOPMENT_H

#include <cairn/semconv.h>

/* clang-format off */

#define CAIRN_ATTR_ANDROID_APP_STATE                         "android.app.state"
#define CAIRN_VALUE_ANDROID_APP_STATE_BACKGROUND             "background"
#define CAIRN_VALUE_ANDROID_APP_STATE_CREATED                "created"
#define CAIRN_VALUE_ANDROID_APP_STATE_FOREGROUND             "foreground"
#define CAIRN_ATTR_ANDROID_OS_API_LEVEL                      "android.os.api_level"
#define CAIRN_ATTR_ANDROID_STATE                             "android.state" /* deprecated: android.app.state */
#define CAIRN_ATTR_APP_BUILD_ID                              "app.build_id"
#define CAIRN_ATTR_APP_CRASH_ID                              "app.crash.id"
#define CAIRN_ATTR_APP_INSTALLATION_ID                       "app.installation.id"
#define CAIRN_ATTR_APP_JANK_FRAME_COUNT                      "app.jank.frame_count" /* int */
#define CAIRN_ATTR_APP_JANK_PERIOD                           "app.jank.period" /* double */
#define CAIRN_ATTR_APP_JANK_THRESHOLD                        "app.jank.threshold" /* double */
#define CAIRN_ATTR_APP_SCREEN_COORDINATE_X                   "app.screen.coordinate.x" /* int */
#define CAIRN_ATTR_APP_SCREEN_COORDINATE_Y                   "app.screen.coordinate.y" /* int */
#define CAIRN_ATTR_APP_SCREEN_ID                             "app.screen.id"
#define CAIRN_ATTR_APP_SCREEN_NAME                           "app.screen.name"
#define CAIRN_ATTR_APP_WIDGET_ID                             "app.widget.id"
#define CAIRN_ATTR_APP_WIDGET_NAME                           "app.widget.name"
#define CAIRN_ATTR_ARTIFACT_ATTESTATION_FILENAME             "artifact.attestation.filename"
#define CAIRN_ATTR_ARTIFACT_ATTESTATION_HASH                 "artifact.attestation.hash"
#define CAIRN_ATTR_ARTIFACT_ATTESTATION_ID                   "artifact.attestation.id"
#define CAIRN_ATTR_ARTIFACT_FILENAME                         "artifact.filename"
#define CAIRN_ATTR_ARTIFACT_HASH                             "artifact.hash"
#define CAIRN_ATTR_ARTIFACT_PURL                             "artifact.purl"
#define CAIRN_ATTR_ARTIFACT_VERSION                          "artifact.version"
#define CAIRN_ATTR_ASPNETCORE_AUTHENTICATION_RESULT          "aspnetcore.authentication.result"
#define CAIRN_VALUE_ASPNETCORE_AUTHENTICATION_RESULT_FAILURE "failure"
#define CAIRN_VALUE_ASPNETCORE_AUTHENTICATION_RESULT_NONE    "none"
#define CAIRN_VALUE_ASPNETCORE_AUTHENTICATION_RESULT_SUCCESS "success"
#define CAIRN_ATTR_ASPNETCORE_AUTHENTICATION_SCHEME          "aspnetcore.authentication.scheme"
#define CAIRN_ATTR_ASPNETCORE_AUTHORIZATION_POLICY           "aspnetcore.authorization.policy"
#define CAIRN_ATTR_ASPNETCORE_AUTHORIZATION_RESULT           "aspnetcore.authorization.result"
#define CAIRN_VALUE_ASPNETCORE_AUTHORIZATION_RESULT_FAILURE  "failure"
#define CAIRN_VALUE_ASPNETCORE_AUTHORIZATION_RESULT_SUCCESS  "success"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_ERROR_CODE            "aspnetcore.identity.error_code"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_PASSWORD_CHECK_RESULT "aspnetcore.identity.password_check_result"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_PASSWORD_CHECK_RESULT_FAILURE "failure"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_PASSWORD_CHECK_RESULT_PASSWORD_MISSING "password_missing"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_PASSWORD_CHECK_RESULT_SUCCESS "success"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_PASSWORD_CHECK_RESULT_SUCCESS_REHASH_NEEDED "success_rehash_needed"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_PASSWORD_CHECK_RESULT_USER_MISSING "user_missing"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_RESULT                "aspnetcore.identity.result"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_RESULT_FAILURE       "failure"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_RESULT_SUCCESS       "success"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_SIGN_IN_RESULT        "aspnetcore.identity.sign_in.result"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_RESULT_FAILURE "failure"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_RESULT_LOCKED_OUT "locked_out"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_RESULT_NOT_ALLOWED "not_allowed"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_RESULT_REQUIRES_TWO_FACTOR "requires_two_factor"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_RESULT_SUCCESS "success"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_SIGN_IN_TYPE          "aspnetcore.identity.sign_in.type"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_TYPE_EXTERNAL "external"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_TYPE_PASSKEY "passkey"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_TYPE_PASSWORD "password"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_TYPE_TWO_FACTOR "two_factor"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_TYPE_TWO_FACTOR_AUTHENTICATOR "two_factor_authenticator"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_SIGN_IN_TYPE_TWO_FACTOR_RECOVERY_CODE "two_factor_recovery_code"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_TOKEN_PURPOSE         "aspnetcore.identity.token_purpose"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_PURPOSE_CHANGE_EMAIL "change_email"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_PURPOSE_CHANGE_PHONE_NUMBER "change_phone_number"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_PURPOSE_EMAIL_CONFIRMATION "email_confirmation"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_PURPOSE_OTHER  "_OTHER"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_PURPOSE_RESET_PASSWORD "reset_password"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_PURPOSE_TWO_FACTOR "two_factor"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_TOKEN_VERIFIED        "aspnetcore.identity.token_verified"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_VERIFIED_FAILURE "failure"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_TOKEN_VERIFIED_SUCCESS "success"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE      "aspnetcore.identity.user.update_type"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_ACCESS_FAILED "access_failed"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_ADD_CLAIMS "add_claims"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_ADD_LOGIN "add_login"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_ADD_PASSWORD "add_password"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_ADD_TO_ROLES "add_to_roles"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_CHANGE_EMAIL "change_email"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_CHANGE_PASSWORD "change_password"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_CHANGE_PHONE_NUMBER "change_phone_number"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_CONFIRM_EMAIL "confirm_email"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_GENERATE_NEW_TWO_FACTOR_RECOVERY_CODES "generate_new_two_factor_recovery_codes"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_OTHER "_OTHER"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_PASSWORD_REHASH "password_rehash"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REDEEM_TWO_FACTOR_RECOVERY_CODE "redeem_two_factor_recovery_code"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REMOVE_AUTHENTICATION_TOKEN "remove_authentication_token"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REMOVE_CLAIMS "remove_claims"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REMOVE_FROM_ROLES "remove_from_roles"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REMOVE_LOGIN "remove_login"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REMOVE_PASSKEY "remove_passkey"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REMOVE_PASSWORD "remove_password"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_REPLACE_CLAIM "replace_claim"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_RESET_ACCESS_FAILED_COUNT "reset_access_failed_count"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_RESET_AUTHENTICATOR_KEY "reset_authenticator_key"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_RESET_PASSWORD "reset_password"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SECURITY_STAMP "security_stamp"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_AUTHENTICATION_TOKEN "set_authentication_token"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_EMAIL "set_email"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_LOCKOUT_ENABLED "set_lockout_enabled"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_LOCKOUT_END_DATE "set_lockout_end_date"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_PASSKEY "set_passkey"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_PHONE_NUMBER "set_phone_number"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_SET_TWO_FACTOR_ENABLED "set_two_factor_enabled"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_UPDATE "update"
#define CAIRN_VALUE_ASPNETCORE_IDENTITY_USER_UPDATE_TYPE_USER_NAME "user_name"
#define CAIRN_ATTR_ASPNETCORE_IDENTITY_USER_TYPE             "aspnetcore.identity.user_type"
#define CAIRN_ATTR_ASPNETCORE_MEMORY_POOL_OWNER              "aspnetcore.memory_pool.owner"
#define CAIRN_ATTR_ASPNETCORE_SIGN_IN_IS_PERSISTENT          "aspnetcore.sign_in.is_persistent" /* boolean */
#define CAIRN_ATTR_AWS_BEDROCK_GUARDRAIL_ID                  "aws.bedrock.guardrail.id"
#define CAIRN_ATTR_AWS_BEDROCK_KNOWLEDGE_BASE_ID             "aws.bedrock.knowledge_base.id"
#define CAIRN_ATTR_AWS_DYNAMODB_ATTRIBUTE_DEFINITIONS        "aws.dynamodb.attribute_definitions" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_ATTRIBUTES_TO_GET            "aws.dynamodb.attributes_to_get" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_CONSISTENT_READ              "aws.dynamodb.consistent_read" /* boolean */
#define CAIRN_ATTR_AWS_DYNAMODB_CONSUMED_CAPACITY            "aws.dynamodb.consumed_capacity" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_COUNT                        "aws.dynamodb.count" /* int */
#define CAIRN_ATTR_AWS_DYNAMODB_EXCLUSIVE_START_TABLE        "aws.dynamodb.exclusive_start_table"
#define CAIRN_ATTR_AWS_DYNAMODB_GLOBAL_SECONDARY_INDEX_UPDATES "aws.dynamodb.global_secondary_index_updates" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_GLOBAL_SECONDARY_INDEXES     "aws.dynamodb.global_secondary_indexes" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_INDEX_NAME                   "aws.dynamodb.index_name"
#define CAIRN_ATTR_AWS_DYNAMODB_ITEM_COLLECTION_METRICS      "aws.dynamodb.item_collection_metrics"
#define CAIRN_ATTR_AWS_DYNAMODB_LIMIT                        "aws.dynamodb.limit" /* int */
#define CAIRN_ATTR_AWS_DYNAMODB_LOCAL_SECONDARY_INDEXES      "aws.dynamodb.local_secondary_indexes" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_PROJECTION                   "aws.dynamodb.projection"
#define CAIRN_ATTR_AWS_DYNAMODB_PROVISIONED_READ_CAPACITY    "aws.dynamodb.provisioned_read_capacity" /* double */
#define CAIRN_ATTR_AWS_DYNAMODB_PROVISIONED_WRITE_CAPACITY   "aws.dynamodb.provisioned_write_capacity" /* double */
#define CAIRN_ATTR_AWS_DYNAMODB_SCAN_FORWARD                 "aws.dynamodb.scan_forward" /* boolean */
#define CAIRN_ATTR_AWS_DYNAMODB_SCANNED_COUNT                "aws.dynamodb.scanned_count" /* int */
#define CAIRN_ATTR_AWS_DYNAMODB_SEGMENT                      "aws.dynamodb.segment" /* int */
#define CAIRN_ATTR_AWS_DYNAMODB_SELECT                       "aws.dynamodb.select"
#define CAIRN_ATTR_AWS_DYNAMODB_TABLE_COUNT                  "aws.dynamodb.table_count" /* int */
#define CAIRN_ATTR_AWS_DYNAMODB_TABLE_NAMES                  "aws.dynamodb.table_names" /* string[] */
#define CAIRN_ATTR_AWS_DYNAMODB_TOTAL_SEGMENTS               "aws.dynamodb.total_segments" /* int */
#define CAIRN_ATTR_AWS_ECS_CLUSTER_ARN                       "aws.ecs.cluster.arn"
#define CAIRN_ATTR_AWS_ECS_CONTAINER_ARN                     "aws.ecs.container.arn"
#define CAIRN_ATTR_AWS_ECS_LAUNCHTYPE                        "aws.ecs.launchtype"
#define CAIRN_VALUE_AWS_ECS_LAUNCHTYPE_EC2                   "ec2"
#define CAIRN_VALUE_AWS_ECS_LAUNCHTYPE_FARGATE               "fargate"
#define CAIRN_ATTR_AWS_ECS_TASK_ARN                          "aws.ecs.task.arn"
#define CAIRN_ATTR_AWS_ECS_TASK_FAMILY                       "aws.ecs.task.family"
#define CAIRN_ATTR_AWS_ECS_TASK_ID                           "aws.ecs.task.id"
#define CAIRN_ATTR_AWS_ECS_TASK_REVISION                     "aws.ecs.task.revision"
#define CAIRN_ATTR_AWS_EKS_CLUSTER_ARN                       "aws.eks.cluster.arn"
#define CAIRN_ATTR_AWS_EXTENDED_REQUEST_ID                   "aws.extended_request_id"
#define CAIRN_ATTR_AWS_KINESIS_STREAM_NAME                   "aws.kinesis.stream_name"
#define CAIRN_ATTR_AWS_LAMBDA_INVOKED_ARN                    "aws.lambda.invoked_arn"
#define CAIRN_ATTR_AWS_LAMBDA_RESOURCE_MAPPING_ID            "aws.lambda.resource_mapping.id"
#define CAIRN_ATTR_AWS_LOG_GROUP_ARNS                        "aws.log.group.arns" /* string[] */
#define CAIRN_ATTR_AWS_LOG_GROUP_NAMES                       "aws.log.group.names" /* string[] */
#define CAIRN_ATTR_AWS_LOG_STREAM_ARNS                       "aws.log.stream.arns" /* string[] */
#define CAIRN_ATTR_AWS_LOG_STREAM_NAMES                      "aws.log.stream.names" /* string[] */
#define CAIRN_ATTR_AWS_REQUEST_ID                            "aws.request_id"
#define CAIRN_ATTR_AWS_S3_BUCKET                             "aws.s3.bucket"
#define CAIRN_ATTR_AWS_S3_COPY_SOURCE                        "aws.s3.copy_source"
#define CAIRN_ATTR_AWS_S3_DELETE                             "aws.s3.delete"
#define CAIRN_ATTR_AWS_S3_KEY                                "aws.s3.key"
#define CAIRN_ATTR_AWS_S3_PART_NUMBER                        "aws.s3.part_number" /* int */
#define CAIRN_ATTR_AWS_S3_UPLOAD_ID                          "aws.s3.upload_id"
#define CAIRN_ATTR_AWS_SECRETSMANAGER_SECRET_ARN             "aws.secretsmanager.secret.arn"
#define CAIRN_ATTR_AWS_SNS_TOPIC_ARN                         "aws.sns.topic.arn"
#define CAIRN_ATTR_AWS_SQS_QUEUE_URL                         "aws.sqs.queue.url"
#define CAIRN_ATTR_AWS_STEP_FUNCTIONS_ACTIVITY_ARN           "aws.step_functions.activity.arn"
#define CAIRN_ATTR_AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN      "aws.step_functions.state_machine.arn"
#define CAIRN_ATTR_AZ_NAMESPACE                              "az.namespace" /* deprecated: azure.resource_provider.namespace */
#define CAIRN_ATTR_AZ_SERVICE_REQUEST_ID                     "az.service_request_id" /* deprecated: azure.service.request.id */
#define CAIRN_ATTR_AZURE_CLIENT_ID                           "azure.client.id"
#define CAIRN_ATTR_AZURE_COSMOSDB_CONNECTION_MODE            "azure.cosmosdb.connection.mode"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONNECTION_MODE_DIRECT    "direct"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONNECTION_MODE_GATEWAY   "gateway"
#define CAIRN_ATTR_AZURE_COSMOSDB_CONSISTENCY_LEVEL          "azure.cosmosdb.consistency.level"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONSISTENCY_LEVEL_BOUNDED_STALENESS "BoundedStaleness"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONSISTENCY_LEVEL_CONSISTENT_PREFIX "ConsistentPrefix"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONSISTENCY_LEVEL_EVENTUAL "Eventual"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONSISTENCY_LEVEL_SESSION "Session"
#define CAIRN_VALUE_AZURE_COSMOSDB_CONSISTENCY_LEVEL_STRONG  "Strong"
#define CAIRN_ATTR_AZURE_COSMOSDB_OPERATION_CONTACTED_REGIONS "azure.cosmosdb.operation.contacted_regions" /* string[] */
#define CAIRN_ATTR_AZURE_COSMOSDB_OPERATION_REQUEST_CHARGE   "azure.cosmosdb.operation.request_charge" /* double */
#define CAIRN_ATTR_AZURE_COSMOSDB_REQUEST_BODY_SIZE          "azure.cosmosdb.request.body.size" /* int */
#define CAIRN_ATTR_AZURE_COSMOSDB_RESPONSE_SUB_STATUS_CODE   "azure.cosmosdb.response.sub_status_code" /* int */
#define CAIRN_ATTR_AZURE_RESOURCE_GROUP_NAME                 "azure.resource_group.name"
#define CAIRN_ATTR_AZURE_RESOURCE_PROVIDER_NAMESPACE         "azure.resource_provider.namespace"
#define CAIRN_ATTR_AZURE_SERVICE_REQUEST_ID                  "azure.service.request.id"
#define CAIRN_ATTR_BROWSER_BRANDS                            "browser.brands" /* string[] */
#define CAIRN_ATTR_BROWSER_DOCUMENT_URL_FULL                 "browser.document.url.full"
#define CAIRN_ATTR_BROWSER_LANGUAGE                          "browser.language"
#define CAIRN_ATTR_BROWSER_MOBILE                            "browser.mobile" /* boolean */
#define CAIRN_ATTR_BROWSER_PLATFORM                          "browser.platform"
#define CAIRN_ATTR_BROWSER_WEB_VITAL_DELTA                   "browser.web_vital.delta" /* double */
#define CAIRN_ATTR_BROWSER_WEB_VITAL_ID                      "browser.web_vital.id"
#define CAIRN_ATTR_BROWSER_WEB_VITAL_NAME                    "browser.web_vital.name"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAME_CLS               "cls"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAME_FCP               "fcp"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAME_INP               "inp"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAME_LCP               "lcp"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAME_TTFB              "ttfb"
#define CAIRN_ATTR_BROWSER_WEB_VITAL_NAVIGATION_TYPE         "browser.web_vital.navigation_type"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAVIGATION_TYPE_BACK_FORWARD "back-forward"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAVIGATION_TYPE_BACK_FORWARD_CACHE "back-forward-cache"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAVIGATION_TYPE_NAVIGATE "navigate"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAVIGATION_TYPE_PRERENDER "prerender"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAVIGATION_TYPE_RELOAD "reload"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_NAVIGATION_TYPE_RESTORE "restore"
#define CAIRN_ATTR_BROWSER_WEB_VITAL_RATING                  "browser.web_vital.rating"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_RATING_GOOD            "good"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_RATING_NEEDS_IMPROVEMENT "needs-improvement"
#define CAIRN_VALUE_BROWSER_WEB_VITAL_RATING_POOR            "poor"
#define CAIRN_ATTR_BROWSER_WEB_VITAL_VALUE                   "browser.web_vital.value" /* double */
#define CAIRN_ATTR_CASSANDRA_CONSISTENCY_LEVEL               "cassandra.consistency.level"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_ALL          "all"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_ANY          "any"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_EACH_QUORUM  "each_quorum"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_LOCAL_ONE    "local_one"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_LOCAL_QUORUM "local_quorum"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_LOCAL_SERIAL "local_serial"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_ONE          "one"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_QUORUM       "quorum"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_SERIAL       "serial"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_THREE        "three"
#define CAIRN_VALUE_CASSANDRA_CONSISTENCY_LEVEL_TWO          "two"
#define CAIRN_ATTR_CASSANDRA_COORDINATOR_DC                  "cassandra.coordinator.dc"
#define CAIRN_ATTR_CASSANDRA_COORDINATOR_ID                  "cassandra.coordinator.id"
#define CAIRN_ATTR_CASSANDRA_PAGE_SIZE                       "cassandra.page.size" /* int */
#define CAIRN_ATTR_CASSANDRA_QUERY_IDEMPOTENT                "cassandra.query.idempotent" /* boolean */
#define CAIRN_ATTR_CASSANDRA_SPECULATIVE_EXECUTION_COUNT     "cassandra.speculative_execution.count" /* int */
#define CAIRN_ATTR_CICD_PIPELINE_ACTION_NAME                 "cicd.pipeline.action.name"
#define CAIRN_VALUE_CICD_PIPELINE_ACTION_NAME_BUILD          "BUILD"
#define CAIRN_VALUE_CICD_PIPELINE_ACTION_NAME_RUN            "RUN"
#define CAIRN_VALUE_CICD_PIPELINE_ACTION_NAME_SYNC           "SYNC"
#define CAIRN_ATTR_CICD_PIPELINE_NAME                        "cicd.pipeline.name"
#define CAIRN_ATTR_CICD_PIPELINE_RESULT                      "cicd.pipeline.result"
#define CAIRN_VALUE_CICD_PIPELINE_RESULT_CANCELLATION        "cancellation"
#define CAIRN_VALUE_CICD_PIPELINE_RESULT_ERROR               "error"
#define CAIRN_VALUE_CICD_PIPELINE_RESULT_FAILURE             "failure"
#define CAIRN_VALUE_CICD_PIPELINE_RESULT_SKIP                "skip"
#define CAIRN_VALUE_CICD_PIPELINE_RESULT_SUCCESS             "success"
#define CAIRN_VALUE_CICD_PIPELINE_RESULT_TIMEOUT             "timeout"
#define CAIRN_ATTR_CICD_PIPELINE_RUN_ID                      "cicd.pipeline.run.id"
#define CAIRN_ATTR_CICD_PIPELINE_RUN_STATE                   "cicd.pipeline.run.state"
#define CAIRN_VALUE_CICD_PIPELINE_RUN_STATE_EXECUTING        "executing"
#define CAIRN_VALUE_CICD_PIPELINE_RUN_STATE_FINALIZING       "finalizing"
#define CAIRN_VALUE_CICD_PIPELINE_RUN_STATE_PENDING          "pending"
#define CAIRN_ATTR_CICD_PIPELINE_RUN_URL_FULL                "cicd.pipeline.run.url.full"
#define CAIRN_ATTR_CICD_PIPELINE_TASK_NAME                   "cicd.pipeline.task.name"
#define CAIRN_ATTR_CICD_PIPELINE_TASK_RUN_ID                 "cicd.pipeline.task.run.id"
#define CAIRN_ATTR_CICD_PIPELINE_TASK_RUN_RESULT             "cicd.pipeline.task.run.result"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_RUN_RESULT_CANCELLATION "cancellation"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_RUN_RESULT_ERROR      "error"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_RUN_RESULT_FAILURE    "failure"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_RUN_RESULT_SKIP       "skip"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_RUN_RESULT_SUCCESS    "success"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_RUN_RESULT_TIMEOUT    "timeout"
#define CAIRN_ATTR_CICD_PIPELINE_TASK_RUN_URL_FULL           "cicd.pipeline.task.run.url.full"
#define CAIRN_ATTR_CICD_PIPELINE_TASK_TYPE                   "cicd.pipeline.task.type"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_TYPE_BUILD            "build"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_TYPE_DEPLOY           "deploy"
#define CAIRN_VALUE_CICD_PIPELINE_TASK_TYPE_TEST             "test"
#define CAIRN_ATTR_CICD_SYSTEM_COMPONENT                     "cicd.system.component"
#define CAIRN_ATTR_CICD_WORKER_ID                            "cicd.worker.id"
#define CAIRN_ATTR_CICD_WORKER_NAME                          "cicd.worker.name"
#define CAIRN_ATTR_CICD_WORKER_STATE                         "cicd.worker.state"
#define CAIRN_VALUE_CICD_WORKER_STATE_AVAILABLE              "available"
#define CAIRN_VALUE_CICD_WORKER_STATE_BUSY                   "busy"
#define CAIRN_VALUE_CICD_WORKER_STATE_OFFLINE                "offline"
#define CAIRN_ATTR_CICD_WORKER_URL_FULL                      "cicd.worker.url.full"
#define CAIRN_ATTR_CLOUD_ACCOUNT_ID                          "cloud.account.id"
#define CAIRN_ATTR_CLOUD_AVAILABILITY_ZONE                   "cloud.availability_zone"
#define CAIRN_ATTR_CLOUD_PLATFORM                            "cloud.platform"
#define CAIRN_VALUE_CLOUD_PLATFORM_AKAMAI_CLOUD_COMPUTE      "akamai_cloud.compute"
#define CAIRN_VALUE_CLOUD_PLATFORM_ALIBABA_CLOUD_ECS         "alibaba_cloud_ecs"
#define CAIRN_VALUE_CLOUD_PLATFORM_ALIBABA_CLOUD_FC          "alibaba_cloud_fc"
#define CAIRN_VALUE_CLOUD_PLATFORM_ALIBABA_CLOUD_OPENSHIFT   "alibaba_cloud_openshift"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_APP_RUNNER            "aws_app_runner"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_EC2                   "aws_ec2"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_ECS                   "aws_ecs"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_EKS                   "aws_eks"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_ELASTIC_BEANSTALK     "aws_elastic_beanstalk"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_LAMBDA                "aws_lambda"
#define CAIRN_VALUE_CLOUD_PLATFORM_AWS_OPENSHIFT             "aws_openshift"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_AKS                 "azure.aks"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_APP_SERVICE         "azure.app_service"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_CONTAINER_APPS      "azure.container_apps"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_CONTAINER_INSTANCES "azure.container_instances"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_FUNCTIONS           "azure.functions"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_OPENSHIFT           "azure.openshift"
#define CAIRN_VALUE_CLOUD_PLATFORM_AZURE_VM                  "azure.vm"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_AGENT_ENGINE          "gcp.agent_engine"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_APP_ENGINE            "gcp_app_engine"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_BARE_METAL_SOLUTION   "gcp_bare_metal_solution"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_CLOUD_FUNCTIONS       "gcp_cloud_functions"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_CLOUD_RUN             "gcp_cloud_run"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_COMPUTE_ENGINE        "gcp_compute_engine"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_KUBERNETES_ENGINE     "gcp_kubernetes_engine"
#define CAIRN_VALUE_CLOUD_PLATFORM_GCP_OPENSHIFT             "gcp_openshift"
#define CAIRN_VALUE_CLOUD_PLATFORM_HETZNER_CLOUD_SERVER      "hetzner.cloud_server"
#define CAIRN_VALUE_CLOUD_PLATFORM_IBM_CLOUD_OPENSHIFT       "ibm_cloud_openshift"
#define CAIRN_VALUE_CLOUD_PLATFORM_ORACLE_CLOUD_COMPUTE      "oracle_cloud_compute"
#define CAIRN_VALUE_CLOUD_PLATFORM_ORACLE_CLOUD_OKE          "oracle_cloud_oke"
#define CAIRN_VALUE_CLOUD_PLATFORM_SCALEWAY_CLOUD_COMPUTE    "scaleway_cloud_compute"
#define CAIRN_VALUE_CLOUD_PLATFORM_TENCENT_CLOUD_CVM         "tencent_cloud_cvm"
#define CAIRN_VALUE_CLOUD_PLATFORM_TENCENT_CLOUD_EKS         "tencent_cloud_eks"
#define CAIRN_VALUE_CLOUD_PLATFORM_TENCENT_CLOUD_SCF         "tencent_cloud_scf"
#define CAIRN_VALUE_CLOUD_PLATFORM_VULTR_CLOUD_COMPUTE       "vultr.cloud_compute"
#define CAIRN_ATTR_CLOUD_PROVIDER                            "cloud.provider"
#define CAIRN_VALUE_CLOUD_PROVIDER_AKAMAI_CLOUD              "akamai_cloud"
#define CAIRN_VALUE_CLOUD_PROVIDER_ALIBABA_CLOUD             "alibaba_cloud"
#define CAIRN_VALUE_CLOUD_PROVIDER_AWS                       "aws"
#define CAIRN_VALUE_CLOUD_PROVIDER_AZURE                     "azure"
#define CAIRN_VALUE_CLOUD_PROVIDER_GCP                       "gcp"
#define CAIRN_VALUE_CLOUD_PROVIDER_HEROKU                    "heroku"
#define CAIRN_VALUE_CLOUD_PROVIDER_HETZNER                   "hetzner"
#define CAIRN_VALUE_CLOUD_PROVIDER_IBM_CLOUD                 "ibm_cloud"
#define CAIRN_VALUE_CLOUD_PROVIDER_ORACLE_CLOUD              "oracle_cloud"
#define CAIRN_VALUE_CLOUD_PROVIDER_SCALEWAY_CLOUD            "scaleway_cloud"
#define CAIRN_VALUE_CLOUD_PROVIDER_TENCENT_CLOUD             "tencent_cloud"
#define CAIRN_VALUE_CLOUD_PROVIDER_VULTR                     "vultr"
#define CAIRN_ATTR_CLOUD_REGION                              "cloud.region"
#define CAIRN_ATTR_CLOUD_RESOURCE_ID                         "cloud.resource_id"
#define CAIRN_ATTR_CLOUDEVENTS_EVENT_ID                      "cloudevents.event_id"
#define CAIRN_ATTR_CLOUDEVENTS_EVENT_SOURCE                  "cloudevents.event_source"
#define CAIRN_ATTR_CLOUDEVENTS_EVENT_SPEC_VERSION            "cloudevents.event_spec_version"
#define CAIRN_ATTR_CLOUDEVENTS_EVENT_SUBJECT                 "cloudevents.event_subject"
#define CAIRN_ATTR_CLOUDEVENTS_EVENT_TYPE                    "cloudevents.event_type"
#define CAIRN_ATTR_CLOUDFOUNDRY_APP_ID                       "cloudfoundry.app.id"
#define CAIRN_ATTR_CLOUDFOUNDRY_APP_INSTANCE_ID              "cloudfoundry.app.instance.id"
#define CAIRN_ATTR_CLOUDFOUNDRY_APP_NAME                     "cloudfoundry.app.name"
#define CAIRN_ATTR_CLOUDFOUNDRY_ORG_ID                       "cloudfoundry.org.id"
#define CAIRN_ATTR_CLOUDFOUNDRY_ORG_NAME                     "cloudfoundry.org.name"
#define CAIRN_ATTR_CLOUDFOUNDRY_PROCESS_ID                   "cloudfoundry.process.id"
#define CAIRN_ATTR_CLOUDFOUNDRY_PROCESS_TYPE                 "cloudfoundry.process.type"
#define CAIRN_ATTR_CLOUDFOUNDRY_SPACE_ID                     "cloudfoundry.space.id"
#define CAIRN_ATTR_CLOUDFOUNDRY_SPACE_NAME                   "cloudfoundry.space.name"
#define CAIRN_ATTR_CLOUDFOUNDRY_SYSTEM_ID                    "cloudfoundry.system.id"
#define CAIRN_ATTR_CLOUDFOUNDRY_SYSTEM_INSTANCE_ID           "cloudfoundry.system.instance.id"
#define CAIRN_ATTR_CODE_COLUMN                               "code.column" /* int; deprecated: code.column.number */
#define CAIRN_ATTR_CODE_FILEPATH                             "code.filepath" /* deprecated: code.file.path */
#define CAIRN_ATTR_CODE_FUNCTION                             "code.function" /* deprecated: code.function.name */
#define CAIRN_ATTR_CODE_LINENO                               "code.lineno" /* int; deprecated: code.line.number */
#define CAIRN_ATTR_CODE_NAMESPACE                            "code.namespace" /* deprecated: code.function.name */
#define CAIRN_ATTR_CONTAINER_COMMAND                         "container.command"
#define CAIRN_ATTR_CONTAINER_COMMAND_ARGS                    "container.command_args" /* string[] */
#define CAIRN_ATTR_CONTAINER_COMMAND_LINE                    "container.command_line"
#define CAIRN_ATTR_CONTAINER_CPU_STATE                       "container.cpu.state" /* deprecated: cpu.mode */
#define CAIRN_ATTR_CONTAINER_CSI_PLUGIN_NAME                 "container.csi.plugin.name"
#define CAIRN_ATTR_CONTAINER_CSI_VOLUME_ID                   "container.csi.volume.id"
#define CAIRN_ATTR_CONTAINER_IMAGE_ID                        "container.image.id"
#define CAIRN_ATTR_CONTAINER_LABEL                           "container.label" /* template[string] */
#define CAIRN_ATTR_CONTAINER_LABELS                          "container.labels" /* template[string]; deprecated: container.label */
#define CAIRN_ATTR_CONTAINER_NAME                            "container.name"
#define CAIRN_ATTR_CONTAINER_RUNTIME                         "container.runtime" /* deprecated: container.runtime.name */
#define CAIRN_ATTR_CONTAINER_RUNTIME_DESCRIPTION             "container.runtime.description"
#define CAIRN_ATTR_CONTAINER_RUNTIME_NAME                    "container.runtime.name"
#define CAIRN_ATTR_CONTAINER_RUNTIME_VERSION                 "container.runtime.version"
#define CAIRN_ATTR_CPU_LOGICAL_NUMBER                        "cpu.logical_number" /* int */
#define CAIRN_ATTR_CPU_MODE                                  "cpu.mode"
#define CAIRN_VALUE_CPU_MODE_IDLE                            "idle"
#define CAIRN_VALUE_CPU_MODE_INTERRUPT                       "interrupt"
#define CAIRN_VALUE_CPU_MODE_IOWAIT                          "iowait"
#define CAIRN_VALUE_CPU_MODE_NICE                            "nice"
#define CAIRN_VALUE_CPU_MODE_STEAL                           "steal"
#define CAIRN_VALUE_CPU_MODE_SYSTEM                          "system"
#define CAIRN_VALUE_CPU_MODE_USER                            "user"
#define CAIRN_ATTR_CPYTHON_GC_GENERATION                     "cpython.gc.generation" /* int */
#define CAIRN_VALUE_CPYTHON_GC_GENERATION_GENERATION_0       0
#define CAIRN_VALUE_CPYTHON_GC_GENERATION_GENERATION_1       1
#define CAIRN_VALUE_CPYTHON_GC_GENERATION_GENERATION_2       2
#define CAIRN_ATTR_DB_CASSANDRA_CONSISTENCY_LEVEL            "db.cassandra.consistency_level" /* deprecated: cassandra.consistency.level */
#define CAIRN_ATTR_DB_CASSANDRA_COORDINATOR_DC               "db.cassandra.coordinator.dc" /* deprecated: cassandra.coordinator.dc */
#define CAIRN_ATTR_DB_CASSANDRA_COORDINATOR_ID               "db.cassandra.coordinator.id" /* deprecated: cassandra.coordinator.id */
#define CAIRN_ATTR_DB_CASSANDRA_IDEMPOTENCE                  "db.cassandra.idempotence" /* boolean; deprecated: cassandra.query.idempotent */
#define CAIRN_ATTR_DB_CASSANDRA_PAGE_SIZE                    "db.cassandra.page_size" /* int; deprecated: cassandra.page.size */
#define CAIRN_ATTR_DB_CASSANDRA_SPECULATIVE_EXECUTION_COUNT  "db.cassandra.speculative_execution_count" /* int; deprecated: cassandra.speculative_execution.count */
#define CAIRN_ATTR_DB_CASSANDRA_TABLE                        "db.cassandra.table" /* deprecated: db.collection.name */
#define CAIRN_ATTR_DB_CLIENT_CONNECTION_POOL_NAME            "db.client.connection.pool.name"
#define CAIRN_ATTR_DB_CLIENT_CONNECTION_STATE                "db.client.connection.state"
#define CAIRN_VALUE_DB_CLIENT_CONNECTION_STATE_IDLE          "idle"
#define CAIRN_VALUE_DB_CLIENT_CONNECTION_STATE_USED          "used"
#define CAIRN_ATTR_DB_CLIENT_CONNECTIONS_POOL_NAME           "db.client.connections.pool.name" /* deprecated: db.client.connection.pool.name */
#define CAIRN_ATTR_DB_CLIENT_CONNECTIONS_STATE               "db.client.connections.state" /* deprecated: db.client.connection.state */
#define CAIRN_ATTR_DB_CONNECTION_STRING                      "db.connection_string" /* deprecated: server.address server.port */
#define CAIRN_ATTR_DB_COSMOSDB_CLIENT_ID                     "db.cosmosdb.client_id" /* deprecated: azure.client.id */
#define CAIRN_ATTR_DB_COSMOSDB_CONNECTION_MODE               "db.cosmosdb.connection_mode" /* deprecated: azure.cosmosdb.connection.mode */
#define CAIRN_ATTR_DB_COSMOSDB_CONSISTENCY_LEVEL             "db.cosmosdb.consistency_level" /* deprecated: azure.cosmosdb.consistency.level */
#define CAIRN_ATTR_DB_COSMOSDB_CONTAINER                     "db.cosmosdb.container" /* deprecated: db.collection.name */
#define CAIRN_ATTR_DB_COSMOSDB_OPERATION_TYPE                "db.cosmosdb.operation_type" /* deprecated */
#define CAIRN_ATTR_DB_COSMOSDB_REGIONS_CONTACTED             "db.cosmosdb.regions_contacted" /* string[]; deprecated: azure.cosmosdb.operation.contacted_regions */
#define CAIRN_ATTR_DB_COSMOSDB_REQUEST_CHARGE                "db.cosmosdb.request_charge" /* double; deprecated: azure.cosmosdb.operation.request_charge */
#define CAIRN_ATTR_DB_COSMOSDB_REQUEST_CONTENT_LENGTH        "db.cosmosdb.request_content_length" /* int; deprecated: azure.cosmosdb.request.body.size */
#define CAIRN_ATTR_DB_COSMOSDB_STATUS_CODE                   "db.cosmosdb.status_code" /* int; deprecated: db.response.status_code */
#define CAIRN_ATTR_DB_COSMOSDB_SUB_STATUS_CODE               "db.cosmosdb.sub_status_code" /* int; deprecated: azure.cosmosdb.response.sub_status_code */
#define CAIRN_ATTR_DB_ELASTICSEARCH_CLUSTER_NAME             "db.elasticsearch.cluster.name" /* deprecated: db.namespace */
#define CAIRN_ATTR_DB_ELASTICSEARCH_NODE_NAME                "db.elasticsearch.node.name" /* deprecated: elasticsearch.node.name */
#define CAIRN_ATTR_DB_ELASTICSEARCH_PATH_PARTS               "db.elasticsearch.path_parts" /* template[string]; deprecated: db.operation.parameter */
#define CAIRN_ATTR_DB_INSTANCE_ID                            "db.instance.id" /* deprecated: db.elasticsearch.node.name */
#define CAIRN_ATTR_DB_JDBC_DRIVER_CLASSNAME                  "db.jdbc.driver_classname" /* deprecated */
#define CAIRN_ATTR_DB_MONGODB_COLLECTION                     "db.mongodb.collection" /* deprecated: db.collection.name */
#define CAIRN_ATTR_DB_MSSQL_INSTANCE_NAME                    "db.mssql.instance_name" /* deprecated */
#define CAIRN_ATTR_DB_NAME                                   "db.name" /* deprecated: db.namespace */
#define CAIRN_ATTR_DB_OPERATION                              "db.operation" /* deprecated: db.operation.name */
#define CAIRN_ATTR_DB_OPERATION_PARAMETER                    "db.operation.parameter" /* template[string] */
#define CAIRN_ATTR_DB_QUERY_PARAMETER                        "db.query.parameter" /* template[string] */
#define CAIRN_ATTR_DB_REDIS_DATABASE_INDEX                   "db.redis.database_index" /* int; deprecated: db.namespace */
#define CAIRN_ATTR_DB_RESPONSE_RETURNED_ROWS                 "db.response.returned_rows" /* int */
#define CAIRN_ATTR_DB_SQL_TABLE                              "db.sql.table" /* deprecated: db.collection.name db.query.text */
#define CAIRN_ATTR_DB_STATEMENT                              "db.statement" /* deprecated: db.query.text */
#define CAIRN_ATTR_DB_SYSTEM                                 "db.system" /* deprecated: db.system.name */
#define CAIRN_VALUE_DB_SYSTEM_NAME_ACTIAN_INGRES             "actian.ingres"
#define CAIRN_VALUE_DB_SYSTEM_NAME_AWS_DYNAMODB              "aws.dynamodb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_AWS_REDSHIFT              "aws.redshift"
#define CAIRN_VALUE_DB_SYSTEM_NAME_AZURE_COSMOSDB            "azure.cosmosdb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_CASSANDRA                 "cassandra"
#define CAIRN_VALUE_DB_SYSTEM_NAME_CLICKHOUSE                "clickhouse"
#define CAIRN_VALUE_DB_SYSTEM_NAME_COCKROACHDB               "cockroachdb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_COUCHBASE                 "couchbase"
#define CAIRN_VALUE_DB_SYSTEM_NAME_COUCHDB                   "couchdb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_DERBY                     "derby"
#define CAIRN_VALUE_DB_SYSTEM_NAME_ELASTICSEARCH             "elasticsearch"
#define CAIRN_VALUE_DB_SYSTEM_NAME_FIREBIRDSQL               "firebirdsql"
#define CAIRN_VALUE_DB_SYSTEM_NAME_GCP_SPANNER               "gcp.spanner"
#define CAIRN_VALUE_DB_SYSTEM_NAME_GEODE                     "geode"
#define CAIRN_VALUE_DB_SYSTEM_NAME_H2DATABASE                "h2database"
#define CAIRN_VALUE_DB_SYSTEM_NAME_HBASE                     "hbase"
#define CAIRN_VALUE_DB_SYSTEM_NAME_HIVE                      "hive"
#define CAIRN_VALUE_DB_SYSTEM_NAME_HSQLDB                    "hsqldb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_IBM_DB2                   "ibm.db2"
#define CAIRN_VALUE_DB_SYSTEM_NAME_IBM_INFORMIX              "ibm.informix"
#define CAIRN_VALUE_DB_SYSTEM_NAME_IBM_NETEZZA               "ibm.netezza"
#define CAIRN_VALUE_DB_SYSTEM_NAME_INFLUXDB                  "influxdb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_INSTANTDB                 "instantdb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_INTERSYSTEMS_CACHE        "intersystems.cache"
#define CAIRN_VALUE_DB_SYSTEM_NAME_MEMCACHED                 "memcached"
#define CAIRN_VALUE_DB_SYSTEM_NAME_MONGODB                   "mongodb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_NEO4J                     "neo4j"
#define CAIRN_VALUE_DB_SYSTEM_NAME_OPENSEARCH                "opensearch"
#define CAIRN_VALUE_DB_SYSTEM_NAME_ORACLE_DB                 "oracle.db"
#define CAIRN_VALUE_DB_SYSTEM_NAME_OTHER_SQL                 "other_sql"
#define CAIRN_VALUE_DB_SYSTEM_NAME_REDIS                     "redis"
#define CAIRN_VALUE_DB_SYSTEM_NAME_SAP_HANA                  "sap.hana"
#define CAIRN_VALUE_DB_SYSTEM_NAME_SAP_MAXDB                 "sap.maxdb"
#define CAIRN_VALUE_DB_SYSTEM_NAME_SOFTWAREAG_ADABAS         "softwareag.adabas"
#define CAIRN_VALUE_DB_SYSTEM_NAME_SQLITE                    "sqlite"
#define CAIRN_VALUE_DB_SYSTEM_NAME_TERADATA                  "teradata"
#define CAIRN_VALUE_DB_SYSTEM_NAME_TRINO                     "trino"
#define CAIRN_ATTR_DB_USER                                   "db.user" /* deprecated */
#define CAIRN_ATTR_DEPLOYMENT_ENVIRONMENT                    "deployment.environment" /* deprecated: deployment.environment.name */
#define CAIRN_ATTR_DEPLOYMENT_ID                             "deployment.id"
#define CAIRN_ATTR_DEPLOYMENT_NAME                           "deployment.name"
#define CAIRN_ATTR_DEPLOYMENT_STATUS                         "deployment.status"
#define CAIRN_VALUE_DEPLOYMENT_STATUS_FAILED                 "failed"
#define CAIRN_VALUE_DEPLOYMENT_STATUS_SUCCEEDED              "succeeded"
#define CAIRN_ATTR_DESTINATION_ADDRESS                       "destination.address"
#define CAIRN_ATTR_DESTINATION_PORT                          "destination.port" /* int */
#define CAIRN_ATTR_DEVICE_ID                                 "device.id"
#define CAIRN_ATTR_DEVICE_MANUFACTURER                       "device.manufacturer"
#define CAIRN_ATTR_DEVICE_MODEL_IDENTIFIER                   "device.model.identifier"
#define CAIRN_ATTR_DEVICE_MODEL_NAME                         "device.model.name"
#define CAIRN_ATTR_DISK_IO_DIRECTION                         "disk.io.direction"
#define CAIRN_VALUE_DISK_IO_DIRECTION_READ                   "read"
#define CAIRN_VALUE_DISK_IO_DIRECTION_WRITE                  "write"
#define CAIRN_ATTR_DNS_ANSWERS                               "dns.answers" /* string[] */
#define CAIRN_ATTR_DNS_QUESTION_NAME                         "dns.question.name"
#define CAIRN_ATTR_ELASTICSEARCH_NODE_NAME                   "elasticsearch.node.name"
#define CAIRN_ATTR_ENDUSER_ID                                "enduser.id"
#define CAIRN_ATTR_ENDUSER_PSEUDO_ID                         "enduser.pseudo.id"
#define CAIRN_ATTR_ENDUSER_ROLE                              "enduser.role" /* deprecated: user.roles */
#define CAIRN_ATTR_ENDUSER_SCOPE                             "enduser.scope" /* deprecated */
#define CAIRN_ATTR_ERROR_MESSAGE                             "error.message" /* deprecated: feature_flag.error.message */
#define CAIRN_ATTR_EVENT_NAME                                "event.name" /* deprecated */
#define CAIRN_ATTR_FAAS_COLDSTART                            "faas.coldstart" /* boolean */
#define CAIRN_ATTR_FAAS_CRON                                 "faas.cron"
#define CAIRN_ATTR_FAAS_DOCUMENT_COLLECTION                  "faas.document.collection"
#define CAIRN_ATTR_FAAS_DOCUMENT_NAME                        "faas.document.name"
#define CAIRN_ATTR_FAAS_DOCUMENT_OPERATION                   "faas.document.operation"
#define CAIRN_VALUE_FAAS_DOCUMENT_OPERATION_DELETE           "delete"
#define CAIRN_VALUE_FAAS_DOCUMENT_OPERATION_EDIT             "edit"
#define CAIRN_VALUE_FAAS_DOCUMENT_OPERATION_INSERT           "insert"
#define CAIRN_ATTR_FAAS_DOCUMENT_TIME                        "faas.document.time"
#define CAIRN_ATTR_FAAS_INSTANCE                             "faas.instance"
#define CAIRN_ATTR_FAAS_INVOCATION_ID                        "faas.invocation_id"
#define CAIRN_ATTR_FAAS_INVOKED_NAME                         "faas.invoked_name"
#define CAIRN_ATTR_FAAS_INVOKED_PROVIDER                     "faas.invoked_provider"
#define CAIRN_VALUE_FAAS_INVOKED_PROVIDER_ALIBABA_CLOUD      "alibaba_cloud"
#define CAIRN_VALUE_FAAS_INVOKED_PROVIDER_AWS                "aws"
#define CAIRN_VALUE_FAAS_INVOKED_PROVIDER_AZURE              "azure"
#define CAIRN_VALUE_FAAS_INVOKED_PROVIDER_GCP                "gcp"
#define CAIRN_VALUE_FAAS_INVOKED_PROVIDER_TENCENT_CLOUD      "tencent_cloud"
#define CAIRN_ATTR_FAAS_INVOKED_REGION                       "faas.invoked_region"
#define CAIRN_ATTR_FAAS_MAX_MEMORY                           "faas.max_memory" /* int */
#define CAIRN_ATTR_FAAS_NAME                                 "faas.name"
#define CAIRN_ATTR_FAAS_TIME                                 "faas.time"
#define CAIRN_ATTR_FAAS_TRIGGER                              "faas.trigger"
#define CAIRN_VALUE_FAAS_TRIGGER_DATASOURCE                  "datasource"
#define CAIRN_VALUE_FAAS_TRIGGER_HTTP                        "http"
#define CAIRN_VALUE_FAAS_TRIGGER_OTHER                       "other"
#define CAIRN_VALUE_FAAS_TRIGGER_PUBSUB                      "pubsub"
#define CAIRN_VALUE_FAAS_TRIGGER_TIMER                       "timer"
#define CAIRN_ATTR_FAAS_VERSION                              "faas.version"
#define CAIRN_ATTR_FEATURE_FLAG_CONTEXT_ID                   "feature_flag.context.id"
#define CAIRN_ATTR_FEATURE_FLAG_ERROR_MESSAGE                "feature_flag.error.message"
#define CAIRN_ATTR_FEATURE_FLAG_EVALUATION_ERROR_MESSAGE     "feature_flag.evaluation.error.message" /* deprecated: feature_flag.error.message */
#define CAIRN_ATTR_FEATURE_FLAG_EVALUATION_REASON            "feature_flag.evaluation.reason" /* deprecated: feature_flag.result.reason */
#define CAIRN_ATTR_FEATURE_FLAG_KEY                          "feature_flag.key"
#define CAIRN_ATTR_FEATURE_FLAG_PROVIDER_NAME                "feature_flag.provider.name"
#define CAIRN_ATTR_FEATURE_FLAG_RESULT_REASON                "feature_flag.result.reason"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_CACHED        "cached"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_DEFAULT       "default"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_DISABLED      "disabled"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_ERROR         "error"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_SPLIT         "split"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_STALE         "stale"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_STATIC        "static"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_TARGETING_MATCH "targeting_match"
#define CAIRN_VALUE_FEATURE_FLAG_RESULT_REASON_UNKNOWN       "unknown"
#define CAIRN_ATTR_FEATURE_FLAG_RESULT_VALUE                 "feature_flag.result.value" /* any */
#define CAIRN_ATTR_FEATURE_FLAG_RESULT_VARIANT               "feature_flag.result.variant"
#define CAIRN_ATTR_FEATURE_FLAG_SET_ID                       "feature_flag.set.id"
#define CAIRN_ATTR_FEATURE_FLAG_VARIANT                      "feature_flag.variant" /* deprecated: feature_flag.result.variant */
#define CAIRN_ATTR_FEATURE_FLAG_VERSION                      "feature_flag.version"
#define CAIRN_ATTR_FILE_ACCESSED                             "file.accessed"
#define CAIRN_ATTR_FILE_ATTRIBUTES                           "file.attributes" /* string[] */
#define CAIRN_ATTR_FILE_CHANGED                              "file.changed"
#define CAIRN_ATTR_FILE_CREATED                              "file.created"
#define CAIRN_ATTR_FILE_DIRECTORY                            "file.directory"
#define CAIRN_ATTR_FILE_EXTENSION                            "file.extension"
#define CAIRN_ATTR_FILE_FORK_NAME                            "file.fork_name"
#define CAIRN_ATTR_FILE_GROUP_ID                             "file.group.id"
#define CAIRN_ATTR_FILE_GROUP_NAME                           "file.group.name"
#define CAIRN_ATTR_FILE_INODE                                "file.inode"
#define CAIRN_ATTR_FILE_LOCK_MECHANISM                       "file.lock.mechanism"
#define CAIRN_ATTR_FILE_LOCK_MODE                            "file.lock.mode"
#define CAIRN_ATTR_FILE_LOCK_TYPE                            "file.lock.type"
#define CAIRN_VALUE_FILE_LOCK_TYPE_READ                      "read"
#define CAIRN_VALUE_FILE_LOCK_TYPE_WRITE                     "write"
#define CAIRN_ATTR_FILE_MODE                                 "file.mode"
#define CAIRN_ATTR_FILE_MODIFIED                             "file.modified"
#define CAIRN_ATTR_FILE_NAME                                 "file.name"
#define CAIRN_ATTR_FILE_OWNER_ID                             "file.owner.id"
#define CAIRN_ATTR_FILE_OWNER_NAME                           "file.owner.name"
#define CAIRN_ATTR_FILE_PATH                                 "file.path"
#define CAIRN_ATTR_FILE_SIZE                                 "file.size" /* int */
#define CAIRN_ATTR_FILE_SYMBOLIC_LINK_TARGET_PATH            "file.symbolic_link.target_path"
#define CAIRN_ATTR_GCP_APPHUB_APPLICATION_CONTAINER          "gcp.apphub.application.container"
#define CAIRN_ATTR_GCP_APPHUB_APPLICATION_ID                 "gcp.apphub.application.id"
#define CAIRN_ATTR_GCP_APPHUB_APPLICATION_LOCATION           "gcp.apphub.application.location"
#define CAIRN_ATTR_GCP_APPHUB_SERVICE_CRITICALITY_TYPE       "gcp.apphub.service.criticality_type"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_CRITICALITY_TYPE_HIGH "HIGH"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_CRITICALITY_TYPE_LOW  "LOW"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_CRITICALITY_TYPE_MEDIUM "MEDIUM"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_CRITICALITY_TYPE_MISSION_CRITICAL "MISSION_CRITICAL"
#define CAIRN_ATTR_GCP_APPHUB_SERVICE_ENVIRONMENT_TYPE       "gcp.apphub.service.environment_type"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_ENVIRONMENT_TYPE_DEVELOPMENT "DEVELOPMENT"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_ENVIRONMENT_TYPE_PRODUCTION "PRODUCTION"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_ENVIRONMENT_TYPE_STAGING "STAGING"
#define CAIRN_VALUE_GCP_APPHUB_SERVICE_ENVIRONMENT_TYPE_TEST "TEST"
#define CAIRN_ATTR_GCP_APPHUB_SERVICE_ID                     "gcp.apphub.service.id"
#define CAIRN_ATTR_GCP_APPHUB_WORKLOAD_CRITICALITY_TYPE      "gcp.apphub.workload.criticality_type"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_CRITICALITY_TYPE_HIGH "HIGH"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_CRITICALITY_TYPE_LOW "LOW"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_CRITICALITY_TYPE_MEDIUM "MEDIUM"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_CRITICALITY_TYPE_MISSION_CRITICAL "MISSION_CRITICAL"
#define CAIRN_ATTR_GCP_APPHUB_WORKLOAD_ENVIRONMENT_TYPE      "gcp.apphub.workload.environment_type"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_ENVIRONMENT_TYPE_DEVELOPMENT "DEVELOPMENT"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_ENVIRONMENT_TYPE_PRODUCTION "PRODUCTION"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_ENVIRONMENT_TYPE_STAGING "STAGING"
#define CAIRN_VALUE_GCP_APPHUB_WORKLOAD_ENVIRONMENT_TYPE_TEST "TEST"
#define CAIRN_ATTR_GCP_APPHUB_WORKLOAD_ID                    "gcp.apphub.workload.id"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_APPLICATION_CONTAINER "gcp.apphub_destination.application.container"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_APPLICATION_ID     "gcp.apphub_destination.application.id"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_APPLICATION_LOCATION "gcp.apphub_destination.application.location"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_SERVICE_CRITICALITY_TYPE "gcp.apphub_destination.service.criticality_type"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_CRITICALITY_TYPE_HIGH "HIGH"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_CRITICALITY_TYPE_LOW "LOW"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_CRITICALITY_TYPE_MEDIUM "MEDIUM"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_CRITICALITY_TYPE_MISSION_CRITICAL "MISSION_CRITICAL"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_SERVICE_ENVIRONMENT_TYPE "gcp.apphub_destination.service.environment_type"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_ENVIRONMENT_TYPE_DEVELOPMENT "DEVELOPMENT"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_ENVIRONMENT_TYPE_PRODUCTION "PRODUCTION"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_ENVIRONMENT_TYPE_STAGING "STAGING"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_SERVICE_ENVIRONMENT_TYPE_TEST "TEST"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_SERVICE_ID         "gcp.apphub_destination.service.id"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_WORKLOAD_CRITICALITY_TYPE "gcp.apphub_destination.workload.criticality_type"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_CRITICALITY_TYPE_HIGH "HIGH"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_CRITICALITY_TYPE_LOW "LOW"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_CRITICALITY_TYPE_MEDIUM "MEDIUM"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_CRITICALITY_TYPE_MISSION_CRITICAL "MISSION_CRITICAL"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_WORKLOAD_ENVIRONMENT_TYPE "gcp.apphub_destination.workload.environment_type"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_ENVIRONMENT_TYPE_DEVELOPMENT "DEVELOPMENT"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_ENVIRONMENT_TYPE_PRODUCTION "PRODUCTION"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_ENVIRONMENT_TYPE_STAGING "STAGING"
#define CAIRN_VALUE_GCP_APPHUB_DESTINATION_WORKLOAD_ENVIRONMENT_TYPE_TEST "TEST"
#define CAIRN_ATTR_GCP_APPHUB_DESTINATION_WORKLOAD_ID        "gcp.apphub_destination.workload.id"
#define CAIRN_ATTR_GCP_CLIENT_SERVICE                        "gcp.client.service"
#define CAIRN_ATTR_GCP_CLOUD_RUN_JOB_EXECUTION               "gcp.cloud_run.job.execution"
#define CAIRN_ATTR_GCP_CLOUD_RUN_JOB_TASK_INDEX              "gcp.cloud_run.job.task_index" /* int */
#define CAIRN_ATTR_GCP_GCE_INSTANCE_HOSTNAME                 "gcp.gce.instance.hostname"
#define CAIRN_ATTR_GCP_GCE_INSTANCE_LABELS                   "gcp.gce.instance.labels" /* template[string] */
#define CAIRN_ATTR_GCP_GCE_INSTANCE_NAME                     "gcp.gce.instance.name"
#define CAIRN_ATTR_GCP_GCE_INSTANCE_GROUP_MANAGER_NAME       "gcp.gce.instance_group_manager.name"
#define CAIRN_ATTR_GCP_GCE_INSTANCE_GROUP_MANAGER_REGION     "gcp.gce.instance_group_manager.region"
#define CAIRN_ATTR_GCP_GCE_INSTANCE_GROUP_MANAGER_ZONE       "gcp.gce.instance_group_manager.zone"
#define CAIRN_ATTR_GEN_AI_AGENT_DESCRIPTION                  "gen_ai.agent.description" /* deprecated */
#define CAIRN_ATTR_GEN_AI_AGENT_ID                           "gen_ai.agent.id" /* deprecated */
#define CAIRN_ATTR_GEN_AI_AGENT_NAME                         "gen_ai.agent.name" /* deprecated */
#define CAIRN_ATTR_GEN_AI_AGENT_VERSION                      "gen_ai.agent.version" /* deprecated */
#define CAIRN_ATTR_GEN_AI_COMPLETION                         "gen_ai.completion" /* deprecated */
#define CAIRN_ATTR_GEN_AI_CONVERSATION_ID                    "gen_ai.conversation.id" /* deprecated */
#define CAIRN_ATTR_GEN_AI_DATA_SOURCE_ID                     "gen_ai.data_source.id" /* deprecated */
#define CAIRN_ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT         "gen_ai.embeddings.dimension.count" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_EVALUATION_EXPLANATION             "gen_ai.evaluation.explanation" /* deprecated */
#define CAIRN_ATTR_GEN_AI_EVALUATION_NAME                    "gen_ai.evaluation.name" /* deprecated */
#define CAIRN_ATTR_GEN_AI_EVALUATION_SCORE_LABEL             "gen_ai.evaluation.score.label" /* deprecated */
#define CAIRN_ATTR_GEN_AI_EVALUATION_SCORE_VALUE             "gen_ai.evaluation.score.value" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_INPUT_MESSAGES                     "gen_ai.input.messages" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_OPENAI_REQUEST_RESPONSE_FORMAT     "gen_ai.openai.request.response_format" /* deprecated: gen_ai.output.type */
#define CAIRN_ATTR_GEN_AI_OPENAI_REQUEST_SEED                "gen_ai.openai.request.seed" /* int; deprecated: gen_ai.request.seed */
#define CAIRN_ATTR_GEN_AI_OPENAI_REQUEST_SERVICE_TIER        "gen_ai.openai.request.service_tier" /* deprecated: openai.request.service_tier */
#define CAIRN_ATTR_GEN_AI_OPENAI_RESPONSE_SERVICE_TIER       "gen_ai.openai.response.service_tier" /* deprecated: openai.response.service_tier */
#define CAIRN_ATTR_GEN_AI_OPENAI_RESPONSE_SYSTEM_FINGERPRINT "gen_ai.openai.response.system_fingerprint" /* deprecated: openai.response.system_fingerprint */
#define CAIRN_ATTR_GEN_AI_OPERATION_NAME                     "gen_ai.operation.name" /* deprecated */
#define CAIRN_ATTR_GEN_AI_OUTPUT_MESSAGES                    "gen_ai.output.messages" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_OUTPUT_TYPE                        "gen_ai.output.type" /* deprecated */
#define CAIRN_ATTR_GEN_AI_PROMPT                             "gen_ai.prompt" /* deprecated */
#define CAIRN_ATTR_GEN_AI_PROMPT_NAME                        "gen_ai.prompt.name" /* deprecated */
#define CAIRN_ATTR_GEN_AI_PROVIDER_NAME                      "gen_ai.provider.name" /* deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_CHOICE_COUNT               "gen_ai.request.choice.count" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_ENCODING_FORMATS           "gen_ai.request.encoding_formats" /* string[]; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY          "gen_ai.request.frequency_penalty" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_MAX_TOKENS                 "gen_ai.request.max_tokens" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_MODEL                      "gen_ai.request.model" /* deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY           "gen_ai.request.presence_penalty" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_SEED                       "gen_ai.request.seed" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_STOP_SEQUENCES             "gen_ai.request.stop_sequences" /* string[]; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_STREAM                     "gen_ai.request.stream" /* boolean; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_TEMPERATURE                "gen_ai.request.temperature" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_TOP_K                      "gen_ai.request.top_k" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_REQUEST_TOP_P                      "gen_ai.request.top_p" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_RESPONSE_FINISH_REASONS            "gen_ai.response.finish_reasons" /* string[]; deprecated */
#define CAIRN_ATTR_GEN_AI_RESPONSE_ID                        "gen_ai.response.id" /* deprecated */
#define CAIRN_ATTR_GEN_AI_RESPONSE_MODEL                     "gen_ai.response.model" /* deprecated */
#define CAIRN_ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK       "gen_ai.response.time_to_first_chunk" /* double; deprecated */
#define CAIRN_ATTR_GEN_AI_RETRIEVAL_DOCUMENTS                "gen_ai.retrieval.documents" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_RETRIEVAL_QUERY_TEXT               "gen_ai.retrieval.query.text" /* deprecated */
#define CAIRN_ATTR_GEN_AI_SYSTEM                             "gen_ai.system" /* deprecated: gen_ai.provider.name */
#define CAIRN_ATTR_GEN_AI_SYSTEM_INSTRUCTIONS                "gen_ai.system_instructions" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_TOKEN_TYPE                         "gen_ai.token.type" /* deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_CALL_ARGUMENTS                "gen_ai.tool.call.arguments" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_CALL_ID                       "gen_ai.tool.call.id" /* deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_CALL_RESULT                   "gen_ai.tool.call.result" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_DEFINITIONS                   "gen_ai.tool.definitions" /* any; deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_DESCRIPTION                   "gen_ai.tool.description" /* deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_NAME                          "gen_ai.tool.name" /* deprecated */
#define CAIRN_ATTR_GEN_AI_TOOL_TYPE                          "gen_ai.tool.type" /* deprecated */
#define CAIRN_ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS  "gen_ai.usage.cache_creation.input_tokens" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS      "gen_ai.usage.cache_read.input_tokens" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_USAGE_COMPLETION_TOKENS            "gen_ai.usage.completion_tokens" /* int; deprecated: gen_ai.usage.output_tokens */
#define CAIRN_ATTR_GEN_AI_USAGE_INPUT_TOKENS                 "gen_ai.usage.input_tokens" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_USAGE_OUTPUT_TOKENS                "gen_ai.usage.output_tokens" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_USAGE_PROMPT_TOKENS                "gen_ai.usage.prompt_tokens" /* int; deprecated: gen_ai.usage.input_tokens */
#define CAIRN_ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS      "gen_ai.usage.reasoning.output_tokens" /* int; deprecated */
#define CAIRN_ATTR_GEN_AI_WORKFLOW_NAME                      "gen_ai.workflow.name" /* deprecated */
#define CAIRN_ATTR_GEO_CONTINENT_CODE                        "geo.continent.code"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_AF                    "AF"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_AN                    "AN"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_AS                    "AS"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_EU                    "EU"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_NA                    "NA"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_OC                    "OC"
#define CAIRN_VALUE_GEO_CONTINENT_CODE_SA                    "SA"
#define CAIRN_ATTR_GEO_COUNTRY_ISO_CODE                      "geo.country.iso_code"
#define CAIRN_ATTR_GEO_LOCALITY_NAME                         "geo.locality.name"
#define CAIRN_ATTR_GEO_LOCATION_LAT                          "geo.location.lat" /* double */
#define CAIRN_ATTR_GEO_LOCATION_LON                          "geo.location.lon" /* double */
#define CAIRN_ATTR_GEO_POSTAL_CODE                           "geo.postal_code"
#define CAIRN_ATTR_GEO_REGION_ISO_CODE                       "geo.region.iso_code"
#define CAIRN_ATTR_GO_CPU_DETAILED_STATE                     "go.cpu.detailed_state"
#define CAIRN_ATTR_GO_CPU_STATE                              "go.cpu.state"
#define CAIRN_VALUE_GO_CPU_STATE_GC                          "gc"
#define CAIRN_VALUE_GO_CPU_STATE_IDLE                        "idle"
#define CAIRN_VALUE_GO_CPU_STATE_SCAVENGE                    "scavenge"
#define CAIRN_VALUE_GO_CPU_STATE_USER                        "user"
#define CAIRN_ATTR_GO_MEMORY_DETAILED_TYPE                   "go.memory.detailed_type"
#define CAIRN_ATTR_GO_MEMORY_TYPE                            "go.memory.type"
#define CAIRN_VALUE_GO_MEMORY_TYPE_OTHER                     "other"
#define CAIRN_VALUE_GO_MEMORY_TYPE_STACK                     "stack"
#define CAIRN_ATTR_GRAPHQL_DOCUMENT                          "graphql.document"
#define CAIRN_ATTR_GRAPHQL_OPERATION_NAME                    "graphql.operation.name"
#define CAIRN_ATTR_GRAPHQL_OPERATION_TYPE                    "graphql.operation.type"
#define CAIRN_VALUE_GRAPHQL_OPERATION_TYPE_MUTATION          "mutation"
#define CAIRN_VALUE_GRAPHQL_OPERATION_TYPE_QUERY             "query"
#define CAIRN_VALUE_GRAPHQL_OPERATION_TYPE_SUBSCRIPTION      "subscription"
#define CAIRN_ATTR_HEROKU_APP_ID                             "heroku.app.id"
#define CAIRN_ATTR_HEROKU_RELEASE_COMMIT                     "heroku.release.commit"
#define CAIRN_ATTR_HEROKU_RELEASE_CREATION_TIMESTAMP         "heroku.release.creation_timestamp"
#define CAIRN_ATTR_HOST_ARCH                                 "host.arch"
#define CAIRN_VALUE_HOST_ARCH_AMD64                          "amd64"
#define CAIRN_VALUE_HOST_ARCH_ARM32                          "arm32"
#define CAIRN_VALUE_HOST_ARCH_ARM64                          "arm64"
#define CAIRN_VALUE_HOST_ARCH_IA64                           "ia64"
#define CAIRN_VALUE_HOST_ARCH_PPC32                          "ppc32"
#define CAIRN_VALUE_HOST_ARCH_PPC64                          "ppc64"
#define CAIRN_VALUE_HOST_ARCH_S390X                          "s390x"
#define CAIRN_VALUE_HOST_ARCH_X86                            "x86"
#define CAIRN_ATTR_HOST_CPU_CACHE_L2_SIZE                    "host.cpu.cache.l2.size" /* int */
#define CAIRN_ATTR_HOST_CPU_FAMILY                           "host.cpu.family"
#define CAIRN_ATTR_HOST_CPU_MODEL_ID                         "host.cpu.model.id"
#define CAIRN_ATTR_HOST_CPU_MODEL_NAME                       "host.cpu.model.name"
#define CAIRN_ATTR_HOST_CPU_STEPPING                         "host.cpu.stepping"
#define CAIRN_ATTR_HOST_CPU_VENDOR_ID                        "host.cpu.vendor.id"
#define CAIRN_ATTR_HOST_ID                                   "host.id"
#define CAIRN_ATTR_HOST_IMAGE_ID                             "host.image.id"
#define CAIRN_ATTR_HOST_IMAGE_NAME                           "host.image.name"
#define CAIRN_ATTR_HOST_IMAGE_VERSION                        "host.image.version"
#define CAIRN_ATTR_HOST_IP                                   "host.ip" /* string[] */
#define CAIRN_ATTR_HOST_MAC                                  "host.mac" /* string[] */
#define CAIRN_ATTR_HOST_NAME                                 "host.name"
#define CAIRN_ATTR_HOST_TYPE                                 "host.type"
#define CAIRN_ATTR_HTTP_CLIENT_IP                            "http.client_ip" /* deprecated: client.address */
#define CAIRN_ATTR_HTTP_CONNECTION_STATE                     "http.connection.state"
#define CAIRN_VALUE_HTTP_CONNECTION_STATE_ACTIVE             "active"
#define CAIRN_VALUE_HTTP_CONNECTION_STATE_IDLE               "idle"
#define CAIRN_ATTR_HTTP_FLAVOR                               "http.flavor" /* deprecated: network.protocol.name network.protocol.version */
#define CAIRN_ATTR_HTTP_HOST                                 "http.host" /* deprecated: server.address client.address http.request.header.host */
#define CAIRN_ATTR_HTTP_METHOD                               "http.method" /* deprecated: http.request.method */
#define CAIRN_ATTR_HTTP_REQUEST_BODY_SIZE                    "http.request.body.size" /* int */
#define CAIRN_VALUE_HTTP_REQUEST_METHOD_QUERY                "QUERY"
#define CAIRN_ATTR_HTTP_REQUEST_SIZE                         "http.request.size" /* int */
#define CAIRN_ATTR_HTTP_REQUEST_CONTENT_LENGTH               "http.request_content_length" /* int; deprecated */
#define CAIRN_ATTR_HTTP_REQUEST_CONTENT_LENGTH_UNCOMPRESSED  "http.request_content_length_uncompressed" /* int; deprecated: http.request.body.size */
#define CAIRN_ATTR_HTTP_RESPONSE_BODY_SIZE                   "http.response.body.size" /* int */
#define CAIRN_ATTR_HTTP_RESPONSE_SIZE                        "http.response.size" /* int */
#define CAIRN_ATTR_HTTP_RESPONSE_CONTENT_LENGTH              "http.response_content_length" /* int; deprecated */
#define CAIRN_ATTR_HTTP_RESPONSE_CONTENT_LENGTH_UNCOMPRESSED "http.response_content_length_uncompressed" /* int; deprecated: http.response.body.size */
#define CAIRN_ATTR_HTTP_SCHEME                               "http.scheme" /* deprecated: url.scheme */
#define CAIRN_ATTR_HTTP_SERVER_NAME                          "http.server_name" /* deprecated: server.address */
#define CAIRN_ATTR_HTTP_STATUS_CODE                          "http.status_code" /* int; deprecated: http.response.status_code */
#define CAIRN_ATTR_HTTP_TARGET                               "http.target" /* deprecated: url.path url.query */
#define CAIRN_ATTR_HTTP_URL                                  "http.url" /* deprecated: url.full */
#define CAIRN_ATTR_HTTP_USER_AGENT                           "http.user_agent" /* deprecated: user_agent.original */
#define CAIRN_ATTR_HW_BATTERY_CAPACITY                       "hw.battery.capacity"
#define CAIRN_ATTR_HW_BATTERY_CHEMISTRY                      "hw.battery.chemistry"
#define CAIRN_ATTR_HW_BATTERY_STATE                          "hw.battery.state"
#define CAIRN_VALUE_HW_BATTERY_STATE_CHARGING                "charging"
#define CAIRN_VALUE_HW_BATTERY_STATE_DISCHARGING             "discharging"
#define CAIRN_ATTR_HW_BIOS_VERSION                           "hw.bios_version"
#define CAIRN_ATTR_HW_DRIVER_VERSION                         "hw.driver_version"
#define CAIRN_ATTR_HW_ENCLOSURE_TYPE                         "hw.enclosure.type"
#define CAIRN_ATTR_HW_FIRMWARE_VERSION                       "hw.firmware_version"
#define CAIRN_ATTR_HW_GPU_TASK                               "hw.gpu.task"
#define CAIRN_VALUE_HW_GPU_TASK_DECODER                      "decoder"
#define CAIRN_VALUE_HW_GPU_TASK_ENCODER                      "encoder"
#define CAIRN_VALUE_HW_GPU_TASK_GENERAL                      "general"
#define CAIRN_ATTR_HW_ID                                     "hw.id"
#define CAIRN_ATTR_HW_LIMIT_TYPE                             "hw.limit_type"
#define CAIRN_VALUE_HW_LIMIT_TYPE_CRITICAL                   "critical"
#define CAIRN_VALUE_HW_LIMIT_TYPE_DEGRADED                   "degraded"
#define CAIRN_VALUE_HW_LIMIT_TYPE_HIGH_CRITICAL              "high.critical"
#define CAIRN_VALUE_HW_LIMIT_TYPE_HIGH_DEGRADED              "high.degraded"
#define CAIRN_VALUE_HW_LIMIT_TYPE_LOW_CRITICAL               "low.critical"
#define CAIRN_VALUE_HW_LIMIT_TYPE_LOW_DEGRADED               "low.degraded"
#define CAIRN_VALUE_HW_LIMIT_TYPE_MAX                        "max"
#define CAIRN_VALUE_HW_LIMIT_TYPE_THROTTLED                  "throttled"
#define CAIRN_VALUE_HW_LIMIT_TYPE_TURBO                      "turbo"
#define CAIRN_ATTR_HW_LOGICAL_DISK_RAID_LEVEL                "hw.logical_disk.raid_level"
#define CAIRN_ATTR_HW_LOGICAL_DISK_STATE                     "hw.logical_disk.state"
#define CAIRN_VALUE_HW_LOGICAL_DISK_STATE_FREE               "free"
#define CAIRN_VALUE_HW_LOGICAL_DISK_STATE_USED               "used"
#define CAIRN_ATTR_HW_MEMORY_TYPE                            "hw.memory.type"
#define CAIRN_ATTR_HW_MODEL                                  "hw.model"
#define CAIRN_ATTR_HW_NAME                                   "hw.name"
#define CAIRN_ATTR_HW_NETWORK_LOGICAL_ADDRESSES              "hw.network.logical_addresses" /* string[] */
#define CAIRN_ATTR_HW_NETWORK_PHYSICAL_ADDRESS               "hw.network.physical_address"
#define CAIRN_ATTR_HW_PARENT                                 "hw.parent"
#define CAIRN_ATTR_HW_PHYSICAL_DISK_SMART_ATTRIBUTE          "hw.physical_disk.smart_attribute"
#define CAIRN_ATTR_HW_PHYSICAL_DISK_STATE                    "hw.physical_disk.state"
#define CAIRN_VALUE_HW_PHYSICAL_DISK_STATE_REMAINING         "remaining"
#define CAIRN_ATTR_HW_PHYSICAL_DISK_TYPE                     "hw.physical_disk.type"
#define CAIRN_ATTR_HW_SENSOR_LOCATION                        "hw.sensor_location"
#define CAIRN_ATTR_HW_SERIAL_NUMBER                          "hw.serial_number"
#define CAIRN_ATTR_HW_STATE                                  "hw.state"
#define CAIRN_VALUE_HW_STATE_DEGRADED                        "degraded"
#define CAIRN_VALUE_HW_STATE_FAILED                          "failed"
#define CAIRN_VALUE_HW_STATE_NEEDS_CLEANING                  "needs_cleaning"
#define CAIRN_VALUE_HW_STATE_OK                              "ok"
#define CAIRN_VALUE_HW_STATE_PREDICTED_FAILURE               "predicted_failure"
#define CAIRN_ATTR_HW_TAPE_DRIVE_OPERATION_TYPE              "hw.tape_drive.operation_type"
#define CAIRN_VALUE_HW_TAPE_DRIVE_OPERATION_TYPE_CLEAN       "clean"
#define CAIRN_VALUE_HW_TAPE_DRIVE_OPERATION_TYPE_MOUNT       "mount"
#define CAIRN_VALUE_HW_TAPE_DRIVE_OPERATION_TYPE_UNMOUNT     "unmount"
#define CAIRN_ATTR_HW_TYPE                                   "hw.type"
#define CAIRN_VALUE_HW_TYPE_BATTERY                          "battery"
#define CAIRN_VALUE_HW_TYPE_CPU                              "cpu"
#define CAIRN_VALUE_HW_TYPE_DISK_CONTROLLER                  "disk_controller"
#define CAIRN_VALUE_HW_TYPE_ENCLOSURE                        "enclosure"
#define CAIRN_VALUE_HW_TYPE_FAN                              "fan"
#define CAIRN_VALUE_HW_TYPE_GPU                              "gpu"
#define CAIRN_VALUE_HW_TYPE_LOGICAL_DISK                     "logical_disk"
#define CAIRN_VALUE_HW_TYPE_MEMORY                           "memory"
#define CAIRN_VALUE_HW_TYPE_NETWORK                          "network"
#define CAIRN_VALUE_HW_TYPE_PHYSICAL_DISK                    "physical_disk"
#define CAIRN_VALUE_HW_TYPE_POWER_SUPPLY                     "power_supply"
#define CAIRN_VALUE_HW_TYPE_TAPE_DRIVE                       "tape_drive"
#define CAIRN_VALUE_HW_TYPE_TEMPERATURE                      "temperature"
#define CAIRN_VALUE_HW_TYPE_VOLTAGE                          "voltage"
#define CAIRN_ATTR_HW_VENDOR                                 "hw.vendor"
#define CAIRN_ATTR_IOS_APP_STATE                             "ios.app.state"
#define CAIRN_VALUE_IOS_APP_STATE_ACTIVE                     "active"
#define CAIRN_VALUE_IOS_APP_STATE_BACKGROUND                 "background"
#define CAIRN_VALUE_IOS_APP_STATE_FOREGROUND                 "foreground"
#define CAIRN_VALUE_IOS_APP_STATE_INACTIVE                   "inactive"
#define CAIRN_VALUE_IOS_APP_STATE_TERMINATE                  "terminate"
#define CAIRN_ATTR_IOS_STATE                                 "ios.state" /* deprecated: ios.app.state */
#define CAIRN_ATTR_JSONRPC_PROTOCOL_VERSION                  "jsonrpc.protocol.version"
#define CAIRN_ATTR_JSONRPC_REQUEST_ID                        "jsonrpc.request.id"
#define CAIRN_ATTR_JVM_BUFFER_POOL_NAME                      "jvm.buffer.pool.name"
#define CAIRN_ATTR_JVM_GC_CAUSE                              "jvm.gc.cause"
#define CAIRN_ATTR_K8S_CONTAINER_EPHEMERAL_STORAGE_FS_TYPE   "k8s.container.ephemeral_storage.fs_type"
#define CAIRN_VALUE_K8S_CONTAINER_EPHEMERAL_STORAGE_FS_TYPE_LOGS "logs"
#define CAIRN_VALUE_K8S_CONTAINER_EPHEMERAL_STORAGE_FS_TYPE_ROOTFS "rootfs"
#define CAIRN_ATTR_K8S_CONTAINER_STATUS_LAST_TERMINATED_REASON "k8s.container.status.last_terminated_reason"
#define CAIRN_ATTR_K8S_CONTAINER_STATUS_REASON               "k8s.container.status.reason"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_COMPLETED    "Completed"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_CONTAINER_CANNOT_RUN "ContainerCannotRun"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_CONTAINER_CREATING "ContainerCreating"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_CRASH_LOOP_BACK_OFF "CrashLoopBackOff"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_CREATE_CONTAINER_CONFIG_ERROR "CreateContainerConfigError"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_ERR_IMAGE_PULL "ErrImagePull"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_ERROR        "Error"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_IMAGE_PULL_BACK_OFF "ImagePullBackOff"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_REASON_OOM_KILLED   "OOMKilled"
#define CAIRN_ATTR_K8S_CONTAINER_STATUS_STATE                "k8s.container.status.state"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_STATE_RUNNING       "running"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_STATE_TERMINATED    "terminated"
#define CAIRN_VALUE_K8S_CONTAINER_STATUS_STATE_WAITING       "waiting"
#define CAIRN_ATTR_K8S_HPA_METRIC_TYPE                       "k8s.hpa.metric.type"
#define CAIRN_ATTR_K8S_HPA_NAME                              "k8s.hpa.name"
#define CAIRN_ATTR_K8S_HPA_SCALETARGETREF_API_VERSION        "k8s.hpa.scaletargetref.api_version"
#define CAIRN_ATTR_K8S_HPA_SCALETARGETREF_KIND               "k8s.hpa.scaletargetref.kind"
#define CAIRN_ATTR_K8S_HPA_SCALETARGETREF_NAME               "k8s.hpa.scaletargetref.name"
#define CAIRN_ATTR_K8S_HPA_UID                               "k8s.hpa.uid"
#define CAIRN_ATTR_K8S_HUGEPAGE_SIZE                         "k8s.hugepage.size"
#define CAIRN_ATTR_K8S_NAMESPACE_PHASE                       "k8s.namespace.phase"
#define CAIRN_VALUE_K8S_NAMESPACE_PHASE_ACTIVE               "active"
#define CAIRN_VALUE_K8S_NAMESPACE_PHASE_TERMINATING          "terminating"
#define CAIRN_ATTR_K8S_NODE_CONDITION_STATUS                 "k8s.node.condition.status"
#define CAIRN_VALUE_K8S_NODE_CONDITION_STATUS_CONDITION_FALSE "false"
#define CAIRN_VALUE_K8S_NODE_CONDITION_STATUS_CONDITION_TRUE "true"
#define CAIRN_VALUE_K8S_NODE_CONDITION_STATUS_CONDITION_UNKNOWN "unknown"
#define CAIRN_ATTR_K8S_NODE_CONDITION_TYPE                   "k8s.node.condition.type"
#define CAIRN_VALUE_K8S_NODE_CONDITION_TYPE_DISK_PRESSURE    "DiskPressure"
#define CAIRN_VALUE_K8S_NODE_CONDITION_TYPE_MEMORY_PRESSURE  "MemoryPressure"
#define CAIRN_VALUE_K8S_NODE_CONDITION_TYPE_NETWORK_UNAVAILABLE "NetworkUnavailable"
#define CAIRN_VALUE_K8S_NODE_CONDITION_TYPE_PID_PRESSURE     "PIDPressure"
#define CAIRN_VALUE_K8S_NODE_CONDITION_TYPE_READY            "Ready"
#define CAIRN_ATTR_K8S_NODE_SYSTEM_CONTAINER_NAME            "k8s.node.system_container.name"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUME_ANNOTATION           "k8s.persistentvolume.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_PERSISTENTVOLUME_LABEL                "k8s.persistentvolume.label" /* template[string] */
#define CAIRN_ATTR_K8S_PERSISTENTVOLUME_NAME                 "k8s.persistentvolume.name"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUME_RECLAIM_POLICY       "k8s.persistentvolume.reclaim_policy"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_RECLAIM_POLICY_DELETE "Delete"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_RECLAIM_POLICY_RECYCLE "Recycle"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_RECLAIM_POLICY_RETAIN "Retain"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUME_STATUS_PHASE         "k8s.persistentvolume.status.phase"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_STATUS_PHASE_AVAILABLE "Available"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_STATUS_PHASE_BOUND  "Bound"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_STATUS_PHASE_FAILED "Failed"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_STATUS_PHASE_PENDING "Pending"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUME_STATUS_PHASE_RELEASED "Released"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUME_UID                  "k8s.persistentvolume.uid"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUMECLAIM_ANNOTATION      "k8s.persistentvolumeclaim.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_PERSISTENTVOLUMECLAIM_LABEL           "k8s.persistentvolumeclaim.label" /* template[string] */
#define CAIRN_ATTR_K8S_PERSISTENTVOLUMECLAIM_NAME            "k8s.persistentvolumeclaim.name"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUMECLAIM_STATUS_PHASE    "k8s.persistentvolumeclaim.status.phase"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUMECLAIM_STATUS_PHASE_BOUND "Bound"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUMECLAIM_STATUS_PHASE_LOST "Lost"
#define CAIRN_VALUE_K8S_PERSISTENTVOLUMECLAIM_STATUS_PHASE_PENDING "Pending"
#define CAIRN_ATTR_K8S_PERSISTENTVOLUMECLAIM_UID             "k8s.persistentvolumeclaim.uid"
#define CAIRN_ATTR_K8S_POD_LABELS                            "k8s.pod.labels" /* template[string]; deprecated: k8s.pod.label */
#define CAIRN_ATTR_K8S_POD_STATUS_PHASE                      "k8s.pod.status.phase"
#define CAIRN_VALUE_K8S_POD_STATUS_PHASE_FAILED              "Failed"
#define CAIRN_VALUE_K8S_POD_STATUS_PHASE_PENDING             "Pending"
#define CAIRN_VALUE_K8S_POD_STATUS_PHASE_RUNNING             "Running"
#define CAIRN_VALUE_K8S_POD_STATUS_PHASE_SUCCEEDED           "Succeeded"
#define CAIRN_VALUE_K8S_POD_STATUS_PHASE_UNKNOWN             "Unknown"
#define CAIRN_ATTR_K8S_POD_STATUS_REASON                     "k8s.pod.status.reason"
#define CAIRN_VALUE_K8S_POD_STATUS_REASON_EVICTED            "Evicted"
#define CAIRN_VALUE_K8S_POD_STATUS_REASON_NODE_AFFINITY      "NodeAffinity"
#define CAIRN_VALUE_K8S_POD_STATUS_REASON_NODE_LOST          "NodeLost"
#define CAIRN_VALUE_K8S_POD_STATUS_REASON_SHUTDOWN           "Shutdown"
#define CAIRN_VALUE_K8S_POD_STATUS_REASON_UNEXPECTED_ADMISSION_ERROR "UnexpectedAdmissionError"
#define CAIRN_ATTR_K8S_REPLICATIONCONTROLLER_NAME            "k8s.replicationcontroller.name"
#define CAIRN_ATTR_K8S_REPLICATIONCONTROLLER_UID             "k8s.replicationcontroller.uid"
#define CAIRN_ATTR_K8S_RESOURCEQUOTA_NAME                    "k8s.resourcequota.name"
#define CAIRN_ATTR_K8S_RESOURCEQUOTA_RESOURCE_NAME           "k8s.resourcequota.resource_name"
#define CAIRN_ATTR_K8S_RESOURCEQUOTA_UID                     "k8s.resourcequota.uid"
#define CAIRN_ATTR_K8S_SERVICE_ANNOTATION                    "k8s.service.annotation" /* template[string] */
#define CAIRN_ATTR_K8S_SERVICE_ENDPOINT_ADDRESS_TYPE         "k8s.service.endpoint.address_type"
#define CAIRN_VALUE_K8S_SERVICE_ENDPOINT_ADDRESS_TYPE_FQDN   "FQDN"
#define CAIRN_VALUE_K8S_SERVICE_ENDPOINT_ADDRESS_TYPE_IPV4   "IPv4"
#define CAIRN_VALUE_K8S_SERVICE_ENDPOINT_ADDRESS_TYPE_IPV6   "IPv6"
#define CAIRN_ATTR_K8S_SERVICE_ENDPOINT_CONDITION            "k8s.service.endpoint.condition"
#define CAIRN_VALUE_K8S_SERVICE_ENDPOINT_CONDITION_READY     "ready"
#define CAIRN_VALUE_K8S_SERVICE_ENDPOINT_CONDITION_SERVING   "serving"
#define CAIRN_VALUE_K8S_SERVICE_ENDPOINT_CONDITION_TERMINATING "terminating"
#define CAIRN_ATTR_K8S_SERVICE_ENDPOINT_ZONE                 "k8s.service.endpoint.zone"
#define CAIRN_ATTR_K8S_SERVICE_LABEL                         "k8s.service.label" /* template[string] */
#define CAIRN_ATTR_K8S_SERVICE_NAME                          "k8s.service.name"
#define CAIRN_ATTR_K8S_SERVICE_PUBLISH_NOT_READY_ADDRESSES   "k8s.service.publish_not_ready_addresses" /* boolean */
#define CAIRN_ATTR_K8S_SERVICE_SELECTOR                      "k8s.service.selector" /* template[string] */
#define CAIRN_ATTR_K8S_SERVICE_TRAFFIC_DISTRIBUTION          "k8s.service.traffic_distribution"
#define CAIRN_ATTR_K8S_SERVICE_TYPE                          "k8s.service.type"
#define CAIRN_VALUE_K8S_SERVICE_TYPE_CLUSTER_IP              "ClusterIP"
#define CAIRN_VALUE_K8S_SERVICE_TYPE_EXTERNAL_NAME           "ExternalName"
#define CAIRN_VALUE_K8S_SERVICE_TYPE_LOAD_BALANCER           "LoadBalancer"
#define CAIRN_VALUE_K8S_SERVICE_TYPE_NODE_PORT               "NodePort"
#define CAIRN_ATTR_K8S_SERVICE_UID                           "k8s.service.uid"
#define CAIRN_ATTR_K8S_STORAGECLASS_NAME                     "k8s.storageclass.name"
#define CAIRN_ATTR_K8S_VOLUME_NAME                           "k8s.volume.name"
#define CAIRN_ATTR_K8S_VOLUME_TYPE                           "k8s.volume.type"
#define CAIRN_VALUE_K8S_VOLUME_TYPE_CONFIG_MAP               "configMap"
#define CAIRN_VALUE_K8S_VOLUME_TYPE_DOWNWARD_API             "downwardAPI"
#define CAIRN_VALUE_K8S_VOLUME_TYPE_EMPTY_DIR                "emptyDir"
#define CAIRN_VALUE_K8S_VOLUME_TYPE_LOCAL                    "local"
#define CAIRN_VALUE_K8S_VOLUME_TYPE_PERSISTENT_VOLUME_CLAIM  "persistentVolumeClaim"
#define CAIRN_VALUE_K8S_VOLUME_TYPE_SECRET                   "secret"
#define CAIRN_ATTR_LINUX_MEMORY_SLAB_STATE                   "linux.memory.slab.state" /* deprecated: system.memory.linux.slab.state */
#define CAIRN_ATTR_LOG_FILE_NAME                             "log.file.name"
#define CAIRN_ATTR_LOG_FILE_NAME_RESOLVED                    "log.file.name_resolved"
#define CAIRN_ATTR_LOG_FILE_PATH                             "log.file.path"
#define CAIRN_ATTR_LOG_FILE_PATH_RESOLVED                    "log.file.path_resolved"
#define CAIRN_ATTR_LOG_IOSTREAM                              "log.iostream"
#define CAIRN_VALUE_LOG_IOSTREAM_STDERR                      "stderr"
#define CAIRN_VALUE_LOG_IOSTREAM_STDOUT                      "stdout"
#define CAIRN_ATTR_LOG_RECORD_ORIGINAL                       "log.record.original"
#define CAIRN_ATTR_LOG_RECORD_UID                            "log.record.uid"
#define CAIRN_ATTR_MAINFRAME_LPAR_NAME                       "mainframe.lpar.name"
#define CAIRN_ATTR_MCP_METHOD_NAME                           "mcp.method.name" /* deprecated */
#define CAIRN_ATTR_MCP_PROTOCOL_VERSION                      "mcp.protocol.version" /* deprecated */
#define CAIRN_ATTR_MCP_RESOURCE_URI                          "mcp.resource.uri" /* deprecated */
#define CAIRN_ATTR_MCP_SESSION_ID                            "mcp.session.id" /* deprecated */
#define CAIRN_ATTR_MESSAGE_COMPRESSED_SIZE                   "message.compressed_size" /* int; deprecated */
#define CAIRN_ATTR_MESSAGE_ID                                "message.id" /* int; deprecated */
#define CAIRN_ATTR_MESSAGE_TYPE                              "message.type" /* deprecated */
#define CAIRN_ATTR_MESSAGE_UNCOMPRESSED_SIZE                 "message.uncompressed_size" /* int; deprecated */
#define CAIRN_ATTR_MESSAGING_BATCH_MESSAGE_COUNT             "messaging.batch.message_count" /* int */
#define CAIRN_ATTR_MESSAGING_CLIENT_ID                       "messaging.client.id"
#define CAIRN_ATTR_MESSAGING_CONSUMER_GROUP_NAME             "messaging.consumer.group.name"
#define CAIRN_ATTR_MESSAGING_DESTINATION_ANONYMOUS           "messaging.destination.anonymous" /* boolean */
#define CAIRN_ATTR_MESSAGING_DESTINATION_NAME                "messaging.destination.name"
#define CAIRN_ATTR_MESSAGING_DESTINATION_PARTITION_ID        "messaging.destination.partition.id"
#define CAIRN_ATTR_MESSAGING_DESTINATION_SUBSCRIPTION_NAME   "messaging.destination.subscription.name"
#define CAIRN_ATTR_MESSAGING_DESTINATION_TEMPLATE            "messaging.destination.template"
#define CAIRN_ATTR_MESSAGING_DESTINATION_TEMPORARY           "messaging.destination.temporary" /* boolean */
#define CAIRN_ATTR_MESSAGING_DESTINATION_PUBLISH_ANONYMOUS   "messaging.destination_publish.anonymous" /* boolean; deprecated */
#define CAIRN_ATTR_MESSAGING_DESTINATION_PUBLISH_NAME        "messaging.destination_publish.name" /* deprecated */
#define CAIRN_ATTR_MESSAGING_EVENTHUBS_CONSUMER_GROUP        "messaging.eventhubs.consumer.group" /* deprecated: messaging.consumer.group.name */
#define CAIRN_ATTR_MESSAGING_EVENTHUBS_MESSAGE_ENQUEUED_TIME "messaging.eventhubs.message.enqueued_time" /* int */
#define CAIRN_ATTR_MESSAGING_GCP_PUBSUB_MESSAGE_ACK_DEADLINE "messaging.gcp_pubsub.message.ack_deadline" /* int */
#define CAIRN_ATTR_MESSAGING_GCP_PUBSUB_MESSAGE_ACK_ID       "messaging.gcp_pubsub.message.ack_id"
#define CAIRN_ATTR_MESSAGING_GCP_PUBSUB_MESSAGE_DELIVERY_ATTEMPT "messaging.gcp_pubsub.message.delivery_attempt" /* int */
#define CAIRN_ATTR_MESSAGING_GCP_PUBSUB_MESSAGE_ORDERING_KEY "messaging.gcp_pubsub.message.ordering_key"
#define CAIRN_ATTR_MESSAGING_KAFKA_CLUSTER_ID                "messaging.kafka.cluster.id"
#define CAIRN_ATTR_MESSAGING_KAFKA_CONSUMER_GROUP            "messaging.kafka.consumer.group" /* deprecated: messaging.consumer.group.name */
#define CAIRN_ATTR_MESSAGING_KAFKA_DESTINATION_PARTITION     "messaging.kafka.destination.partition" /* int; deprecated: messaging.destination.partition.id */
#define CAIRN_ATTR_MESSAGING_KAFKA_MESSAGE_KEY               "messaging.kafka.message.key"
#define CAIRN_ATTR_MESSAGING_KAFKA_MESSAGE_OFFSET            "messaging.kafka.message.offset" /* int; deprecated: messaging.kafka.offset */
#define CAIRN_ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE         "messaging.kafka.message.tombstone" /* boolean */
#define CAIRN_ATTR_MESSAGING_KAFKA_OFFSET                    "messaging.kafka.offset" /* int */
#define CAIRN_ATTR_MESSAGING_MESSAGE_BODY_SIZE               "messaging.message.body.size" /* int */
#define CAIRN_ATTR_MESSAGING_MESSAGE_CONVERSATION_ID         "messaging.message.conversation_id"
#define CAIRN_ATTR_MESSAGING_MESSAGE_ENVELOPE_SIZE           "messaging.message.envelope.size" /* int */
#define CAIRN_ATTR_MESSAGING_MESSAGE_ID                      "messaging.message.id"
#define CAIRN_ATTR_MESSAGING_OPERATION                       "messaging.operation" /* deprecated: messaging.operation.type */
#define CAIRN_ATTR_MESSAGING_OPERATION_NAME                  "messaging.operation.name"
#define CAIRN_ATTR_MESSAGING_OPERATION_TYPE                  "messaging.operation.type"
#define CAIRN_VALUE_MESSAGING_OPERATION_TYPE_CREATE          "create"
#define CAIRN_VALUE_MESSAGING_OPERATION_TYPE_PROCESS         "process"
#define CAIRN_VALUE_MESSAGING_OPERATION_TYPE_RECEIVE         "receive"
#define CAIRN_VALUE_MESSAGING_OPERATION_TYPE_SEND            "send"
#define CAIRN_VALUE_MESSAGING_OPERATION_TYPE_SETTLE          "settle"
#define CAIRN_ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY "messaging.rabbitmq.destination.routing_key"
#define CAIRN_ATTR_MESSAGING_RABBITMQ_MESSAGE_DELIVERY_TAG   "messaging.rabbitmq.message.delivery_tag" /* int */
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_CLIENT_GROUP           "messaging.rocketmq.client_group" /* deprecated: messaging.consumer.group.name */
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_CONSUMPTION_MODEL      "messaging.rocketmq.consumption_model"
#define CAIRN_VALUE_MESSAGING_ROCKETMQ_CONSUMPTION_MODEL_BROADCASTING "broadcasting"
#define CAIRN_VALUE_MESSAGING_ROCKETMQ_CONSUMPTION_MODEL_CLUSTERING "clustering"
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_MESSAGE_DELAY_TIME_LEVEL "messaging.rocketmq.message.delay_time_level" /* int */
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_MESSAGE_DELIVERY_TIMESTAMP "messaging.rocketmq.message.delivery_timestamp" /* int */
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_MESSAGE_GROUP          "messaging.rocketmq.message.group"
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_MESSAGE_KEYS           "messaging.rocketmq.message.keys" /* string[] */
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_MESSAGE_TAG            "messaging.rocketmq.message.tag"
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_MESSAGE_TYPE           "messaging.rocketmq.message.type"
#define CAIRN_VALUE_MESSAGING_ROCKETMQ_MESSAGE_TYPE_DELAY    "delay"
#define CAIRN_VALUE_MESSAGING_ROCKETMQ_MESSAGE_TYPE_FIFO     "fifo"
#define CAIRN_VALUE_MESSAGING_ROCKETMQ_MESSAGE_TYPE_NORMAL   "normal"
#define CAIRN_VALUE_MESSAGING_ROCKETMQ_MESSAGE_TYPE_TRANSACTION "transaction"
#define CAIRN_ATTR_MESSAGING_ROCKETMQ_NAMESPACE              "messaging.rocketmq.namespace"
#define CAIRN_ATTR_MESSAGING_SERVICEBUS_DESTINATION_SUBSCRIPTION_NAME "messaging.servicebus.destination.subscription_name" /* deprecated: messaging.destination.subscription.name */
#define CAIRN_ATTR_MESSAGING_SERVICEBUS_DISPOSITION_STATUS   "messaging.servicebus.disposition_status"
#define CAIRN_VALUE_MESSAGING_SERVICEBUS_DISPOSITION_STATUS_ABANDON "abandon"
#define CAIRN_VALUE_MESSAGING_SERVICEBUS_DISPOSITION_STATUS_COMPLETE "complete"
#define CAIRN_VALUE_MESSAGING_SERVICEBUS_DISPOSITION_STATUS_DEAD_LETTER "dead_letter"
#define CAIRN_VALUE_MESSAGING_SERVICEBUS_DISPOSITION_STATUS_DEFER "defer"
#define CAIRN_ATTR_MESSAGING_SERVICEBUS_MESSAGE_DELIVERY_COUNT "messaging.servicebus.message.delivery_count" /* int */
#define CAIRN_ATTR_MESSAGING_SERVICEBUS_MESSAGE_ENQUEUED_TIME "messaging.servicebus.message.enqueued_time" /* int */
#define CAIRN_ATTR_MESSAGING_SYSTEM                          "messaging.system"
#define CAIRN_VALUE_MESSAGING_SYSTEM_ACTIVEMQ                "activemq"
#define CAIRN_VALUE_MESSAGING_SYSTEM_AWS_SNS                 "aws.sns"
#define CAIRN_VALUE_MESSAGING_SYSTEM_AWS_SQS                 "aws_sqs"
#define CAIRN_VALUE_MESSAGING_SYSTEM_EVENTGRID               "eventgrid"
#define CAIRN_VALUE_MESSAGING_SYSTEM_EVENTHUBS               "eventhubs"
#define CAIRN_VALUE_MESSAGING_SYSTEM_GCP_PUBSUB              "gcp_pubsub"
#define CAIRN_VALUE_MESSAGING_SYSTEM_JMS                     "jms"
#define CAIRN_VALUE_MESSAGING_SYSTEM_KAFKA                   "kafka"
#define CAIRN_VALUE_MESSAGING_SYSTEM_PULSAR                  "pulsar"
#define CAIRN_VALUE_MESSAGING_SYSTEM_RABBITMQ                "rabbitmq"
#define CAIRN_VALUE_MESSAGING_SYSTEM_ROCKETMQ                "rocketmq"
#define CAIRN_VALUE_MESSAGING_SYSTEM_SERVICEBUS              "servicebus"
#define CAIRN_ATTR_NET_HOST_IP                               "net.host.ip" /* deprecated: network.local.address */
#define CAIRN_ATTR_NET_HOST_NAME                             "net.host.name" /* deprecated: server.address */
#define CAIRN_ATTR_NET_HOST_PORT                             "net.host.port" /* int; deprecated: server.port */
#define CAIRN_ATTR_NET_PEER_IP                               "net.peer.ip" /* deprecated: network.peer.address */
#define CAIRN_ATTR_NET_PEER_NAME                             "net.peer.name" /* deprecated: server.address client.address */
#define CAIRN_ATTR_NET_PEER_PORT                             "net.peer.port" /* int; deprecated: server.port client.port */
#define CAIRN_ATTR_NET_PROTOCOL_NAME                         "net.protocol.name" /* deprecated: network.protocol.name */
#define CAIRN_ATTR_NET_PROTOCOL_VERSION                      "net.protocol.version" /* deprecated: network.protocol.version */
#define CAIRN_ATTR_NET_SOCK_FAMILY                           "net.sock.family" /* deprecated: network.transport network.type */
#define CAIRN_ATTR_NET_SOCK_HOST_ADDR                        "net.sock.host.addr" /* deprecated: network.local.address */
#define CAIRN_ATTR_NET_SOCK_HOST_PORT                        "net.sock.host.port" /* int; deprecated: network.local.port */
#define CAIRN_ATTR_NET_SOCK_PEER_ADDR                        "net.sock.peer.addr" /* deprecated: network.peer.address */
#define CAIRN_ATTR_NET_SOCK_PEER_NAME                        "net.sock.peer.name" /* deprecated */
#define CAIRN_ATTR_NET_SOCK_PEER_PORT                        "net.sock.peer.port" /* int; deprecated: network.peer.port */
#define CAIRN_ATTR_NET_TRANSPORT                             "net.transport" /* deprecated: network.transport */
#define CAIRN_ATTR_NETWORK_CARRIER_ICC                       "network.carrier.icc"
#define CAIRN_ATTR_NETWORK_CARRIER_MCC                       "network.carrier.mcc"
#define CAIRN_ATTR_NETWORK_CARRIER_MNC                       "network.carrier.mnc"
#define CAIRN_ATTR_NETWORK_CARRIER_NAME                      "network.carrier.name"
#define CAIRN_ATTR_NETWORK_CONNECTION_STATE                  "network.connection.state"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_CLOSE_WAIT      "close_wait"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_CLOSED          "closed"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_CLOSING         "closing"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_ESTABLISHED     "established"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_FIN_WAIT_1      "fin_wait_1"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_FIN_WAIT_2      "fin_wait_2"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_LAST_ACK        "last_ack"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_LISTEN          "listen"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_SYN_RECEIVED    "syn_received"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_SYN_SENT        "syn_sent"
#define CAIRN_VALUE_NETWORK_CONNECTION_STATE_TIME_WAIT       "time_wait"
#define CAIRN_ATTR_NETWORK_CONNECTION_SUBTYPE                "network.connection.subtype"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_CDMA          "cdma"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_CDMA2000_1XRTT "cdma2000_1xrtt"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_EDGE          "edge"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_EHRPD         "ehrpd"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_EVDO_0        "evdo_0"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_EVDO_A        "evdo_a"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_EVDO_B        "evdo_b"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_GPRS          "gprs"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_GSM           "gsm"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_HSDPA         "hsdpa"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_HSPA          "hspa"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_HSPAP         "hspap"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_HSUPA         "hsupa"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_IDEN          "iden"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_IWLAN         "iwlan"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_LTE           "lte"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_LTE_CA        "lte_ca"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_NR            "nr"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_NRNSA         "nrnsa"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_TD_SCDMA      "td_scdma"
#define CAIRN_VALUE_NETWORK_CONNECTION_SUBTYPE_UMTS          "umts"
#define CAIRN_ATTR_NETWORK_CONNECTION_TYPE                   "network.connection.type"
#define CAIRN_VALUE_NETWORK_CONNECTION_TYPE_CELL             "cell"
#define CAIRN_VALUE_NETWORK_CONNECTION_TYPE_UNAVAILABLE      "unavailable"
#define CAIRN_VALUE_NETWORK_CONNECTION_TYPE_UNKNOWN          "unknown"
#define CAIRN_VALUE_NETWORK_CONNECTION_TYPE_WIFI             "wifi"
#define CAIRN_VALUE_NETWORK_CONNECTION_TYPE_WIRED            "wired"
#define CAIRN_ATTR_NETWORK_INTERFACE_NAME                    "network.interface.name"
#define CAIRN_ATTR_NETWORK_IO_DIRECTION                      "network.io.direction"
#define CAIRN_VALUE_NETWORK_IO_DIRECTION_RECEIVE             "receive"
#define CAIRN_VALUE_NETWORK_IO_DIRECTION_TRANSMIT            "transmit"
#define CAIRN_ATTR_NFS_OPERATION_NAME                        "nfs.operation.name"
#define CAIRN_ATTR_NFS_SERVER_REPCACHE_STATUS                "nfs.server.repcache.status"
#define CAIRN_ATTR_NODEJS_EVENTLOOP_STATE                    "nodejs.eventloop.state"
#define CAIRN_VALUE_NODEJS_EVENTLOOP_STATE_ACTIVE            "active"
#define CAIRN_VALUE_NODEJS_EVENTLOOP_STATE_IDLE              "idle"
#define CAIRN_ATTR_OCI_MANIFEST_DIGEST                       "oci.manifest.digest"
#define CAIRN_ATTR_ONC_RPC_PROCEDURE_NAME                    "onc_rpc.procedure.name"
#define CAIRN_ATTR_ONC_RPC_PROCEDURE_NUMBER                  "onc_rpc.procedure.number" /* int */
#define CAIRN_ATTR_ONC_RPC_PROGRAM_NAME                      "onc_rpc.program.name"
#define CAIRN_ATTR_ONC_RPC_VERSION                           "onc_rpc.version" /* int */
#define CAIRN_ATTR_OPENAI_API_TYPE                           "openai.api.type" /* deprecated */
#define CAIRN_ATTR_OPENAI_REQUEST_SERVICE_TIER               "openai.request.service_tier" /* deprecated */
#define CAIRN_ATTR_OPENAI_RESPONSE_SERVICE_TIER              "openai.response.service_tier" /* deprecated */
#define CAIRN_ATTR_OPENAI_RESPONSE_SYSTEM_FINGERPRINT        "openai.response.system_fingerprint" /* deprecated */
#define CAIRN_ATTR_OPENSHIFT_CLUSTERQUOTA_NAME               "openshift.clusterquota.name"
#define CAIRN_ATTR_OPENSHIFT_CLUSTERQUOTA_UID                "openshift.clusterquota.uid"
#define CAIRN_ATTR_OPENTRACING_REF_TYPE                      "opentracing.ref_type"
#define CAIRN_VALUE_OPENTRACING_REF_TYPE_CHILD_OF            "child_of"
#define CAIRN_VALUE_OPENTRACING_REF_TYPE_FOLLOWS_FROM        "follows_from"
#define CAIRN_ATTR_ORACLE_DB_DOMAIN                          "oracle.db.domain"
#define CAIRN_ATTR_ORACLE_DB_INSTANCE_NAME                   "oracle.db.instance.name"
#define CAIRN_ATTR_ORACLE_DB_NAME                            "oracle.db.name"
#define CAIRN_ATTR_ORACLE_DB_PDB                             "oracle.db.pdb"
#define CAIRN_ATTR_ORACLE_DB_SERVICE                         "oracle.db.service"
#define CAIRN_ATTR_ORACLE_CLOUD_REALM                        "oracle_cloud.realm"
#define CAIRN_ATTR_OS_BUILD_ID                               "os.build_id"
#define CAIRN_ATTR_OS_DESCRIPTION                            "os.description"
#define CAIRN_ATTR_OS_NAME                                   "os.name"
#define CAIRN_ATTR_OS_TYPE                                   "os.type"
#define CAIRN_VALUE_OS_TYPE_AIX                              "aix"
#define CAIRN_VALUE_OS_TYPE_DARWIN                           "darwin"
#define CAIRN_VALUE_OS_TYPE_DRAGONFLYBSD                     "dragonflybsd"
#define CAIRN_VALUE_OS_TYPE_FREEBSD                          "freebsd"
#define CAIRN_VALUE_OS_TYPE_HPUX                             "hpux"
#define CAIRN_VALUE_OS_TYPE_LINUX                            "linux"
#define CAIRN_VALUE_OS_TYPE_NETBSD                           "netbsd"
#define CAIRN_VALUE_OS_TYPE_OPENBSD                          "openbsd"
#define CAIRN_VALUE_OS_TYPE_SOLARIS                          "solaris"
#define CAIRN_VALUE_OS_TYPE_WINDOWS                          "windows"
#define CAIRN_VALUE_OS_TYPE_ZOS                              "zos"
#define CAIRN_ATTR_OS_VERSION                                "os.version"
#define CAIRN_ATTR_OTEL_COMPONENT_NAME                       "otel.component.name"
#define CAIRN_ATTR_OTEL_COMPONENT_TYPE                       "otel.component.type"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_BATCHING_LOG_PROCESSOR "batching_log_processor"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_BATCHING_SPAN_PROCESSOR "batching_span_processor"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_GRPC_LOG_EXPORTER "otlp_grpc_log_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_GRPC_METRIC_EXPORTER "otlp_grpc_metric_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_GRPC_SPAN_EXPORTER "otlp_grpc_span_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_HTTP_JSON_LOG_EXPORTER "otlp_http_json_log_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_HTTP_JSON_METRIC_EXPORTER "otlp_http_json_metric_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_HTTP_JSON_SPAN_EXPORTER "otlp_http_json_span_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_HTTP_LOG_EXPORTER "otlp_http_log_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_HTTP_METRIC_EXPORTER "otlp_http_metric_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_OTLP_HTTP_SPAN_EXPORTER "otlp_http_span_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_PERIODIC_METRIC_READER "periodic_metric_reader"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_PROMETHEUS_HTTP_TEXT_METRIC_EXPORTER "prometheus_http_text_metric_exporter"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_SIMPLE_LOG_PROCESSOR "simple_log_processor"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_SIMPLE_SPAN_PROCESSOR "simple_span_processor"
#define CAIRN_VALUE_OTEL_COMPONENT_TYPE_ZIPKIN_HTTP_SPAN_EXPORTER "zipkin_http_span_exporter"
#define CAIRN_ATTR_OTEL_LIBRARY_NAME                         "otel.library.name" /* deprecated: otel.scope.name */
#define CAIRN_ATTR_OTEL_LIBRARY_VERSION                      "otel.library.version" /* deprecated: otel.scope.version */
#define CAIRN_ATTR_OTEL_SCOPE_SCHEMA_URL                     "otel.scope.schema_url"
#define CAIRN_ATTR_OTEL_SPAN_PARENT_ORIGIN                   "otel.span.parent.origin"
#define CAIRN_VALUE_OTEL_SPAN_PARENT_ORIGIN_LOCAL            "local"
#define CAIRN_VALUE_OTEL_SPAN_PARENT_ORIGIN_NONE             "none"
#define CAIRN_VALUE_OTEL_SPAN_PARENT_ORIGIN_REMOTE           "remote"
#define CAIRN_ATTR_OTEL_SPAN_SAMPLING_RESULT                 "otel.span.sampling_result"
#define CAIRN_VALUE_OTEL_SPAN_SAMPLING_RESULT_DROP           "DROP"
#define CAIRN_VALUE_OTEL_SPAN_SAMPLING_RESULT_RECORD_AND_SAMPLE "RECORD_AND_SAMPLE"
#define CAIRN_VALUE_OTEL_SPAN_SAMPLING_RESULT_RECORD_ONLY    "RECORD_ONLY"
#define CAIRN_ATTR_PEER_SERVICE                              "peer.service" /* deprecated: service.peer.name */
#define CAIRN_ATTR_POOL_NAME                                 "pool.name" /* deprecated: db.client.connection.pool.name */
#define CAIRN_ATTR_PPROF_LOCATION_IS_FOLDED                  "pprof.location.is_folded" /* boolean */
#define CAIRN_ATTR_PPROF_MAPPING_HAS_FILENAMES               "pprof.mapping.has_filenames" /* boolean */
#define CAIRN_ATTR_PPROF_MAPPING_HAS_FUNCTIONS               "pprof.mapping.has_functions" /* boolean */
#define CAIRN_ATTR_PPROF_MAPPING_HAS_INLINE_FRAMES           "pprof.mapping.has_inline_frames" /* boolean */
#define CAIRN_ATTR_PPROF_MAPPING_HAS_LINE_NUMBERS            "pprof.mapping.has_line_numbers" /* boolean */
#define CAIRN_ATTR_PPROF_PROFILE_COMMENT                     "pprof.profile.comment" /* string[] */
#define CAIRN_ATTR_PPROF_PROFILE_DOC_URL                     "pprof.profile.doc_url"
#define CAIRN_ATTR_PPROF_PROFILE_DROP_FRAMES                 "pprof.profile.drop_frames"
#define CAIRN_ATTR_PPROF_PROFILE_KEEP_FRAMES                 "pprof.profile.keep_frames"
#define CAIRN_ATTR_PPROF_SCOPE_DEFAULT_SAMPLE_TYPE           "pprof.scope.default_sample_type"
#define CAIRN_ATTR_PPROF_SCOPE_SAMPLE_TYPE_ORDER             "pprof.scope.sample_type_order" /* int[] */
#define CAIRN_ATTR_PROCESS_ARGS_COUNT                        "process.args_count" /* int */
#define CAIRN_ATTR_PROCESS_COMMAND                           "process.command"
#define CAIRN_ATTR_PROCESS_COMMAND_ARGS                      "process.command_args" /* string[] */
#define CAIRN_ATTR_PROCESS_COMMAND_LINE                      "process.command_line"
#define CAIRN_ATTR_PROCESS_CONTEXT_SWITCH_TYPE               "process.context_switch.type"
#define CAIRN_VALUE_PROCESS_CONTEXT_SWITCH_TYPE_INVOLUNTARY  "involuntary"
#define CAIRN_VALUE_PROCESS_CONTEXT_SWITCH_TYPE_VOLUNTARY    "voluntary"
#define CAIRN_ATTR_PROCESS_CPU_STATE                         "process.cpu.state" /* deprecated: cpu.mode */
#define CAIRN_ATTR_PROCESS_CREATION_TIME                     "process.creation.time"
#define CAIRN_ATTR_PROCESS_ENVIRONMENT_VARIABLE              "process.environment_variable" /* template[string] */
#define CAIRN_ATTR_PROCESS_EXECUTABLE_BUILD_ID_GNU           "process.executable.build_id.gnu"
#define CAIRN_ATTR_PROCESS_EXECUTABLE_BUILD_ID_GO            "process.executable.build_id.go"
#define CAIRN_ATTR_PROCESS_EXECUTABLE_BUILD_ID_HTLHASH       "process.executable.build_id.htlhash"
#define CAIRN_ATTR_PROCESS_EXECUTABLE_BUILD_ID_PROFILING     "process.executable.build_id.profiling" /* deprecated: process.executable.build_id.htlhash */
#define CAIRN_ATTR_PROCESS_EXECUTABLE_NAME                   "process.executable.name"
#define CAIRN_ATTR_PROCESS_EXECUTABLE_PATH                   "process.executable.path"
#define CAIRN_ATTR_PROCESS_EXIT_CODE                         "process.exit.code" /* int */
#define CAIRN_ATTR_PROCESS_EXIT_TIME                         "process.exit.time"
#define CAIRN_ATTR_PROCESS_GROUP_LEADER_PID                  "process.group_leader.pid" /* int */
#define CAIRN_ATTR_PROCESS_INTERACTIVE                       "process.interactive" /* boolean */
#define CAIRN_ATTR_PROCESS_LINUX_CGROUP                      "process.linux.cgroup"
#define CAIRN_ATTR_PROCESS_OWNER                             "process.owner"
#define CAIRN_ATTR_PROCESS_PAGING_FAULT_TYPE                 "process.paging.fault_type" /* deprecated: system.paging.fault.type */
#define CAIRN_ATTR_PROCESS_PARENT_PID                        "process.parent_pid" /* int */
#define CAIRN_ATTR_PROCESS_PID                               "process.pid" /* int */
#define CAIRN_ATTR_PROCESS_REAL_USER_ID                      "process.real_user.id" /* int */
#define CAIRN_ATTR_PROCESS_REAL_USER_NAME                    "process.real_user.name"
#define CAIRN_ATTR_PROCESS_RUNTIME_DESCRIPTION               "process.runtime.description"
#define CAIRN_ATTR_PROCESS_RUNTIME_NAME                      "process.runtime.name"
#define CAIRN_ATTR_PROCESS_RUNTIME_VERSION                   "process.runtime.version"
#define CAIRN_ATTR_PROCESS_SAVED_USER_ID                     "process.saved_user.id" /* int */
#define CAIRN_ATTR_PROCESS_SAVED_USER_NAME                   "process.saved_user.name"
#define CAIRN_ATTR_PROCESS_SESSION_LEADER_PID                "process.session_leader.pid" /* int */
#define CAIRN_ATTR_PROCESS_STATE                             "process.state"
#define CAIRN_VALUE_PROCESS_STATE_DEFUNCT                    "defunct"
#define CAIRN_VALUE_PROCESS_STATE_RUNNING                    "running"
#define CAIRN_VALUE_PROCESS_STATE_SLEEPING                   "sleeping"
#define CAIRN_VALUE_PROCESS_STATE_STOPPED                    "stopped"
#define CAIRN_ATTR_PROCESS_TITLE                             "process.title"
#define CAIRN_ATTR_PROCESS_USER_ID                           "process.user.id" /* int */
#define CAIRN_ATTR_PROCESS_USER_NAME                         "process.user.name"
#define CAIRN_ATTR_PROCESS_VPID                              "process.vpid" /* int */
#define CAIRN_ATTR_PROCESS_WORKING_DIRECTORY                 "process.working_directory"
#define CAIRN_ATTR_PROFILE_FRAME_TYPE                        "profile.frame.type"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_BEAM                  "beam"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_CPYTHON               "cpython"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_DOTNET                "dotnet"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_GO                    "go"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_JVM                   "jvm"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_KERNEL                "kernel"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_LUAJIT                "luajit"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_NATIVE                "native"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_PERL                  "perl"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_PHP                   "php"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_RUBY                  "ruby"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_RUST                  "rust"
#define CAIRN_VALUE_PROFILE_FRAME_TYPE_V8JS                  "v8js"
#define CAIRN_ATTR_RPC_CONNECT_RPC_ERROR_CODE                "rpc.connect_rpc.error_code" /* deprecated: rpc.response.status_code */
#define CAIRN_ATTR_RPC_CONNECT_RPC_REQUEST_METADATA          "rpc.connect_rpc.request.metadata" /* template[string[]]; deprecated: rpc.request.metadata */
#define CAIRN_ATTR_RPC_CONNECT_RPC_RESPONSE_METADATA         "rpc.connect_rpc.response.metadata" /* template[string[]]; deprecated: rpc.response.metadata */
#define CAIRN_ATTR_RPC_GRPC_REQUEST_METADATA                 "rpc.grpc.request.metadata" /* template[string[]]; deprecated: rpc.request.metadata */
#define CAIRN_ATTR_RPC_GRPC_RESPONSE_METADATA                "rpc.grpc.response.metadata" /* template[string[]]; deprecated: rpc.response.metadata */
#define CAIRN_ATTR_RPC_GRPC_STATUS_CODE                      "rpc.grpc.status_code" /* int; deprecated: rpc.response.status_code */
#define CAIRN_ATTR_RPC_JSONRPC_ERROR_CODE                    "rpc.jsonrpc.error_code" /* int; deprecated: rpc.response.status_code */
#define CAIRN_ATTR_RPC_JSONRPC_ERROR_MESSAGE                 "rpc.jsonrpc.error_message" /* deprecated */
#define CAIRN_ATTR_RPC_JSONRPC_REQUEST_ID                    "rpc.jsonrpc.request_id" /* deprecated: jsonrpc.request.id */
#define CAIRN_ATTR_RPC_JSONRPC_VERSION                       "rpc.jsonrpc.version" /* deprecated: jsonrpc.protocol.version */
#define CAIRN_ATTR_RPC_MESSAGE_COMPRESSED_SIZE               "rpc.message.compressed_size" /* int; deprecated */
#define CAIRN_ATTR_RPC_MESSAGE_ID                            "rpc.message.id" /* int; deprecated */
#define CAIRN_ATTR_RPC_MESSAGE_TYPE                          "rpc.message.type" /* deprecated */
#define CAIRN_ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE             "rpc.message.uncompressed_size" /* int; deprecated */
#define CAIRN_ATTR_RPC_METHOD                                "rpc.method"
#define CAIRN_ATTR_RPC_METHOD_ORIGINAL                       "rpc.method_original"
#define CAIRN_ATTR_RPC_REQUEST_METADATA                      "rpc.request.metadata" /* template[string[]] */
#define CAIRN_ATTR_RPC_RESPONSE_METADATA                     "rpc.response.metadata" /* template[string[]] */
#define CAIRN_ATTR_RPC_RESPONSE_STATUS_CODE                  "rpc.response.status_code"
#define CAIRN_ATTR_RPC_SERVICE                               "rpc.service" /* deprecated: rpc.method */
#define CAIRN_ATTR_RPC_SYSTEM                                "rpc.system" /* deprecated: rpc.system.name */
#define CAIRN_ATTR_RPC_SYSTEM_NAME                           "rpc.system.name"
#define CAIRN_VALUE_RPC_SYSTEM_NAME_CONNECTRPC               "connectrpc"
#define CAIRN_VALUE_RPC_SYSTEM_NAME_DUBBO                    "dubbo"
#define CAIRN_VALUE_RPC_SYSTEM_NAME_GRPC                     "grpc"
#define CAIRN_VALUE_RPC_SYSTEM_NAME_JSONRPC                  "jsonrpc"
#define CAIRN_ATTR_SECURITY_RULE_CATEGORY                    "security_rule.category"
#define CAIRN_ATTR_SECURITY_RULE_DESCRIPTION                 "security_rule.description"
#define CAIRN_ATTR_SECURITY_RULE_LICENSE                     "security_rule.license"
#define CAIRN_ATTR_SECURITY_RULE_NAME                        "security_rule.name"
#define CAIRN_ATTR_SECURITY_RULE_REFERENCE                   "security_rule.reference"
#define CAIRN_ATTR_SECURITY_RULE_RULESET_NAME                "security_rule.ruleset.name"
#define CAIRN_ATTR_SECURITY_RULE_UUID                        "security_rule.uuid"
#define CAIRN_ATTR_SECURITY_RULE_VERSION                     "security_rule.version"
#define CAIRN_ATTR_SERVICE_CRITICALITY                       "service.criticality"
#define CAIRN_VALUE_SERVICE_CRITICALITY_CRITICAL             "critical"
#define CAIRN_VALUE_SERVICE_CRITICALITY_HIGH                 "high"
#define CAIRN_VALUE_SERVICE_CRITICALITY_LOW                  "low"
#define CAIRN_VALUE_SERVICE_CRITICALITY_MEDIUM               "medium"
#define CAIRN_ATTR_SERVICE_PEER_NAME                         "service.peer.name"
#define CAIRN_ATTR_SERVICE_PEER_NAMESPACE                    "service.peer.namespace"
#define CAIRN_ATTR_SESSION_ID                                "session.id"
#define CAIRN_ATTR_SESSION_PREVIOUS_ID                       "session.previous_id"
#define CAIRN_ATTR_SOURCE_ADDRESS                            "source.address"
#define CAIRN_ATTR_SOURCE_PORT                               "source.port" /* int */
#define CAIRN_ATTR_STATE                                     "state" /* deprecated: db.client.connection.state */
#define CAIRN_ATTR_SYSTEM_CPU_LOGICAL_NUMBER                 "system.cpu.logical_number" /* int; deprecated: cpu.logical_number */
#define CAIRN_ATTR_SYSTEM_CPU_STATE                          "system.cpu.state" /* deprecated: cpu.mode */
#define CAIRN_ATTR_SYSTEM_DEVICE                             "system.device"
#define CAIRN_ATTR_SYSTEM_FILESYSTEM_MODE                    "system.filesystem.mode"
#define CAIRN_ATTR_SYSTEM_FILESYSTEM_MOUNTPOINT              "system.filesystem.mountpoint"
#define CAIRN_ATTR_SYSTEM_FILESYSTEM_STATE                   "system.filesystem.state"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_STATE_FREE             "free"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_STATE_RESERVED         "reserved"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_STATE_USED             "used"
#define CAIRN_ATTR_SYSTEM_FILESYSTEM_TYPE                    "system.filesystem.type"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_TYPE_EXFAT             "exfat"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_TYPE_EXT4              "ext4"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_TYPE_FAT32             "fat32"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_TYPE_HFSPLUS           "hfsplus"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_TYPE_NTFS              "ntfs"
#define CAIRN_VALUE_SYSTEM_FILESYSTEM_TYPE_REFS              "refs"
#define CAIRN_ATTR_SYSTEM_MEMORY_LINUX_HUGEPAGES_STATE       "system.memory.linux.hugepages.state"
#define CAIRN_VALUE_SYSTEM_MEMORY_LINUX_HUGEPAGES_STATE_FREE "free"
#define CAIRN_VALUE_SYSTEM_MEMORY_LINUX_HUGEPAGES_STATE_USED "used"
#define CAIRN_ATTR_SYSTEM_MEMORY_LINUX_SLAB_STATE            "system.memory.linux.slab.state"
#define CAIRN_VALUE_SYSTEM_MEMORY_LINUX_SLAB_STATE_RECLAIMABLE "reclaimable"
#define CAIRN_VALUE_SYSTEM_MEMORY_LINUX_SLAB_STATE_UNRECLAIMABLE "unreclaimable"
#define CAIRN_ATTR_SYSTEM_MEMORY_STATE                       "system.memory.state"
#define CAIRN_VALUE_SYSTEM_MEMORY_STATE_BUFFERS              "buffers"
#define CAIRN_VALUE_SYSTEM_MEMORY_STATE_CACHED               "cached"
#define CAIRN_VALUE_SYSTEM_MEMORY_STATE_FREE                 "free"
#define CAIRN_VALUE_SYSTEM_MEMORY_STATE_USED                 "used"
#define CAIRN_ATTR_SYSTEM_NETWORK_STATE                      "system.network.state" /* deprecated: network.connection.state */
#define CAIRN_ATTR_SYSTEM_PAGING_DIRECTION                   "system.paging.direction"
#define CAIRN_VALUE_SYSTEM_PAGING_DIRECTION_IN               "in"
#define CAIRN_VALUE_SYSTEM_PAGING_DIRECTION_OUT              "out"
#define CAIRN_ATTR_SYSTEM_PAGING_FAULT_TYPE                  "system.paging.fault.type"
#define CAIRN_VALUE_SYSTEM_PAGING_FAULT_TYPE_MAJOR           "major"
#define CAIRN_VALUE_SYSTEM_PAGING_FAULT_TYPE_MINOR           "minor"
#define CAIRN_ATTR_SYSTEM_PAGING_STATE                       "system.paging.state"
#define CAIRN_VALUE_SYSTEM_PAGING_STATE_FREE                 "free"
#define CAIRN_VALUE_SYSTEM_PAGING_STATE_USED                 "used"
#define CAIRN_ATTR_SYSTEM_PAGING_TYPE                        "system.paging.type" /* deprecated: system.paging.fault.type */
#define CAIRN_ATTR_SYSTEM_PROCESS_STATUS                     "system.process.status" /* deprecated: process.state */
#define CAIRN_ATTR_SYSTEM_PROCESSES_STATUS                   "system.processes.status" /* deprecated: process.state */
#define CAIRN_ATTR_TEST_CASE_NAME                            "test.case.name"
#define CAIRN_ATTR_TEST_CASE_RESULT_STATUS                   "test.case.result.status"
#define CAIRN_VALUE_TEST_CASE_RESULT_STATUS_FAIL             "fail"
#define CAIRN_VALUE_TEST_CASE_RESULT_STATUS_PASS             "pass"
#define CAIRN_ATTR_TEST_SUITE_NAME                           "test.suite.name"
#define CAIRN_ATTR_TEST_SUITE_RUN_STATUS                     "test.suite.run.status"
#define CAIRN_VALUE_TEST_SUITE_RUN_STATUS_ABORTED            "aborted"
#define CAIRN_VALUE_TEST_SUITE_RUN_STATUS_FAILURE            "failure"
#define CAIRN_VALUE_TEST_SUITE_RUN_STATUS_IN_PROGRESS        "in_progress"
#define CAIRN_VALUE_TEST_SUITE_RUN_STATUS_SKIPPED            "skipped"
#define CAIRN_VALUE_TEST_SUITE_RUN_STATUS_SUCCESS            "success"
#define CAIRN_VALUE_TEST_SUITE_RUN_STATUS_TIMED_OUT          "timed_out"
#define CAIRN_ATTR_THREAD_ID                                 "thread.id" /* int */
#define CAIRN_ATTR_THREAD_NAME                               "thread.name"
#define CAIRN_ATTR_TLS_CIPHER                                "tls.cipher"
#define CAIRN_ATTR_TLS_CLIENT_CERTIFICATE                    "tls.client.certificate"
#define CAIRN_ATTR_TLS_CLIENT_CERTIFICATE_CHAIN              "tls.client.certificate_chain" /* string[] */
#define CAIRN_ATTR_TLS_CLIENT_HASH_MD5                       "tls.client.hash.md5"
#define CAIRN_ATTR_TLS_CLIENT_HASH_SHA1                      "tls.client.hash.sha1"
#define CAIRN_ATTR_TLS_CLIENT_HASH_SHA256                    "tls.client.hash.sha256"
#define CAIRN_ATTR_TLS_CLIENT_ISSUER                         "tls.client.issuer"
#define CAIRN_ATTR_TLS_CLIENT_JA3                            "tls.client.ja3"
#define CAIRN_ATTR_TLS_CLIENT_NOT_AFTER                      "tls.client.not_after"
#define CAIRN_ATTR_TLS_CLIENT_NOT_BEFORE                     "tls.client.not_before"
#define CAIRN_ATTR_TLS_CLIENT_SERVER_NAME                    "tls.client.server_name" /* deprecated: server.address */
#define CAIRN_ATTR_TLS_CLIENT_SUBJECT                        "tls.client.subject"
#define CAIRN_ATTR_TLS_CLIENT_SUPPORTED_CIPHERS              "tls.client.supported_ciphers" /* string[] */
#define CAIRN_ATTR_TLS_CURVE                                 "tls.curve"
#define CAIRN_ATTR_TLS_ESTABLISHED                           "tls.established" /* boolean */
#define CAIRN_ATTR_TLS_NEXT_PROTOCOL                         "tls.next_protocol"
#define CAIRN_ATTR_TLS_PROTOCOL_NAME                         "tls.protocol.name"
#define CAIRN_VALUE_TLS_PROTOCOL_NAME_SSL                    "ssl"
#define CAIRN_VALUE_TLS_PROTOCOL_NAME_TLS                    "tls"
#define CAIRN_ATTR_TLS_PROTOCOL_VERSION                      "tls.protocol.version"
#define CAIRN_ATTR_TLS_RESUMED                               "tls.resumed" /* boolean */
#define CAIRN_ATTR_TLS_SERVER_CERTIFICATE                    "tls.server.certificate"
#define CAIRN_ATTR_TLS_SERVER_CERTIFICATE_CHAIN              "tls.server.certificate_chain" /* string[] */
#define CAIRN_ATTR_TLS_SERVER_HASH_MD5                       "tls.server.hash.md5"
#define CAIRN_ATTR_TLS_SERVER_HASH_SHA1                      "tls.server.hash.sha1"
#define CAIRN_ATTR_TLS_SERVER_HASH_SHA256                    "tls.server.hash.sha256"
#define CAIRN_ATTR_TLS_SERVER_ISSUER                         "tls.server.issuer"
#define CAIRN_ATTR_TLS_SERVER_JA3S                           "tls.server.ja3s"
#define CAIRN_ATTR_TLS_SERVER_NOT_AFTER                      "tls.server.not_after"
#define CAIRN_ATTR_TLS_SERVER_NOT_BEFORE                     "tls.server.not_before"
#define CAIRN_ATTR_TLS_SERVER_SUBJECT                        "tls.server.subject"
#define CAIRN_ATTR_URL_DOMAIN                                "url.domain"
#define CAIRN_ATTR_URL_EXTENSION                             "url.extension"
#define CAIRN_ATTR_URL_ORIGINAL                              "url.original"
#define CAIRN_ATTR_URL_PORT                                  "url.port" /* int */
#define CAIRN_ATTR_URL_REGISTERED_DOMAIN                     "url.registered_domain"
#define CAIRN_ATTR_URL_SUBDOMAIN                             "url.subdomain"
#define CAIRN_ATTR_URL_TEMPLATE                              "url.template"
#define CAIRN_ATTR_URL_TOP_LEVEL_DOMAIN                      "url.top_level_domain"
#define CAIRN_ATTR_USER_EMAIL                                "user.email"
#define CAIRN_ATTR_USER_FULL_NAME                            "user.full_name"
#define CAIRN_ATTR_USER_HASH                                 "user.hash"
#define CAIRN_ATTR_USER_ID                                   "user.id"
#define CAIRN_ATTR_USER_NAME                                 "user.name"
#define CAIRN_ATTR_USER_ROLES                                "user.roles" /* string[] */
#define CAIRN_ATTR_USER_AGENT_NAME                           "user_agent.name"
#define CAIRN_ATTR_USER_AGENT_OS_NAME                        "user_agent.os.name"
#define CAIRN_ATTR_USER_AGENT_OS_VERSION                     "user_agent.os.version"
#define CAIRN_ATTR_USER_AGENT_SYNTHETIC_TYPE                 "user_agent.synthetic.type"
#define CAIRN_VALUE_USER_AGENT_SYNTHETIC_TYPE_BOT            "bot"
#define CAIRN_VALUE_USER_AGENT_SYNTHETIC_TYPE_TEST           "test"
#define CAIRN_ATTR_USER_AGENT_VERSION                        "user_agent.version"
#define CAIRN_ATTR_V8JS_GC_TYPE                              "v8js.gc.type"
#define CAIRN_VALUE_V8JS_GC_TYPE_INCREMENTAL                 "incremental"
#define CAIRN_VALUE_V8JS_GC_TYPE_MAJOR                       "major"
#define CAIRN_VALUE_V8JS_GC_TYPE_MINOR                       "minor"
#define CAIRN_VALUE_V8JS_GC_TYPE_WEAKCB                      "weakcb"
#define CAIRN_ATTR_V8JS_HEAP_SPACE_NAME                      "v8js.heap.space.name"
#define CAIRN_VALUE_V8JS_HEAP_SPACE_NAME_CODE_SPACE          "code_space"
#define CAIRN_VALUE_V8JS_HEAP_SPACE_NAME_LARGE_OBJECT_SPACE  "large_object_space"
#define CAIRN_VALUE_V8JS_HEAP_SPACE_NAME_MAP_SPACE           "map_space"
#define CAIRN_VALUE_V8JS_HEAP_SPACE_NAME_NEW_SPACE           "new_space"
#define CAIRN_VALUE_V8JS_HEAP_SPACE_NAME_OLD_SPACE           "old_space"
#define CAIRN_ATTR_V8JS_RESOURCE_TYPE                        "v8js.resource.type"
#define CAIRN_VALUE_V8JS_RESOURCE_TYPE_IMMEDIATE             "Immediate"
#define CAIRN_VALUE_V8JS_RESOURCE_TYPE_TCPSERVERWRAP         "TCPServerWrap"
#define CAIRN_VALUE_V8JS_RESOURCE_TYPE_TCPWRAP               "TCPWrap"
#define CAIRN_VALUE_V8JS_RESOURCE_TYPE_TIMEOUT               "Timeout"
#define CAIRN_VALUE_V8JS_RESOURCE_TYPE_TTYWRAP               "TTYWrap"
#define CAIRN_ATTR_VCS_CHANGE_ID                             "vcs.change.id"
#define CAIRN_ATTR_VCS_CHANGE_STATE                          "vcs.change.state"
#define CAIRN_VALUE_VCS_CHANGE_STATE_CLOSED                  "closed"
#define CAIRN_VALUE_VCS_CHANGE_STATE_MERGED                  "merged"
#define CAIRN_VALUE_VCS_CHANGE_STATE_OPEN                    "open"
#define CAIRN_VALUE_VCS_CHANGE_STATE_WIP                     "wip"
#define CAIRN_ATTR_VCS_CHANGE_TITLE                          "vcs.change.title"
#define CAIRN_ATTR_VCS_LINE_CHANGE_TYPE                      "vcs.line_change.type"
#define CAIRN_VALUE_VCS_LINE_CHANGE_TYPE_ADDED               "added"
#define CAIRN_VALUE_VCS_LINE_CHANGE_TYPE_REMOVED             "removed"
#define CAIRN_ATTR_VCS_OWNER_NAME                            "vcs.owner.name"
#define CAIRN_ATTR_VCS_PROVIDER_NAME                         "vcs.provider.name"
#define CAIRN_VALUE_VCS_PROVIDER_NAME_BITBUCKET              "bitbucket"
#define CAIRN_VALUE_VCS_PROVIDER_NAME_GITEA                  "gitea"
#define CAIRN_VALUE_VCS_PROVIDER_NAME_GITHUB                 "github"
#define CAIRN_VALUE_VCS_PROVIDER_NAME_GITLAB                 "gitlab"
#define CAIRN_ATTR_VCS_REF_BASE_NAME                         "vcs.ref.base.name"
#define CAIRN_ATTR_VCS_REF_BASE_REVISION                     "vcs.ref.base.revision"
#define CAIRN_ATTR_VCS_REF_BASE_TYPE                         "vcs.ref.base.type"
#define CAIRN_VALUE_VCS_REF_BASE_TYPE_BRANCH                 "branch"
#define CAIRN_VALUE_VCS_REF_BASE_TYPE_TAG                    "tag"
#define CAIRN_ATTR_VCS_REF_HEAD_NAME                         "vcs.ref.head.name"
#define CAIRN_ATTR_VCS_REF_HEAD_REVISION                     "vcs.ref.head.revision"
#define CAIRN_ATTR_VCS_REF_HEAD_TYPE                         "vcs.ref.head.type"
#define CAIRN_VALUE_VCS_REF_HEAD_TYPE_BRANCH                 "branch"
#define CAIRN_VALUE_VCS_REF_HEAD_TYPE_TAG                    "tag"
#define CAIRN_ATTR_VCS_REF_TYPE                              "vcs.ref.type"
#define CAIRN_VALUE_VCS_REF_TYPE_BRANCH                      "branch"
#define CAIRN_VALUE_VCS_REF_TYPE_TAG                         "tag"
#define CAIRN_ATTR_VCS_REPOSITORY_CHANGE_ID                  "vcs.repository.change.id" /* deprecated: vcs.change.id */
#define CAIRN_ATTR_VCS_REPOSITORY_CHANGE_TITLE               "vcs.repository.change.title" /* deprecated: vcs.change.title */
#define CAIRN_ATTR_VCS_REPOSITORY_NAME                       "vcs.repository.name"
#define CAIRN_ATTR_VCS_REPOSITORY_REF_NAME                   "vcs.repository.ref.name" /* deprecated: vcs.ref.head.name */
#define CAIRN_ATTR_VCS_REPOSITORY_REF_REVISION               "vcs.repository.ref.revision" /* deprecated: vcs.ref.head.revision */
#define CAIRN_ATTR_VCS_REPOSITORY_REF_TYPE                   "vcs.repository.ref.type" /* deprecated: vcs.ref.head.type */
#define CAIRN_ATTR_VCS_REPOSITORY_URL_FULL                   "vcs.repository.url.full"
#define CAIRN_ATTR_VCS_REVISION_DELTA_DIRECTION              "vcs.revision_delta.direction"
#define CAIRN_VALUE_VCS_REVISION_DELTA_DIRECTION_AHEAD       "ahead"
#define CAIRN_VALUE_VCS_REVISION_DELTA_DIRECTION_BEHIND      "behind"
#define CAIRN_ATTR_WEBENGINE_DESCRIPTION                     "webengine.description"
#define CAIRN_ATTR_WEBENGINE_NAME                            "webengine.name"
#define CAIRN_ATTR_WEBENGINE_VERSION                         "webengine.version"
#define CAIRN_ATTR_ZOS_SMF_ID                                "zos.smf.id"
#define CAIRN_ATTR_ZOS_SYSPLEX_NAME                          "zos.sysplex.name"
#define CAIRN_EVENT_APP_CRASH                                "app.crash"
#define CAIRN_EVENT_APP_JANK                                 "app.jank"
#define CAIRN_EVENT_APP_SCREEN_CLICK                         "app.screen.click"
#define CAIRN_EVENT_APP_WIDGET_CLICK                         "app.widget.click"
#define CAIRN_EVENT_AZ_RESOURCE_LOG                          "az.resource.log" /* deprecated: azure.resource.log */
#define CAIRN_EVENT_AZURE_RESOURCE_LOG                       "azure.resource.log"
#define CAIRN_EVENT_BROWSER_WEB_VITAL                        "browser.web_vital"
#define CAIRN_EVENT_DB_CLIENT_OPERATION_EXCEPTION            "db.client.operation.exception"
#define CAIRN_EVENT_DEVICE_APP_LIFECYCLE                     "device.app.lifecycle"
#define CAIRN_EVENT_FAAS_INVOCATION_EXCEPTION                "faas.invocation.exception"
#define CAIRN_EVENT_FEATURE_FLAG_EVALUATION                  "feature_flag.evaluation"
#define CAIRN_EVENT_GEN_AI_ASSISTANT_MESSAGE                 "gen_ai.assistant.message" /* deprecated: gen_ai.input.messages gen_ai.client.inference.operation.details */
#define CAIRN_EVENT_GEN_AI_CHOICE                            "gen_ai.choice" /* deprecated: gen_ai.output.messages gen_ai.client.inference.operation.details */
#define CAIRN_EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS "gen_ai.client.inference.operation.details" /* deprecated */
#define CAIRN_EVENT_GEN_AI_CLIENT_OPERATION_EXCEPTION        "gen_ai.client.operation.exception" /* deprecated */
#define CAIRN_EVENT_GEN_AI_EVALUATION_RESULT                 "gen_ai.evaluation.result" /* deprecated */
#define CAIRN_EVENT_GEN_AI_SYSTEM_MESSAGE                    "gen_ai.system.message" /* deprecated: gen_ai.system_instructions gen_ai.client.inference.operation.details */
#define CAIRN_EVENT_GEN_AI_TOOL_MESSAGE                      "gen_ai.tool.message" /* deprecated: gen_ai.input.messages gen_ai.client.inference.operation.details */
#define CAIRN_EVENT_GEN_AI_USER_MESSAGE                      "gen_ai.user.message" /* deprecated: gen_ai.input.messages gen_ai.client.inference.operation.details */
#define CAIRN_EVENT_HTTP_CLIENT_REQUEST_EXCEPTION            "http.client.request.exception"
#define CAIRN_EVENT_HTTP_SERVER_REQUEST_EXCEPTION            "http.server.request.exception"
#define CAIRN_EVENT_MESSAGING_CREATE_EXCEPTION               "messaging.create.exception"
#define CAIRN_EVENT_MESSAGING_PROCESS_EXCEPTION              "messaging.process.exception"
#define CAIRN_EVENT_MESSAGING_RECEIVE_EXCEPTION              "messaging.receive.exception"
#define CAIRN_EVENT_MESSAGING_SEND_EXCEPTION                 "messaging.send.exception"
#define CAIRN_EVENT_MESSAGING_SETTLE_EXCEPTION               "messaging.settle.exception"
#define CAIRN_EVENT_RPC_CLIENT_CALL_EXCEPTION                "rpc.client.call.exception"
#define CAIRN_EVENT_RPC_MESSAGE                              "rpc.message" /* deprecated */
#define CAIRN_EVENT_RPC_SERVER_CALL_EXCEPTION                "rpc.server.call.exception"
#define CAIRN_EVENT_SESSION_END                              "session.end"
#define CAIRN_EVENT_SESSION_START                            "session.start"

/* clang-format on */

#endif
