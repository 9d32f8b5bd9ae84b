/* Signs a user out of this device and of Cognito. Standard input has two lines: the settings, and a call that stores a session.
 * An app of yours has its settings in its code, and has stored the session at the sign-in. */
#include <cjson/cJSON.h>
#include <cognito_signout.h>
#include <curl/curl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void send_https(cs_auth auth, uint64_t question, const char *request); /* https.c */

static cs_auth auth;
static sem_t answered;
static char *answer;

/* The library calls this on threads of its own. */
static void on_message(uint64_t context, cs_kind kind, uint64_t id, char *json) {
  (void)context;
  if (kind == CS_KIND_ANSWER) {
    answer = json;
    sem_post(&answered);
    return;
  }
  if (kind == CS_KIND_HTTP && json) send_https(auth, id, json);
  cs_string_free(json);
}

/* Makes a call, and waits for its answer: {"ok": …} or {"error": …}. */
static cJSON *call(const char *json) {
  if (cs_auth_call(auth, 1, json) != CS_STATUS_OK) exit(2);
  sem_wait(&answered);
  cJSON *value = cJSON_Parse(answer);
  cs_string_free(answer);
  return value;
}

static char *text(const cJSON *object, const char *name) { return cJSON_GetStringValue(cJSON_GetObjectItem(object, name)); }

int main(void) {
  char *settings = NULL, *session = NULL, *error = NULL;
  size_t size = 0, length = 0;
  if (cs_abi_version() != CS_ABI_VERSION || getline(&settings, &size, stdin) < 0 || getline(&session, &length, stdin) < 0) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  sem_init(&answered, 0, 0);
  auth = cs_auth_new(settings, on_message, 0, &error);
  if (!auth) return fprintf(stderr, "%s\n", error), 2;

  cJSON *stored = call(session);
  if (!cJSON_HasObjectItem(stored, "ok")) return fprintf(stderr, "%s\n", text(cJSON_GetObjectItem(stored, "error"), "detail")), 2;
  cJSON *reply = call("{\"method\": \"sign_out\", \"args\": {\"global\": true, \"deadline\": 30000}}"), *ok = cJSON_GetObjectItem(reply, "ok");
  const char *result = ok ? text(ok, "result") : "failed";
  int failed = !strcmp(result, "failed");
  if (failed) printf("Still signed in: %s\n", text(cJSON_GetObjectItem(ok ? ok : reply, "error"), "recovery"));
  else puts(strcmp(result, "complete") ? "Signed out here. `resume` at the next start pays what is owed." : "Signed out everywhere.");

  cJSON_Delete(stored), cJSON_Delete(reply), free(settings), free(session);
  cs_auth_free(auth);
  return failed;
}
