/* An app whose memory is searched when it has signed out (tests/c_abi/memory.rs): each message with tokens comes and goes once, and the
 * app wipes what is its own. Standard input: the three tokens, one a line, in a block; then a byte for each stage that it has told. */
#include <assert.h>
#include <cognito_signout.h>
#include <inttypes.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 16 * 1024, MAIN = 1, STEP_TOKENS = 1000000 };

static cs_auth auth;
static sem_t answered;
static char *answer;
/* The record as text in JSON. */
static char record[4 * BLOCK], sent[4 * BLOCK + 64];

/* From `begin` on in this JSON, to the end of the text that begins there. */
static const char *text_after(const char *json, const char *begin, size_t *length) {
  const char *text = strstr(json, begin);
  if (!text) return NULL;
  text += strlen(begin);
  for (*length = 0; text[*length] != '"'; ++*length)
    if (text[*length] == '\\') ++*length;
  return text;
}

static void use_record(uint64_t question, const char *json) {
  size_t length;
  const char *written = text_after(json, "\"record\":\"", &length);
  if (written || strstr(json, "\"do\":\"delete\"")) explicit_bzero(record, sizeof record);
  if (written) assert(length < sizeof record), memcpy(record, written, length);
  if (strstr(json, "\"do\":\"read\"") && *record)
    snprintf(sent, sizeof sent, "{\"ok\":\"%s\"}", record);
  else
    strcpy(sent, "{\"ok\":null}");
  assert(cs_auth_answer(auth, question, sent) == CS_STATUS_OK);
  explicit_bzero(sent, sizeof sent);
}

static void on_message(uint64_t context, cs_kind kind, uint64_t id, char *json) {
  (void)context;
  if (kind == CS_KIND_ANSWER && id == MAIN) {
    answer = json;
    sem_post(&answered);
    return;
  }
  if (kind == CS_KIND_VAULT) use_record(id, json);
  if (kind == CS_KIND_HTTP && json) cs_auth_answer(auth, id, "{\"error\":{\"case\":\"other\",\"detail\":\"no network\"}}");
  if (kind == CS_KIND_APP_STEP && json) {
    char call[96];
    snprintf(call, sizeof call, "{\"method\":\"step_tokens\",\"args\":{\"step\":%" PRIu64 "}}", id);
    assert(cs_auth_call(auth, id + STEP_TOKENS, call) == CS_STATUS_OK);
  }
  if (kind == CS_KIND_ANSWER) {
    assert(strstr(json, "\"access_token\":\""));
    cs_auth_answer(auth, id - STEP_TOKENS, "{\"ok\":null}");
  }
  cs_string_free(json);
}

/* Waits for the answer, which must have this in it. Returns the number that follows it. */
static int call(const char *json, const char *wanted) {
  assert(cs_auth_call(auth, MAIN, json) == CS_STATUS_OK);
  sem_wait(&answered);
  const char *found = strstr(answer, wanted);
  if (!found) fprintf(stderr, "no %s: %s\n", wanted, answer), exit(1);
  int number = atoi(found + strlen(wanted));
  cs_string_free(answer);
  return number;
}

static void stage(const char *name) {
  char byte;
  assert(write(1, name, strlen(name)) > 0 && read(0, &byte, 1) == 1);
}

int main(void) {
  static char block[BLOCK + 1], session[BLOCK + 256];
  char partial[96], *error = NULL;
  for (size_t got = 0; got < BLOCK;) {
    ssize_t more = read(0, block + got, BLOCK - got);
    assert(more > 0);
    got += more;
  }
  const char *access = strtok(block, "\n"), *id = strtok(NULL, "\n"), *refresh = strtok(NULL, "\n");
  snprintf(session, sizeof session, "{\"method\":\"store_session\",\"args\":{\"access_token\":\"%s\",\"id_token\":\"%s\","
           "\"refresh_token\":\"%s\",\"signed_in_with\":\"api\"}}", access, id, refresh);
  explicit_bzero(block, sizeof block);
  sem_init(&answered, 0, 0);
  auth = cs_auth_new("{\"user_pool_id\":\"eu-central-1_FakeCog01\",\"client_id\":\"1example2client3of4fake5co\","
                     "\"vault\":{\"kind\":\"host\",\"identity\":1},\"app_steps\":[{\"name\":\"a\",\"phase\":\"while_token_lives\"}]}",
                     on_message, 0, &error);
  assert(auth);
  call(session, "\"ok\"");
  explicit_bzero(session, sizeof session);
  call("{\"method\":\"tokens\"}", "\"refresh_token\":\"");
  stage("signed in\n");
  int number = call("{\"method\":\"sign_out\",\"args\":{\"global\":true}}", "\"partial\":");
  snprintf(partial, sizeof partial, "{\"method\":\"partial_tokens\",\"args\":{\"partial\":%d}}", number);
  call(partial, "\"refresh_token\":\"");
  call("{\"method\":\"purge_local\"}", "\"ok\"");
  assert(!*record);
  assert(cs_auth_free(auth) == CS_STATUS_OK);
  stage("signed out\n");
  return 0;
}
