import 'dart:ffi';

import 'adoption.dart';
import 'app_step.dart';
import 'backend.dart';
import 'browser.dart';
import 'config.dart';
import 'events.dart';
import 'exceptions.dart';
import 'native/connection.dart';
import 'native/library.dart';
import 'options.dart';
import 'progress.dart';
import 'results.dart';
import 'session.dart';
import 'transport.dart';
import 'user_session.dart';
import 'vault.dart';
import 'verification.dart';
import 'words.dart';

/// The session of one app client of an Amazon Cognito user pool, and the way out of it.
///
/// ```dart
/// final auth = CognitoAuth(const AuthConfig('eu-central-1_AbCdEf', '1a2b3c'));
/// switch (await auth.signOut()) {
///   case CognitoCompleteSignOut():
///     showSignIn();
///   case CognitoPartialSignOut(:final revokeTokenException):
///     showSignIn(warning: revokeTokenException?.recoverySuggestion);
///   case CognitoFailedSignOut(:final exception):
///     show(exception);
/// }
/// ```
///
/// Create one and keep it. Every call answers in time, whatever the network, the browser and the keychain do. A future cannot be
/// cancelled: the library finishes what it began, and a debt that the sign-out could not pay stays on record.
///
/// As long as a call waits for its answer, or somebody listens to a stream, the isolate does not end, until [close].
final class CognitoAuth {
  /// The app client [config].
  ///
  /// - [vault]: where the record is stored. Default: the platform's keychain.
  /// - [transport]: how requests reach Cognito. Default: a [DartIoTransport] of its own, which [close] closes.
  /// - [browser] ends browser sessions. On desktops use [SystemBrowser]. Without one, the app opens the browser itself, with
  ///   [beginSignOut] and [finishSignOut].
  /// - [redirects]: where a [browser] of the app's own can return to: schemes, or whole redirects. Of several sign-out URIs, the first
  ///   that leads to one of them is used. Empty: any. Without such a browser they are not valid.
  /// - [signOutSteps]: the app's own steps of every sign-out: see [AppStep]. A session that another one replaces ([storeSession]) or
  ///   that [clearLocal] removes owes no steps.
  /// - [library]: the native library. Default: the one that belongs to the app, by the platform's name for it.
  ///
  /// Throws an [InvalidInputException] if a setting or a step is not valid, and an [UnusableException] if the native library is
  /// missing, or if the system cannot start a thread.
  CognitoAuth(
    AuthConfig config, {
    VaultChoice vault = const VaultChoice.keychain(),
    HttpTransport? transport,
    Browser? browser,
    List<String> redirects = const [],
    List<AppStep> signOutSteps = const [],
    DynamicLibrary? library,
  }) : _ownTransport = transport == null ? ownTransport(config.connectTimeout) : null {
    _backend = Connection.open(NativeLibrary.of(library), {
      ...configJson(config),
      'vault': vaultJson(vault),
      'browser': browserJson(browser, redirects),
      'app_steps': [for (final step in signOutSteps) appStepJson(step)],
    }, {
      Kind.http: httpPort(transport ?? _ownTransport!),
      if (vault case CustomVault(:final vault)) Kind.vault: vaultPort(vault),
      if (browser != null) Kind.browser: browserPort(browser, () => _backend),
      Kind.appStep: appStepPort(signOutSteps, () => _backend),
    });
  }

  CognitoAuth._over(this._backend) : _ownTransport = null;

  late final Backend _backend;
  final DartIoTransport? _ownTransport;

  /// Every change of the session, from the moment of listening.
  Stream<AuthEvent> get events => _backend.subscribe('events').expand(eventsOf);

  /// The session's state, from the moment of listening: the present one first, then each change of it. Those are a sign-in, a sign-out
  /// by this process or another one, a refresh by this process, and a session that has expired.
  ///
  /// What another process does is noticed at the next call that reads the record: see [refreshState].
  Stream<SessionState> get sessionStates => _backend.subscribe('states').map(sessionState);

  /// Completes when the session on record ends: at the commit of a sign-out, when another session takes its place, at [clearLocal] and
  /// [purgeLocal], or when another process is found to have signed out. For work that belongs to the user who is signed in.
  ///
  /// Throws a [SignedOutException] if nobody is signed in, and an [AuthVaultException] if the keychain cannot be read.
  Future<void> sessionEnded() => _backend.call('session_ended');

