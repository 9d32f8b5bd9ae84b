/* cognito-signout: signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.
 *
 * One handle is the session of one app client. You call it with JSON, and it answers with JSON through your callback:
 *
 *     cs_auth auth = cs_auth_new(settings, on_message, 0, &error);
 *     cs_auth_call(auth, 1, "{\"method\": \"sign_out\", \"args\": {\"global\": true}}");
 *     ... on_message(0, CS_KIND_ANSWER, 1, "{\"ok\": {\"result\": \"complete\", ...}}")
 *
 * The library has no network of its own. It asks you to send each HTTPS request: on_message(0, CS_KIND_HTTP, 17, request). You
 * send it as you like, and answer by cs_auth_answer(auth, 17, response). If you choose so in the settings, it asks in the same way
 * to keep the session, to show a page in a browser, and to carry out your own steps of a sign-out. A null request takes a
 * question back.
 *
 * - Nothing blocks, except cs_auth_free, which waits for a callback that is running.
 * - Every string that the library gives you is yours: give it back by cs_string_free. Strings that you pass stay yours.
 * - Strings are UTF-8 and end with NUL.
 * - A mistake of yours (null, a handle that was freed, a method or an argument that does not exist, no JSON) is an error, and never
 *   a crash. Only a pointer that points nowhere cannot be noticed.
 * - Messages can contain tokens. The library wipes its own strings; wipe yours, and log none.
 *
 * messages.schema.json has the form of every message, README.md is the guide, and examples/sign_out.c a whole program.
 *
 * cbindgen writes this file from src/c_abi. */

#ifndef COGNITO_SIGNOUT_H
#define COGNITO_SIGNOUT_H

#include <stdint.h>

/*
 The version of this interface. It changes with a change that older code would notice.
 */
#define CS_ABI_VERSION 1

/*
 What a message to the callback is. There may be more kinds in a later version: free the string of one that you do not know.
 */
enum cs_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   The answer to a call. `id` is the one that you gave to `cs_auth_call`.
   */
  CS_KIND_ANSWER = 1,
  /*
   A question: an HTTPS request to send.
   */
  CS_KIND_HTTP = 2,
  /*
   A question: a use of your own vault. It is never taken back: only your answer says what the storage holds now, and the next use
   of the record waits for it.
   */
  CS_KIND_VAULT = 3,
  /*
   A question: a page to show in the user's browser.
   */
  CS_KIND_BROWSER = 4,
  /*
   A question: one of your own steps of a sign-out, to be carried out now.
   */
  CS_KIND_APP_STEP = 5,
  /*
   An event, for the call `subscribe` with this `id`.
   */
  CS_KIND_EVENT = 6,
  /*
   The session's state, for the call `subscribe` with this `id`.
   */
  CS_KIND_STATE = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cs_kind cs_kind;
#else
typedef uint32_t cs_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 What a function returns.
 */
enum cs_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   Done.
   */
  CS_STATUS_OK = 0,
  /*
   There is no such handle: it was freed, or never made.
   */
  CS_STATUS_UNKNOWN_HANDLE = 1,
  /*
   No such question is open: it was answered, taken back, or never asked.
   */
  CS_STATUS_UNKNOWN_QUESTION = 2,
  /*
   The answer is null, is not UTF-8 or not JSON, or is not what the question needs. The question stays open.
   */
  CS_STATUS_BAD_ANSWER = 3,
  /*
   A call with this id has not been answered yet. This one is not made.
   */
  CS_STATUS_ID_IN_USE = 4,
  /*
   A bug of the library. Please report it.
   */
  CS_STATUS_PANICKED = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cs_status cs_status;
#else
typedef uint32_t cs_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 A handle: the session of one app client. 0 means no handle. It is a number, not an address, and is never used twice: a handle that
 was freed is recognised.
 */
typedef uintptr_t cs_auth;

