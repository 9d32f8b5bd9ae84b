/* Answers every kind of question, and hears events and states: the session is in its own memory, the browser comes back at once, and
 * there is no network. Standard input has two lines: the settings, and the call that stores a session of the hosted pages. */
#include <assert.h>
#include <cjson/cJSON.h>
#include <cognito_signout.h>
#include <inttypes.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls that a callback makes about a question have the question's number and one of these. */
enum { MAIN = 1, REDIRECTED = 1000000, STEP_TOKENS = 2000000 };

static cs_auth auth;
static sem_t answered;
static char *answer, *record;
static int heard[CS_KIND_STATE + 1];

static char *text(const cJSON *object, const char *name) { return cJSON_GetStringValue(cJSON_GetObjectItem(object, name)); }

static void begin(uint64_t id, const char *method, const char *args) {
  char json[8192];
  assert((size_t)snprintf(json, sizeof json, "{\"method\":\"%s\",\"args\":%s}", method, args) < sizeof json);
  assert(cs_auth_call(auth, id, json) == CS_STATUS_OK);
}

static void use_record(uint64_t question, const cJSON *use) {
  cJSON *value = cJSON_CreateObject();
  int is_read = !strcmp(text(use, "do"), "read"), is_write = !strcmp(text(use, "do"), "write");
  if (is_write || !strcmp(text(use, "do"), "delete")) free(record), record = is_write ? strdup(text(use, "record")) : NULL;
  cJSON_AddItemToObject(value, "ok", is_read && record ? cJSON_CreateString(record) : cJSON_CreateNull());
  char *json = cJSON_PrintUnformatted(value);
  assert(cs_auth_answer(auth, question, json) == CS_STATUS_OK);
  cJSON_free(json), cJSON_Delete(value);
}

/* A question may be taken back in the same moment. Its answer is then refused, and does no harm. */
static void on_message(uint64_t context, cs_kind kind, uint64_t id, char *json) {
  char args[4096];
  (void)context;
  heard[kind]++;
  cJSON *message = json ? cJSON_Parse(json) : NULL;
  if (kind == CS_KIND_HTTP && message) cs_auth_answer(auth, id, "{\"error\":{\"case\":\"other\",\"detail\":\"no network\"}}");
  if (kind == CS_KIND_VAULT) use_record(id, message);
  if (kind == CS_KIND_BROWSER && message) {
    snprintf(args, sizeof args, "{\"visit\":%" PRIu64 ",\"callback\":\"%s\"}", id, text(message, "redirect"));
    begin(id + REDIRECTED, "browser_redirected", args);
  }
  if (kind == CS_KIND_APP_STEP && message) {
    snprintf(args, sizeof args, "{\"step\":%" PRIu64 "}", id);
    begin(id + STEP_TOKENS, "step_tokens", args);
  }
  cJSON_Delete(message);
  if (kind == CS_KIND_ANSWER && id == MAIN) {
    answer = json;
    sem_post(&answered);
    return;
  }
  if (kind == CS_KIND_ANSWER) assert(strstr(json, "\"ok\""));
  if (kind == CS_KIND_ANSWER && id > REDIRECTED) cs_auth_answer(auth, id % REDIRECTED, "{\"ok\":null}");
  cs_string_free(json);
}

/* Waits for the answer, which must have this in it. */
static void call(const char *method, const char *args, const char *wanted) {
  begin(MAIN, method, args);
  sem_wait(&answered);
  if (!strstr(answer, wanted)) fprintf(stderr, "%s: %s\n", method, answer), exit(1);
}

int main(void) {
  char *settings = NULL, *session = NULL, *error = NULL, partial[64];
  size_t size = 0, length = 0;
  assert(getline(&settings, &size, stdin) > 0 && getline(&session, &length, stdin) > 0);
  sem_init(&answered, 0, 0);
  auth = cs_auth_new(settings, on_message, 0, &error);
  if (!auth) return fprintf(stderr, "%s\n", error), 1;
  call("subscribe", "{\"to\":\"states\"}", "\"ok\""), cs_string_free(answer);
  begin(2, "subscribe", "{\"to\":\"events\"}");
  assert(cs_auth_call(auth, MAIN, session) == CS_STATUS_OK);
  sem_wait(&answered), cs_string_free(answer);
  /* Much time: valgrind is slow. */
  call("sign_out", "{\"global\":true,\"deadline\":60000}", "\"partial\"");
  cJSON *result = cJSON_Parse(answer);
  cs_string_free(answer);
  snprintf(partial, sizeof partial, "{\"partial\":%d}", cJSON_GetObjectItem(cJSON_GetObjectItem(result, "ok"), "partial")->valueint);
  cJSON_Delete(result);
  call("partial_tokens", partial, "\"refresh_token\":\""), cs_string_free(answer);
  call("release", partial, "\"ok\""), cs_string_free(answer);
  cs_auth_free(auth);
  for (int kind = CS_KIND_ANSWER; kind <= CS_KIND_STATE; kind++)
    if (!heard[kind]) return fprintf(stderr, "nothing of the kind %d was heard\n", kind), 1;
  free(settings), free(session), free(record);
  return 0;
}
