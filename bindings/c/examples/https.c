/* The network of sign_out.c: HTTPS by libcurl, which verifies the server, follows no redirect, and keeps no cookie. JSON is cJSON's.
 * An app wipes what it copies of a message: it can contain tokens. */
#include <cjson/cJSON.h>
#include <cognito_signout.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text(const cJSON *object, const char *name) { return cJSON_GetStringValue(cJSON_GetObjectItem(object, name)); }

/* Answers a question CS_KIND_HTTP. Here it blocks the callback. An app does it on a thread of its own, and stops if the question is
 * taken back. */
void send_https(cs_auth auth, uint64_t question, const char *json) {
  cJSON *request = cJSON_Parse(json), *answer = cJSON_CreateObject(), *pair;
  CURL *curl = curl_easy_init();
  struct curl_slist *headers = NULL;
  cJSON_ArrayForEach(pair, cJSON_GetObjectItem(request, "headers")) {
    char line[8192];
    snprintf(line, sizeof line, "%s: %s", cJSON_GetArrayItem(pair, 0)->valuestring, cJSON_GetArrayItem(pair, 1)->valuestring);
    headers = curl_slist_append(headers, line);
  }
  char *body = NULL;
  size_t length;
  FILE *response = open_memstream(&body, &length);
  curl_easy_setopt(curl, CURLOPT_URL, text(request, "url"));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (!strcmp(text(request, "method"), "POST")) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text(request, "body"));
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, response);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20000L);
  CURLcode failed = curl_easy_perform(curl);
  fclose(response);
  if (failed) {
    cJSON *error = cJSON_AddObjectToObject(answer, "error");
    cJSON_AddStringToObject(error, "case", failed == CURLE_PEER_FAILED_VERIFICATION ? "tls" : "connect");
    cJSON_AddStringToObject(error, "detail", curl_easy_strerror(failed));
  } else {
    long status;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    cJSON *ok = cJSON_AddObjectToObject(answer, "ok"), *pairs = cJSON_AddArrayToObject(ok, "headers");
    cJSON_AddNumberToObject(ok, "status", (double)status);
    cJSON_AddStringToObject(ok, "body", body);
    for (struct curl_header *header = NULL; (header = curl_easy_nextheader(curl, CURLH_HEADER, 0, header));)
      cJSON_AddItemToArray(pairs, cJSON_CreateStringArray((const char *[]){header->name, header->value}, 2));
  }
  char *sent = cJSON_PrintUnformatted(answer);
  cs_auth_answer(auth, question, sent);
  cJSON_free(sent), free(body), cJSON_Delete(request), cJSON_Delete(answer);
  curl_slist_free_all(headers), curl_easy_cleanup(curl);
}
