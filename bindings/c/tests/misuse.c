/* Each misuse is an error and no crash: under AddressSanitizer and valgrind, which see what a Rust test does not. */
#include <assert.h>
#include <cognito_signout.h>
#include <semaphore.h>
#include <string.h>

static const char SETTINGS[] = "{\"user_pool_id\":\"eu-central-1_AbCdEf123\",\"client_id\":\"a\",\"vault\":{\"kind\":\"memory\"}}";
static cs_auth auth;
static sem_t heard;
static int frees;

static void on_message(uint64_t context, cs_kind kind, uint64_t id, char *json) {
  assert(context == 7 && kind == CS_KIND_ANSWER);
  assert(strstr(json, id == 1 ? "\"ok\"" : "\"error\""));
  cs_string_free(json);
  if (frees) assert(cs_auth_free(auth) == CS_STATUS_OK);
  sem_post(&heard);
}

int main(void) {
  char *error = NULL;
  sem_init(&heard, 0, 0);
  assert(!cs_auth_new(NULL, on_message, 7, NULL));
  assert(!cs_auth_new(SETTINGS, NULL, 7, &error) && error);
  cs_string_free(error), cs_string_free(NULL);
  assert(!cs_auth_new("{\"user_pool_id\":", on_message, 7, &error) && error);
  cs_string_free(error);
  auth = cs_auth_new(SETTINGS, on_message, 7, &error);
  assert(auth);
  const char *calls[] = {"{\"method\":\"session\"}", NULL, "", "\xff", "{\"method\":\"no\"}", "{\"method\":\"session\",\"args\":{\"x\":1}}"};
  for (uint64_t id = 1; id <= 6; id++) {
    assert(cs_auth_call(auth, id, calls[id - 1]) == CS_STATUS_OK);
    sem_wait(&heard);
  }
  assert(cs_auth_answer(auth, 99, "{}") == CS_STATUS_UNKNOWN_QUESTION);
  assert(cs_auth_answer(auth, 99, NULL) == CS_STATUS_UNKNOWN_QUESTION);
  assert(cs_auth_free(auth + 1) == CS_STATUS_UNKNOWN_HANDLE);
  frees = 1;
  assert(cs_auth_call(auth, 1, calls[0]) == CS_STATUS_OK);
  sem_wait(&heard);
  assert(cs_auth_free(auth) == CS_STATUS_UNKNOWN_HANDLE);
  assert(cs_auth_call(auth, 1, calls[0]) == CS_STATUS_UNKNOWN_HANDLE);
  assert(cs_auth_answer(auth, 1, "{}") == CS_STATUS_UNKNOWN_HANDLE);
  return 0;
}
