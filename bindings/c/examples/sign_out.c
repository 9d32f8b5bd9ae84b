/* Signs out of this device and of Cognito: sign_out SETTINGS.json < SESSION.json
 * SETTINGS.json has the form `settings` of messages.schema.json, and SESSION.json the arguments of `store_session`.
 * HTTPS is libcurl's, JSON is cJSON's. */
#include <cjson/cJSON.h>
#include <cognito_signout.h>
#include <curl/curl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cs_auth auth;
static sem_t answered;
static char *answer;

typedef struct { char *text; size_t length; cJSON *headers; } response;

static size_t on_body(char *part, size_t size, size_t count, void *context) {
  response *to = context;
  to->text = realloc(to->text, to->length + size * count + 1);
  memcpy(to->text + to->length, part, size * count);
  to->text[to->length += size * count] = 0;
  return size * count;
}

static size_t on_header(char *line, size_t size, size_t count, void *context) {
  char name[128], value[4096];
  if (sscanf(line, "%127[^:\r\n]: %4095[^\r\n]", name, value) == 2) {
    const char *pair[] = {name, value};
    cJSON_AddItemToArray(((response *)context)->headers, cJSON_CreateStringArray(pair, 2));
  }
  return size * count;
}

/* Inside the callback, because this program has nothing else to do. An app sends on a thread of its own, and gives a request
 * up that is taken back. */
static void send_request(uint64_t id, const char *question) {
  cJSON *request = cJSON_Parse(question), *reply = cJSON_CreateObject(), *pair;
  response got = {NULL, 0, cJSON_CreateArray()};
  struct curl_slist *headers = NULL;
  CURL *curl = curl_easy_init();
  cJSON_ArrayForEach(pair, cJSON_GetObjectItem(request, "headers")) {
    char line[8192];
    snprintf(line, sizeof line, "%s: %s", cJSON_GetArrayItem(pair, 0)->valuestring, cJSON_GetArrayItem(pair, 1)->valuestring);
    headers = curl_slist_append(headers, line);
  }
  curl_easy_setopt(curl, CURLOPT_URL, cJSON_GetObjectItem(request, "url")->valuestring);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (!strcmp(cJSON_GetObjectItem(request, "method")->valuestring, "POST"))
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, cJSON_GetObjectItem(request, "body")->valuestring);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &got);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
  CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    cJSON *ok = cJSON_AddObjectToObject(reply, "ok");
    cJSON_AddNumberToObject(ok, "status", (double)status);
    cJSON_AddItemToObject(ok, "headers", got.headers);
    cJSON_AddStringToObject(ok, "body", got.text ? got.text : "");
  } else {
    cJSON *error = cJSON_AddObjectToObject(reply, "error");
    cJSON_AddStringToObject(error, "case", code == CURLE_PEER_FAILED_VERIFICATION ? "tls" : "connect");
    cJSON_AddStringToObject(error, "detail", curl_easy_strerror(code));
    cJSON_Delete(got.headers);
  }
  char *json = cJSON_PrintUnformatted(reply);
  cs_auth_answer(auth, id, json);
  cJSON_free(json), cJSON_Delete(reply), cJSON_Delete(request), free(got.text);
  curl_slist_free_all(headers), curl_easy_cleanup(curl);
}

static void on_message(uint64_t context, cs_kind kind, uint64_t id, char *json) {
  (void)context;
  if (kind == CS_KIND_HTTP && json) send_request(id, json);
  if (kind != CS_KIND_ANSWER) return cs_string_free(json);
  answer = json;
  sem_post(&answered);
}

/* Waits for the answer, prints it, and tells whether it is no error. */
static int call(const char *method, const char *args) {
  char *json = malloc(strlen(method) + strlen(args) + 32);
  sprintf(json, "{\"method\":\"%s\",\"args\":%s}", method, args);
  int begun = cs_auth_call(auth, 1, json) == CS_STATUS_OK;
  free(json);
  if (!begun) return 0;
  sem_wait(&answered);
  int ok = !strncmp(answer, "{\"ok\"", 5);
  printf("%s: %s\n", method, answer);
  cs_string_free(answer);
  return ok;
}

static char *whole(FILE *file) {
  static char text[65536];
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  return text;
}

int main(int count, char **arguments) {
  FILE *settings = count == 2 ? fopen(arguments[1], "r") : NULL;
  if (!settings || cs_abi_version() != CS_ABI_VERSION) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  sem_init(&answered, 0, 0);
  char *error = NULL;
  auth = cs_auth_new(whole(settings), on_message, 0, &error);
  fclose(settings);
  if (!auth) return fprintf(stderr, "%s\n", error), cs_string_free(error), 1;
  int done = call("store_session", whole(stdin)) && call("sign_out", "{\"global\":true}") && call("session", "{}");
  cs_auth_free(auth);
  curl_global_cleanup();
  return !done;
}
