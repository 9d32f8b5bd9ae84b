/* Stands between a program and the library, and writes down every message: `WHAT KIND ID JSON`, each with a NUL behind it, into the
 * file that WATCHED names. The linker puts it there: --wrap. For a program with one handle. */
#include <cognito_signout.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

cs_auth __real_cs_auth_new(const char *settings, cs_callback callback, uint64_t context, char **error);
cs_status __real_cs_auth_call(cs_auth auth, uint64_t id, const char *call);
cs_status __real_cs_auth_answer(cs_auth auth, uint64_t question, const char *answer);

static cs_callback heard_by_the_program;
static FILE *file;

__attribute__((constructor)) static void open_file(void) {
  if (!(file = fopen(getenv("WATCHED"), "w"))) abort();
}

static void write_down(const char *what, cs_kind kind, uint64_t id, const char *json) {
  fprintf(file, "%s %" PRIu32 " %" PRIu64 " %s%c", what, kind, id, json ? json : "", 0);
  fflush(file);
}

static void hear(uint64_t context, cs_kind kind, uint64_t id, char *json) {
  write_down("heard", kind, id, json);
  heard_by_the_program(context, kind, id, json);
}

cs_auth __wrap_cs_auth_new(const char *settings, cs_callback callback, uint64_t context, char **error) {
  if (callback) heard_by_the_program = callback;
  cs_auth auth = __real_cs_auth_new(settings, callback ? hear : NULL, context, error);
  write_down(auth ? "settings" : "refused", 0, 0, settings);
  if (!auth && error) write_down("error", 0, 0, *error);
  return auth;
}

cs_status __wrap_cs_auth_call(cs_auth auth, uint64_t id, const char *call) {
  write_down("call", 0, id, call);
  return __real_cs_auth_call(auth, id, call);
}

cs_status __wrap_cs_auth_answer(cs_auth auth, uint64_t question, const char *answer) {
  write_down("answer", 0, question, answer);
  return __real_cs_auth_answer(auth, question, answer);
}