  /// Notices what another process has done to the record, for example that it has signed out. Then a [SignedOutEvent] is sent once,
  /// with the reason [SignedOutReason.elsewhere], and [sessionEnded] completes. Nothing else happens. Call it when the app comes to the
  /// front.
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be read: call again later.
  Future<void> refreshState() => _backend.call('refresh_state');

  /// Signs out: first of this device, then at Cognito. The result says what was achieved. Concurrent calls join one sign-out.
  Future<CognitoSignOutResult> signOut({SignOutOptions options = const SignOutOptions()}) async =>
      signOutResult(_backend, await _backend.call('sign_out', optionsJson(options)));

  /// Tries the failed steps of [partial] again, with the tokens that it carries. The browser's session comes last, in the library's
  /// browser. An app that opens the browser itself calls [beginRetry].
  Future<CognitoSignOutResult> retry(CognitoPartialSignOut partial) async =>
      signOutResult(_backend, await _backend.call('retry', partialJson(partial)));

  /// Tries the failed steps of [partial] again, for an app that opens the browser itself. It pays the debt, and returns the page to
  /// open if the browser's session must still be ended. Pass the outcome to [finishSignOut], in this process.
  Future<SignOutProgress> beginRetry(CognitoPartialSignOut partial) async =>
      progressOf(_backend, await _backend.call('begin_retry', partialJson(partial)));

  /// Starts a sign-out, and stops where the app must open a page in the user's browser.
  Future<SignOutProgress> beginSignOut({SignOutOptions options = const SignOutOptions()}) async =>
      progressOf(_backend, await _backend.call('begin_sign_out', optionsJson(options)));

  /// Continues a sign-out that waits for the browser. A callback that is not a URL is ignored.
  Future<SignOutProgress> finishSignOut(BrowserAnswer answer) async =>
      progressOf(_backend, await _backend.call('finish_sign_out', browserAnswerJson(answer)));

  /// Where the user is signed in: all the user's sessions in this user pool, on all its app clients, the last active first. The tokens
  /// are refreshed first if the access token is about to expire. The call ends within ten seconds.
  ///
  /// Throws an [AuthServiceException] if Cognito cannot be reached, or refuses: `session_tracking_off`, `missing_scope`,
  /// `sessions_not_supported`. Else it throws like [tokens].
  Future<List<UserSession>> sessions() async => userSessions(await _backend.call('sessions'));

  /// Ends another one of the user's sessions, within ten seconds. To end the session of this app on this device, call [signOut].
  ///
  /// [linked]: whether what belongs to it ends too, within a few seconds: for a token session the SSO session that it came through, for
  /// an SSO session all token sessions that came through it.
  ///
  /// Throws an [InvalidInputException] if [id] is not a session's id; an [AuthServiceException] with `own_session` for the session of
  /// this app on this device, and with [linked] also for the SSO session that it came through; with `session_not_found` for one that had
  /// ended before. Else it throws like [sessions].
  Future<void> endSession(String id, {bool linked = false}) =>
      _backend.call('end_session', {'id': id, 'linked': linked});

  /// Ends every other session of the user: all token sessions but this app's on this device, and the browsers' SSO sessions but the one
  /// that this session came through. A session that has ended already counts as ended. Access and ID tokens of those sessions are
  /// accepted offline until they expire.
  ///
  /// The list is read within ten seconds, and the sessions are ended within ten more.
  Future<SignOutOthersResult> signOutOthers() async =>
      othersResult(_backend, await _backend.call('sign_out_others'));

  /// Tries again to end the sessions that [signOutOthers] has left, and only those, within ten seconds. If this app has signed out since
  /// and a user has signed in again, it fails with `session_not_found`.
  Future<SignOutOthersResult> retryOthers(SignOutOthersPartial partial) async =>
      othersResult(_backend, await _backend.call('retry_others', partialOthersJson(partial)));

  /// Call this at launch. It pays the debts of earlier sign-outs, and says whether a sign-out waits for the browser. A debt that cannot
  /// be paid now, for example without a network, stays on record: see [CognitoPartialSignOut.kept].
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be read.
  Future<Resumed> resume() async => resumedOf(_backend, await _backend.call('resume'));

  /// Pays the debts that earlier sign-outs left on record. A debt that cannot be paid now stays there: see
  /// [CognitoPartialSignOut.kept].
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be read.
  Future<List<CognitoSignOutResult>> settlePending() async =>
      settledResults(_backend, await _backend.call('settle_pending'));