/*
 How the library speaks to you. `context` is the number that you gave to `cs_auth_new`.

 The string is yours: give it back by `cs_string_free`, at once or later. It is null where a question is taken back: stop the work for
 it, and do not answer it any more.

 It is called on threads of the library, one call at a time for each handle, and never from inside a function that you call. It may
 call every function here. It may block, but then it delays everything else that this handle has to say. No exception may leave it.
 */
typedef void (*cs_callback)(uint64_t context, cs_kind kind, uint64_t id, char *json);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 The version of this interface. Compare it with `CS_ABI_VERSION` before anything else, if you load the library at run time.
 */
uint32_t cs_abi_version(void);

/*
 Makes a handle: the session of one app client. It touches neither network nor keychain.

 `settings` is JSON of the form `settings` in messages.schema.json, for example
 `{"user_pool_id": "eu-central-1_AbCdEf123", "client_id": "…", "vault": {"kind": "keychain"}}`. It stays yours.
 Returns 0 if the settings are not valid. Then `*error`, unless `error` is null, is a string of the form `error`, to be given
 back by `cs_string_free`. Otherwise `*error` is null.

 What you promise:
 `settings` is null or ends with NUL. `callback` can be called from any thread until the handle is freed. `error` is null or can
 be written.
 */
cs_auth cs_auth_new(const char *settings,
                    cs_callback callback,
                    uint64_t context,
                    char **error);

/*
 Begins a call, for example `{"method": "sign_out", "args": {"global": true}}`: the form `call` in messages.schema.json. `call`
 stays yours. The function returns at once. The callback gets the answer with the kind `CS_KIND_ANSWER` and this `id`: once,
 also if the call cannot be understood. Choose any `id` that no call is waiting with.

 No answer comes if the function returns something else than `CS_STATUS_OK`, or if the handle is freed before.

 What you promise:
 `call` is null or ends with NUL.
 */
cs_status cs_auth_call(cs_auth auth,
                       uint64_t id,
                       const char *call);

/*
 Answers a question, which came to the callback with the id `question`. The forms are `http_answer`, `vault_answer`,
 `browser_answer` and `app_step_answer` in messages.schema.json. `answer` stays yours. Any thread may answer, at any time, also
 inside the callback.

 What you promise:
 `answer` is null or ends with NUL.
 */
cs_status cs_auth_answer(cs_auth auth,
                         uint64_t question,
                         const char *answer);

/*
 Wipes and frees a string that came from the library. Give each string back once. Null is no string, and no error.

 What you promise:
 `string` is null, or came from the library and was not given back before.
 */
void cs_string_free(char *string);

/*
 Frees a handle. After it has returned, the callback is not called any more for this handle: if it is running on another thread, this
 waits until it returns. So do not hold a lock that your callback takes. The callback itself may also free its handle: then it
 is the last call.

 A call that was not answered is cut off, and so is every question. A sign-out ends as if the network were gone: what was not
 revoked stays on record, and the next `resume` or `settle_pending` pays it. So let a sign-out end first.

 A partial result of this handle cannot be retried afterwards, also not by another one. Retry it first.

 Returns `CS_STATUS_UNKNOWN_HANDLE` for a handle that was freed before.
 */
cs_status cs_auth_free(cs_auth auth);

/*
 For Dart: call this once with `NativeApi.postCObject`, before `cs_dart_post` is a callback.

 What you promise:
 `post_c_object` is null or `NativeApi.postCObject`.
 */
void cs_dart_init(void *post_c_object);

/*
 For Dart: a `cs_callback` whose context is the `nativePort` of a `SendPort`. The port receives the list `[kind, id, json]`, with
 a `String` or null. The library's string is freed.

 What you promise:
 It is called by the library alone.
 */
void cs_dart_post(uint64_t port,
                  cs_kind kind,
                  uint64_t id,
                  char *json);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* COGNITO_SIGNOUT_H */
