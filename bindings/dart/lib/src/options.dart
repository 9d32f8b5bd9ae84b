import 'words.dart';

/// How to sign out. The default: sign out of this device, with a web step if the session needs one, within ten seconds.
///
/// A negative time makes the sign-out fail with `invalid_input`; nothing has changed then.
final class SignOutOptions {
  /// What is not set has its default.
  const SignOutOptions({
    this.globalSignOut = false,
    this.web,
    this.signOutUri,
    this.deadline,
    this.browserDeadline,
    this.reason,
  });

  /// Whether to end every session of the user, on every device.
  final bool globalSignOut;

  /// The web policy. Default: [WebPolicy.required] for a session that began in the shared browser; other sessions have no web step.
  /// With `AuthConfig.sessionTracking`, the default is [WebPolicy.byRevocation] instead of `required`, unless a `ProviderLogout` is
  /// configured for the provider that the user signed in with. Concurrent calls share the strongest of their policies. A call that
  /// comes too late for that has `joined_too_late` in its `CognitoPartialSignOut.hostedUiException`.
  final WebPolicy? web;

  /// One of the configured sign-out URIs. Default: the first that the browser can return to. For concurrent calls, the first one
  /// that sets it decides.
  final String? signOutUri;

  /// The time limit of the call, without the user's time in the browser. Default: 10 s.
  final Duration? deadline;

  /// The time limit for the user in the browser. Default: 3 minutes.
  final Duration? browserDeadline;

  /// Why the app signs out. It is in the event, in the report, in the log, and on record with what is still owed to Cognito. For
  /// concurrent calls, the first one that sets it decides, until the session has ended on this device.
  final AppReason? reason;
}

/// The arguments of `sign_out`.
Map<String, Object?> optionsJson(SignOutOptions options) => {
      'global': options.globalSignOut,
      'web': options.web?.word,
      'sign_out_uri': options.signOutUri,
      'deadline': options.deadline?.inMilliseconds,
      'browser_deadline': options.browserDeadline?.inMilliseconds,
      'reason': options.reason?.word,
    };

/// What the web step does for a session that began in the shared browser.
enum WebPolicy implements Word {
  /// Does not end the browser's session.
  skip('skip'),

  /// Ends it at Cognito, by `RevokeToken`: no page opens. Cognito ends it within a few seconds, and nothing confirms it. The session
  /// at an identity provider stays. Needs `AuthConfig.sessionTracking` and `RevocationRoute.userPoolsApi`: otherwise the sign-out
  /// fails with `invalid_input`, and nothing has changed.
  byRevocation('by_revocation'),

  /// Tries to end it. Signs out of this device even if that fails.
  bestEffort('best_effort'),

  /// Ends it first. If that is cancelled or fails, the user stays signed in and nothing has changed.
  required('required');

  const WebPolicy(this.word);

  @override
  final String word;
}

/// Why the app signs out: a word of the app's, for [SignOutOptions.reason]. The library passes it on and never interprets it. It is
/// never sent to Cognito, but it is in the log and on record: name no user in it.
///
/// The word has 1 to 32 characters, each one of `a` to `z`, `0` to `9`, `_`, `.` and `-`. With any other word the sign-out fails with
/// `invalid_input`, and nothing has changed.
final class AppReason {
  /// A reason of the app's own.
  const AppReason(this.word);

  /// The user asked for it.
  static const user = AppReason('user');

  /// The user was away for too long.
  static const timeout = AppReason('timeout');

  /// The session may be in the wrong hands.
  static const security = AppReason('security');

  /// A rule of the organisation, for example about the device.
  static const policy = AppReason('policy');

  /// The user's account is gone.
  static const accountDeleted = AppReason('account_deleted');

  /// The word.
  final String word;

  @override
  bool operator ==(Object other) => other is AppReason && other.word == word;

  @override
  int get hashCode => word.hashCode;

  @override
  String toString() => word;
}