  /// Stores the session of a user who has just signed in.
  ///
  /// Throws an [InvalidInputException] if the tokens are not Cognito's or belong to another app client, and an [AuthVaultException] if
  /// the keychain cannot be written.
  Future<void> storeSession(Tokens tokens, SignedInWith signedInWith) =>
      _backend.call('store_session', {...tokensJson(tokens), 'signed_in_with': signedInWith.word});

  /// Who is signed in, according to the record on this device. It sends no request.
  Future<SessionState> session() async => sessionState(await _backend.call('session') as Map<String, dynamic>);

  /// The session's tokens. They are refreshed first if the access token is about to expire.
  ///
  /// Throws a [SignedOutException] if nobody is signed in, a [SessionExpiredException] if the refresh token is no longer valid, an
  /// [AuthServiceException] if Cognito cannot be reached, or refuses, and an [AuthVaultException] if the keychain cannot be read or
  /// written.
  Future<Tokens> tokens() async => tokensOf(await _backend.call('tokens'));

  /// New tokens, even if those on record are still valid. Throws like [tokens].
  Future<Tokens> refresh() async => tokensOf(await _backend.call('refresh'));

  /// Asks Cognito whether the session on record lives, within ten seconds.
  ///
  /// The request is `GetUser`. A refresh asks instead if the access token has expired, or if it lacks the scope
  /// `aws.cognito.signin.user.admin`, which `GetUser` needs. If `GetUser` refuses the token, a refresh decides. If the session has ended,
  /// it is marked as expired, and a [SessionExpiredEvent] is sent once, as after a refused refresh. Nobody is signed out: the app calls
  /// [signOut], or asks the user to sign in again. For a session that is already marked, the answer comes from the record.
  ///
  /// Call it when the app comes to the front, or when the app's own API refuses a token: [classifyWwwAuthenticate].
  Future<Verification> verify() async => verificationOf(await _backend.call('verify'));

  /// Takes the push message by which the app's server says that it has signed the user out (`AdminUserGlobalSignOut`). If it is about the
  /// session on record, Cognito is asked, as [verify] does, and what [verify] does happens. The message alone does nothing: a push can be
  /// forged, late, or meant for the last user of the device.
  ///
  /// [message] is the whole message as JSON, for example `jsonEncode(remoteMessage.data)`. Its member `cognito_signout` is an object, or a
  /// string with that object's JSON, as in FCM's data. `sub` in it is the user's; with `origin_jti` it is only about the session whose
  /// tokens have that claim.
  Future<RemoteSignOut> remoteSignOut(String message) async =>
      remoteSignOutOf(await _backend.call('remote_sign_out', {'message': message}));

  /// What a refusal by Cognito says about the token that the app sent: for an app's own call to the user pools API, or to an endpoint
  /// under `/oauth2/` of the pool's domain. It changes nothing and sends nothing. The error's name and text decide. A status below 400
  /// refuses nothing, so it is [Refusal.other].
  Future<Refusal> classify(int status, String body) async =>
      _refusal(await _backend.call('classify', {'status': status, 'body': body}));

  /// What a refusal by an app's own API says about the token, from the response's header `WWW-Authenticate`: for an API behind a JWT
  /// authorizer of API Gateway, or any other that writes RFC 6750's errors. If the response has the header several times, join the values
  /// with commas. It changes nothing and sends nothing.
  ///
  /// Whether a token has expired or was revoked is free text there. It counts if it says one of them and nothing else.
  Future<Refusal> classifyWwwAuthenticate(String header) async =>
      _refusal(await _backend.call('classify_www_authenticate', {'header': header}));

  static Refusal _refusal(Object? word) => byWord(Refusal.values, word, unknown: Refusal.other);

  /// Stores an identity pool's identity beside the session, until the session ends. Null removes it.
  ///
  /// Throws a [SignedOutException] if nobody is signed in, an [AuthVaultException] if the keychain cannot be read or written, and an
  /// [InvalidInputException] if the expiry is out of range for a date.
  Future<void> setIdentity(Identity? identity) => _backend.call('set_identity', {'identity': identityJson(identity)});

  /// The identity that [setIdentity] stored.
  ///
  /// Throws a [SignedOutException] if nobody is signed in, and an [AuthVaultException] if the keychain cannot be read.
  Future<Identity?> identity() async => maybeIdentity(await _backend.call('identity'));

  /// Stores the metadata of a device that Cognito remembers for [username]. Null removes it.
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be read or written.
  Future<void> setDevice(String username, Device? device) =>
      _backend.call('set_device', {'username': username, 'device': deviceJson(device)});

  /// The metadata that [setDevice] stored.
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be read.
  Future<Device?> device(String username) async => maybeDevice(await _backend.call('device', {'username': username}));

  /// Reads a session from the [items] of another library's store: by name, after decryption. It touches no store. [identityPoolId] is the
  /// identity pool that the app used with the other library, if it used one.
  ///
  /// Throws an [AdoptException] if there is no session that can be adopted, or it cannot be read.
  Future<AdoptedSession> readSession(Layout layout, Map<String, String> items, {String? identityPoolId}) async =>
      adoptedSession(await _backend.call('read_session', _store(layout, items, identityPoolId)));

  /// The names of the items that make up the session, in the order in which to remove them once it is on record. If a removal in this
  /// order is cut short, this names what is left.
  ///
  /// Throws an [AdoptException] if there is a session that is not whole, or that cannot be read: keep that store.
  Future<List<String>> namesToForget(Layout layout, Map<String, String> items, {String? identityPoolId}) async =>
      (await _backend.call('names_to_forget', _store(layout, items, identityPoolId)) as List).cast();

  static Map<String, Object?> _store(Layout layout, Map<String, String> items, String? identityPoolId) =>
      {'layout': layout.word, 'items': items, 'identity_pool_id': identityPoolId};

  /// Puts a session that another library has stored on record, with its identity and its device: nobody has to sign in again. A session
  /// that is on record already wins, even an expired one. It sends no request, and never touches the other library's store.
  ///
  /// Everything is one write. If the app is killed before it, the next launch can call this again; after it, the next call returns
  /// [AlreadySignedIn]. The record remembers which sign-in was adopted last, also after a sign-out: see [AlreadySignedOut].
  ///
  /// To verify the session, call [refresh] afterwards. Once new tokens are on record, remove the other library's session.
  Future<Adoption> adopt(AdoptedSession session) async =>
      adoptionOf(await _backend.call('adopt', {'session': adoptedSessionJson(session)}));

  /// The URL that ends the browser's session at the hosted pages and then leads to [signOutUri], which must be configured. Default: the
  /// first configured sign-out URI.
  ///
  /// Throws an [InvalidInputException] if no hosted pages or no sign-out URI are configured, or not the given one.
  Future<String> logoutUrl({String? signOutUri}) async =>
      await _backend.call('logout_url', {'sign_out_uri': signOutUri}) as String;

  /// The URL that ends the browser's session and shows the login page, for another user to sign in at once.
  ///
  /// [callbackUri] is one of the configured callback URIs, or the first. [scopes] are the scopes to ask for; none: all that the app
  /// client may have. [state] comes back with the code. Throws like [logoutUrl], for callback URIs.
  Future<String> logoutToLoginUrl({String? callbackUri, List<String> scopes = const [], String? state}) async =>
      await _backend.call('logout_to_login_url', {'callback_uri': callbackUri, 'scopes': scopes, 'state': state}) as String;

  /// Asks the user to unlock the keychain, and waits for the answer. Only Linux desktops leave this to the app; on other platforms the
  /// call returns at once.
  ///
  /// Throws an [AuthVaultException] if the user declines, or no one can be asked.
  Future<void> askToUnlockKeychain() => _backend.call('ask_to_unlock_keychain');

  /// Removes the session from this device, without a request and without an event.
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be written.
  Future<void> clearLocal() => _backend.call('clear_local');

  /// Removes everything of this app client from the keychain, without reading it.
  ///
  /// Throws an [AuthVaultException] if the keychain cannot be written.
  Future<void> purgeLocal() => _backend.call('purge_local');

  /// Releases the native handle: streams end, and calls that wait fail with a [StateError]. Optional: the garbage collector does it too.
  ///
  /// A sign-out that is cut off ends as if the network were gone: what was not revoked stays on record, and the next [resume] or
  /// [settlePending] pays it. So let a sign-out end first. Wait for all other calls, too: a vault of your own can still be writing.
  ///
  /// A partial result of this handle cannot be retried afterwards, also not by another one. Retry it first.
  void close() {
    _backend.close();
    _ownTransport?.close();
  }
}

/// A [CognitoAuth] over something else than the native library.
CognitoAuth authOver(Backend backend) => CognitoAuth._over(backend);
